"""The real grading path, for trials: candidate, examiner, jail and scoring, as a class is graded.

Rule: what a trial meets is what a student's notebook meets; only seeds, limits and the moment to stop are its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from autograder import notebook
from autograder.batch.local import Batch
from autograder.check.trials import Ran, Trial, full
from autograder.errors import GraderError
from autograder.exam import paper as papers
from autograder.exam import syllabus
from autograder.exam.findings import Finding
from autograder.exam.sitting import Sitting
from autograder.grading.verdicts import judge
from autograder.pipeline import models, one
from autograder.pipeline.plan import Plan, zygote
from autograder.values import CellRecord, Master, Paper, Role, Submission, Verdict


class Bench:
    """Runs trials of one assignment, several at once; a context manager."""

    def __init__(self, plan: Plan, jobs: int, done: Callable[[], None]) -> None:
        self.plan = plan
        self.jobs = jobs
        self._done = done
        """Told of each trial as it is done."""
        self._warm = zygote(plan, ())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._warm.close()

    def run(self, trials: Iterable[Trial]) -> Iterator[Ran]:
        """Each trial's outcome, as it comes; raises Interrupted when a person stops it."""
        batch: Batch[Trial, Ran] = Batch(self._sit, self.jobs, self._warm.close)
        for _, ran in batch.run(trials):
            self._done()
            yield ran

    def learn(self, modules: Sequence[str]) -> bool:
        """Imports those modules before the forks from now on; False where one of them starts a thread."""
        before, other = self._warm, zygote(self.plan, modules)
        try:
            other.start()
            before.start()
            learnt = other.threads <= max(1, before.threads)
        except GraderError:
            learnt = False
        self._warm = other if learnt else before
        (before if learnt else other).close()
        return learnt

    def _sit(self, trial: Trial) -> Ran:
        began = time.monotonic()
        plan, handed = _on_terms(self.plan, trial), _submission(self.plan, trial)
        trained, _ = models.chosen(plan.assignment, trial.master, handed)
        paper = papers.merge(trial.master, trial.raw, {}, trained)
        held = one.invigilator(
            plan, self._warm, handed, models.training_seconds(plan.assignment, paper), paper.notebook
        )
        if trial.first_loss:
            held.enough = lambda index, finding: not full(_verdict(plan, paper, index, finding))
        try:
            sitting = held.examine(paper, syllabus.lessons(trial.master))
        except GraderError as why:
            return Ran(trial, fault=str(why))
        verdicts = judge(paper, sitting.findings, self.plan.course.scoring)
        tests = {c.grade_id for c in trial.master.cells if c.role is Role.TEST}
        return Ran(
            trial,
            verdicts=tuple(v for v in verdicts if v.test in tests),
            seconds={cell.grade_id: r.seconds for cell, r in _records(paper, sitting)},
            printed={str(cell.raw.get("id")): _printed(r) for cell, r in _records(paper, sitting)},
            whole=time.monotonic() - began,
        )


def _on_terms(plan: Plan, trial: Trial) -> Plan:
    """The assignment with the trial's own seed and limits."""
    limits = plan.assignment.limits
    limits = replace(limits, memory=int(limits.memory * trial.share), file=int(limits.file * trial.share))
    if trial.cell_seconds is not None:
        limits = replace(limits, cell_seconds=min(limits.cell_seconds, trial.cell_seconds))
    return replace(plan, seed=trial.seed, assignment=replace(plan.assignment, limits=limits))


def _submission(plan: Plan, trial: Trial) -> Submission:
    folder = plan.course.submitted / trial.name
    files = model_files(plan, trial.master) if trial.models else {}
    return Submission(trial.name, plan.assignment.name, folder, {}, files)


def model_files(plan: Plan, master: Master) -> dict[str, Path]:
    """The solution's own model files, which lie beside the masters, as far as there are any."""
    wanted = [one.file for cell in master.cells if (one := notebook.training_of(cell)) is not None]
    paths = {name: plan.course.source / plan.assignment.name / name for name in wanted}
    return {name: path for name, path in paths.items() if path.is_file()}


def _verdict(plan: Plan, paper: Paper, index: int, finding: Finding) -> Verdict:
    cell = paper.cells[index]
    verdicts = judge(replace(paper, cells=(cell,)), {0: finding}, plan.course.scoring)
    return verdicts[0]


def _records(paper: Paper, sitting: Sitting) -> list[tuple[Any, CellRecord]]:
    return [(cell, sitting.records[i]) for i, cell in enumerate(paper.cells) if i in sitting.records]


def _printed(record: CellRecord) -> str:
    return "".join(str(o.get("text", "")) for o in record.outputs if o.get("output_type") == "stream")
