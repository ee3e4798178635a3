"""Attempts that have been laid out come into the course.

Rule: the last in time lies in `submitted/`, every other stays beside it and in the ledger, where it may come to
count; the same bytes again are no attempt.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.course import Course
from autograder.errors import GraderError, StudentError
from autograder.gradebook.ledger import Ledger
from autograder.intake import placing, unpacking
from autograder.intake.folder import MAX_NOTES
from autograder.intake.handed import Handed
from autograder.intake.unpacking import Laid
from autograder.pipeline import parcel
from autograder.reports.collected import Row, State

_NEVER = datetime.min.replace(tzinfo=UTC)
TOGETHER = timedelta(minutes=10)
"""Span of times in which no class hands in."""
BARELY = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt, laid out beside."""

    row: Row
    laid: Laid


def moment(handed: Handed, due: datetime | None) -> tuple[datetime | None, str, str]:
    """When it was handed in, who tells so, and what a person may want to know of it.

    Where a system marks lateness and no time, its archive bears the time of the download: what it does not mark late
    is not late, and what it marks late is later than the deadline.
    """
    if handed.when is not None:
        return handed.when, handed.told_by, ""
    files = handed.by_files()
    told_by = "archive" if files is not None else ""
    if handed.late is None or due is None:
        told = "It is marked late, and there is no deadline here." if handed.late else ""
        return files, told_by, told
    if not handed.late:
        return (files, told_by, "") if files is not None and files <= due else (due, "mark", "")
    if files is None or files <= due:
        return due + BARELY, "mark", "It is marked late; how late is not known."
    return files, told_by, "It is marked late; how late is not known: the archive's own time counts."


def of_its_making(handed: Sequence[Handed]) -> bool:
    """Whether an archive's times are those of the archive: nobody else tells any, and they lie together."""
    times = [when for one in handed if one.when is None and one.late is None and (when := one.by_files())]
    return len(times) > 2 and max(times) - min(times) < TOGETHER


def arrive(course: Course, name: str, attempts: Sequence[Attempt], *, dry: bool) -> list[Row]:
    """Moves attempts in, all or none; gives what became of each. Raises GraderError."""
    students: dict[str, list[Attempt]] = {}
    rows = []
    for one in attempts:
        if one.laid.fault:
            rows.append(_row(one, State.LEFT))
        else:
            students.setdefault(one.row.student, []).append(one)
    moves: list[tuple[Path, Path]] = []
    former: list[tuple[str, Path]] = []
    taken: set[Path] = set()
    for student, new in students.items():
        rows += _placed(course, name, student, new, (moves, former, taken))
    if not dry:
        with placing.moved(moves), Ledger.open(course.ledger) if former else nullcontext() as ledger:
            if ledger is not None:
                _kept(course, name, former, ledger)
    return rows


def _row(one: Attempt, state: State) -> Row:
    notes = one.laid.notes
    if len(notes) > MAX_NOTES:
        notes = [*notes[:MAX_NOTES], f"{len(notes) - MAX_NOTES} further things are to be told of it."]
    return replace(one.row, state=state, why=one.laid.fault, notes=tuple(notes))


def _placed(
    course: Course,
    name: str,
    student: str,
    new: Sequence[Attempt],
    into: tuple[list[tuple[Path, Path]], list[tuple[str, Path]], set[Path]],
) -> list[Row]:
    """Where each attempt of one student goes."""
    moves, former, taken = into
    target = course.submitted / student / name
    known = {unpacking.digest(path) for path in placing.former(course.submitted, student, name)}
    there, when = _present(course, student, name)
    last, at = unpacking.digest(target), when or _NEVER
    rows = []
    fresh = []
    for one in sorted(new, key=lambda one: one.row.when or _NEVER):
        mark, its = unpacking.digest(one.laid.folder), one.row.when or _NEVER
        if mark == last or (mark in known and its <= at):  # what was handed in before, after something else, counts
            rows.append(_row(one, State.SAME))
            continue
        known.add(mark)
        fresh.append(one)
        if its >= at:
            last, at = mark, its
    if not fresh:
        return rows
    counts = fresh[-1] if not there or when is None or (fresh[-1].row.when or _NEVER) >= when else None
    if counts is not None and there:
        path = placing.aside(course.submitted, student, name, when, taken)
        moves.append((target, path))
        former.append((student, path))
    for one in fresh:
        path = target
        if one is not counts:
            path = placing.aside(course.submitted, student, name, one.row.when, taken)
            former.append((student, path))
        moves.append((one.laid.folder, path))
        state = State.FORMER if one is not counts else State.AGAIN if there or len(fresh) > 1 else State.NEW
        rows.append(_row(one, state))
    return rows


def _present(course: Course, student: str, name: str) -> tuple[bool, datetime | None]:
    """Whether something lies in `submitted/` already, and its time."""
    target = course.submitted / student / name
    try:
        target.lstat()
    except OSError:
        return False, None
    try:
        return True, parcel.look(replace(course, file_time=True), student, name, 1 << 62).submitted_at
    except (StudentError, GraderError):
        return True, None


def _kept(course: Course, name: str, former: Sequence[tuple[str, Path]], ledger: Ledger) -> None:
    """Former attempts in the ledger, from which they are graded; what cannot be read is graded by nobody."""
    largest = course.assignment(name).limits.file if name in course.names() else course.limits.file
    with ledger.together():
        for student, path in former:
            beside = replace(course, submitted=path.parent.parent)
            try:
                one = parcel.pack(beside, name, path.name, largest)
            except (StudentError, GraderError):
                continue
            ledger.keep(student, name, one.content.hash, one.submitted_at, one.files.items(), one.notes)
