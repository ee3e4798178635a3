"""All versions of a submission: what lies in `submitted/`, and what the ledger kept of former ones.

Rule: a version's grade is known by its fingerprint alone; a student's result is written once every grade that it
depends on is known, so that nobody ever sees half of a choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from autograder.course import Course
from autograder.errors import AutograderError, GraderError, StudentError
from autograder.gradebook import fingerprint
from autograder.gradebook.ledger import Kept, Ledger, Part, Result
from autograder.gradebook.seen import Seen
from autograder.grading import counts
from autograder.pipeline import parcel
from autograder.pipeline.parcel import Parcel
from autograder.pipeline.plan import Plan
from autograder.values import Grade, Status


@dataclass(frozen=True, slots=True)
class Version:
    """One thing that a student handed in."""

    mark: str
    """Its fingerprint under the terms of the plan."""
    content: str = ""
    """Hash of names and bytes; empty for what cannot be read."""
    submitted_at: datetime | None = None
    due: datetime | None = None
    """The student's own deadline, an extension included."""
    handed: Parcel | AutograderError | None = None
    """The bytes, or why there are none; None while they have not been read."""
    kept: Kept | None = None
    """Where the ledger has it; None where it has not."""
    attempt: int | None = None
    """The attempt in the ledger that graded just this."""
    grade: Grade | None = None
    """Of that attempt, where there is a choice to be made."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be run for one student."""

    student: str
    versions: tuple[Version, ...]
    """All, in the order in which they were handed in; those without a grade may have to be run."""
    known: Mapping[str, Part]
    """Notebooks that were run before, by their fingerprints."""


def looked_at(
    plan: Plan, ledger: Ledger, students: Sequence[str], *, since: int = 0, seen: Seen | None = None
) -> dict[str, list[Version]]:
    """Each student's versions, with the attempts that graded them from run `since` on.

    `seen`: what need not be read of them; None: all is read, and kept for whoever grades it.
    """
    name = plan.assignment.name
    present = {student: _present(plan, student, seen) for student in students}
    kept = ledger.kept(name, students)
    found = {s: _in_order(plan, kept.get(s, ()), present[s]) for s in students}
    marks = [(s, version.mark) for s, versions in found.items() for version in versions]
    known = ledger.known(name, marks, since)
    return {
        s: _graded(ledger, [replace(v, attempt=known.get((s, v.mark)), due=plan.deadline.of(s)) for v in versions])
        for s, versions in found.items()
    }


def _present(plan: Plan, student: str, seen: Seen | None) -> Version:
    """What lies in `submitted/`; the fingerprint of what cannot be read is that of the reason."""
    about = (plan.course, student, plan.assignment.name, plan.assignment.limits.file)
    try:
        handed = parcel.pack(*about) if seen is None else None
        found = handed if seen is None else _look(*about, seen)
    except (StudentError, GraderError) as why:
        return Version(fingerprint.of_fault(plan.terms, str(why)), handed=why)
    assert found is not None
    content, when = found.content.hash, found.submitted_at
    return Version(fingerprint.of_submission(plan.terms, content, when), content, when, handed=handed)


def _look(course: Course, student: str, name: str, largest: int, seen: Seen) -> parcel.Looked:
    """Without the bytes; what was read for it is remembered."""
    known = seen.of(student)
    found = parcel.look(course, student, name, largest, known=known, settled=seen.settled)
    if found.sights != known:
        seen.note(student, found.sights)
    return found


def _in_order(plan: Plan, kept: Sequence[Kept], present: Version) -> list[Version]:
    """Former versions, and at the end what lies in `submitted/`."""
    former = [
        Version(fingerprint.of_submission(plan.terms, k.content, k.submitted_at), k.content, k.submitted_at, kept=k)
        for k in kept
        if k.content != present.content
    ]
    same = (k for k in kept if (k.content, k.submitted_at) == (present.content, present.submitted_at))
    return [*former, replace(present, kept=next(same, None))]


def _graded(ledger: Ledger, versions: list[Version]) -> list[Version]:
    """Where there is more than one, with their grades."""
    if len(versions) == 1:
        return versions
    grades = ledger.grades(v.attempt for v in versions if v.attempt is not None)
    return [replace(v, grade=grades[v.attempt]) if v.attempt is not None else v for v in versions]


def wanted(plan: Plan, versions: Sequence[Version]) -> list[int]:
    """Positions of the versions that must be run before it is known which counts; for `last` the first of them."""
    if len(versions) == 1:
        return [0] if versions[0].attempt is None else []
    if plan.course.attempts == counts.BEST:
        return [n for n, version in enumerate(versions) if version.grade is None]
    for n in _preference(plan, versions):
        if versions[n].grade is None:
            return [n]
        if _stands(versions[n]):
            return []
    return []


def result(plan: Plan, versions: Sequence[Version]) -> Result:
    """Which attempt counts; all that `wanted` names must have been run."""
    if len(versions) == 1:
        assert versions[0].attempt is not None
        return Result(versions[0].attempt)
    if plan.course.attempts == counts.BEST:
        graded = [n for n, version in enumerate(versions) if version.grade is not None]
        chosen = graded[counts.best([g for v in versions if (g := v.grade) is not None])]
    else:
        order = [n for n in _preference(plan, versions) if versions[n].grade is not None]
        chosen = next((n for n in order if _stands(versions[n])), order[0])
    one = versions[chosen]
    assert one.attempt is not None
    return Result(one.attempt, counts.reason(one.submitted_at, len(versions), plan.course.attempts))


def _preference(plan: Plan, versions: Sequence[Version]) -> list[int]:
    times = [version.submitted_at for version in versions]
    return counts.preference(times, versions[0].due, plan.course.late.grace, plan.course.attempts)


def _stands(version: Version) -> bool:
    return version.grade is not None and version.grade.status is not Status.UNGRADABLE


def work(plan: Plan, ledger: Ledger, student: str, since: int = 0) -> Work:
    """What is to be run for a student, the bytes read; `since`: the first run whose attempts are believed."""
    versions = looked_at(plan, ledger, [student], since=since)[student]
    full = [v if v.handed or v.grade else replace(v, handed=_bytes(plan, ledger, student, v)) for v in versions]
    return Work(student, tuple(full), {} if since else ledger.parts(student, plan.assignment.name))


def _bytes(plan: Plan, ledger: Ledger, student: str, version: Version) -> Parcel:
    """A version as the ledger kept it."""
    assert version.kept is not None
    kept = version.kept
    files = ledger.files(kept.submission)
    return Parcel(student, plan.assignment.name, files, kept.submitted_at, kept.notes)
