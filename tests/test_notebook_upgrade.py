"""nbgrader's older cell metadata: the oracle is nbgrader's own upgrade."""

from __future__ import annotations

import copy
import random
from typing import Any

from autograder.notebook.upgrade import upgraded, version_of

_VALUES: dict[str, tuple[Any, ...]] = {
    "schema_version": (0, 1, 2, 3),
    "grade": (True, False),
    "solution": (True, False),
    "locked": (True, False),
    "task": (True, False),
    "grade_id": ("q1", ""),
    "points": ("", "2.5", 3, -1, 0.5),
    "checksum": ("0" * 32,),
    "cell_type": ("code", "markdown"),
    "remove": (True,),
}


def _cells(number: int) -> list[dict[str, Any]]:
    draw = random.Random(7)
    made = []
    for _ in range(number):
        keys = [k for k in _VALUES if draw.random() < 0.6]
        meta = {k: draw.choice(_VALUES[k]) for k in keys}
        made.append({"cell_type": draw.choice(("code", "markdown")), "source": "", "metadata": {"nbgrader": meta}})
    return made


def test_every_old_cell_becomes_nbgraders() -> None:
    """On 400 cells with any mixture of keys, versions 0 to 2 come out as nbgrader's validator makes them."""
    from nbformat import from_dict
    from nbgrader.nbgraderformat import MetadataValidator

    oracle = MetadataValidator()
    oracle.log.disabled = True
    changed = 0
    for cell in _cells(400):
        if version_of(cell) == 3:
            continue
        theirs = oracle.upgrade_cell_metadata(from_dict(copy.deepcopy(cell)))
        assert theirs["metadata"] == upgraded(copy.deepcopy(cell))["metadata"], cell
        changed += 1
    assert changed > 200


def test_a_cell_of_today_is_left_alone() -> None:
    """The same object, and so is a cell that is none of nbgrader's."""
    for metadata in ({}, {"nbgrader": {"schema_version": 3, "odd": 1}}, {"nbgrader": {"schema_version": 4}}):
        cell = {"cell_type": "code", "source": "", "metadata": metadata}
        assert cell is upgraded(cell)
