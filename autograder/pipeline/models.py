"""Model files: which training cell gets which, and what a person should know of them.

Rule: the master says what is trained, course.toml whether the file or the cell counts, the student hands in the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from autograder import notebook
from autograder.course import Assignment, Course
from autograder.gradebook.ledger import Ledger
from autograder.intake import models
from autograder.notebook.code import names as names_of
from autograder.values import Master, Paper, Role, Submission, Trained

MOST_NAMES = 10
"""Students who are named in one sentence."""


def trains(masters: Iterable[Master]) -> bool:
    """Whether a model is trained in any of them: then marks have tolerances, and looking at images takes the time."""
    return any(notebook.training_of(cell) is not None for master in masters for cell in master.cells)


def chosen(assignment: Assignment, master: Master, handed: Submission) -> tuple[dict[str, Trained], tuple[str, ...]]:
    """The training cells' grade_ids → the model file that stands in for each, or why none does; and notes."""
    if assignment.train == "run":
        return {}, ()
    wanted = {cell.grade_id: one for cell in master.cells if (one := notebook.training_of(cell)) is not None}
    found, notes = models.chosen(wanted, handed)
    found = {grade_id: replace(one, rebound=_rebound(master, grade_id, one)) for grade_id, one in found.items()}
    if assignment.train == "either":
        found = {grade_id: one for grade_id, one in found.items() if one.path}
    return found, notes


def _rebound(master: Master, grade_id: str, one: Trained) -> bool:
    """Whether another cell of the master's than the training cell binds the model's name."""
    others = (c for c in master.cells if c.kind == "code" and c.role is not Role.TEST and c.grade_id != grade_id)
    return any(one.binds in names_of(cell.source).bound for cell in others)


def same_weights(course: Course, name: str) -> tuple[str, ...]:
    """One sentence for each model that several students handed in, number for number."""
    with Ledger.open(course.ledger) as ledger:
        found = ledger.weights(name)
    alike = sorted((students, file) for (_, file, _), students in found.items() if len(students) > 1)
    return tuple(f"{_listed(students)} handed in the same weights in {file}." for students, file in alike)


def _listed(names: list[str]) -> str:
    shown = names if len(names) <= MOST_NAMES else [*names[:MOST_NAMES], f"{len(names) - MOST_NAMES} more"]
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def training_seconds(assignment: Assignment, paper: Paper) -> float:
    """Seconds that the training cells which are run may take, all together."""
    return sum(c.training and c.trained is None for c in paper.cells) * assignment.limits.training_seconds
