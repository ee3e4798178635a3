"""What a fate expects, and what it notices."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.demo.student import ALL, Fate
from autograder.values import Cell, Grade, Master, Outcome, Role, Status, Verdict

MASTERS = (
    Master(
        assignment="a",
        name="a",
        path=Path("a.ipynb"),
        cells=(
            Cell(0, "code", "", Role.SOLUTION, "one"),
            Cell(1, "code", "", Role.TEST, "test_one", 3.0),
            Cell(2, "code", "", Role.TEST, "test_two", 2.0),
            Cell(3, "markdown", "", Role.MANUAL, "essay", 5.0),
        ),
        raw={},
    ),
)


def verdict(test: str, points: float | None, most: float, reason: str = "") -> Verdict:
    return Verdict("a", test, Outcome.PASSED if points else Outcome.FAILED, points, most, reason)


GRADE = Grade(
    "eve",
    "a",
    Status.GRADED,
    (verdict("test_one", 3.0, 3.0), verdict("test_two", 0.0, 2.0, "It is 1."), verdict("essay", None, 5.0)),
    notes=("a: Cell 'one' stands twice.",),
)
FATE = Fate(loses=("test_two",), word="It is 1")


def test_all_names_are_in_all() -> None:
    """`solves=ALL` and `earns=ALL` need no list."""
    assert "anything" in ALL
    assert [] == list(ALL)


@pytest.mark.parametrize(
    ("fate", "expected"),
    [
        (Fate(), (5.0, 5.0)),
        (Fate(loses=("test_one",)), (2.0, 2.0)),
        (Fate(earns=("test_one",)), (3.0, 3.0)),
        (Fate(earns=()), (0.0, 0.0)),
        (Fate(partly={"test_one": (1.0, 2.5)}), (3.0, 4.5)),
        (Fate(penalty=0.1), (4.0, 4.0)),
        (Fate(earns=(), penalty=0.1), (0.0, 0.0)),
    ],
)
def test_points_are_counted_from_the_master(fate: Fate, expected: tuple[float, float]) -> None:
    """Tests alone count: what a person marks is not expected of the machine."""
    assert expected == fate.score(MASTERS)


def test_a_grade_of_its_fate_departs_in_nothing() -> None:
    """Marks, status and word are all as declared."""
    assert [] == list(FATE.departures(GRADE, MASTERS))


@pytest.mark.parametrize(
    ("grade", "named"),
    [
        (replace(GRADE, status=Status.NEEDS_PERSON), "needs_person"),
        (replace(GRADE, late_penalty=1.0), "score 2, expected 3"),
        (replace(GRADE, verdicts=(verdict("test_one", 3.0, 3.0), verdict("test_two", 2.0, 2.0))), "test_two: 2"),
        (replace(GRADE, verdicts=(verdict("test_one", None, 3.0), *GRADE.verdicts[1:])), "test_one: no points"),
        (replace(GRADE, verdicts=GRADE.verdicts[1:]), "test_one: no verdict"),
        (replace(GRADE, verdicts=(GRADE.verdicts[0], verdict("test_two", 0.0, 2.0))), "'It is 1'"),
    ],
)
def test_each_departure_is_told(grade: Grade, named: str) -> None:
    """A wrong status, wrong points of one test, a wrong sum and a missing reason are each noticed."""
    assert any(named in text for text in FATE.departures(grade, MASTERS))


def test_marks_that_cancel_out_are_noticed() -> None:
    """The right sum from the wrong tests is no forger's honest mark."""
    swapped = replace(GRADE, verdicts=(verdict("test_one", 1.0, 3.0), verdict("test_two", 2.0, 2.0, "It is 1.")))
    assert 3.0 == swapped.score
    assert 2 == len(list(FATE.departures(swapped, MASTERS)))


def test_the_word_may_stand_in_a_note() -> None:
    """Repairs are told in notes."""
    assert [] == list(replace(FATE, word="stands twice").departures(GRADE, MASTERS))
