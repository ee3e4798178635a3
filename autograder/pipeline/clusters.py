"""Grading a class on a cluster.

Rule: workers get a plan and bytes, and send back a grade; lateness, the ledger and all that is written are ours.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from autograder.batch import jobs as machine
from autograder.batch.cluster import Cluster
from autograder.batch.connecting import connected
from autograder.batch.local import Batch
from autograder.batch.muster import Task
from autograder.batch.workers import Broken, Worker
from autograder.course import Course
from autograder.errors import AutograderError, GraderError, StudentError, UsageError
from autograder.gradebook import fingerprint
from autograder.gradebook.ledger import Part
from autograder.grading import late
from autograder.pipeline import elsewhere, letters, one, sources, standing
from autograder.pipeline.attempts import Work
from autograder.pipeline.crew import Crew, Listener, Order, step
from autograder.pipeline.one import Graded
from autograder.pipeline.parcel import Parcel
from autograder.pipeline.plan import Plan, plan
from autograder.pipeline.run import Done, run_work
from autograder.pipeline.standing import Standing

GPU = "GPU"
"""Name of the resource of a worker that has one, as Dask's manuals spell it."""


@contextlib.contextmanager
def crew(course: Course, name: str, order: Order, told: Listener) -> Iterator[Crew]:
    """The workers of the order's cluster; raises UsageError when there is none that may grade."""
    with connected(_address(course, order.cluster)) as client, contextlib.ExitStack() as stack:
        cluster = Cluster(client, told.remark)
        stack.callback(cluster.close)
        entry = _Entry(course, name, order, told)
        like, answers = entry.agreed(cluster)
        made = plan(course, name, jobs=1, level=like.level, there=like.premises)
        if like.level < course.jail_level:
            told.remark(f"Student code is confined at level {like.level} only; every report says so.")
        resources = {GPU: 1.0} if made.assignment.limits.gpu else {}

        def admit(worker: Worker, answer: bytes) -> int:
            entry.fit(worker, answer, like)
            return entry.places(worker)

        task = Task(elsewhere.look, entry.question, admit, elsewhere.build, elsewhere.kit(made), resources)
        yield _crew(made, cluster, task, told, answers)


def _address(course: Course, told: str) -> str:
    """A scheduler file counts from the course's folder, where it is none here."""
    beside = course.root / told
    return str(beside) if beside.is_file() and not Path(told).is_file() else told


def _crew(made: Plan, cluster: Cluster, task: Task, told: Listener, answers: Mapping[str, bytes | str]) -> Crew:
    seat = _Seat(made, cluster, task, told)
    cluster.steps = lambda student, at: told.running.at(student, step(*at) if at[0] else "")
    begun: list[bool] = []

    def needed() -> None:
        if not begun:
            begun.append(True)
            cluster.open(task, answers)

    def stopping() -> None:
        cluster.finish()
        told.stopping()

    return Crew(made, Batch(seat.work, cluster.room, cluster.stop, stopping).run, needed)


class _Entry:
    """Who may take part."""

    def __init__(self, course: Course, name: str, order: Order, told: Listener) -> None:
        self.question = elsewhere.question(course, name)
        self._limits = sources.assignment(course, name).limits
        self._memory = sources.memory(course, name)
        self._name, self._order = name, order
        self._level = 0 if order.weak else course.jail_level
        self._versions = fingerprint.versions()
        self._remark = told.remark
        self._remarked: set[str] = set()

    def fit(self, worker: Worker, answer: bytes, like: Standing | None = None) -> Standing:
        """What a worker's answer says; raises GraderError where it must not grade."""
        if self._limits.gpu and worker.resources.get(GPU, 0) < 1:
            raise GraderError(f"it has no resource {GPU}.", mend=f"Start it with --resources {GPU}=1 if it has one.")
        found = standing.read(answer)
        standing.check(found, self._versions, elsewhere.code(), self._level)
        if like is not None:
            standing.check_alike(found, like)
        return found

    def agreed(self, cluster: Cluster) -> tuple[Standing, Mapping[str, bytes | str]]:
        """What most workers have that are there now, and what each answered."""
        present = cluster.workers.first()
        answers = cluster.workers.ask(elsewhere.look, self.question, present)
        found: list[tuple[Standing, int]] = []
        faults: list[str] = []
        for address, answer in answers.items():
            try:
                if isinstance(answer, str):
                    raise GraderError(answer)
                found.append((self.fit(present[address], answer), present[address].threads))
            except AutograderError as why:
                faults.append(f"Worker {present[address]}: {why}")
        if not found:
            told = f"No worker of the cluster can grade {self._name}."
            raise UsageError(told, mend=" ".join(faults))
        return standing.common(found), answers

    def places(self, worker: Worker) -> int:
        """Submissions at once at a worker: as asked for, else as many as fit; no more than it has threads."""
        if self._limits.gpu:
            return max(1, min(self._order.jobs or 1, int(worker.resources[GPU]), worker.threads))
        if self._order.jobs:
            return min(self._order.jobs, worker.threads)
        fitting = machine.fitting(self._memory, worker.memory, worker.threads)
        if fitting.reason and fitting.reason not in self._remarked:
            self._remarked.add(fitting.reason)
            self._remark(f"Worker {worker}, and others like it: {fitting.reason}")
        return fitting.number


class _Seat:
    """Hands a student's work to a worker, and takes what comes of it."""

    def __init__(self, made: Plan, cluster: Cluster, task: Task, told: Listener) -> None:
        self._plan, self._cluster, self._task, self._running = made, cluster, task, told.running

    def work(self, item: Work) -> Done:
        """What a run needs of a student."""
        try:
            return run_work(self._plan, item, self._grade)
        finally:
            self._running.end(item.student)

    def _grade(
        self, student: str, handed: Parcel | AutograderError, mark: str, *, known: Mapping[str, Part]
    ) -> Graded:
        """As `one.grade`, elsewhere; raises Broken when the cluster cannot go on."""
        try:
            if isinstance(handed, AutograderError):
                raise handed
            request = letters.asked(self._plan, handed, mark, known)
            said = self._cluster.do(self._task, student, request, lambda: self._running.at(student))
            graded = letters.answer(said, known)
        except Broken:
            raise
        except (StudentError, GraderError) as why:
            graded = one.failed(self._plan, student, why)
        graded = one.signed(self._plan, graded, student, handed, mark)
        return self._assessed(graded) if graded.executed else graded

    def _assessed(self, graded: Graded) -> Graded:
        lateness = (self._plan.deadline, self._plan.course.late, self._plan.plugin)
        return replace(graded, grade=late.assessed(graded.grade, *lateness))
