"""Grading a class: who is to be graded, by how many processes, and who is told.

Rule: what a killed run left is taken up by the next as if nothing had happened.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from autograder.batch import ahead
from autograder.batch import jobs as machine
from autograder.batch.jobs import Jobs
from autograder.batch.local import Batch
from autograder.batch.running import Running
from autograder.batch.turns import Turns
from autograder.course import Course
from autograder.errors import AutograderError, GraderError, UsageError
from autograder.gradebook import fingerprint
from autograder.gradebook.ledger import Ledger
from autograder.gradebook.seen import Seen
from autograder.intake import attendance
from autograder.intake.folder import TIMESTAMP
from autograder.pipeline import one, sources
from autograder.pipeline.attempts import Work
from autograder.pipeline.crew import Crew, Listener, Order, step
from autograder.pipeline.one import Graded
from autograder.pipeline.plan import Plan, plan, zygote
from autograder.pipeline.run import Done, Run, run_work
from autograder.sandbox import folders, gpu
from autograder.sandbox.launch import Zygote


def autograde(
    course: Course,
    name: str,
    *,
    students: str = "*",
    jobs: int = 0,
    force: bool = False,
    level: int = 0,
    command: str = "",
    cluster: str = "",
    listener: Listener | None = None,
) -> Iterator[Graded]:
    """Grades the submissions that fit, and gives each as it is done; what is known from before is not run again."""
    return graded(course, name, Order(students, jobs, force, level, command, cluster=cluster), listener or Listener())


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
    with Ledger.open(course.ledger) as ledger, _crew(course, name, order, told) as crew:
        number, since = _numbered(ledger, order.command, name, order.force)
        seen = Seen.open(course.ledger, name, believed=not order.force)
        yield Run(crew.plan, ledger, number, since, crew.batch, seen, crew.needed, told.moved, order.brief)
        ledger.end_run(number)


def _present(course: Course, name: str, pattern: str, told: Listener) -> Sequence[str]:
    """Students who handed in something and fit the pattern; raises UsageError when there is none."""
    sources.assignment(course, name)  # who mistypes it reads which there are
    _look_ahead(course, name, attendance.fitting(course.submitted, pattern))
    names = attendance.students(course.submitted, name, pattern, course.exclude)
    for sentence in attendance.strays(course.submitted, name, pattern):
        told.remark(sentence)
    if not names:
        raise UsageError(
            f"No submission of {name} in {course.submitted} fits {pattern!r}.",
            mend=f"They lie at {course.submitted.name}/STUDENT/{name}/; --student takes a pattern such as 'a*'.",
        )
    return names


def _look_ahead(course: Course, name: str, students: Sequence[str]) -> None:
    """Has the folders looked up that are looked at for each student."""
    pairs = ((f"{course.submitted}/{s}/{name}/{TIMESTAMP}", f"{course.autograded}/{s}/{name}") for s in students)
    ahead.look([path for pair in pairs for path in pair])


def _jobs(course: Course, name: str, asked: int) -> Jobs:
    """How many submissions at once: as asked for, else one where a GPU is used, else as many as fit."""
    limits = sources.assignment(course, name).limits
    here = limits.gpu and gpu.present()
    if asked or here:
        fitting = Jobs(asked or 1)
    else:
        fitting = machine.fitting(sources.memory(course, name), machine.memory(), machine.cores())
    if limits.gpu and not here:
        told = f"{name} may use a GPU (gpu = true), and this machine has none: models are asked on its processors."
        return replace(fitting, reason=f"{told} {fitting.reason}".rstrip())
    return fitting


def _crew(course: Course, name: str, order: Order, told: Listener) -> contextlib.AbstractContextManager[Crew]:
    """Whoever grades: a cluster, or this machine."""
    if order.cluster:
        from autograder.pipeline import clusters

        return clusters.crew(course, name, order, told)
    return _local(course, name, order, told)


@contextlib.contextmanager
def _local(course: Course, name: str, order: Order, told: Listener) -> Iterator[Crew]:
    """The processors here."""
    fitting = _jobs(course, name, order.jobs)
    made = plan(course, name, jobs=fitting.number, level=order.level)
    if fitting.reason:
        told.remark(fitting.reason)
    for why in made.kernels.values():
        if isinstance(why, GraderError):
            told.remark(str(why))
    with zygote(made) as warm:
        turns = Turns(fitting.number)

        def stopping() -> None:
            turns.stop()
            told.stopping()

        # Meanwhile one more than may run is made ready, or written down.
        batch = Batch(_worker(made, warm, told.running, turns), fitting.number + 1, warm.close, stopping)
        gc.freeze()  # what the whole batch needs is not looked through again and again
        try:
            yield Crew(made, batch.run, _Warmer(warm))
        finally:
            gc.unfreeze()


def _worker(made: Plan, warm: Zygote, running: Running, turns: Turns) -> Callable[[Work], Done]:
    """Grades a student's work here."""

    def work(item: Work) -> Done:
        warm.start()  # where that fails nobody can be graded: the run ends, and says why once
        seen = lambda *at: running.at(item.student, step(*at))  # noqa: E731
        try:
            return run_work(made, item, partial(one.grade, made, warm, seen=seen, turn=turns))
        finally:
            running.end(item.student)

    return work


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
        with contextlib.suppress(AutograderError, OSError, ImportError):
            self._warm.start()
            importlib.import_module("sqlalchemy")  # for the gradebook at the end
