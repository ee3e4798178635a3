"""Classes to time: honest submissions, each a little different from the others.

Rule: every grader gets the same bytes.
"""

from __future__ import annotations

import copy
import shutil
from pathlib import Path

from autograder import notebook
from autograder.values import JSON

REPOSITORY = Path(__file__).parents[1]


def make(folder: Path, assignment: str, count: int) -> Path:
    """A course in `folder` with one assignment and `count` solved submissions; both tools can grade it."""
    source = folder / "source" / assignment
    shutil.copytree(REPOSITORY / "source" / assignment, source)
    (folder / "course.toml").write_text(
        f'[course]\nname = "benchmark"\n[limits]\ncell_seconds = 120\nsubmission_seconds = 600\n'
        f'memory = "4 GiB"\n[assignments.{assignment}]\n'
    )
    (folder / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'benchmark'\nc.ExecutePreprocessor.timeout = 120\n"
    )
    for number in range(count):
        handed = folder / "submitted" / f"student{number:03}" / assignment
        handed.mkdir(parents=True)
        for path in source.glob("*.ipynb"):
            (handed / path.name).write_text(_solved(path, number))
    return folder


def _solved(path: Path, number: int) -> str:
    """The master's solution as a student would hand it in, with a cell of this student's own."""
    raw = copy.deepcopy(notebook.loads(path.read_bytes(), path.name))
    note: JSON = {
        "cell_type": "code",
        "id": f"own-{number}",
        "metadata": {},
        "source": f"student = {number}",
        "outputs": [],
        "execution_count": None,
    }
    raw["cells"].insert(1, note)
    return notebook.dumps(raw)
