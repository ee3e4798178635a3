"""The master's side of nbgrader's gradebook: assignments, notebooks and their cells.

Rule: what a person entered by hand is never deleted, so a cell with a hand-given mark outlives its master.

Rows are those that nbgrader's `SaveCells` writes. nbgrader refuses a changed set of cells once there are
submissions; here new cells are added, and those that are gone are taken out with their grades.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from autograder.errors import GraderError
from autograder.notebook import checksum, is_locked, nbgrader_of, source_of
from autograder.values import JSON, Cell, Master, Role

if TYPE_CHECKING:
    from sqlalchemy import Connection, MetaData, Table

# What each role is to nbgrader: tables of cells, each with its polymorphic type.
GRADE, SOLUTION, TASK = "GradeCell", "SolutionCell", "TaskCell"
TABLE = {GRADE: "grade_cells", SOLUTION: "solution_cells", TASK: "task_cells"}
KINDS: Mapping[Role, tuple[str, ...]] = {
    Role.TEXT: (),
    Role.READONLY: (),
    Role.TEST: (GRADE,),
    Role.SOLUTION: (SOLUTION,),
    Role.MANUAL: (GRADE, SOLUTION),
    Role.TASK: (TASK,),
}

Row = dict[str, Any]
Key = tuple[str, str]
"""Name of a cell and its type."""


def new_id() -> str:
    """A key as nbgrader makes them: 32 hex digits."""
    return uuid4().hex


def naive(moment: datetime | None) -> datetime | None:
    """A moment as nbgrader keeps it: UTC without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment is not None else None


def register(
    db: Connection,
    tables: MetaData,
    assignment: str,
    *,
    course: str,
    due: datetime | None,
    masters: Sequence[Master],
    released: Mapping[str, JSON],
) -> tuple[str, ...]:
    """Writes an assignment, its notebooks and cells; gives a sentence for each cell that had to stay."""
    key = _assignment(db, tables.tables["assignment"], assignment, course, due)
    notebook = tables.tables["notebook"]
    known = {row.name: row.id for row in db.execute(notebook.select().filter_by(assignment_id=key))}
    notes: list[str] = []
    for name in known.keys() - {m.name for m in masters}:
        notes += _retire(db, tables, known[name], _cells(db, tables, known[name]).values(), f"{assignment}/{name}")
        _drop_notebook(db, tables, known[name])
    for master in masters:
        kernel = json.dumps(master.raw.get("metadata", {}).get("kernelspec", {}))
        told = {"name": master.name, "assignment_id": key, "kernelspec": kernel}
        row = _put(db, notebook, known.get(master.name), told)
        if master.name not in released:
            mend = f"Run `autograder release {assignment}`."
            raise GraderError(f"{assignment}/{master.name} has not been released.", mend=mend)
        notes += _notebook(db, tables, row, master, released[master.name])
    return tuple(notes)


def _assignment(db: Connection, table: Table, name: str, course: str, due: datetime | None) -> str:
    """A deadline that course.toml does not name is left as it stands in the gradebook."""
    known = db.execute(table.select().filter_by(name=name)).first()
    told: Row = {"duedate": naive(due)} if due is not None else {}
    if known is None:
        told |= {"name": name, "course_id": course}
    return _put(db, table, known.id if known is not None else None, told)


def _notebook(db: Connection, tables: MetaData, key: str, master: Master, released: JSON) -> list[str]:
    """All cells of one notebook."""
    cells = [c for c in master.cells if c.role is not Role.TEXT and c.kind != "raw"]  # raw: nbgrader has no place
    wanted: dict[Key, Cell] = {(c.grade_id, kind): c for c in cells for kind in KINDS[c.role]}
    known = _cells(db, tables, key)
    gone = [known[k] for k in known.keys() - wanted.keys()]
    notes = _retire(db, tables, key, gone, f"{master.assignment}/{master.name}")
    base = tables.tables["base_cell"]
    for (name, kind), cell in wanted.items():
        told = {"max_score": cell.points, "cell_type": cell.kind} if kind != SOLUTION else {}
        identity = known.get((name, kind))
        if identity is None:
            identity = _put(db, base, None, {"name": name, "notebook_id": key, "type": kind})
            db.execute(tables.tables[TABLE[kind]].insert(), {"id": identity, **told})
        else:
            _put(db, tables.tables[TABLE[kind]], identity, told)
    _sources(db, tables.tables["source_cell"], key, [_source(c, master, released) for c in cells])
    return notes


