"""Grading a class: who is to be graded, by how many processes, and who is told.

Rule: what a killed run left is taken up by the next as if nothing had happened.
"""

from __future__ import annotations

import contextlib
import importlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from autograder.batch import jobs as machine
from autograder.batch.jobs import Jobs
from autograder.batch.local import Batch
from autograder.batch.running import Running
from autograder.course import Course
from autograder.errors import GraderError, UsageError
from autograder.gradebook import fingerprint
from autograder.gradebook.history import Change
from autograder.gradebook.ledger import Ledger
from autograder.intake import folder
from autograder.pipeline import sources
from autograder.pipeline.attempts import Work
from autograder.pipeline.one import Graded
from autograder.pipeline.plan import Plan, plan, zygote
from autograder.pipeline.run import Done, Run, run_work
from autograder.sandbox import folders
from autograder.sandbox.launch import Zygote


@dataclass(frozen=True, slots=True)
class Listener:
    """Whom a run tells what; by default nobody."""

    began: Callable[[int], None] = lambda total: None
    """The number of submissions."""
    remark: Callable[[str], None] = lambda sentence: None
    """A sentence for a person."""
    moved: Callable[[Change], None] = lambda change: None
    """Verdicts that moved though neither the submission nor the test had changed."""
    running: Running = field(default_factory=Running)
    """What runs at the moment."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asked for."""

    students: str = "*"
    """Glob of the names of those who are graded."""
    jobs: int = 0
    """Submissions at once; 0: as many as fit."""
    force: bool = False
    """Run again what is known already."""
    level: int = 0
    """Level of the jail."""
    command: str = ""
    """As it was typed."""
    brief: bool = False
    """Known grades are given without verdicts, to those who only count them."""


def autograde(
    course: Course,
    name: str,
    *,
    students: str = "*",
    jobs: int = 0,
    force: bool = False,
    level: int = 0,
    command: str = "",
    listener: Listener | None = None,
) -> Iterator[Graded]:
    """Grades the submissions that fit, and gives each as it is done; what is known from before is not run again."""
    return graded(course, name, Order(students, jobs, force, level, command), listener or Listener())


def graded(course: Course, name: str, order: Order, told: Listener) -> Iterator[Graded]:
    """As `autograde`."""
    names = _present(course, name, order.students, told)
    with begun(course, name, order, told) as run:
        told.began(len(names))
        yield from run.over(names)


@contextlib.contextmanager
def begun(course: Course, name: str, order: Order, told: Listener) -> Iterator[Run]:
    """A run over an assignment; it has come to its end when nothing was raised within."""
    folders.remove_abandoned()
    fitting = _jobs(course, name, order.jobs)
    made = plan(course, name, jobs=fitting.number, level=order.level)
    if fitting.reason:
        told.remark(fitting.reason)
    with Ledger.open(course.ledger) as ledger, zygote(made) as warm:
        number, since = _numbered(ledger, order.command, name, order.force)
        batch = _local(made, warm, fitting, told)
        yield Run(made, ledger, number, since, batch.run, _Warmer(warm), told.moved, order.brief)
        ledger.end_run(number)


def _present(course: Course, name: str, pattern: str, told: Listener) -> Sequence[str]:
    """Students who handed in something and fit the pattern; raises UsageError when there is none."""
    names = folder.students(course.submitted, name, pattern)
    if not names:
        raise UsageError(
            f"No submission of {name} in {course.submitted} fits {pattern!r}.",
            mend=f"They lie at {course.submitted.name}/STUDENT/{name}/; --student takes a pattern such as 'a*'.",
        )
    for sentence in folder.strays(course.submitted, pattern):
        told.remark(sentence)
    return names


def _jobs(course: Course, name: str, asked: int) -> Jobs:
    """How many submissions at once: as asked for, else one where a GPU is used, else as many as fit."""
    limits = sources.assignment(course, name).limits
    if asked or limits.gpu:
        return Jobs(asked or 1)
    return machine.fitting(limits.memory, machine.memory(), machine.cores())


def _local(made: Plan, warm: Zygote, fitting: Jobs, told: Listener) -> Batch[Work, Done]:
    """A batch on this machine."""
    running = told.running

    def work(item: Work) -> Done:
        running.at(item.student)
        try:
            return run_work(made, warm, item, lambda *at: running.at(item.student, _step(*at)))
        finally:
            running.end(item.student)

    def stopping() -> None:
        running.stopping = True
        told.remark("Stopping: what runs is finished, nothing new is begun. Ctrl-C once more stops at once.")

    return Batch(work, fitting.number, warm.close, stopping)


def _step(notebook: str, cell: int, cells: int) -> str:
    """Where a submission is, for those who watch."""
    return f"{notebook}, cell {cell} of {cells}"


def _numbered(ledger: Ledger, command: str, name: str, force: bool) -> tuple[int, int]:
    """Number of the run, and the first run whose attempts are believed; a forced one that was stopped goes on."""
    number = ledger.unfinished(command, name) if force and command else None
    if number is None:
        number = ledger.begin_run(command, fingerprint.versions(), assignment=name)
    return number, number if force else 0


class _Warmer:
    """Starts what the first submissions will need, in the background, while the rest of the class is looked at."""

    def __init__(self, warm: Zygote) -> None:
        self._warm = warm
        self._called = False

    def __call__(self) -> None:
        if not self._called:
            self._called = True
            threading.Thread(target=self._start, name="warm", daemon=True).start()

    def _start(self) -> None:
        with contextlib.suppress(GraderError, OSError, ImportError):
            self._warm.start()
            importlib.import_module("sqlalchemy")  # for the gradebook at the end
