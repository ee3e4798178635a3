"""Masters out of nbgrader's gradebook, where the instructor's notebooks are gone.

Rule: what is built has the gradebook's words, points and kinds of every cell. The gradebook does not know in which
order cells stand, nor the ordinary cells between them: those come from a notebook that was given out.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.errors import MasterError
from autograder.gradebook import nbschema
from autograder.gradebook.nbcells import GRADE, SOLUTION, TASK
from autograder.notebook import SCHEMA_VERSION, Setting, grade_id_of, master_of
from autograder.values import JSON, Master


def names(url: str, assignment: str) -> tuple[str, ...]:
    """Names of the notebooks that the gradebook has of an assignment; empty where it knows none."""
    return tuple(_books(url, assignment))


def master(url: str, assignment: str, name: str, given: JSON, setting: Setting) -> Master:
    """The master of one notebook, in the order of `given`, its release or a submission; raises MasterError."""
    book = _books(url, assignment)[name]
    cells = _cells(book["sources"], book["kinds"])
    last = {grade_id_of(cell): number for number, cell in enumerate(given["cells"])}
    chosen = [c for n, c in enumerate(given["cells"]) if grade_id_of(c) not in cells or last[grade_id_of(c)] == n]
    out = [_filled(cell, cells) for cell in chosen]
    if lost := sorted(set(cells) - set(last)):
        told = f"{assignment}/{name}: no notebook that was given out holds the cell {lost[0]!r} of the gradebook."
        raise MasterError(told, mend="Put the instructor's notebook back into the source folder.")
    metadata = {
        **copy.deepcopy(given["metadata"]),
        **({"kernelspec": book["kernelspec"]} if book["kernelspec"] else {}),
    }
    raw = {**{k: v for k, v in given.items() if k not in ("cells", "metadata")}, "metadata": metadata, "cells": out}
    return master_of(raw, assignment, Path(f"{name}.ipynb"), setting)


def _filled(cell: JSON, cells: Mapping[str, JSON]) -> JSON:
    """The gradebook's cell in place of the one given out; an ordinary cell as it is."""
    known = cells.get(grade_id_of(cell))
    if known is None:
        metadata = {key: value for key, value in cell["metadata"].items() if key != "nbgrader"}
        return {**copy.deepcopy(cell), "metadata": metadata}
    rest = {key: value for key, value in cell.items() if key in ("id", "attachments")}
    return {**copy.deepcopy(rest), **copy.deepcopy(known)}


def _cells(sources: list[Any], kinds: Mapping[str, Mapping[str, Any]]) -> dict[str, JSON]:
    """grade_id → the cell, with nbgrader's metadata."""
    made: dict[str, JSON] = {}
    for row in sources:
        types = kinds.get(row.name, {})
        meta = {
            "schema_version": SCHEMA_VERSION,
            "grade_id": row.name,
            "grade": GRADE in types,
            "solution": SOLUTION in types,
            "task": TASK in types,
            "locked": bool(row.locked),
        }
        points = types.get(GRADE, types.get(TASK))
        cell: JSON = {"cell_type": row.cell_type, "source": row.source, "metadata": {"nbgrader": meta}}
        if points is not None:
            meta["points"] = points
        made[row.name] = {**cell, "outputs": [], "execution_count": None} if row.cell_type == "code" else cell
    return made


def _books(url: str, assignment: str) -> dict[str, dict[str, Any]]:
    """Notebook's name → its source cells, the types of its cells with their points, its kernelspec."""
    engine = nbschema.engine_for(url)
    try:
        metadata = nbschema.read(engine)
        if metadata is None:
            return {}
        tables = metadata.tables
        with nbschema.faults(url), engine.connect() as db:
            row = db.execute(tables["assignment"].select().filter_by(name=assignment)).first()
            found = db.execute(tables["notebook"].select().filter_by(assignment_id=row.id)) if row else ()
            return {
                book.name: {
                    "sources": list(db.execute(tables["source_cell"].select().filter_by(notebook_id=book.id))),
                    "kinds": _kinds(db, tables, book.id),
                    "kernelspec": json.loads(book.kernelspec or "{}"),
                }
                for book in list(found)
            }
    finally:
        engine.dispose()


def _kinds(db: Any, tables: Any, notebook: str) -> dict[str, dict[str, Any]]:
    """Name of a cell → its types, each with its points."""
    points = {
        row.id: row.max_score for name in ("grade_cells", "task_cells") for row in db.execute(tables[name].select())
    }
    kinds: dict[str, dict[str, Any]] = {}
    for row in db.execute(tables["base_cell"].select().filter_by(notebook_id=notebook)):
        kinds.setdefault(row.name, {})[row.type] = points.get(row.id)
    return kinds
