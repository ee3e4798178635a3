"""Model files: which training cell gets which, and what a person should know of them.

Rule: the master says what is trained, course.toml whether the file or the cell counts, the student hands in the file.
"""

from __future__ import annotations

from autograder import notebook
from autograder.course import Assignment
from autograder.intake import models
from autograder.values import Master, Paper, Submission, Trained


def chosen(assignment: Assignment, master: Master, handed: Submission) -> tuple[dict[str, Trained], tuple[str, ...]]:
    """The training cells' grade_ids → the model file that stands in for each, or why none does; and notes."""
    if assignment.train == "run":
        return {}, ()
    wanted = {cell.grade_id: one for cell in master.cells if (one := notebook.training_of(cell)) is not None}
    found, notes = models.chosen(wanted, handed)
    if assignment.train == "either":
        found = {grade_id: one for grade_id, one in found.items() if one.path}
    return found, notes


def training_seconds(assignment: Assignment, paper: Paper) -> float:
    """Seconds that the training cells which are run may take, all together."""
    return sum(c.training and c.trained is None for c in paper.cells) * assignment.limits.training_seconds
