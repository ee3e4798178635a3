"""nbgrader's notebook format: metadata version 3, its checksum, the roles of cells.

Rule: no other file spells an nbgrader metadata key, a delimiter's default or the checksum's recipe.
Format: nbgrader's `nbgraderformat/v3.json`, `nbgrader.utils` and the nbformat 4 specification; tested against
nbgrader itself in tests/test_notebook.py.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograder.errors import MasterError, Ungradable
from autograder.values import JSON, Cell, Master, Role

SCHEMA_VERSION = 3
GRADE_ID = re.compile(r"[a-zA-Z0-9_\-]+")
HIDDEN_BEGIN, HIDDEN_END = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"
SOLUTION_BEGIN, SOLUTION_END = "BEGIN SOLUTION", "END SOLUTION"
MARK_BEGIN, MARK_END = "BEGIN MARK SCHEME", "END MARK SCHEME"
REGIONS = ((SOLUTION_BEGIN, SOLUTION_END), (HIDDEN_BEGIN, HIDDEN_END), (MARK_BEGIN, MARK_END))
CODE_STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
TEXT_STUB = "YOUR ANSWER HERE"
OWN = "autograder"
"""The namespace of this project's own cell metadata; nbgrader refuses unknown keys in its own."""

# (grade, solution, task, locked counts only where the first three are False) → role
_ROLES = {
    (True, False, False): Role.TEST,
    (False, True, False): Role.SOLUTION,
    (True, True, False): Role.MANUAL,
    (False, False, True): Role.TASK,
}

# What each role gets at release: (lock the cell, strip solutions, strip hidden tests, strip marking schemes).
LOCKED = {Role.READONLY: True, Role.TEST: True, Role.TASK: True, Role.SOLUTION: False, Role.MANUAL: False}


def source_of(cell: JSON) -> str:
    """Text of a cell; nbformat allows a string or a list of lines."""
    source = cell.get("source", "")
    if isinstance(source, str):
        return source
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return "".join(source)
    raise Ungradable("A cell's source is neither text nor a list of lines.", mend="Save the notebook again in Jupyter.")


def nbgrader_of(cell: JSON) -> JSON:
    """`metadata.nbgrader` of a cell, or an empty dict."""
    metadata = cell.get("metadata")
    found = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def own_of(cell: JSON) -> JSON:
    """`metadata.autograder` of a cell, or an empty dict."""
    metadata = cell.get("metadata")
    found = metadata.get(OWN) if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def role_of(cell: JSON) -> Role:
    """What the cell's metadata says it is for."""
    meta = nbgrader_of(cell)
    if not meta:
        return Role.TEXT
    role = _ROLES.get((bool(meta.get("grade")), bool(meta.get("solution")), bool(meta.get("task"))))
    if role is None:
        role = Role.READONLY if meta.get("locked") else Role.TEXT
    return role


def is_locked(cell: JSON) -> bool:
    """Effective lock, as nbgrader computes it: solutions never, graded cells always."""
    meta = nbgrader_of(cell)
    if meta.get("solution"):
        return False
    return bool(meta.get("grade") or meta.get("locked"))


