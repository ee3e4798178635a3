"""`ledger.db`: every grading run of every submission, for ever.

Rule: rows are only ever added, one transaction a submission; values go in and equal values come out.

The ledger is journal (a batch that died goes on from it), cache (`reuse`: an unchanged submission is not run
again) and history in one. A submission that was really run is an *attempt*; what a run says of a student is a
*result*, which points to an attempt of this run or of an earlier one.
"""

from __future__ import annotations

import getpass
import hashlib
import platform
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from autograder.errors import GraderError
from autograder.gradebook import schema
from autograder.gradebook.rows import attempt_row, packed_json, plain, to_grade, to_verdict, verdict_row
from autograder.values import Grade, Outcome

_PAGE = 64
"""Grades read at once when a class is walked through."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One time that a submission was really run."""

    run: int
    """Number of the run."""
    started: datetime
    """When that run began, UTC."""
    who: str
    command: str
    recorded: datetime
    """When the grade was written down, UTC."""
    grade: Grade


class Ledger:
    """An open ledger; a context manager. Use it from one thread; several processes may share the file."""

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self.path = path
        self._db = db

    @classmethod
    def open(cls, path: Path, patience: float = 30.0) -> Self:
        """Opens or makes the ledger, its tables brought up to date; raises GraderError.

        `patience`: seconds to wait for another process that is writing.
        """
        with _faults(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(path, timeout=patience, isolation_level=None)
            try:
                _prepare(db, path)
            except BaseException:
                db.close()
                raise
        return cls(path, db)

    def close(self) -> None:
        """Closes the file; the ledger cannot be used after."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()

    def begin_run(self, command: str, versions: Mapping[str, str] | None = None, who: str = "") -> int:
        """Opens a run and gives its number; `versions` maps packages to versions."""
        with self._transaction():
            row = (_now(), who or _user(), platform.node(), command, packed_json(dict(versions or {})))
            told = "INSERT INTO run (started, who, host, command, versions) VALUES (?, ?, ?, ?, ?)"
            return int(self._db.execute(told, tuple(map(plain, row))).lastrowid or 0)

    def record(self, run: int, grade: Grade, executed: Mapping[str, bytes]) -> None:
        """Keeps a grade and its executed notebooks (notebook id → bytes), all or nothing."""
        with self._transaction():
            attempt = self._insert("attempt", run_id=run, recorded=_now(), **attempt_row(grade))
            for position, verdict in enumerate(grade.verdicts):
                self._insert("verdict", attempt_id=attempt, position=position, **verdict_row(verdict))
            for position, text in enumerate(grade.notes):
                self._insert("note", attempt_id=attempt, position=position, text=text)
            for notebook, data in executed.items():
                self._insert("executed", attempt_id=attempt, notebook=notebook, hash=self._content(data))
            self._point(run, attempt, grade.student, grade.assignment)

    def find(self, student: str, assignment: str, fingerprint: str) -> Grade | None:
        """The latest grade made from exactly this, unless something of it was left unscored."""
        found = self._cached(student, assignment, fingerprint)
        return self._grade(found) if found is not None else None

    def reuse(self, run: int, student: str, assignment: str, fingerprint: str) -> Grade | None:
        """As `find`, and writes down that `run` lets that grade stand, so that it is the latest."""
        found = self._cached(student, assignment, fingerprint)
        if found is None:
            return None
        with self._transaction():
            self._point(run, found, student, assignment)
        return self._grade(found)

    def each(self, assignment: str) -> Iterator[Grade]:
        """The latest grade of every student, by name, a page at a time: a class takes no memory."""
        after: str | None = None
        query = """SELECT student, attempt_id FROM result WHERE id IN (
            SELECT max(id) FROM result WHERE assignment = :a AND (:s IS NULL OR student > :s)
            GROUP BY student ORDER BY student LIMIT :n) ORDER BY student"""
        while True:
            rows = self._read(query, {"a": plain(assignment), "s": after, "n": _PAGE})
            for row in rows:
                yield self._grade(row["attempt_id"])
            if len(rows) < _PAGE:
                return
            after = rows[-1]["student"]

    def latest(self, assignment: str) -> list[Grade]:
        """The latest grade of every student, sorted by name."""
        return list(self.each(assignment))

    def executed(self, student: str, assignment: str) -> dict[str, bytes]:
        """Notebook id → bytes of the executed notebook, for the latest grade; empty if there is none."""
        query = """SELECT notebook, packed FROM executed JOIN content USING (hash) WHERE attempt_id = (
            SELECT attempt_id FROM result WHERE assignment = ? AND student = ? ORDER BY id DESC LIMIT 1)
            ORDER BY notebook"""
        rows = self._read(query, (plain(assignment), plain(student)))
        with _faults(self.path):
            return {row["notebook"]: zlib.decompress(row["packed"]) for row in rows}

    def history(self, student: str, assignment: str) -> list[Attempt]:
        """Every attempt at this student's submissions, the oldest first."""
        query = """SELECT attempt.id, run_id, started, who, command, recorded
            FROM attempt JOIN run ON run.id = run_id
            WHERE student = ? AND assignment = ? ORDER BY attempt.id"""
        return [
            Attempt(
                run=row["run_id"],
                started=datetime.fromisoformat(row["started"]),
                who=row["who"],
                command=row["command"],
                recorded=datetime.fromisoformat(row["recorded"]),
                grade=self._grade(row["id"]),
            )
            for row in self._read(query, (plain(student), plain(assignment)))
        ]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _faults(self.path):
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _insert(self, table: str, **row: Any) -> int:
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        told = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 -- names of ours, values bound
        return int(self._db.execute(told, tuple(map(plain, row.values()))).lastrowid or 0)

    def _content(self, data: bytes) -> str:
        """Keeps bytes under their hash, once."""
        name = hashlib.sha256(data).hexdigest()
        if self._db.execute("SELECT 1 FROM content WHERE hash = ?", (name,)).fetchone() is None:
            self._insert("content", hash=name, size=len(data), packed=zlib.compress(data))
        return name

    def _point(self, run: int, attempt: int, student: str, assignment: str) -> None:
        self._insert("result", run_id=run, attempt_id=attempt, student=student, assignment=assignment)

    def _cached(self, student: str, assignment: str, fingerprint: str) -> int | None:
        query = """SELECT id FROM attempt WHERE student = ? AND assignment = ? AND fingerprint = ?
            AND NOT EXISTS (SELECT 1 FROM verdict WHERE attempt_id = attempt.id AND outcome = ?)
            ORDER BY id DESC LIMIT 1"""
        if not fingerprint:
            return None
        told = (plain(student), plain(assignment), plain(fingerprint), Outcome.UNSCORED.value)
        rows = self._read(query, told)
        return int(rows[0]["id"]) if rows else None

    def _grade(self, attempt: int) -> Grade:
        row = self._read("SELECT * FROM attempt WHERE id = ?", (attempt,))[0]
        verdicts = self._read("SELECT * FROM verdict WHERE attempt_id = ? ORDER BY position", (attempt,))
        notes = self._read("SELECT text FROM note WHERE attempt_id = ? ORDER BY position", (attempt,))
        return to_grade(row, tuple(map(to_verdict, verdicts)), tuple(n["text"] for n in notes))

    def _read(self, query: str, values: tuple[Any, ...] | dict[str, Any]) -> list[sqlite3.Row]:
        with _faults(self.path):
            return self._db.execute(query, values).fetchall()


def _prepare(db: sqlite3.Connection, path: Path) -> None:
    """Sets the connection up and migrates; raises sqlite3.Error or GraderError."""
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA foreign_keys = ON")
    if schema.version_of(db) != len(schema.STEPS):
        # Another process may be doing the same: the lock first, then the look.
        db.execute("BEGIN IMMEDIATE")
        if schema.migrate(db) > len(schema.STEPS):
            mend = "Use that autograder here, or name another file under [folders] ledger in course.toml."
            raise GraderError(f"{path} was written by a newer autograder.", mend=mend)
        db.execute("COMMIT")


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    """Turns what SQLite and the disk say into a GraderError that names the file and the mend."""
    try:
        yield
    except (sqlite3.Error, zlib.error, OSError) as e:
        code = getattr(e, "sqlite_errorname", "")
        if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            said, mend = (
                "is locked by another process",
                "Wait for the other run to end, then start this one again.",
            )
        elif code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or isinstance(e, zlib.error):
            said = f"is damaged ({e})"
            mend = f"Move it away and start again, or save what can be saved: sqlite3 {path} .recover"
        else:
            said = f"cannot be used ({e})"
            mend = "Check the folder's rights and that the disk has room."
        raise GraderError(f"{path} {said}.", mend=mend) from e


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"
