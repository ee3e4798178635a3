"""The last table."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from autograder.demo import fates
from autograder.demo.student import Fate, Student
from autograder.values import Cell, Grade, Master, Outcome, Role, Status, Verdict

MASTERS = (Master("a", "a", Path("a.ipynb"), (Cell(0, "code", "", Role.TEST, "test_one", 3.0),), {}),)
STUDENT = Student("eve", "a", "She says that all is right. " * 5, Fate(earns=(), word="is 1"), with_nbgrader=33.0)
GRADE = Grade("eve", "a", Status.GRADED, (Verdict("a", "test_one", Outcome.FAILED, 0.0, 3.0, "It is 1\x1b[2J."),))


def shown(*met: fates.Met) -> str:
    """The table as a terminal of 80 columns without colour has it."""
    out = io.StringIO()
    fates.show(list(met), {"All": len(met)}, Console(file=out, width=80))
    return out.getvalue()


def test_a_met_fate_is_told_with_its_reason() -> None:
    """Name, score, sign, story, reason, and what nbgrader gives."""
    text = shown(fates.meet(STUDENT, GRADE, MASTERS))
    assert all(word in text for word in ("eve", "0/3", "✓ as expected", "nbgrader: 33", "→ test_one: It is 1."))


def test_it_is_read_at_80_columns() -> None:
    """No line is longer, none ends in blanks, and nothing that a student wrote steers the terminal."""
    lines = shown(fates.meet(STUDENT, GRADE, MASTERS)).splitlines()
    assert 80 >= max(map(len, lines))
    assert [] == [line for line in lines if line != line.rstrip() or "\x1b" in line]


def test_a_fate_not_met_is_told_in_words() -> None:
    """Nobody need see the colour."""
    met = fates.meet(STUDENT, replace(GRADE, verdicts=(Verdict("a", "test_one", Outcome.PASSED, 3.0, 3.0),)), MASTERS)
    text = shown(met)
    assert "✗ NOT AS EXPECTED" in text
    assert "test_one: 3 (passed), expected 0" in text


def test_a_student_without_a_grade_is_not_as_expected() -> None:
    """A submission that got lost is a fault."""
    assert ("no grade",) == fates.meet(STUDENT, None, MASTERS).departures


def test_lateness_and_waiting_marks_are_told() -> None:
    """Both stand beside the reason."""
    essay = Verdict("a", "why", Outcome.BY_HAND, None, 2.0)
    grade = replace(GRADE, verdicts=(*GRADE.verdicts, essay), late_seconds=7200, late_penalty=1.5)
    assert "2 hours late: 1.5 points off. test_one: It is 1. 1 to mark by hand." == fates.told(grade, "is 1")


def test_a_perfect_grade_needs_no_reason() -> None:
    """All tests passed."""
    assert "All tests passed." == fates.told(Grade("a", "a", Status.GRADED, ()), "")
