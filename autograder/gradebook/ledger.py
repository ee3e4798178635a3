"""`ledger.db`: every grading run of every submission, for ever.

Rule: rows are only ever added, one transaction a submission; values go in and equal values come out.

The ledger is journal (a batch that died goes on from it), cache (an unchanged submission is not run again) and
history in one. One grading of one submission is an *attempt*; which attempt counts for a student is a *result*.
What was handed in is kept as well, so that a former version can be graded anew when the tests change.
"""

from __future__ import annotations

import getpass
import json
import platform
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from autograder.gradebook.database import Database
from autograder.gradebook.fingerprint import Terms, of_bytes
from autograder.gradebook.reading import Attempt, Part, Reader, Result
from autograder.gradebook.rows import attempt_row, packed_json, plain, verdict_row
from autograder.values import Grade

__all__ = ["Attempt", "Kept", "Ledger", "Part", "Result"]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a student once handed in, as it is kept; the bytes are read apart."""

    submission: int
    """Its number."""
    content: str
    """Hash of names and bytes."""
    submitted_at: datetime | None
    notes: tuple[str, ...]
    """What was passed over when it was read."""


class Ledger(Reader):
    """An open ledger; a context manager. Use it from one thread; several processes may share the file."""

    @classmethod
    def open(cls, path: Path, patience: float = 30.0) -> Self:
        """Opens or makes the ledger, its tables brought up to date; raises GraderError.

        `patience`: seconds to wait for another process that is writing.
        """
        return cls(Database.open(path, patience))

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.database.path

    def close(self) -> None:
        """Closes the file; the ledger cannot be used after."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()

    def together(self) -> AbstractContextManager[None]:
        """What is written within is there at the end, or nothing of it."""
        return self.database.transaction()

    # --- runs ---------------------------------------------------------------------------------------------

    def begin_run(
        self, command: str, versions: Mapping[str, str] | None = None, who: str = "", assignment: str | None = None
    ) -> int:
        """Opens a run and gives its number; `versions` maps packages to versions."""
        with self.together():
            return self.database.insert(
                "run",
                started=_now(),
                who=who or _user(),
                host=platform.node(),
                command=command,
                versions=packed_json(dict(versions or {})),
                assignment=assignment,
            )

    def unfinished(self, command: str, assignment: str) -> int | None:
        """The last run over an assignment, if it was the same command and did not come to its end."""
        query = "SELECT id, command, ended FROM run WHERE assignment = ? ORDER BY id DESC LIMIT 1"
        rows = self.database.read(query, (plain(assignment),))
        same = rows and rows[0]["ended"] is None and rows[0]["command"] == plain(command)
        return int(rows[0]["id"]) if same else None

    def end_run(self, run: int) -> None:
        """Notes that a run came to its end."""
        with self.together():
            self.database.execute("UPDATE run SET ended = ? WHERE id = ?", (_now(), run))

    # --- attempts and results -----------------------------------------------------------------------------

    def record(
        self,
        run: int,
        grade: Grade,
        executed: Mapping[str, bytes],
        *,
        terms: Terms | None = None,
        submission: int | None = None,
        parts: Mapping[str, Part] | None = None,
    ) -> int:
        """Keeps an attempt and its executed notebooks (notebook id → bytes), all or nothing; gives its number.

        It counts for its student once `settle` says so.
        """
        told = {"terms": terms.hash if terms is not None else None, "submission_id": submission}
        with self.together():
            if terms is not None:
                row = (terms.hash, packed_json(terms.told))
                self.database.execute("INSERT OR IGNORE INTO terms (hash, told) VALUES (?, ?)", row)
            attempt = self.database.insert("attempt", run_id=run, recorded=_now(), **told, **attempt_row(grade))
            for position, verdict in enumerate(grade.verdicts):
                self.database.insert("verdict", attempt_id=attempt, position=position, **verdict_row(verdict))
            for position, text in enumerate(grade.notes):
                self.database.insert("note", attempt_id=attempt, position=position, text=text)
            for notebook, data in executed.items():
                self.database.insert("executed", attempt_id=attempt, notebook=notebook, hash=self._content(data))
            for notebook, part in (parts or {}).items():
                known = {"fingerprint": part.fingerprint, "cell_seconds": part.cell_seconds}
                lists = {"notes": packed_json(list(part.notes)), "weights": packed_json(dict(part.weights))}
                self.database.insert("part", attempt_id=attempt, notebook=notebook, **lists, **known)
        return attempt

    def settle(self, run: int, assignment: str, results: Mapping[str, Result]) -> list[str]:
        """Says which attempt counts for each student; gives those for whom that is news, and writes no others."""
        held = self.holding(assignment, results)
        news = [student for student, one in results.items() if held.get(str(plain(student))) != one]
        if news:
            with self.together():
                for student in news:
                    one = results[student]
                    row = {"run_id": run, "attempt_id": one.attempt, "why": one.why}
                    self.database.insert("result", student=student, assignment=assignment, **row)
        return news

    # --- what was handed in -------------------------------------------------------------------------------

    def keep(
        self,
        student: str,
        assignment: str,
        content: str,
        submitted_at: datetime | None,
        files: Iterable[tuple[str, bytes]],
        notes: Sequence[str] = (),
    ) -> int:
        """Keeps a submission, unless the same was kept last; gives its number. `files`: relative name → bytes."""
        when = submitted_at.isoformat() if submitted_at is not None else None
        told = (plain(student), plain(assignment), content)
        query = """SELECT id, submitted_at FROM submission
            WHERE student = ? AND assignment = ? AND content = ? ORDER BY id DESC LIMIT 1"""
        with self.together():
            if (rows := self.database.read(query, told)) and rows[0]["submitted_at"] == when:
                return int(rows[0]["id"])
            row = {"student": student, "assignment": assignment, "content": content, "submitted_at": when}
            number = self.database.insert("submission", recorded=_now(), notes=packed_json(list(notes)), **row)
            for name, data in files:
                self.database.insert("handed_in", submission_id=number, name=name, hash=self._content(data))
        return number

    def kept(self, assignment: str, students: Iterable[str]) -> dict[str, list[Kept]]:
        """Student → all versions handed in, the oldest first; of equal bytes the last time holds."""
        query = "SELECT * FROM submission WHERE assignment = ? AND student IN"
        found: dict[str, dict[str, Kept]] = {}
        rows = self.database.among(query, students, (plain(assignment),))
        for row in sorted(rows, key=lambda row: row["id"]):
            when = datetime.fromisoformat(row["submitted_at"]) if row["submitted_at"] is not None else None
            one = Kept(row["id"], row["content"], when, tuple(json.loads(row["notes"])))
            found.setdefault(row["student"], {})[one.content] = one
        return {student: list(versions.values()) for student, versions in found.items()}

    def files(self, submission: int) -> dict[str, bytes]:
        """Relative name → bytes, of a submission that was kept."""
        query = "SELECT name, packed FROM handed_in JOIN content USING (hash) WHERE submission_id = ? ORDER BY name"
        return {row["name"]: self.unpacked(row["packed"]) for row in self.database.read(query, (submission,))}

    # --- what was written elsewhere -----------------------------------------------------------------------

    def written(self, target: str) -> str:
        """What was last noted of a file that is made from this ledger; empty if nothing was."""
        rows = self.database.read("SELECT state FROM written WHERE target = ?", (plain(target),))
        return str(rows[0]["state"]) if rows else ""

    def note_written(self, target: str, state: str) -> None:
        """Notes the state in which a file was made from this ledger."""
        with self.together():
            told = "INSERT INTO written VALUES (?, ?) ON CONFLICT (target) DO UPDATE SET state = excluded.state"
            self.database.execute(told, (plain(target), state))

    def _content(self, data: bytes) -> str:
        """Keeps bytes under their hash, once."""
        name = of_bytes(data)
        if not self.database.read("SELECT 1 FROM content WHERE hash = ?", (name,)):
            self.database.insert("content", hash=name, size=len(data), packed=zlib.compress(data, 1))
        return name


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"
