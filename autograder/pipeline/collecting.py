"""What a learning management system, or nbgrader's exchange, holds for us becomes `submitted/`.

Rule: what is clear is taken, what is doubtful is left out and told; all that is taken comes in together at the end.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from autograder import notebook
from autograder.course import Course
from autograder.errors import AutograderError, StudentError, UsageError
from autograder.gradebook import csvfile, deadlines, people
from autograder.intake import archive, exchange, makers, placing, roster, unpacking
from autograder.intake.handed import Handed, Told
from autograder.intake.roster import Match, Roster, Student
from autograder.intake.unpacking import Setting
from autograder.pipeline import arriving, sources
from autograder.pipeline.arriving import Attempt
from autograder.reports.collected import Row, State, show

SHEET = ".csv"
"""Ending of a grading worksheet, given beside an archive."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asks to be collected."""

    archives: Sequence[Path] = ()
    maker: str = ""
    """Who made the archives; empty: their names tell."""
    exchange: bool = False
    """The exchange's inbound folder, in place of archives; a path is then its root."""
    owners: bool = True
    """Of the exchange only what lies there as its student's own."""
    roster: Path | None = None
    said: Path | None = None
    """Who is meant by senders whom nobody knows: columns `sender` and `student`; made where it is not there."""
    zone: str = ""
    """Of times without one; empty: the course's."""
    dry: bool = False
    """Nothing is written; what would be is told."""


