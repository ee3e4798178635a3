"""How many submissions nbgrader's gradebook holds.

Rule: a look costs next to nothing, so that a run without news does not load a database library.
"""

from __future__ import annotations

import contextlib
import sqlite3
from urllib.parse import quote

from autograder.gradebook import nbschema

_COUNT = """SELECT count(*) FROM submitted_assignment AS handed
    JOIN assignment ON assignment.id = handed.assignment_id WHERE assignment.name = """
_SQLITE = "sqlite:///"


def number_in(url: str, assignment: str) -> int:
    """Submissions of an assignment in the gradebook at `url`; 0 where there is none, or none that can be read so."""
    if url.startswith(_SQLITE):
        return _number_in_file(url.removeprefix(_SQLITE), assignment)
    from sqlalchemy import text

    engine = nbschema.engine_for(url)
    try:
        if nbschema.read(engine) is None:
            return 0
        with nbschema.faults(url), engine.connect() as db:
            return int(db.execute(text(f"{_COUNT}:name"), {"name": assignment}).scalar_one())
    finally:
        engine.dispose()


def _number_in_file(path: str, assignment: str) -> int:
    try:
        with contextlib.closing(sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, timeout=1.0)) as db:
            return int(db.execute(f"{_COUNT}?", (assignment,)).fetchone()[0])
    except sqlite3.Error:  # whoever opens it to write says what is wrong with it
        return 0
