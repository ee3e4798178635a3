"""Words for outcomes, numbers and times."""

from __future__ import annotations

import pytest

from autograder.reports.words import OUTCOMES, duration, number, outcome_of, points
from autograder.values import Outcome, Verdict


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0, "0"), (-0.0, "0"), (2.0, "2"), (1.5, "1.5"), (0.1 + 0.2, "0.3"), (100.0, "100"), (2 / 3, "0.67")],
)
def test_numbers_say_no_more_than_they_know(value: float, expected: str) -> None:
    """Two decimals at most, and no zeros at the end."""
    assert expected == number(value)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (3661, "1 hour 1 minute"),
        (93784, "1 day 2 hours"),
        (86400, "1 day"),
    ],
)
def test_times_are_told_in_two_units(seconds: float, expected: str) -> None:
    """From seconds to days."""
    assert expected == duration(seconds)


def test_one_point_is_a_point() -> None:
    """One is one, all else are many."""
    assert ["1 point", "0.5 points", "2 points"] == [points(p) for p in (1.0, 0.5, 2.0)]


def test_every_outcome_has_a_sign_and_a_word_of_its_own() -> None:
    """No two outcomes look the same without colour."""
    assert set(OUTCOMES) == set(Outcome)
    assert (
        len(OUTCOMES) == len({sign for sign, _ in OUTCOMES.values()}) == len({word for _, word in OUTCOMES.values()})
    )


def test_a_marked_answer_no_longer_waits() -> None:
    """By hand means one thing before the mark and another after."""
    assert "waits for a person" == outcome_of(Verdict("n", "t", Outcome.BY_HAND, None, 1.0))[1]
    assert "marked by hand" == outcome_of(Verdict("n", "t", Outcome.BY_HAND, 0.5, 1.0))[1]
