"""nbgrader's notebook format: metadata version 3, its checksum, the roles of cells.

Rule: no other file spells an nbgrader metadata key, a delimiter's default or the checksum's recipe.
Format: nbgrader's `nbgraderformat/v3.json`, `nbgrader.utils` and the nbformat 4 specification; tested against
nbgrader itself in tests/test_notebook.py.
"""

from __future__ import annotations

import copy
import hashlib
import json
import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograder.errors import MasterError, Ungradable
from autograder.values import JSON, Cell, Master, Role

SCHEMA_VERSION = 3
FLAGS = ("grade", "solution", "locked", "task")
_KEYS = {*FLAGS, "schema_version", "grade_id", "points", "checksum", "cell_type"}
GRADE_ID = re.compile(r"[a-zA-Z0-9_\-]+")
HIDDEN_BEGIN, HIDDEN_END = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"
SOLUTION_BEGIN, SOLUTION_END = "BEGIN SOLUTION", "END SOLUTION"
MARK_BEGIN, MARK_END = "BEGIN MARK SCHEME", "END MARK SCHEME"
REGIONS = ((SOLUTION_BEGIN, SOLUTION_END), (HIDDEN_BEGIN, HIDDEN_END), (MARK_BEGIN, MARK_END))
CODE_STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
TEXT_STUB = "YOUR ANSWER HERE"
CODE_STUBS = {
    "python": CODE_STUB,
    "R": "# YOUR CODE HERE\nfail()",
    "matlab": "% YOUR CODE HERE\nerror('No Answer Given!')",
    "octave": "% YOUR CODE HERE\nerror('No Answer Given!')",
    "sas": "/* YOUR CODE HERE */\n %notImplemented;",
    "java": "// YOUR CODE HERE",
}
"""nbgrader's stub for the language that a notebook's kernelspec names; Python where it names none."""
MAX_DEPTH = 100
"""Levels of JSON in a notebook; rich outputs of honest notebooks stay below 20."""
_TRANSIENT = ("orig_nbformat", "orig_nbformat_minor", "signature")  # nbformat never writes these
_AGAIN = "Open it in Jupyter or Colab, save it and hand it in again."
OWN = "autograder"
"""The namespace of this project's own cell metadata; nbgrader refuses unknown keys in its own."""

# (grade, solution, task) → role; `locked` counts only where all three are False. A task that claims to be a
# test or an answer too is refused by read_master; until then it is a task, lest its points pass unseen.
_ROLES = {
    (True, False, False): Role.TEST,
    (False, True, False): Role.SOLUTION,
    (True, True, False): Role.MANUAL,
    (False, False, True): Role.TASK,
    (True, False, True): Role.TASK,
    (False, True, True): Role.TASK,
    (True, True, True): Role.TASK,
}

# Whether the master's text stands in a submission, whatever the student made of it.
LOCKED = {Role.READONLY: True, Role.TEST: True, Role.TASK: True, Role.SOLUTION: False, Role.MANUAL: False}


def source_of(cell: JSON) -> str:
    """Text of a cell; nbformat allows a string or a list of lines."""
    source = cell.get("source", "")
    if isinstance(source, str):
        return source
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return "".join(source)
    raise Ungradable("A cell's source is neither text nor a list of lines.", mend=_AGAIN)


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
    flags = (grade, bool(meta.get("solution")), is_locked(cell))
    parts = [source_of(cell), str(cell.get("cell_type", "")), *map(str, flags)]
    if "grade_id" in meta:
        parts.append(str(meta["grade_id"]))
    if grade:
        parts.append(str(float(meta["points"])))
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def grade_id_of(cell: JSON) -> str:
    """The id that a cell claims; empty where it claims none, or something that is no text."""
    found = nbgrader_of(cell).get("grade_id")
    return found if isinstance(found, str) else ""


def restored_metadata(original: JSON, text: str) -> JSON:
    """A master's cell metadata as nbgrader writes it into a release or a submission: a copy, locked and sealed.

    `text` is what the checksum is taken of: in a release the text that is released; in a graded submission
    the master's whole text of a locked cell, the released text of an answer.
    """
    metadata: JSON = copy.deepcopy(original["metadata"])
    meta = nbgrader_of(original) and metadata["nbgrader"]
    if not meta:
        return metadata
    if meta.get("schema_version") != SCHEMA_VERSION:
        meta.update({flag: bool(meta.get(flag)) for flag in FLAGS}, schema_version=SCHEMA_VERSION)
    locked = is_locked(original)
    if meta.get("grade") or meta.get("solution") or locked:
        metadata["deletable"] = False
        meta["cell_type"] = original["cell_type"]
        meta["checksum"] = checksum({**original, "source": text})
    if locked:
        metadata["editable"] = False
    return metadata


