"""Penalties for lateness."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course import Late
from autograder.grading.late import assessed, costs_nothing, penalty, seconds_late
from autograder.values import Deadline, Grade, Outcome, Status, Verdict

DAY = 86400
PER_DAY = Late(method="per_day", per_day=0.1)


@pytest.mark.parametrize(
    ("late", "seconds", "expected"),
    [
        (Late(), 10 * DAY, 0.0),
        (Late(method="zero"), 0, 0.0),
        (Late(method="zero"), 1, 8.0),
        (Late(method="zero", grace=600), 600, 0.0),
        (Late(method="zero", grace=600), 601, 8.0),
        (PER_DAY, 0, 0.0),
        (PER_DAY, 1, 1.0),
        (PER_DAY, DAY, 1.0),
        (PER_DAY, DAY + 1, 2.0),
        (PER_DAY, 30 * DAY, 8.0),
        (Late(method="per_day", per_day=0.1, cap=0.3), 30 * DAY, 3.0),
        (Late(method="per_day", per_day=0.1, grace=3600), DAY + 3600, 1.0),
        (Late(method="zero", cap=0.5), 1, 5.0),
    ],
)
def test_penalty(late: Late, seconds: int, expected: float) -> None:
    """8 points of 10, handed in late under each rule."""
    assert pytest.approx(expected) == penalty(8.0, 10.0, seconds, late)


def test_a_late_zero_takes_extra_credit_too() -> None:
    """`zero` leaves nothing, even of 12 points out of 10."""
    assert 12.0 == penalty(12.0, 10.0, 5, Late(method="zero"))


@given(
    points=st.floats(-5, 100),
    most=st.floats(0, 100),
    seconds=st.integers(-DAY, 100 * DAY),
    method=st.sampled_from(["none", "zero", "per_day"]),
    share=st.floats(0, 1),
    cap=st.floats(0, 1),
    grace=st.integers(0, 3 * DAY),
)
def test_never_below_zero_nor_above_the_score(
    points: float, most: float, seconds: int, method: str, share: float, cap: float, grace: int
) -> None:
    """Under any rule the penalty lies between 0 and what was earned."""
    taken = penalty(points, most, seconds, Late(method=method, per_day=share, grace=grace, cap=cap))
    assert 0 <= taken <= max(0.0, points)


@given(
    seconds=st.integers(-2 * DAY, 40 * DAY) | st.none(),
    late=st.builds(
        Late,
        method=st.sampled_from(["none", "zero", "per_day"]),
        per_day=st.floats(0, 1),
        grace=st.integers(0, DAY),
        cap=st.floats(0, 1),
    ),
)
def test_what_costs_nothing_costs_nothing(seconds: int | None, late: Late) -> None:
    """Wherever it is said beforehand, nothing is taken off; and where it is not, something may be."""
    due = datetime(2026, 3, 1, tzinfo=UTC)
    when = due + timedelta(seconds=seconds) if seconds is not None else None
    full = Verdict("nb", "t", Outcome.PASSED, 10.0, 10.0)
    grade = Grade("ada", "gates", Status.GRADED, (full,), submitted_at=when)
    if costs_nothing(when, due, late):
        assert 0.0 == assessed(grade, Deadline(due), late).late_penalty
    else:
        assert late.method != "none"
        assert 10.0 == assessed(grade, Deadline(due), Late(method="zero")).late_penalty


def test_seconds_late_across_time_zones() -> None:
    """Moments of two zones are compared as moments; a fraction of a second counts as one."""
    due = datetime(2026, 3, 1, 23, 59, tzinfo=timezone(timedelta(hours=9)))
    assert 0 == seconds_late(datetime(2026, 3, 1, 14, 59, tzinfo=UTC), due)
    assert 1 == seconds_late(datetime(2026, 3, 1, 14, 59, 0, 1, tzinfo=UTC), due)
    assert 0 == seconds_late(None, due)
    assert 0 == seconds_late(due, None)
