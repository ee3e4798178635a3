"""nbgrader's gradebook.db: formgrader and `nbgrader export` find in it what nbgrader would leave.

Rule: the gradebook is written from the ledger; what people enter in it is read and never written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, Self

from autograder.errors import GraderError
from autograder.gradebook import nbcells, nbgrades, nbschema
from autograder.gradebook.marks import Key, Mark, in_file, read_marks
from autograder.gradebook.nbgrades import Entry
from autograder.values import JSON, Master

if TYPE_CHECKING:
    from sqlalchemy import Engine, MetaData

__all__ = ["Book", "Entry", "read_manual"]

_SQLITE = "sqlite:///"
BATCH = 100
"""Submissions written in one transaction."""


class Book:
    """An open gradebook; a context manager."""

    def __init__(self, engine: Engine, tables: MetaData, course: str) -> None:
        self._engine = engine
        self._tables = tables
        self._course = course

    @classmethod
    def open(cls, url: str, course: str = nbschema.COURSE, patience: float = 30.0) -> Self:
        """Opens the gradebook at nbgrader's `db_url`, or makes it; raises GraderError.

        `course` is nbgrader's course_id for assignments that are new; `patience`: seconds to wait for a lock.
        """
        engine = nbschema.engine_for(url, patience)
        try:
            return cls(engine, nbschema.prepare(engine, course), course or nbschema.COURSE)
        except BaseException:
            engine.dispose()
            raise

    def close(self) -> None:
        """Closes the connection."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()

    def register(
        self, assignment: str, due: datetime | None, masters: Sequence[Master], released: Mapping[str, JSON]
    ) -> tuple[str, ...]:
        """Enters an assignment and all its cells, all or nothing; to be called before `write`.

        `released`: notebook id → the released notebook, whose answers are those that count as no response.
        Gives one sentence for each cell that is gone from the master, but bears a person's mark and stays.
        """
        with nbschema.faults(str(self._engine.url)), self._engine.begin() as db:
            return nbcells.register(
                db, self._tables, assignment, course=self._course, due=due, masters=masters, released=released
            )

    def write(self, assignment: str, entries: Iterable[Entry]) -> int:
        """Writes submissions of a registered assignment and gives their number.

        A batch is one transaction; only a batch, and one assignment's keys, are in memory. Of several entries
        for a student in one batch the last counts.
        """
        written, waiting = 0, iter(entries)
        with nbschema.faults(str(self._engine.url)):
            with self._engine.connect() as db:
                key, keys = nbgrades.load_keys(db, self._tables, assignment)
            while batch := list(islice(waiting, BATCH)):
                _same_assignment(assignment, batch)
                with self._engine.begin() as db:
                    nbgrades.write(db, self._tables, key, keys, batch)
                written += len(batch)
        return written


def _same_assignment(assignment: str, batch: Sequence[Entry]) -> None:
    for entry in batch:
        if entry.grade.assignment != assignment:
            raise GraderError(f"A grade of {entry.grade.assignment} cannot be entered under {assignment}.")


def read_manual(url: str, assignment: str) -> dict[Key, Mark]:
    """Marks that people entered for an assignment; empty where there is no gradebook.

    Keys are (student, notebook, cell). A cell stands here for a manual score or extra credit.
    """
    if url.startswith(_SQLITE) and (found := in_file(url.removeprefix(_SQLITE), assignment)) is not None:
        return found
    engine = nbschema.engine_for(url)
    try:
        if nbschema.read(engine) is None:
            return {}
        with nbschema.faults(url), engine.connect() as db:
            return read_marks(db, assignment)
    finally:
        engine.dispose()