def changed_settings(cell: JSON, original: JSON) -> list[str]:
    """Names of the settings in which a handed-in cell departs from the master's (type, flags, points)."""
    ours, theirs = nbgrader_of(original), nbgrader_of(cell)
    names = [flag for flag in FLAGS if theirs.get(flag, False) is not bool(ours.get(flag))]
    # A release made of an old master says version 3, or the master's own: both are honest.
    if theirs.get("schema_version") not in (SCHEMA_VERSION, ours.get("schema_version")):
        names.append("schema_version")
    if ours.get("grade") and not _same_number(ours.get("points"), theirs.get("points")):
        names.append("points")
    if cell.get("cell_type") != original["cell_type"]:
        names.insert(0, "cell type")
    return names


def _same_number(ours: Any, theirs: Any) -> bool:
    return isinstance(theirs, int | float) and not isinstance(theirs, bool) and theirs == ours


def dumps(notebook: JSON) -> str:
    """The text of an `.ipynb` file as nbformat writes it, byte for byte: keys sorted, lines split."""
    out = dict(notebook, cells=[_split_cell(c) for c in notebook.get("cells", [])])
    if isinstance(out.get("metadata"), dict):
        out["metadata"] = {k: v for k, v in out["metadata"].items() if k not in _TRANSIENT}
    return json.dumps(out, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _split_cell(cell: JSON) -> JSON:
    out = dict(cell)
    if isinstance(out.get("source"), str):
        out["source"] = out["source"].splitlines(keepends=True)
    if isinstance(out.get("metadata"), dict) and "trusted" in out["metadata"]:
        out["metadata"] = {k: v for k, v in out["metadata"].items() if k != "trusted"}
    if isinstance(out.get("attachments"), dict):
        out["attachments"] = {name: _split_bundle(bundle) for name, bundle in out["attachments"].items()}
    if out.get("cell_type") == "code" and isinstance(out.get("outputs"), list):
        out["outputs"] = [_split_output(o) for o in out["outputs"]]
    return out


def _split_output(output: JSON) -> JSON:
    out = dict(output)
    if out.get("output_type") == "stream" and isinstance(out.get("text"), str):
        out["text"] = out["text"].splitlines(keepends=True)
    if out.get("output_type") in ("execute_result", "display_data") and "data" in out:
        out["data"] = _split_bundle(out["data"])
    return out


def _split_bundle(data: Any) -> Any:
    """Splits the textual entries of a MIME bundle; whatever is no bundle stays as it is."""
    if not isinstance(data, dict):
        return data
    return {
        mime: value.splitlines(keepends=True) if isinstance(value, str) and _is_text(mime) else value
        for mime, value in data.items()
    }


def _is_text(mime: str) -> bool:
    return mime.startswith("text/") or mime in ("application/javascript", "image/svg+xml")


def loads(data: bytes, name: str) -> JSON:
    """Bytes of a file → a notebook of nbformat 4, its shape checked; raises Ungradable with the mend.

    A byte-order mark is accepted; formats before 4 are upgraded by nbformat. Every cell is sure to have a
    type, a text and a metadata dict; every code cell an empty list of outputs. Where the format wants cell
    ids, missing and repeated ones are made from the cell's text, so the same file gives the same notebook.
    """
    raw = _parse(data, name)
    cells = raw.get("cells")
    if raw.get("nbformat") != 4 or not isinstance(cells, list):
        _check_depth(raw, name)
        raw = _upgrade(raw, name)
        cells = raw["cells"]
    if not isinstance(raw.get("metadata"), dict):
        raw["metadata"] = {}
    for number, cell in enumerate(cells, 1):
        _check_cell(cell, number, name)
    _check_depth(raw, name)  # only now: outputs, the bulk of a notebook, are gone
    if not isinstance(raw.get("nbformat_minor"), int):
        raw["nbformat_minor"] = 5 if any("id" in cell for cell in cells) else 4
    if raw["nbformat_minor"] >= 5:
        _fill_ids(cells)
    return raw


def _check_depth(raw: JSON, name: str) -> None:
    """Data nested deeper than any honest notebook would overrun the stack of whatever walks them later."""
    level: list[Any] = [raw]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise Ungradable(f"{name} is not a notebook: its JSON is nested more than {MAX_DEPTH} deep.", mend=_AGAIN)


def _fill_ids(cells: list[JSON]) -> None:
    seen: set[str] = set()
    for index, cell in enumerate(cells):
        if not isinstance(cell.get("id"), str) or cell["id"] in seen:
            salt = f"{index}\0{cell['cell_type']}\0{cell['source']}"
            while not isinstance(cell.get("id"), str) or cell["id"] in seen:
                salt = hashlib.sha256(salt.encode("utf-8", "surrogatepass")).hexdigest()
                cell["id"] = salt[:8]
        seen.add(cell["id"])


def _parse(data: bytes, name: str) -> JSON:
    if not data.strip():
        raise Ungradable(f"{name} is an empty file.", mend=_AGAIN)
    try:
        raw = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Ungradable(f"{name} is no text file (UTF-8), so it is not a notebook.", mend=_AGAIN) from None
    except json.JSONDecodeError as e:
        what = f"its JSON breaks off at line {e.lineno} ({e.msg})"
        raise Ungradable(f"{name} is not a notebook: {what}.", mend=_AGAIN) from None
    except (RecursionError, ValueError):
        what = "its JSON is nested too deeply or holds an impossible number"
        raise Ungradable(f"{name} is not a notebook: {what}.", mend=_AGAIN) from None
    if not isinstance(raw, dict):
        raise Ungradable(f"{name} is JSON, but not a notebook.", mend=_AGAIN)
    return raw


def _upgrade(raw: JSON, name: str) -> JSON:
    if raw.get("nbformat") not in (1, 2, 3) or not isinstance(raw.get("worksheets", raw.get("cells")), list):
        raise Ungradable(f"{name} is JSON, but not a notebook of format 4.", mend=_AGAIN)
    import nbformat

    try:
        upgraded: JSON = json.loads(nbformat.writes(nbformat.convert(nbformat.from_dict(raw), 4)))
        if not isinstance(upgraded["cells"], list):
            raise TypeError
    except Exception as e:  # nbformat raises almost anything on a mangled old notebook
        what = f"a notebook of an old format that cannot be read ({type(e).__name__})"
        raise Ungradable(f"{name} is {what}.", mend=_AGAIN) from None
    for cell in upgraded["cells"]:
        cell.pop("id", None)  # nbformat draws ids at random; loads makes them from the text
    return upgraded


def _check_cell(cell: Any, number: int, name: str) -> None:
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
        raise Ungradable(f"{name}, cell {number}: not a code, text or raw cell.", mend=_AGAIN)
    try:
        cell["source"] = _text(source_of(cell))
    except Ungradable:
        what = "its source is neither text nor a list of lines"
        raise Ungradable(f"{name}, cell {number}: {what}.", mend=_AGAIN) from None
    if not isinstance(cell.get("metadata"), dict):
        cell["metadata"] = {}
    if isinstance(cell.get("attachments"), dict):
        cell["attachments"] = {name: _join_bundle(bundle) for name, bundle in cell["attachments"].items()}
    if cell["cell_type"] == "code":
        cell["outputs"] = []
        cell["execution_count"] = None


def _join_bundle(data: Any) -> Any:
    """Joins what `_split_bundle` split; lists that are JSON data stay lists."""
    if not isinstance(data, dict):
        return data
    return {
        mime: "".join(value)
        if not mime.endswith("json") and isinstance(value, list) and all(isinstance(v, str) for v in value)
        else value
        for mime, value in data.items()
    }


def _text(source: str) -> str:
    """The text with each half of a broken surrogate pair as U+FFFD: JSON can spell one, UTF-8 cannot."""
    try:
        source.encode("utf-8")
    except UnicodeEncodeError:
        return source.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return source


def read_master(path: Path, assignment: str) -> Master:
    """Reads and checks an instructor's notebook; raises MasterError naming every fault at once."""
    try:
        raw = loads(path.read_bytes(), path.name)
    except OSError as e:
        raise MasterError(
            f"{path}: cannot be read ({e.strerror}).", mend="Check the file's name and rights."
        ) from None
    except Ungradable as e:
        raise MasterError(f"{path}: {e.message}", mend="Save it again in Jupyter.") from None
    cells = tuple(_master_cell(i, c) for i, c in enumerate(raw["cells"]))
    problems = list(_problems(cells, raw["cells"]))
    if problems:
        mend = "Mend the cells' metadata (Create Assignment in Jupyter)."
        raise MasterError(f"{path}: " + "; ".join(problems) + ".", mend=mend)
    return Master(assignment=assignment, name=path.stem, path=path, cells=cells, raw=raw)


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


def _problems(cells: tuple[Cell, ...], raw: list[JSON]) -> Iterable[str]:
    """Every breach of the metadata's rules, cell by cell."""
    seen: dict[str, int] = {}
    for cell in cells:
        number = cell.index + 1
        if cell.role is Role.TEXT:
            continue
        if not GRADE_ID.fullmatch(cell.grade_id):
            told = nbgrader_of(raw[cell.index]).get("grade_id", "")
            yield f"cell {number}: grade_id {told!r} is not made of letters, digits, - and _"
        elif cell.grade_id in seen:
            yield f"cell {number}: grade_id {cell.grade_id!r} stands in cell {seen[cell.grade_id]} too"
        seen.setdefault(cell.grade_id, number)
        for problem in _role_problems(cell, nbgrader_of(raw[cell.index])):
            yield f"cell {number} ({cell.grade_id}): {problem}"


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
    for key in sorted(set(meta) - _KEYS):
        yield f"metadata.nbgrader.{key} is no key of the format"
    if cell["cell_type"] == "raw" and role_of(cell) is not Role.TEXT:
        yield "a raw cell cannot be an nbgrader cell"
