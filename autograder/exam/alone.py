"""Which of a notebook's models nothing but its tests speaks of.

Rule: where a cell may reach the name without writing it, it counts as one that does.
"""

from __future__ import annotations

import re

from autograder.values import Paper, Step

_LOOKS_AROUND = re.compile(
    r"\b(globals|locals|vars|eval|exec|dir|getattr|get_ipython|__main__|inspect|import_module)\b|^\s*[%!?]",
    re.MULTILINE,
)
"""What a cell says that may reach a name without writing it."""


def is_alone(paper: Paper, index: int) -> bool:
    """Whether no cell that the notebook's process runs says the name of the model that the cell at `index` trains."""
    trained = paper.cells[index].trained
    if trained is None:
        return False
    name = re.compile(rf"\b{re.escape(trained.binds)}\b")
    there = (
        cell.source
        for cell in paper.cells
        if cell.trained is None and (cell.step is Step.CANDIDATE or (cell.step is Step.EXAMINER and cell.in_kernel))
    )
    return not any(name.search(source) or _LOOKS_AROUND.search(source) for source in there)
