"""What goes beside a student's work when it is graded: the course's own files and the released answers.

Rule: these are the same files and texts that a release holds.
"""

from __future__ import annotations

from pathlib import Path

from autograder import notebook
from autograder.authoring import publish
from autograder.values import JSON


def helpers(source: Path) -> dict[str, Path]:
    """Relative name → path of the files of `source/<assignment>/` that are released with the notebooks."""
    return publish.helpers(source)[0]


def sources(released: JSON) -> dict[str, str]:
    """grade_id → text of the cell in the student version."""
    cells = ((notebook.nbgrader_of(cell), cell) for cell in released["cells"])
    return {str(meta["grade_id"]): notebook.source_of(cell) for meta, cell in cells if "grade_id" in meta}
