"""The SQLite file under the ledger: open it, read it, write it all or nothing.

Rule: whatever SQLite or the disk says comes out as a GraderError that names the file and the mend.
"""

from __future__ import annotations

import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from autograder.errors import GraderError
from autograder.gradebook import schema
from autograder.gradebook.rows import plain

STEP = 0.2
"""Seconds that SQLite itself waits for a lock: in between, Ctrl-C is heard."""
NAMES = 500
"""Values of one `IN (...)`: every SQLite takes as many."""

Values = tuple[Any, ...] | Mapping[str, Any]


class Database:
    """An open file; use it from one thread. Several processes may share the file."""

    def __init__(self, path: Path, db: sqlite3.Connection, patience: float) -> None:
        self.path = path
        self._db = db
        self._patience = patience

    @classmethod
    def open(cls, path: Path, patience: float) -> Self:
        """Opens or makes the file, its tables brought up to date; `patience`: seconds to wait for another writer."""
        with faults(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            opened = cls(path, sqlite3.connect(path, timeout=STEP, isolation_level=None), patience)
            try:
                opened._prepare()
            except BaseException:
                opened.close()
                raise
        return opened

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written within is there at the end, or nothing of it; one within another is part of it."""
        if self._db.in_transaction:
            yield
            return
        with faults(self.path):
            self._patiently("BEGIN IMMEDIATE")
            try:
                yield
                self._patiently("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def insert(self, table: str, **row: Any) -> int:
        """Adds a row and gives its number."""
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        told = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 -- names of ours, values bound
        return int(self._db.execute(told, tuple(map(plain, row.values()))).lastrowid or 0)

    def execute(self, statement: str, values: Values = ()) -> None:
        """A statement of a transaction that adds no row."""
        self._db.execute(statement, values)

    def read(self, query: str, values: Values = ()) -> list[sqlite3.Row]:
        """All rows."""
        with faults(self.path):
            return self._db.execute(query, values).fetchall()

    def among(
        self, query: str, names: Iterable[Any], values: tuple[Any, ...] = (), then: str = ""
    ) -> Iterator[sqlite3.Row]:
        """Rows of a query that ends in `IN`, for any number of names; `then` follows the names."""
        wanted = [plain(name) for name in names]
        for start in range(0, len(wanted), NAMES):
            part = wanted[start : start + NAMES]
            yield from self.read(f"{query} ({', '.join('?' * len(part))}) {then}", (*values, *part))

    def _patiently(self, statement: str) -> None:
        """Tries until another process has let go of the file, or patience ends."""
        deadline = time.monotonic() + self._patience
        while True:
            try:
                self._db.execute(statement)
            except sqlite3.OperationalError as e:
                if not locked(e) or time.monotonic() >= deadline:
                    raise
            else:
                return

    def _prepare(self) -> None:
        self._db.row_factory = sqlite3.Row
        self._patiently("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA foreign_keys = ON")
        if schema.version_of(self._db) != len(schema.STEPS):
            # Another process may be doing the same: the lock first, then the look.
            self._patiently("BEGIN IMMEDIATE")
            if schema.migrate(self._db) > len(schema.STEPS):
                mend = "Use that autograder here, or name another file under [folders] ledger in course.toml."
                raise GraderError(f"{self.path} was written by a newer autograder.", mend=mend)
            self._db.execute("COMMIT")


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """Turns what SQLite and the disk say into a GraderError that names the file and the mend."""
    try:
        yield
    except (sqlite3.Error, zlib.error, OSError) as e:
        code = getattr(e, "sqlite_errorname", "")
        if locked(e):
            said = "is locked by another process"
            mend = "Wait for the other run to end, then start this one again."
        elif code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or isinstance(e, zlib.error):
            said = f"is damaged ({e})"
            mend = f"Move it away and start again, or save what can be saved: sqlite3 {path} .recover"
        else:
            said = f"cannot be used ({e})"
            mend = "Check the folder's rights and that the disk has room; then the same command goes on."
        raise GraderError(f"{path} {said}.", mend=mend) from e


def locked(error: Exception) -> bool:
    """Whether SQLite says that another program is writing."""
    return getattr(error, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
