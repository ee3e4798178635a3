"""Variations of a master and of what is handed in for it.

Rule: a variation is a new value; the master that it was made of stays as it is.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from autograder import notebook
from autograder.notebook.code import clean
from autograder.values import JSON, Master, Role

FIRST_ID, LAST_ID = "check-first", "check-last"
"""nbformat's ids of the cells that a check adds."""


def solution(master: Master, answers: Mapping[str, str] | None = None) -> JSON:
    """The master's own notebook as a student might hand it in, some cells by id answered otherwise."""
    return answered(master.raw, answers or {})


def answered(raw: JSON, answers: Mapping[str, str]) -> JSON:
    """A copy of a notebook with some cells, by id, answered otherwise."""
    out = copy.deepcopy(raw)
    for cell in out["cells"]:
        cell["source"] = answers.get(notebook.grade_id_of(cell), cell["source"])
    return out


def part(master: Master, keep: Collection[int]) -> Master:
    """The master with these cells alone."""
    kept = [cell for cell in master.cells if cell.index in keep]
    cells = tuple(replace(cell, index=i) for i, cell in enumerate(kept))
    raw = {**master.raw, "cells": [master.raw["cells"][cell.index] for cell in kept]}
    return replace(master, cells=cells, raw=raw)


def rewritten(master: Master, sources: Mapping[str, str]) -> Master:
    """The master with other texts in some cells, by id."""
    return _changed(master, {name: {"source": text} for name, text in sources.items()})


def emptied(master: Master, numbers: Collection[int]) -> Master:
    """The master with those cells, by number from 1, as texts without a word; their outer metadata stays."""
    cells = tuple(replace(c, source="", role=Role.TEXT) if c.index + 1 in numbers else c for c in master.cells)
    raw = [_wordless(c) if i in numbers else c for i, c in enumerate(master.raw["cells"], 1)]
    return replace(master, cells=cells, raw={**master.raw, "cells": raw})


def _wordless(cell: JSON) -> JSON:
    metadata = {key: value for key, value in cell["metadata"].items() if key != "nbgrader"}
    return {**cell, "source": "", "metadata": metadata}


def in_kernel(master: Master) -> Master:
    """The master with every test run inside the student's process, as in nbgrader."""
    return _changed(
        master, {c.grade_id: {"own": {**c.own, "examine": "in-kernel"}} for c in master.cells if c.grade_id}
    )


def unmarked(master: Master) -> Master:
    """The master with every test run outside of the student's process."""
    return _changed(master, {c.grade_id: {"own": {**c.own, "examine": ""}} for c in master.cells if c.grade_id})


def softened(master: Master, hidden: Mapping[str, Collection[int]]) -> Master:
    """The master with visible tests that cannot fail, so that hidden ones are reached whatever was answered.

    `hidden`: test → the lines, from 1, of its hidden tests.
    """
    tests = (c for c in master.cells if c.role is Role.TEST and hidden.get(c.grade_id) and clean(c.source))
    return rewritten(master, {c.grade_id: _soft(c.source, hidden[c.grade_id]) for c in tests})


def _soft(source: str, hidden: Collection[int]) -> str:
    kept = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    body: list[ast.stmt] = []
    for node in ast.parse(clean(source)).body:
        if node.lineno in hidden or isinstance(node, kept):
            body.append(node)
        else:
            caught = ast.ExceptHandler(type=ast.Name("Exception", ast.Load()), name=None, body=[ast.Pass()])
            body.append(ast.Try(body=[node], handlers=[caught], orelse=[], finalbody=[]))
    return ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))


def _changed(master: Master, fields: Mapping[str, Mapping[str, Any]]) -> Master:
    cells = tuple(replace(c, **fields.get(c.grade_id, {})) if c.grade_id else c for c in master.cells)
    raw = {
        **master.raw,
        "cells": [_raw(old, cell.source) for old, cell in zip(master.raw["cells"], cells, strict=True)],
    }
    return replace(master, cells=cells, raw=raw)


def _raw(old: JSON, source: str) -> JSON:
    return old if old["source"] == source else {**old, "source": source}


def with_cells(raw: JSON, first: str, last: str) -> JSON:
    """A notebook with a code cell of the student's own before all others, and one behind them."""

    def cell(name: str, source: str) -> JSON:
        own = {"cell_type": "code", "id": name, "metadata": {}, "source": source}
        return {**own, "outputs": [], "execution_count": None}

    return {**raw, "cells": [cell(FIRST_ID, first), *raw["cells"], cell(LAST_ID, last)]}
