"""Deadlines and extensions that people entered in nbgrader's gradebook.

Rule: they are read and never written; where `course.toml` names a deadline it stands above the gradebook's. A look
into an SQLite file costs next to nothing, so that a run without news does not load a database library.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from autograder.errors import GraderError
from autograder.gradebook import nbschema
from autograder.gradebook.database import locked
from autograder.values import Deadline

PATIENCE = 30.0
"""Seconds to wait for another program that is writing."""
_SQLITE = "sqlite:///"
_EPOCH = datetime(1970, 1, 1)  # SQLite has no intervals: SQLAlchemy keeps the moment so long after it
_DUE = "SELECT duedate FROM assignment WHERE name = "
_EXTENDED = """SELECT student_id, extension FROM submitted_assignment AS handed
    JOIN assignment ON assignment.id = handed.assignment_id
    WHERE extension IS NOT NULL AND assignment.name = """


def read(url: str, assignment: str, due: datetime | None = None) -> Deadline:
    """The deadline of an assignment: `due` or the gradebook's, with every student's extension; raises GraderError."""
    if not url:
        return Deadline(due)
    if url.startswith(_SQLITE):
        found, extended = _in_file(url.removeprefix(_SQLITE), assignment)
    else:
        found, extended = _in_database(url, assignment)
    given = {student: wide for student, wide in extended if wide}
    return Deadline(due or (found.replace(tzinfo=UTC) if found is not None else None), given)


def _in_file(path: str, assignment: str) -> tuple[datetime | None, Iterable[tuple[str, timedelta]]]:
    try:
        with contextlib.closing(sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, timeout=PATIENCE)) as db:
            row = db.execute(f"{_DUE}?", (assignment,)).fetchone()
            rows = db.execute(f"{_EXTENDED}?", (assignment,)).fetchall()
    except sqlite3.Error as e:
        if locked(e):  # to go on without its deadlines would make late work look timely
            told = f"{path} is locked by another program."
            raise GraderError(told, mend="Close it (nbgrader, a database browser) and start again.") from None
        return None, ()  # whoever opens it to write says what is wrong with it
    due = datetime.fromisoformat(row[0]) if row and row[0] else None
    return due, [(student, datetime.fromisoformat(text) - _EPOCH) for student, text in rows]


def _in_database(url: str, assignment: str) -> tuple[datetime | None, Iterable[tuple[str, timedelta]]]:
    from sqlalchemy import text

    engine = nbschema.engine_for(url)
    try:
        if nbschema.read(engine) is None:
            return None, ()
        with nbschema.faults(url), engine.connect() as db:
            due = db.execute(text(f"{_DUE}:name"), {"name": assignment}).scalar_one_or_none()
            rows = db.execute(text(f"{_EXTENDED}:name"), {"name": assignment}).all()
            return due, [(row[0], row[1]) for row in rows]
    finally:
        engine.dispose()