def checksum(cell: JSON) -> str:
    """Nbgrader's MD5 (32 hex digits) over source, type, flags, id and points of a cell."""
    meta = nbgrader_of(cell)
    digest = hashlib.md5(usedforsecurity=False)
    grade = bool(meta.get("grade"))
    parts = [source_of(cell), str(cell.get("cell_type", "")), str(grade), str(bool(meta.get("solution"))), str(is_locked(cell))]
    if "grade_id" in meta:
        parts.append(str(meta["grade_id"]))
    if grade:
        parts.append(str(float(meta["points"])))
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def dumps(notebook: JSON) -> str:
    """The text of an `.ipynb` file as Jupyter writes it: one space of indent, lines split, a newline at the end."""
    return json.dumps(_split_lines(notebook), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _split_lines(notebook: JSON) -> JSON:
    out = dict(notebook, cells=[_split_cell(c) for c in notebook.get("cells", [])])
    return out


def _split_cell(cell: JSON) -> JSON:
    out = dict(cell)
    if isinstance(out.get("source"), str):
        out["source"] = out["source"].splitlines(keepends=True)
    if "outputs" in out:
        out["outputs"] = [_split_output(o) for o in out["outputs"]]
    return out


def _split_output(output: JSON) -> JSON:
    out = dict(output)
    if isinstance(out.get("text"), str):
        out["text"] = out["text"].splitlines(keepends=True)
    if isinstance(out.get("data"), dict):
        out["data"] = {
            mime: value.splitlines(keepends=True) if isinstance(value, str) and not mime.startswith("image/") else value
            for mime, value in out["data"].items()
        }
    return out


def loads(data: bytes, name: str) -> JSON:
    """Bytes of a file → a notebook of nbformat 4, its shape checked; raises Ungradable with the mend.

    A byte-order mark is accepted; formats before 4 are upgraded by nbformat. Every cell is sure to have a type,
    a text and a metadata dict; every code cell a list of outputs.
    """
    raw = _parse(data, name)
    cells = raw.get("cells")
    if raw.get("nbformat") != 4 or not isinstance(cells, list):
        raw = _upgrade(raw, name)
        cells = raw["cells"]
    if not isinstance(raw.get("metadata"), dict):
        raw["metadata"] = {}
    for number, cell in enumerate(cells, 1):
        _check_cell(cell, number, name)
    return raw


def _parse(data: bytes, name: str) -> JSON:
    again = "Open it in Jupyter or Colab, save it and hand it in again."
    if not data.strip():
        raise Ungradable(f"{name} is an empty file.", mend=again)
    try:
        raw = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Ungradable(f"{name} is not a text file (UTF-8), so it is not a notebook.", mend=again) from None
    except json.JSONDecodeError as e:
        raise Ungradable(f"{name} is not a notebook: its JSON breaks off at line {e.lineno} ({e.msg}).", mend=again) from None
    except (RecursionError, ValueError):
        raise Ungradable(f"{name} is not a notebook: its JSON is nested too deeply or holds an impossible number.", mend=again) from None
    if not isinstance(raw, dict):
        raise Ungradable(f"{name} is JSON, but not a notebook.", mend=again)
    return raw


def _upgrade(raw: JSON, name: str) -> JSON:
    again = "Open it in Jupyter or Colab, save it and hand it in again."
    if raw.get("nbformat") not in (1, 2, 3) or not isinstance(raw.get("worksheets", raw.get("cells")), list):
        raise Ungradable(f"{name} is JSON, but not a notebook of format 4.", mend=again)
    import nbformat

    try:
        upgraded: JSON = json.loads(nbformat.writes(nbformat.convert(nbformat.from_dict(raw), 4)))
    except Exception as e:  # nbformat raises almost anything on a mangled old notebook
        raise Ungradable(f"{name} is a notebook of an old format that cannot be read ({type(e).__name__}).", mend=again) from None
    return upgraded


def _check_cell(cell: Any, number: int, name: str) -> None:
    again = "Save the notebook again in Jupyter or Colab."
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
        raise Ungradable(f"{name}, cell {number}: not a code, text or raw cell.", mend=again)
    cell["source"] = source_of(cell)
    if not isinstance(cell.get("metadata"), dict):
        cell["metadata"] = {}
    if cell["cell_type"] == "code":
        cell["outputs"] = []
        cell["execution_count"] = None


def read_master(path: Path, assignment: str) -> Master:
    """Reads and checks an instructor's notebook; raises MasterError naming every fault at once."""
    try:
        raw = loads(path.read_bytes(), path.name)
    except OSError as e:
        raise MasterError(f"{path}: cannot be read ({e.strerror}).", mend="Check the file's name and rights.") from None
    except Ungradable as e:
        raise MasterError(f"{path}: {e.message}", mend="Save it again in Jupyter.") from None
    cells = tuple(_master_cell(i, c) for i, c in enumerate(raw["cells"]))
    problems = list(_problems(cells, raw["cells"]))
    if problems:
        raise MasterError(f"{path}: " + "; ".join(problems) + ".", mend="Mend the cells' metadata (Create Assignment in Jupyter).")
    return Master(assignment=assignment, name=path.stem, path=path, cells=cells, raw=raw)


def _master_cell(index: int, cell: JSON) -> Cell:
    meta = nbgrader_of(cell)
    points = meta.get("points", 0)
    return Cell(
        index=index,
        kind=cell["cell_type"],
        source=cell["source"],
        role=role_of(cell),
        grade_id=str(meta.get("grade_id", "")),
        points=float(points) if isinstance(points, int | float) else -1.0,
        own=own_of(cell),
    )


def _problems(cells: tuple[Cell, ...], raw: list[JSON]) -> Iterable[str]:
    """Every breach of the metadata's rules, cell by cell."""
    seen: dict[str, int] = {}
    for cell in cells:
        number = cell.index + 1
        if cell.role is Role.TEXT:
            continue
        if not GRADE_ID.fullmatch(cell.grade_id):
            yield f"cell {number}: grade_id {cell.grade_id!r} is not made of letters, digits, - and _"
        elif cell.grade_id in seen:
            yield f"cell {number}: grade_id {cell.grade_id!r} stands in cell {seen[cell.grade_id]} too"
        seen.setdefault(cell.grade_id, number)
        if cell.points < 0 or cell.points != cell.points:
            yield f"cell {number} ({cell.grade_id}): points must be a number of at least 0"
        if cell.role in (Role.TEST, Role.MANUAL, Role.TASK) and "points" not in nbgrader_of(raw[cell.index]):
            yield f"cell {number} ({cell.grade_id}): a graded cell needs points"
        if cell.kind == "markdown" and cell.role in (Role.TEST, Role.SOLUTION):
            yield f"cell {number} ({cell.grade_id}): a text cell cannot be {'a test' if cell.role is Role.TEST else 'an autograded answer'}"
        if cell.role is Role.TASK and cell.kind != "markdown":
            yield f"cell {number} ({cell.grade_id}): a task must be a markdown cell"
