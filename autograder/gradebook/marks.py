"""Marks that people gave by hand, and how they enter a Grade.

Rule: a person's word goes above the autograder's, and a grade shows whose word it was.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from autograder.values import Grade, Outcome, Status, Verdict

if TYPE_CHECKING:
    from sqlalchemy import Connection

PATIENCE = 0.2
"""Seconds to wait for another program that is writing: the database library waits longer."""
_MARKS = """SELECT handed.student_id, notebook.name, base_cell.name,
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade
    FROM grade JOIN base_cell ON grade.cell_id = base_cell.id
    JOIN submitted_notebook AS book ON grade.notebook_id = book.id
    JOIN notebook ON book.notebook_id = notebook.id
    JOIN submitted_assignment AS handed ON book.assignment_id = handed.id
    JOIN assignment ON handed.assignment_id = assignment.id
    WHERE assignment.name = :name AND (grade.manual_score IS NOT NULL OR grade.extra_credit IS NOT NULL)"""
Key = tuple[str, str, str]
"""Student, notebook, cell."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a person entered in formgrader for one cell."""

    points: float | None
    """Points in place of the autograder's; None when only extra credit was given."""
    extra: float = 0.0
    """Points on top, above the maximum where it comes to that."""
    look_again: bool = False
    """The submission was run again after the mark was given: it counts, but wants another look."""


def with_marks(grade: Grade, marks: Mapping[Key, Mark]) -> Grade:
    """The grade with hand-given marks in it; equal to `grade` where there are none.

    A grade that only waited for these marks is graded. Lateness is left to the caller, who knows the rule.
    """
    verdicts = tuple(_marked(v, marks.get((grade.student, v.notebook, v.test))) for v in grade.verdicts)
    if verdicts == grade.verdicts:
        return grade
    marked = replace(grade, verdicts=verdicts)
    again = any(m.look_again for v in verdicts if (m := marks.get((grade.student, v.notebook, v.test))) is not None)
    unscored = any(v.outcome is Outcome.UNSCORED for v in verdicts)
    if grade.status is Status.NEEDS_PERSON and not (again or unscored or marked.by_hand):
        return replace(marked, status=Status.GRADED, reason="")
    return marked


def _marked(verdict: Verdict, mark: Mark | None) -> Verdict:
    if mark is None:
        return verdict
    if mark.points is not None:
        told = f"{mark.points:g} of {verdict.max_points:g} points, given by hand"
    elif verdict.points is not None:
        told = verdict.reason.rstrip(".")
    else:
        return verdict  # nbgrader, too, counts extra credit only beside a score
    earned = (mark.points if mark.points is not None else verdict.points or 0.0) + mark.extra
    bonus = f"{mark.extra:g} point{'' if mark.extra == 1 else 's'} of extra credit" if mark.extra else ""
    reason = ", and ".join(filter(None, (told, bonus))) + "."
    outcome = Outcome.BY_HAND if mark.points is not None else verdict.outcome
    return replace(verdict, points=earned, outcome=outcome, reason=reason)


def read_marks(db: Connection, assignment: str) -> dict[Key, Mark]:
    """All marks that people entered for an assignment."""
    from sqlalchemy import text

    return dict(map(_entered, db.execute(text(_MARKS), {"name": assignment})))


def in_file(path: str, assignment: str) -> dict[Key, Mark] | None:
    """The same out of an SQLite file, without a database library; None where that will say what is wrong with it."""
    if not Path(path).is_file():
        return {}
    try:
        with contextlib.closing(sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, timeout=PATIENCE)) as db:
            return dict(map(_entered, db.execute(_MARKS, {"name": assignment})))
    except sqlite3.Error:
        return None


def _entered(row: Sequence[Any]) -> tuple[Key, Mark]:
    student, notebook, cell, manual, extra, again = row
    return (student, notebook, cell), Mark(manual, extra or 0.0, look_again=bool(again) and manual is not None)
