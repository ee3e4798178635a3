"""nbgrader's cell metadata, version 3: keys, roles, locks, checksums, stubs and delimiters.

Rule: these are nbgrader's own names and recipes; a cell stamped here is one that nbgrader would accept as its own.
"""

from __future__ import annotations

import copy
import functools
import hashlib
import marshal
import re
from collections.abc import Collection
from typing import Any

from autograder.notebook.ipynb import PLAIN, source_of
from autograder.values import JSON, Role, Wording

SCHEMA_VERSION = 3
FLAGS = ("grade", "solution", "locked", "task")
KEYS = {*FLAGS, "schema_version", "grade_id", "points", "checksum", "cell_type"}
GRADE_ID = re.compile(r"[a-zA-Z0-9_\-]+")
WORDING = Wording()
HIDDEN_BEGIN, HIDDEN_END = WORDING.hidden_tests
SOLUTION_BEGIN, SOLUTION_END = WORDING.solution
MARK_BEGIN, MARK_END = WORDING.mark_scheme
REGIONS = WORDING.regions
CODE_STUBS = WORDING.code_stubs
CODE_STUB = CODE_STUBS["python"]
TEXT_STUB = WORDING.text_stub
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


def nbgrader_of(cell: JSON) -> JSON:
    """`metadata.nbgrader` of a cell, or an empty dict."""
    metadata = cell.get("metadata")
    found = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def settings(grade_id: str, **given: bool | float) -> JSON:
    """`metadata.nbgrader` of a new cell: all flags, False unless given, and points where they are given."""
    return {"schema_version": SCHEMA_VERSION, **dict.fromkeys(FLAGS, False), "grade_id": grade_id, **given}


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
    try:
        packed = marshal.dumps((original["metadata"], original["cell_type"]), PLAIN)
    except ValueError:  # too deep for it
        return _restored(copy.deepcopy(original["metadata"]), original["cell_type"], text)
    copied: JSON = marshal.loads(_known(packed, text))  # noqa: S302  (what was packed here)
    return copied


@functools.lru_cache(maxsize=1000)
def _known(packed: bytes, text: str) -> bytes:
    """The same for all of a class's notebooks, but for what students have changed."""
    metadata, kind = marshal.loads(packed)  # noqa: S302
    return marshal.dumps(_restored(metadata, kind, text))


def _restored(metadata: JSON, kind: str, text: str) -> JSON:
    meta = nbgrader_of({"metadata": metadata})
    if not meta:
        return metadata
    cell = {"metadata": metadata, "cell_type": kind, "source": text}
    seal = checksum(cell) if meta.get("grade") or meta.get("solution") or is_locked(cell) else None
    if is_locked(cell):
        metadata["editable"] = False
    if seal is not None:
        metadata["deletable"] = False
        meta["cell_type"] = kind
        meta["checksum"] = seal
    return metadata


def changed_settings(cell: JSON, original: JSON, honest: Collection[int] = (SCHEMA_VERSION,)) -> list[str]:
    """Names of the settings in which a handed-in cell departs from the master's (type, flags, points).

    `honest`: versions of the metadata that the master's own file names; a release made of it may too.
    """
    ours, theirs = nbgrader_of(original), nbgrader_of(cell)
    names = [flag for flag in FLAGS if theirs.get(flag, False) is not bool(ours.get(flag))]
    if theirs.get("schema_version", 0) not in (SCHEMA_VERSION, *honest):
        names.append("schema_version")
    if ours.get("grade") and not _same_number(ours.get("points"), theirs.get("points")):
        names.append("points")
    if cell.get("cell_type") != original["cell_type"]:
        names.insert(0, "cell type")
    return names


def _same_number(ours: Any, theirs: Any) -> bool:
    return isinstance(theirs, int | float) and not isinstance(theirs, bool) and theirs == ours
