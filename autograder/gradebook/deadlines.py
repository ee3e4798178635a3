"""Deadlines and extensions that people entered in nbgrader's gradebook.

Rule: they are read and never written; where `course.toml` names a deadline it stands above the gradebook's.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from autograder.gradebook import nbschema
from autograder.values import Deadline


def read(url: str, assignment: str, due: datetime | None = None) -> Deadline:
    """The deadline of an assignment: `due` or the gradebook's, with every student's extension; raises GraderError."""
    if not url:
        return Deadline(due)
    engine = nbschema.engine_for(url)
    try:
        tables = nbschema.read(engine)
        if tables is None:
            return Deadline(due)
        table, submitted = tables.tables["assignment"], tables.tables["submitted_assignment"]
        with nbschema.faults(url), engine.connect() as db:
            row = db.execute(table.select().filter_by(name=assignment)).first()
            if row is None:
                return Deadline(due)
            given = submitted.c.extension.is_not(None) & (submitted.c.assignment_id == row.id)
            found = {one.student_id: one.extension for one in db.execute(submitted.select().where(given))}
        return Deadline(due or _aware(row.duedate), {s: e for s, e in found.items() if isinstance(e, timedelta)})
    finally:
        engine.dispose()


def _aware(moment: datetime | None) -> datetime | None:
    """nbgrader keeps moments in UTC, without saying so."""
    return moment.replace(tzinfo=UTC) if moment is not None else None
