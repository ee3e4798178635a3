"""Marks that people gave by hand, and how they enter a Grade.

Rule: a person's word goes above the autograder's, and a grade shows whose word it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from autograder.values import Grade, Outcome, Status, Verdict

if TYPE_CHECKING:
    from sqlalchemy import Connection, MetaData

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


def read_marks(db: Connection, tables: MetaData, assignment: str) -> dict[Key, Mark]:
    """All marks that people entered for an assignment."""
    from sqlalchemy import select

    grade, cell, book, notebook, whole, sub = (
        tables.tables[n]
        for n in (
            "grade",
            "base_cell",
            "submitted_notebook",
            "notebook",
            "assignment",
            "submitted_assignment",
        )
    )
    query = (
        select(sub.c.student_id, notebook.c.name.label("notebook"), cell.c.name.label("cell"), grade)
        .join_from(grade, cell, grade.c.cell_id == cell.c.id)
        .join(book, grade.c.notebook_id == book.c.id)
        .join(notebook, book.c.notebook_id == notebook.c.id)
        .join(sub, book.c.assignment_id == sub.c.id)
        .join(whole, sub.c.assignment_id == whole.c.id)
        .where(whole.c.name == assignment)
        .where(grade.c.manual_score.is_not(None) | grade.c.extra_credit.is_not(None))
    )
    return {
        (row.student_id, row.notebook, row.cell): Mark(
            row.manual_score,
            row.extra_credit or 0.0,
            look_again=row.needs_manual_grade and row.manual_score is not None,
        )
        for row in db.execute(query)
    }