@dataclass(slots=True)
class Collected:
    """What came of it."""

    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Of the archives themselves."""
    sources: list[str] = field(default_factory=list)
    """What was read, and whose it is taken to be."""
    dry: bool = False

    @property
    def code(self) -> int:
        """Exit code: 1 where something was left out."""
        return int(bool(self.notes) or any(row.state is State.LEFT for row in self.rows))


@dataclass(frozen=True, slots=True)
class _Found:
    """One attempt, where it was found, and whose it is."""

    handed: Handed
    source: str
    match: Match


def collect(course: Course, name: str, order: Order, step: Callable[[int, int], None]) -> Collected:
    """Takes what is clear; `step` is told how many of how many are read. Raises UsageError or GraderError."""
    name = sources.assignment(course, name).name
    limits = course.assignment(name).limits if name in course.names() else course.limits
    zone = _zone(order.zone or course.timezone)
    out = Collected(dry=order.dry)
    with ExitStack() as stack:
        handed = _inbound(course, name, order, out, stack) if order.exchange else _archives(order, zone, out, stack)
        found = _matched(handed, _roster(course, order, handed), order, out)
        room = stack.enter_context(placing.staging(course.submitted, dry=order.dry))
        setting = Setting(limits.file, zone, _expected(course, name))
        deadline = deadlines.read(course.gradebook, name, sources.assignment(course, name).due)
        attempts = []
        for number, one in enumerate(found, 1):
            step(number, len(found))
            due = deadline.of(one.match.student)
            folder = room / str(number) / one.match.student / name
            laid = unpacking.lay_out(one.handed, folder, setting, name=one.match.name, secret=order.exchange)
            when, told_by, note = arriving.moment(one.handed, due)
            unpacking.stamped(laid, when)
            laid.fault = laid.fault or (one.handed.settled() if one.handed.settled else "")
            laid.notes += filter(None, (one.match.note, note))
            row = Row(one.handed.sender.label, one.source, one.match.student, when, told_by, due, laid.files)
            attempts.append(Attempt(row, laid))
        out.rows += arriving.arrive(course, name, attempts, dry=order.dry)
    out.rows.sort(key=lambda row: (row.state is State.LEFT, row.student, row.when.timestamp() if row.when else 0.0))
    return out


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UsageError(f"There is no time zone {name!r}.", mend="Name one such as Asia/Seoul, or UTC.") from None


def _archives(order: Order, zone: ZoneInfo, out: Collected, stack: ExitStack) -> list[tuple[str, Handed]]:
    """Who handed in what, archive by archive."""
    if all(path.suffix.lower() == SHEET for path in order.archives):
        raise UsageError("Name an archive, or say --exchange.", mend="`autograder collect ASSIGNMENT ARCHIVE...`")
    sheets = [row for path in order.archives if path.suffix.lower() == SHEET for row in roster.table(path)]
    found = []
    for path in order.archives:
        if path.suffix.lower() == SHEET:
            continue
        try:
            if path.is_dir():
                entries = stack.enter_context(archive.folder(path))
            else:
                entries = stack.enter_context(archive.zipped(stack.enter_context(path.open("rb")), str(path), zone))
            maker, handed, notes = makers.sort(entries, Told(zone, sheets), str(path), order.maker)
        except StudentError as e:
            raise UsageError(
                f"{path}: {e.message}" if str(path) not in e.message else e.message, mend=e.mend
            ) from None
        except OSError as e:
            raise UsageError(f"{path}: cannot be read ({e.strerror}).", mend="Check its name and rights.") from None
        out.sources.append(f"{path}: {makers.MAKERS[maker].TITLE}, {len(entries)} files")
        out.notes += notes
        if arriving.of_its_making(handed):
            told = "its files all bear one time, that of its making, it seems: it does not tell who was late."
            out.sources.append(f"{path}: {told}")
        found += [(path.name, one) for one in handed]
    return found


def _inbound(course: Course, name: str, order: Order, out: Collected, stack: ExitStack) -> list[tuple[str, Handed]]:
    """What the exchange holds."""
    root = order.archives[0] if order.archives else course.exchange
    handed, notes = stack.enter_context(exchange.inbound(root, course.name, name, owners=order.owners))
    out.sources.append(f"{root / course.name / 'inbound'}: {len(handed)} folders")
    out.notes += notes
    if not order.owners:
        out.sources.append("Who owns a folder was not looked at: whose it is, is its name's word alone.")
    return [(exchange.NAME, one) for one in handed]


def _roster(course: Course, order: Order, handed: Sequence[tuple[str, Handed]]) -> Roster:
    """The class: a file, or nbgrader's gradebook; on the exchange, without either, the system's users."""
    path = order.roster or course.roster
    if order.roster or path.is_file():
        students = roster.read(path)
    else:
        students = [Student(*row) for row in people.read(course.gradebook)]
    if not students and order.exchange:
        students = [Student(user) for user in dict.fromkeys(one.sender.label for _, one in handed)]
    if not students:
        mend = (
            f"Write {path.name} with the columns {', '.join(roster.COLUMNS)} (id alone is needed), or give --roster."
        )
        raise UsageError("Nobody knows who is in the class.", mend=mend)
    said = roster.read_said(order.said, (s.id for s in students)) if order.said and order.said.exists() else {}
    written = {csvfile.plain(one.sender.label): one.sender.label for _, one in handed}
    return Roster(students, {written.get(sender, sender): student for sender, student in said.items()})


def _matched(handed: Sequence[tuple[str, Handed]], known: Roster, order: Order, out: Collected) -> list[_Found]:
    """Those attempts of which it is clear whose they are; all others are noted as left out."""
    found = [_Found(one, source, known.find(one.sender)) for source, one in handed]
    senders: dict[str, set[str]] = {}
    for one in found:
        if one.match.student and not one.handed.part:
            senders.setdefault(one.match.student, set()).add(one.handed.sender.label)
    clear: dict[tuple[str, str], _Found] = {}
    doubted = []
    for number, one in enumerate(found):
        rivals = senders.get(one.match.student, set()) - set(known.said)
        why = one.match.doubt
        if not why and len(rivals) > 1 and one.handed.sender.label in rivals:
            why = f"{' and '.join(sorted(rivals))} would both be {one.match.student}."
        if why:
            doubted.append(one.handed.sender.label)
        if why or one.handed.fault:
            out.rows.append(Row(one.handed.sender.label, one.source, state=State.LEFT, why=why or one.handed.fault))
            continue
        key = (one.match.student, one.handed.part or f"alone {number}")
        if key in clear:
            for place, entry in one.handed.files.items():
                clear[key].handed.add(place, entry)
        else:
            clear[key] = one
    if order.said and not order.said.exists() and doubted and not order.dry:
        _write_said(order.said, dict.fromkeys(doubted))
        out.sources.append(f"{order.said}: written; fill in who is meant and collect again.")
    return list(clear.values())


def _write_said(path: Path, senders: dict[str, None]) -> None:
    try:
        with path.open("x", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("sender", "student"), *((csvfile.plain(sender), "") for sender in senders)])
    except OSError as e:
        raise UsageError(f"{path}: cannot be written ({e.strerror}).", mend="Check its name and rights.") from None


def _expected(course: Course, name: str) -> frozenset[str]:
    """Names of the files that the assignment asks for: its notebooks and its models."""
    found = set()
    for path in (course.source / name).glob("*.ipynb"):
        found.add(path.name)
        try:
            cells = notebook.read_master(path, name, sources.setting(course)).cells
        except AutograderError:
            continue
        found |= {trained.file for cell in cells if (trained := notebook.training_of(cell)) is not None}
    return frozenset(found or (path.name for path in (course.release / name).glob("*.ipynb")))


def shown(course: Course, name: str, order: Order) -> int:
    """Collects as a person asks for it, and shows it; the exit code: 0 where nothing was left out."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True, highlight=False)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Reading")
        found = collect(course, name, order, lambda done, all_: progress.update(task, completed=done, total=all_))
    show(found.rows, found.notes, found.sources, console, dry=found.dry)
    return found.code
