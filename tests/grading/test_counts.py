"""Which of a student's attempts counts."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from autograder.grading import counts
from autograder.values import Grade, Outcome, Status, Verdict


def day(number: int) -> datetime:
    """Noon of a day in March."""
    return datetime(2026, 3, number, 12, tzinfo=UTC)


DUE = day(10)
TIMES = st.lists(st.integers(1, 28).map(day) | st.none(), min_size=1, max_size=6)


def grade(points: float, when: datetime | None = None, status: Status = Status.GRADED) -> Grade:
    """A grade of so many points."""
    verdict = Verdict("nb", "t", Outcome.PARTIAL, points, 10.0)
    return Grade("ada", "gates", status, (verdict,), submitted_at=when)


def test_the_last_in_time_counts() -> None:
    """A later one that is late comes after all that were in time, and the grace belongs to the time."""
    times = [day(1), day(9), day(12)]
    assert 1 == counts.preference(times, DUE, 0, counts.IN_TIME)[0]
    assert 2 == counts.preference(times, DUE, 2 * 24 * 3600, counts.IN_TIME)[0]
    assert 2 == counts.preference(times, None, 0, counts.IN_TIME)[0]


def test_where_all_are_late_the_last_counts() -> None:
    """Nobody loses his only attempts."""
    assert [1, 0] == counts.preference([day(11), day(12)], DUE, 0, counts.IN_TIME)


def test_the_last_is_the_last_however_late() -> None:
    """Under `last` the deadline decides nothing."""
    assert [2, 1, 0] == counts.preference([day(1), day(9), day(12)], DUE, 0, counts.LAST)


def test_equal_times_and_unknown_ones() -> None:
    """Of equal times the one behind is the later; one without a time comes before all others."""
    assert [1, 0] == counts.preference([day(1), day(1)], DUE, 0, counts.LAST)
    assert [0, 1] == counts.preference([day(1), None], DUE, 0, counts.LAST)


@given(TIMES, st.sampled_from(counts.POLICIES))
def test_everybody_has_a_place(times: list[datetime | None], policy: str) -> None:
    """All attempts stand in the order of preference, each once."""
    assert list(range(len(times))) == sorted(counts.preference(times, DUE, 0, policy))


def test_the_best_counts() -> None:
    """The highest score; of equal ones the later; what is ungradable never, unless there is nothing else."""
    assert 1 == counts.best([grade(1), grade(3), grade(2)])
    assert 0 == counts.best([grade(3, day(2)), grade(3, day(1))])
    assert 0 == counts.best([grade(0), grade(0, day(9), Status.UNGRADABLE)])


def test_the_reason_names_the_time_and_the_rule() -> None:
    """A student can tell which of the attempts it was."""
    told = counts.reason(day(9), 3, counts.IN_TIME)
    assert (
        "3 attempts were handed in; that of 2026-03-09 12:00:00 UTC counts (the last in time, or the last if none was)."
        == told
    )
