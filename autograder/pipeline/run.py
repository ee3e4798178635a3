"""One run over an assignment: what is known stands, the rest is graded, and the ledger hears of each at once.

Rule: the ledger's transaction is the last thing that happens for a student; whatever is killed before it leaves
nothing behind that anybody would take for a mark, and whatever comes after it can be made again from the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from autograder.errors import AutograderError
from autograder.gradebook import autograded, history
from autograder.gradebook.history import Change
from autograder.gradebook.ledger import Ledger, Part, Result
from autograder.gradebook.seen import Seen
from autograder.pipeline import attempts, parcel
from autograder.pipeline.attempts import Version, Work
from autograder.pipeline.one import Graded
from autograder.pipeline.parcel import Parcel
from autograder.pipeline.plan import Plan
from autograder.values import Grade

PAGE = 256
"""Students looked at at once."""

Done = dict[int, Graded]
"""Position of a version → its grade."""
Batch = Callable[[Iterator[Work]], Iterator[tuple[Work, Done]]]
"""Runs works, some at a time, and gives each with what came of it."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run that has begun."""

    plan: Plan
    ledger: Ledger
    number: int
    since: int
    """The first run whose attempts are believed: this one, where all is to be run again."""
    batch: Batch
    seen: Seen
    """What need not be read of what was handed in."""
    needed: Callable[[], None]
    """Called when it is clear that something must be run, long before it is."""
    moved: Callable[[Change], None]
    """Told of verdicts that moved though neither the submission nor the test had changed."""

    brief: bool = False
    """Known grades are given without verdicts, to those who only count them."""

    def over(self, students: Sequence[str]) -> Iterator[Graded]:
        """The grade that counts of every student: first what is known, then what is run, as it is done."""
        todo: list[str] = []
        for page in _pages(students):
            yield from self._known(page, todo)
        self.seen.save()
        if todo:
            todo = slowest_first(todo, self.ledger.seconds(self.plan.assignment.name))
        for work, done in self.batch(self._works(todo)):
            yield self._written(work, done)

    def _known(self, page: Sequence[str], todo: list[str]) -> Iterator[Graded]:
        """Grades that stand; students who must wait for theirs go to `todo`."""
        found = attempts.looked_at(self.plan, self.ledger, page, since=self.since, seen=self.seen)
        results: dict[str, Result] = {}
        for student, versions in found.items():
            if attempts.wanted(self.plan, versions):
                todo.append(student)
                self.needed()
            else:
                results[student] = attempts.result(self.plan, versions)
                self._keep_unseen(student, versions[-1])
        self._settle(results)
        grades = self.ledger.grades((chosen.attempt for chosen in results.values()), brief=self.brief)
        for chosen in results.values():
            yield Graded(with_reason(grades[chosen.attempt], chosen.why), fresh=False)

    def _keep_unseen(self, student: str, present: Version) -> None:
        """Keeps what was handed in and need not be run."""
        if present.attempt is None and present.kept is None and present.content:
            about = (self.plan.course, student, self.plan.assignment.name, self.plan.assignment.limits.file)
            self._keep(parcel.pack(*about))

    def _settle(self, results: dict[str, Result]) -> None:
        """Writes down what counts, the executed notebooks first."""
        name = self.plan.assignment.name
        held = self.ledger.holding(name, results)
        for student, chosen in results.items():
            if held.get(student) != chosen or not autograded.there(self.plan.course.autograded, student, name):
                when = self.ledger.grades([chosen.attempt])[chosen.attempt].submitted_at
                self._write_executed(student, self.ledger.executed_in(chosen.attempt), when)
        self.ledger.settle(self.number, name, results)

    def _works(self, todo: Iterable[str]) -> Iterator[Work]:
        for student in todo:
            yield attempts.work(self.plan, self.ledger, student, self.since)

    def _written(self, work: Work, done: Done) -> Graded:
        """Writes down all that was run for a student, and gives the grade that counts."""
        name, student = self.plan.assignment.name, work.student
        versions = list(work.versions)
        with self.ledger.together():
            for position, version in enumerate(versions):
                versions[position] = self._recorded(version, done.get(position))
            chosen = attempts.result(self.plan, versions)
            position = [version.attempt for version in versions].index(chosen.attempt)
            run = done[position].executed if position in done else self.ledger.executed_in(chosen.attempt)
            self._write_executed(student, run, versions[position].submitted_at)
            self._compare(student, chosen)
            self.ledger.settle(self.number, name, {student: chosen})
        # What was handed in when the student was looked at may be gone again, and all be known.
        grade = versions[position].grade or self.ledger.grades([chosen.attempt])[chosen.attempt]
        return Graded(with_reason(grade, chosen.why), run, fresh=any(graded.fresh for graded in done.values()))

    def _recorded(self, version: Version, graded: Graded | None) -> Version:
        """The version, with the attempt that graded it."""
        kept = version.kept.submission if version.kept is not None else None
        if isinstance(version.handed, Parcel) and kept is None:
            kept = self._keep(version.handed)
        if graded is None:
            return version
        told = (self.number, graded.grade, graded.executed)
        attempt = self.ledger.record(*told, terms=self.plan.terms, submission=kept, parts=graded.parts)
        return replace(version, attempt=attempt, grade=graded.grade)

    def _keep(self, handed: Parcel) -> int:
        about = (handed.student, handed.assignment, handed.content.hash, handed.submitted_at)
        return self.ledger.keep(*about, handed.files.items(), handed.notes)

    def _write_executed(self, student: str, run: Mapping[str, bytes], when: datetime | None) -> None:
        if run:
            autograded.write(self.plan.course.autograded, student, self.plan.assignment.name, run, when)

    def _compare(self, student: str, chosen: Result) -> None:
        """Tells of verdicts that moved unasked."""
        held = self.ledger.holding(self.plan.assignment.name, [student]).get(student)
        if held is not None and held.attempt != chosen.attempt:
            (change,) = history.compared(self.ledger, [(student, held.attempt, chosen.attempt)])
            if change.unasked:
                self.moved(change)


def slowest_first(students: Sequence[str], seconds: Mapping[str, float]) -> list[str]:
    """In an order in which no slow one is left over at the end; one never run before counts as the middle."""
    known = sorted(seconds[s] for s in students if s in seconds)
    middle = known[len(known) // 2] if known else 0.0
    return sorted(students, key=lambda student: -seconds.get(student, middle))


def with_reason(grade: Grade, why: str) -> Grade:
    """The grade as the ledger tells it: with the reason why it is the one that counts."""
    return replace(grade, notes=(*grade.notes, why)) if why else grade


class Grader(Protocol):
    """Whoever makes a grade of a submission, here or elsewhere; as `one.grade`."""

    def __call__(
        self, student: str, handed: Parcel | AutograderError, mark: str, *, known: Mapping[str, Part]
    ) -> Graded: ...


def run_work(plan: Plan, work: Work, grade: Grader) -> Done:
    """Runs what must be run before it is known which version of a student's counts."""
    versions, done = list(work.versions), Done()
    while wanted := attempts.wanted(plan, versions):
        for position in wanted:
            version = versions[position]
            assert version.handed is not None
            done[position] = grade(work.student, version.handed, version.mark, known=work.known)
            versions[position] = replace(version, attempt=0, grade=done[position].grade)
    return done


def _pages(students: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(students), PAGE):
        yield students[start : start + PAGE]
