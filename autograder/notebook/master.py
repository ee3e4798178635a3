"""Instructors' notebooks: read into a Master, with every fault told at once.

Rule: the master is the only authority on cells, roles, points and tests, so it is trusted only once it is sound.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import MasterError, Ungradable
from autograder.notebook.ipynb import fill_ids, loads
from autograder.notebook.metadata import (
    FLAGS,
    GRADE_ID,
    KEYS,
    SCHEMA_VERSION,
    WORDING,
    grade_id_of,
    nbgrader_of,
    own_of,
    role_of,
)
from autograder.notebook.training import training_faults
from autograder.notebook.upgrade import upgraded, version_of
from autograder.values import JSON, Cell, Master, Role, Wording


@dataclass(frozen=True, slots=True)
class Fault:
    """One breach of the metadata's rules."""

    cell: int
    """Number of the cell, from 1."""
    grade_id: str
    """The cell's id where it is in order; else empty."""
    what: str

    def __str__(self) -> str:
        return f"cell {self.cell}{f' ({self.grade_id})' if self.grade_id else ''}: {self.what}"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a course adds to each of its masters."""

    wording: Wording = WORDING
    header: Path | None = None
    """A notebook whose cells come first."""
    footer: Path | None = None
    stubs: bool = False
    """Its answers are stubs already."""


def read_master(path: Path, assignment: str, setting: Setting | None = None) -> Master:
    """Reads and checks an instructor's notebook; raises MasterError naming every fault at once."""
    master, faults = examine_master(path, assignment, setting)
    if faults:
        mend = "Mend the cells' metadata (Create Assignment in Jupyter)."
        raise MasterError(f"{path}: " + "; ".join(map(str, faults)) + ".", mend=mend)
    return master


def examine_master(path: Path, assignment: str, setting: Setting | None = None) -> tuple[Master, tuple[Fault, ...]]:
    """A master and everything that is wrong with its metadata; raises MasterError when it cannot be read at all."""
    setting = setting or Setting()
    raw = _read(path)
    raw["cells"] = [*_frame(setting.header, raw), *raw["cells"], *_frame(setting.footer, raw)]
    if raw["nbformat_minor"] >= 5:
        fill_ids(raw["cells"])
    master = master_of(raw, assignment, path, setting)
    return master, tuple(_faults(master.cells, master.raw["cells"]))


def master_of(raw: JSON, assignment: str, path: Path, setting: Setting) -> Master:
    """The master that a notebook is, as `loads` gives it; its metadata is brought up to date, in place."""
    versions = frozenset(version_of(cell) for cell in raw["cells"])
    raw["cells"] = [upgraded(cell) for cell in raw["cells"]]
    cells = tuple(_master_cell(i, c) for i, c in enumerate(raw["cells"]))
    return Master(assignment, path.stem, path, cells, raw, setting.wording, versions, setting.stubs)


def _frame(path: Path | None, inside: JSON) -> list[JSON]:
    """The cells of a header or footer, as they fit into a notebook of another minor format."""
    cells: list[JSON] = _read(path)["cells"] if path is not None else []
    with_ids = inside["nbformat_minor"] >= 5
    return [cell if with_ids else {key: v for key, v in cell.items() if key != "id"} for cell in cells]


def _read(path: Path) -> JSON:
    try:
        return loads(path.read_bytes(), path.name)
    except OSError as e:
        raise MasterError(
            f"{path}: cannot be read ({e.strerror}).", mend="Check the file's name and rights."
        ) from None
    except Ungradable as e:
        raise MasterError(f"{path}: {e.message}", mend="Save it again in Jupyter.") from None


_GRADED = (Role.TEST, Role.MANUAL, Role.TASK)


def _master_cell(index: int, cell: JSON) -> Cell:
    role = role_of(cell)
    return Cell(
        index=index,
        kind=cell["cell_type"],
        source=cell["source"],
        role=role,
        grade_id=grade_id_of(cell),
        points=_points(nbgrader_of(cell).get("points")) if role in _GRADED else 0.0,
        own=own_of(cell),
    )


def _points(value: Any) -> float:
    """A graded cell's points; NaN where they are missing or no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    return float(value)


def _faults(cells: tuple[Cell, ...], raw: list[JSON]) -> Iterable[Fault]:
    """Every breach of the metadata's rules, cell by cell."""
    seen: dict[str, int] = {}
    for cell in cells:
        number = cell.index + 1
        if cell.role is Role.TEXT:
            continue
        if not GRADE_ID.fullmatch(cell.grade_id):
            told = nbgrader_of(raw[cell.index]).get("grade_id", "")
            odd = f"grade_id {told!r} is not made of letters, digits, - and _"
            yield Fault(number, "", "the cell has no grade_id" if told == "" else odd)
        elif cell.grade_id in seen:
            yield Fault(number, "", f"grade_id {cell.grade_id!r} stands in cell {seen[cell.grade_id]} too")
        seen.setdefault(cell.grade_id, number)
        for problem in _role_problems(cell, nbgrader_of(raw[cell.index])):
            yield Fault(number, cell.grade_id, problem)


def _role_problems(cell: Cell, meta: JSON) -> Iterable[str]:
    if cell.role in _GRADED and "points" not in meta:
        yield "a graded cell needs points"
    elif not 0 <= cell.points < math.inf:
        yield "points must be a number of at least 0"
    if meta.get("task") and (meta.get("grade") or meta.get("solution")):
        yield "a task cannot be a test or an answer as well"
    if cell.kind == "markdown" and cell.role in (Role.TEST, Role.SOLUTION):
        yield f"a text cell cannot be {'a test' if cell.role is Role.TEST else 'an autograded answer'}"
    if cell.role is Role.TASK and cell.kind != "markdown":
        yield "a task must be a markdown cell"
    yield from training_faults(cell)


def format_faults(cell: JSON) -> Iterable[str]:
    """Where a master's cell departs from nbgrader's format 3, so that nbgrader would refuse to release it."""
    metadata = cell["metadata"]
    if "nbgrader" not in metadata:
        return
    meta = metadata["nbgrader"]
    if not isinstance(meta, dict):
        yield "metadata.nbgrader is no JSON object"
        return
    if meta.get("schema_version") != SCHEMA_VERSION:
        yield f"nbgrader metadata of version {meta.get('schema_version', 0)}, not {SCHEMA_VERSION}"
    for flag in FLAGS:
        if not isinstance(meta.get(flag, False if flag == "task" else None), bool):
            yield f"metadata.nbgrader.{flag} must be true or false"
    for key in sorted(set(meta) - KEYS):
        yield f"metadata.nbgrader.{key} is no key of the format"
    if cell["cell_type"] == "raw" and role_of(cell) is not Role.TEXT:
        yield "a raw cell cannot be an nbgrader cell"
