"""Masters of a few cells for checks, and a bench that answers without running anything."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from builders import book

from autograder import notebook
from autograder.check.soundness import Subject
from autograder.check.trials import Ran, Trial
from autograder.values import Master, Outcome, Role, Verdict


def master_of(*cells: dict[str, Any], name: str = "nb") -> Master:
    """A sound master of those cells."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"{name}.ipynb")
        path.write_text(notebook.dumps(book(*cells)))
        return notebook.read_master(path, "squares")


def subject_of(master: Master, **facts: Any) -> Subject:
    """A subject with roomy limits; a blank that is the solution."""
    answers = [c for c in master.cells if c.role is Role.SOLUTION]
    lines = {c.grade_id: set(range(1, c.source.count("\n") + 2)) for c in answers}
    told = {"released": master.raw, "solutions": lines, "hidden": {}, "cell_seconds": 10.0, "training_seconds": 100.0, "submission_seconds": 60.0}
    return Subject(master, **{**told, **facts})


def ran(trial: Trial, lost: Mapping[str, str] | None = None, **facts: Any) -> Ran:
    """A trial in which some tests lost all their points, each with its reason; the others gave all."""
    lost = lost or {}
    verdicts = tuple(
        Verdict("nb", c.grade_id, Outcome.FAILED, 0.0, c.points, lost[c.grade_id])
        if c.grade_id in lost
        else Verdict("nb", c.grade_id, Outcome.PASSED, c.points, c.points)
        for c in trial.master.cells
        if c.role is Role.TEST
    )
    return Ran(trial, verdicts=verdicts, whole=0.1, **facts)


class Bench:
    """Answers trials by a function."""

    def __init__(self, answer: Callable[[Trial], Ran]) -> None:
        self.answer = answer
        self.trials: list[Trial] = []
        self.learnt: list[str] = []

    def run(self, trials: Iterable[Trial]) -> Iterator[Ran]:
        for trial in trials:
            self.trials.append(trial)
            yield self.answer(trial)

    def learn(self, modules: Sequence[str]) -> bool:
        self.learnt += modules
        return True
