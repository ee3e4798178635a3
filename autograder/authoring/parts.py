"""The released texts of cells, by id: what tells an answer from an untouched stub.

Rule: these are the texts that a release holds.
"""

from __future__ import annotations

from autograder import notebook
from autograder.values import JSON


def sources(released: JSON) -> dict[str, str]:
    """grade_id → text of the cell in the student version."""
    cells = ((notebook.nbgrader_of(cell), cell) for cell in released["cells"])
    return {str(meta["grade_id"]): notebook.source_of(cell) for meta, cell in cells if "grade_id" in meta}