def _source(cell: Cell, master: Master, released: JSON) -> Row:
    """A row of `source_cell`: answers as released, everything else with hidden tests and schemes."""
    raw = master.raw["cells"][cell.index]
    if cell.role in (Role.SOLUTION, Role.MANUAL):
        raw = {**raw, "source": released_source(released, cell.grade_id)}
    graded_or_locked = cell.role is not Role.TASK or is_locked(raw)
    return {
        "name": cell.grade_id,
        "cell_type": cell.kind,
        "locked": is_locked(raw),
        "source": raw["source"],
        "checksum": checksum(raw) if graded_or_locked else nbgrader_of(raw).get("checksum"),
    }


def released_source(released: JSON, grade_id: str) -> str:
    """What a released notebook's cell says; raises GraderError where the release lacks it."""
    for cell in released["cells"]:
        if nbgrader_of(cell).get("grade_id") == grade_id:
            return source_of(cell)
    raise GraderError(f"The release has no cell {grade_id!r}.", mend="Release the assignment again.")


def _sources(db: Connection, table: Table, notebook: str, rows: list[Row]) -> None:
    known = {row.name: row.id for row in db.execute(table.select().filter_by(notebook_id=notebook))}
    for row in rows:
        _put(db, table, known.pop(row["name"], None), {**row, "notebook_id": notebook})
    for identity in known.values():
        db.execute(table.delete().where(table.c.id == identity))


def _cells(db: Connection, tables: MetaData, notebook: str) -> dict[Key, str]:
    rows = db.execute(tables.tables["base_cell"].select().filter_by(notebook_id=notebook))
    return {(row.name, row.type): row.id for row in rows}


def _retire(db: Connection, tables: MetaData, notebook: str, cells: Iterable[str], where: str) -> list[str]:
    """Takes out cells with their grades and comments, save those that bear a person's word."""
    base, grade, comment = (tables.tables[n] for n in ("base_cell", "grade", "comment"))
    notes = []
    for key in cells:
        by_hand = (grade.c.manual_score.is_not(None) | grade.c.extra_credit.is_not(None)) & (grade.c.cell_id == key)
        said = comment.c.manual_comment.is_not(None) & (comment.c.cell_id == key)
        if db.execute(grade.select().where(by_hand)).first() or db.execute(comment.select().where(said)).first():
            name = db.execute(base.select().filter_by(id=key)).one().name
            notes.append(f"{where}: {name} is gone from the master; the gradebook keeps it for its hand-given marks.")
            continue
        for table in (grade, comment):
            db.execute(table.delete().where(table.c.cell_id == key))
        for name in TABLE.values():
            db.execute(tables.tables[name].delete().where(tables.tables[name].c.id == key))
        db.execute(base.delete().where(base.c.id == key))
    return notes


def _drop_notebook(db: Connection, tables: MetaData, notebook: str) -> None:
    """Takes out a notebook whose cells are all gone."""
    if _cells(db, tables, notebook):
        return
    for name in ("source_cell", "submitted_notebook"):
        db.execute(tables.tables[name].delete().where(tables.tables[name].c.notebook_id == notebook))
    db.execute(tables.tables["notebook"].delete().where(tables.tables["notebook"].c.id == notebook))


def _put(db: Connection, table: Table, key: str | None, told: Row) -> str:
    """Inserts a row under a new key, or updates the one that is there."""
    if key is None:
        key = new_id()
        db.execute(table.insert(), {"id": key, **told})
    elif told:
        db.execute(table.update().where(table.c.id == key), told)
    return key
