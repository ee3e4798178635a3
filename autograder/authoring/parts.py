"""Which parts of a master students get: released texts by id, and the lines that are cut.

Rule: these are the texts that a release holds, and the lines that it does not.
"""

from __future__ import annotations

from autograder import notebook
from autograder.authoring import delimiters, regions
from autograder.authoring.delimiters import Kind
from autograder.values import JSON, Master


def sources(released: JSON) -> dict[str, str]:
    """grade_id → text of the cell in the student version."""
    cells = ((notebook.nbgrader_of(cell), cell) for cell in released["cells"])
    return {str(meta["grade_id"]): notebook.source_of(cell) for meta, cell in cells if "grade_id" in meta}


def cut_lines(master: Master, kind: Kind) -> dict[str, set[int]]:
    """grade_id → the lines of the cell, from 1, between delimiters of that kind; all of an answer that has none."""
    words = delimiters.words_of(master.wording.regions)
    out: dict[str, set[int]] = {}
    for cell in master.cells:
        found = [r for r in regions.find(cell, words)[0] if r.kind is kind]
        if found:
            out[cell.grade_id] = {n + 1 for r in found for n in range(r.begin + 1, r.end)}
        elif kind is Kind.SOLUTION and cell.role in regions.ANSWERS:
            out[cell.grade_id] = set(range(1, cell.source.count("\n") + 2))
    return out
