"""nbgrader's older cell metadata, versions 0 to 2, as version 3.

Rule: step for step what nbgrader's own `MetadataValidator.upgrade_cell_metadata` does, tested against it.
Version 0 named no version; version 1 checked points; version 2 knew the cell's type; version 3 knows tasks.
"""

from __future__ import annotations

import copy
from typing import Any

from autograder.notebook.metadata import KEYS, SCHEMA_VERSION
from autograder.values import JSON


def version_of(cell: JSON) -> int:
    """The version that a cell's metadata names; 0 where it names none, 3 where it is no nbgrader cell."""
    meta = cell["metadata"].get("nbgrader")
    version = meta.get("schema_version", 0) if isinstance(meta, dict) else SCHEMA_VERSION
    return version if isinstance(version, int) else SCHEMA_VERSION


def upgraded(cell: JSON) -> JSON:
    """The cell with its metadata in version 3; the same cell where there is nothing to do.

    A newer version, and metadata that no version allows, are left for the check to tell.
    """
    version = version_of(cell)
    if version >= SCHEMA_VERSION:
        return cell
    metadata = copy.deepcopy(cell["metadata"])
    meta: JSON = metadata["nbgrader"]
    if version <= 0 and not _from_0(meta):
        del metadata["nbgrader"]
        return {**cell, "metadata": metadata}
    if version <= 1 and "checksum" in meta:
        meta.setdefault("cell_type", cell["cell_type"])
    meta["schema_version"] = SCHEMA_VERSION
    metadata["nbgrader"] = {key: value for key, value in meta.items() if key in KEYS}
    return {**cell, "metadata": metadata}


def _from_0(meta: JSON) -> bool:
    """Version 0 → 1, in place; False where the cell is none of nbgrader's after all."""
    for flag in ("grade", "solution", "locked"):
        meta.setdefault(flag, False)
    if not (meta["grade"] or meta["solution"] or meta["locked"]):
        return False
    if not meta["grade"]:
        meta.pop("points", None)
    else:
        meta["points"] = _points(meta.get("points", 0.0))
    return True


def _points(told: Any) -> Any:
    """Points of version 0, which may be a text; one that is no number is left for the check to tell."""
    try:
        return max(float(told), 0.0) if told != "" else 0.0
    except (TypeError, ValueError):
        return told
