"""Masters made by hand: one builder a kind of cell, and notebooks that hold every kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from autograder import notebook
from autograder.values import JSON, Master

FLAGS = {
    "readonly": (False, False, True, False),
    "test": (True, False, True, False),
    "solution": (False, True, False, False),
    "manual": (True, True, False, False),
    "task": (False, False, True, True),
    "task-unlocked": (False, False, False, True),
}
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def cell(source: str | list[str], kind: str = "code", role: str = "", **more: Any) -> JSON:
    """A cell as Jupyter and Create Assignment make it; `more` are further keys of the cell."""
    metadata: JSON = dict(more.pop("metadata", {}))
    if role:
        grade, solution, locked, task = FLAGS[role]
        meta: JSON = {"schema_version": 3, "grade": grade, "solution": solution, "locked": locked, "task": task}
        meta["grade_id"] = more.pop("grade_id", "an-id")
        if grade or task:
            meta["points"] = more.pop("points", 2)
        metadata["nbgrader"] = meta
    out: JSON = {"cell_type": kind, "metadata": metadata, "source": source, **more}
    if kind == "code":
        out.setdefault("outputs", [{"output_type": "stream", "name": "stdout", "text": "left over\n"}])
        out.setdefault("execution_count", 7)
    return out


def raw(*cells: JSON, minor: int = 5, metadata: JSON | None = None, ids: bool = True) -> JSON:
    """A notebook of those cells."""
    for number, each in enumerate(cells):
        if minor >= 5 and ids:
            each.setdefault("id", f"cell-{number}")
    return {
        "nbformat": 4,
        "nbformat_minor": minor,
        "metadata": KERNEL if metadata is None else metadata,
        "cells": list(cells),
    }


def master(folder: Path, *cells: JSON, name: str = "hand", **more: Any) -> Master:
    """Writes such a notebook into `folder` and reads it as a master of the assignment `ps`."""
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps(raw(*cells, **more)), encoding="utf-8")
    return notebook.read_master(path, "ps")
