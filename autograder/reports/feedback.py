"""One page for a student and a notebook: what was earned, why, and the notebook as it was run.

Rule: the page stands alone and runs nothing. It loads nothing, its policy forbids whatever its cleaning might
miss, and it says nothing that is the instructor's alone: no hidden test, no marking scheme, no `detail`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.errors import GraderError
from autograder.reports import cells
from autograder.reports import page as pages
from autograder.reports.words import duration, number, outcome_of, points
from autograder.values import Grade, Master, Status, Verdict

LABELS = {
    "in-kernel": "decided within the student's own process, so it could be forged",
    "operators": "decided with the student's own operators, as the task asks",
    "own-word": "took yes or no from an object of the submission's own, so it could be forged",
}
STATUS = {
    Status.GRADED: "Graded",
    Status.NEEDS_PERSON: "Not finished: a person has to look at it",
    Status.UNGRADABLE: "Could not be graded",
}


def write(
    course: Course,
    grade: Grade,
    executed: Mapping[str, bytes],
    masters: Sequence[Master] = (),
    files: Mapping[str, Path] | None = None,
) -> list[Path]:
    """Writes `feedback/<student>/<assignment>/<notebook>.html` for every notebook; raises GraderError.

    `executed`: notebook id → executed notebook, none for what was not run. `files`: the course's own files by
    relative name, for pictures that a text cell names.
    """
    known = {m.name: m for m in masters}
    names = dict.fromkeys([*known, *(v.notebook for v in grade.verdicts), *executed]) or {grade.assignment: None}
    folder = course.feedback / _part(grade.student) / _part(grade.assignment)
    written = []
    for name in names:
        text = page(course, grade, name, executed.get(name), known.get(name), files or {})
        written.append(folder / f"{_part(name)}.html")
        pages.replace(written[-1], text)
    return written


def page(
    course: Course,
    grade: Grade,
    notebook: str,
    executed: bytes | None,
    master: Master | None = None,
    files: Mapping[str, Path] | None = None,
) -> str:
    """The page's HTML. Where there is a master, tests and other locked cells are shown as it has them."""
    verdicts = [v for v in grade.verdicts if v.notebook == notebook]
    by_test = {v.test: v for v in verdicts}
    shown = cells.show(json.loads(executed), master, by_test, files or {}) if executed is not None else []
    places = {c.verdict.test: c.number for c in shown if c.verdict is not None}
    assignment = course.assignments.get(grade.assignment)
    style = _style()
    return pages.template("feedback").render(
        style=style,
        policy=pages.policy(style),
        course=course.title or course.name,
        assignment=(assignment.title if assignment is not None else "") or grade.assignment,
        notebook=notebook,
        grade=grade,
        status=STATUS[grade.status],
        rows=[_row(v, places.get(v.test)) for v in verdicts],
        several=len({v.notebook for v in grade.verdicts}) > 1,
        waiting=[v for v in verdicts if v.points is None],
        submitted=_when(grade),
        late=_late(grade),
        cells=shown,
        outcomes={v.test: outcome_of(v) for v in verdicts},
    )


def _row(verdict: Verdict, place: int | None) -> dict[str, Any]:
    earned = "–" if verdict.points is None else number(verdict.points)
    return {
        "verdict": verdict,
        "place": place,
        "points": f"{earned} / {number(verdict.max_points)}",
        "outcome": outcome_of(verdict),
        "labels": [LABELS.get(label, label) for label in verdict.labels],
    }


def _when(grade: Grade) -> str:
    when = grade.submitted_at
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if when is not None else ""


def _late(grade: Grade) -> str:
    if grade.late_seconds <= 0:
        return ""
    cost = f"{points(grade.late_penalty)} taken off" if grade.late_penalty else "nothing taken off"
    return f"{duration(grade.late_seconds)} late, {cost}"


@cache
def _style() -> str:
    return f"{pages.style('feedback')}\n{cells.colours()}"


def _part(name: str) -> str:
    """A name that is one step of a path and no more."""
    if not name or name.startswith(".") or "/" in name or os.sep in name or "\0" in name:
        raise GraderError(f"{name!r} cannot be the name of a file.", mend="Rename the submission's folder.")
    return name
