"""What can be read from the ledger.

Rule: nothing here writes, and a class is walked through a page at a time, so that it takes no memory.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from autograder.gradebook.database import Database, faults
from autograder.gradebook.rows import moment, plain, to_grade, to_verdict
from autograder.values import Grade, Outcome, Status, Verdict

PAGE = 256
"""Grades read at once."""
LATEST = 4
"""Attempts at a student's submissions among which a notebook that need not be run again is sought."""


@dataclass(frozen=True, slots=True)
class Part:
    """One notebook of an attempt: with it, the next attempt need not run the notebook again."""

    fingerprint: str
    """Of all that its verdicts depend on."""
    verdicts: tuple[Verdict, ...]
    executed: bytes
    cell_seconds: float
    notes: tuple[str, ...] = ()
    """What happened while it ran, one sentence each."""
    weights: Mapping[str, str] = field(default_factory=dict)
    """Model file, as the master names it → hash of its weights."""


@dataclass(frozen=True, slots=True)
class Result:
    """What counts for a student."""

    attempt: int
    """Number of the attempt."""
    why: str = ""
    """One sentence, where there was a choice."""


@dataclass(frozen=True, slots=True)
class Row:
    """A result with its number and its grade."""

    number: int
    attempt: int
    grade: Grade


@dataclass(frozen=True, slots=True)
class Short:
    """A grade that counts without its verdicts, as it was written down."""

    student: str
    attempt: int
    status: Status
    score: float
    max_score: float
    seconds: float
    late_penalty: float
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One time that a submission was graded."""

    run: int
    """Number of the run."""
    started: datetime
    """When that run began, UTC."""
    who: str
    command: str
    recorded: datetime
    """When the grade was written down, UTC."""
    grade: Grade = field(repr=False)


class Reader:
    """The reading half of a ledger."""

    def __init__(self, database: Database) -> None:
        self.database = database
        """For the other modules of this room."""

    # --- what a run looks up ------------------------------------------------------------------------------

    def known(self, assignment: str, wanted: Iterable[tuple[str, str]], since: int = 0) -> dict[tuple[str, str], int]:
        """(student, fingerprint) → the latest attempt made from exactly this, unless it left something unscored.

        `since`: the first run whose attempts are believed.
        """
        pairs = {(str(plain(student)), fingerprint) for student, fingerprint in wanted if fingerprint}
        query = """SELECT id, student, fingerprint FROM attempt WHERE assignment = ? AND run_id >= ?
            AND NOT EXISTS (SELECT 1 FROM verdict WHERE attempt_id = attempt.id AND outcome = ?) AND student IN"""
        told = (plain(assignment), since, Outcome.UNSCORED.value)
        rows = self.database.among(query, {student for student, _ in pairs}, told)
        found = sorted((row["id"], (row["student"], row["fingerprint"])) for row in rows)
        return {pair: attempt for attempt, pair in found if pair in pairs}

    def holding(self, assignment: str, students: Iterable[str]) -> dict[str, Result]:
        """What counts now, of those students for whom anything does."""
        # Beside max() SQLite takes the other columns from the row that has it.
        query = "SELECT max(id), student, attempt_id, why FROM result WHERE assignment = ? AND student IN"
        rows = self.database.among(query, students, (plain(assignment),), "GROUP BY student")
        return {row["student"]: Result(row["attempt_id"], row["why"]) for row in rows}

    def parts(self, student: str, assignment: str) -> dict[str, Part]:
        """Fingerprint → what is known of a notebook of this student's, unless a test in it is unscored."""
        query = """SELECT part.*, content.packed FROM part
            JOIN executed USING (attempt_id, notebook) JOIN content USING (hash) WHERE attempt_id IN (
            SELECT id FROM attempt WHERE student = ? AND assignment = ? ORDER BY id DESC LIMIT ?)
            ORDER BY attempt_id"""
        rows = self.database.read(query, (plain(student), plain(assignment), LATEST))
        found = {row["fingerprint"]: self._part(row) for row in rows}
        return {
            mark: part
            for mark, part in found.items()
            if all(verdict.outcome is not Outcome.UNSCORED for verdict in part.verdicts)
        }

    def _part(self, row: sqlite3.Row) -> Part:
        query = "SELECT * FROM verdict WHERE attempt_id = ? AND notebook = ? ORDER BY position"
        verdicts = tuple(map(to_verdict, self.database.read(query, (row["attempt_id"], row["notebook"]))))
        told = (tuple(json.loads(row["notes"])), json.loads(row["weights"]))
        return Part(row["fingerprint"], verdicts, self.unpacked(row["packed"]), row["cell_seconds"], *told)

    def seconds(self, assignment: str) -> dict[str, float]:
        """Student → seconds that the latest attempt took."""
        query = """SELECT student, seconds FROM attempt WHERE id IN (
            SELECT max(id) FROM attempt WHERE assignment = ? GROUP BY student)"""
        return {row["student"]: row["seconds"] for row in self.database.read(query, (plain(assignment),))}

    def weights(self, assignment: str) -> dict[tuple[str, str, str], list[str]]:
        """(notebook, model file, hash of its weights) → the students whose grade that counts was made with it."""
        query = """SELECT student, notebook, weights FROM part JOIN result USING (attempt_id) WHERE result.id IN (
            SELECT max(id) FROM result WHERE assignment = ? GROUP BY student) ORDER BY student"""
        found: dict[tuple[str, str, str], list[str]] = {}
        for row in self.database.read(query, (plain(assignment),)):
            for file, mark in json.loads(row["weights"]).items():
                found.setdefault((row["notebook"], file, mark), []).append(row["student"])
        return found

    # --- what people and reports read ---------------------------------------------------------------------

    def each(self, assignment: str) -> Iterator[Grade]:
        """The grade that counts of every student, by name."""
        for row in self.results(assignment):
            yield row.grade

    def results(self, assignment: str, after: int = 0) -> Iterator[Row]:
        """What counts for every student, by name; of the results above number `after`."""
        query = """SELECT id, student, attempt_id, why FROM result WHERE id IN (
            SELECT max(id) FROM result WHERE assignment = :a AND student > :s
            GROUP BY student ORDER BY student LIMIT :n) ORDER BY student"""
        last = ""
        while True:
            rows = self.database.read(query, {"a": plain(assignment), "s": last, "n": PAGE})
            wanted = [row for row in rows if row["id"] > after]
            grades = self.grades(row["attempt_id"] for row in wanted)
            for row in wanted:
                yield Row(row["id"], row["attempt_id"], _told(grades[row["attempt_id"]], row["why"]))
            if len(rows) < PAGE:
                return
            last = rows[-1]["student"]

    def shorts(self, assignment: str) -> Iterator[list[Short]]:
        """What counts for every student, by name, some at a time, without verdicts."""
        query = """SELECT result.student, attempt.id, status, score, max_score, seconds, late_penalty, submitted_at
            FROM result JOIN attempt ON attempt.id = attempt_id WHERE result.id IN (
            SELECT max(id) FROM result WHERE assignment = :a AND student > :s
            GROUP BY student ORDER BY student LIMIT :n) ORDER BY result.student"""
        last = ""
        while rows := self.database.read(query, {"a": plain(assignment), "s": last, "n": PAGE}):
            yield [
                Short(student, attempt, Status(status), score, most, seconds, taken, moment(when))
                for student, attempt, status, score, most, seconds, taken, when in rows
            ]
            last = rows[-1]["student"]

    def extent(self, assignment: str | None = None) -> tuple[int, int]:
        """Number of the newest result, and of the students who have one; of all assignments if none is named."""
        query = """SELECT coalesce(max(id), 0), count(DISTINCT student) FROM result
            WHERE :a IS NULL OR assignment = :a"""
        newest, students = self.database.read(query, {"a": plain(assignment)})[0]
        return newest, students

    def assignments(self) -> list[str]:
        """Names of all assignments of which somebody has a result, sorted."""
        return [row[0] for row in self.database.read("SELECT DISTINCT assignment FROM result ORDER BY 1")]

    def latest(self, assignment: str) -> list[Grade]:
        """The grade that counts of every student, sorted by name."""
        return list(self.each(assignment))

    def grades(self, attempts: Iterable[int], *, brief: bool = False) -> dict[int, Grade]:
        """Attempt → its grade, all read at once; `brief`: without verdicts and notes."""
        numbers = list(attempts)
        verdicts = {} if brief else self._grouped("verdict", numbers)
        notes = {} if brief else self._grouped("note", numbers)
        return {
            row["id"]: to_grade(
                row,
                tuple(map(to_verdict, verdicts.get(row["id"], ()))),
                tuple(note["text"] for note in notes.get(row["id"], ())),
            )
            for row in self.database.among("SELECT * FROM attempt WHERE id IN", numbers)
        }

    def _grouped(self, table: str, attempts: list[int]) -> dict[int, list[sqlite3.Row]]:
        """Attempt → its rows of a table, in their order."""
        query = f"SELECT * FROM {table} WHERE attempt_id IN"  # noqa: S608 -- a name of ours
        found: dict[int, list[sqlite3.Row]] = {}
        for row in sorted(self.database.among(query, attempts), key=lambda row: row["position"]):
            found.setdefault(row["attempt_id"], []).append(row)
        return found

    def of(self, assignment: str, students: Iterable[str]) -> list[Grade]:
        """The grade that counts of each of these students who has one, sorted by name."""
        held = self.holding(assignment, students)
        grades = self.grades(one.attempt for one in held.values())
        return [_told(grades[one.attempt], one.why) for _, one in sorted(held.items())]

    def executed(self, student: str, assignment: str) -> dict[str, bytes]:
        """Notebook id → bytes of the executed notebook, for the grade that counts; empty if there is none."""
        found = self.holding(assignment, [student])
        return self.executed_in(found[str(plain(student))].attempt) if found else {}

    def executed_in(self, attempt: int) -> dict[str, bytes]:
        """Notebook id → bytes of the executed notebook that an attempt left."""
        query = "SELECT notebook, packed FROM executed JOIN content USING (hash) WHERE attempt_id = ?"
        return {row["notebook"]: self.unpacked(row["packed"]) for row in self.database.read(query, (attempt,))}

    def history(self, student: str, assignment: str) -> list[Attempt]:
        """Every attempt at this student's submissions, the oldest first."""
        query = """SELECT attempt.id, run_id, started, who, command, recorded
            FROM attempt JOIN run ON run.id = run_id
            WHERE student = ? AND attempt.assignment = ? ORDER BY attempt.id"""
        rows = self.database.read(query, (plain(student), plain(assignment)))
        grades = self.grades(row["id"] for row in rows)
        return [
            Attempt(
                run=row["run_id"],
                started=datetime.fromisoformat(row["started"]),
                who=row["who"],
                command=row["command"],
                recorded=datetime.fromisoformat(row["recorded"]),
                grade=grades[row["id"]],
            )
            for row in rows
        ]

    def unpacked(self, packed: bytes) -> bytes:
        """Content as it was before it was packed."""
        with faults(self.database.path):
            return zlib.decompress(packed)


def _told(grade: Grade, why: str) -> Grade:
    return replace(grade, notes=(*grade.notes, why)) if why else grade
