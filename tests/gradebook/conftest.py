"""A tiny course: one notebook with every kind of cell, released and graded by nbgrader itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "default_course"\n'
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def meta(name: str, flags: str, points: float | None = None) -> dict[str, Any]:
    """`metadata` of a cell; flags from g(rade), s(olution), l(ocked), t(ask)."""
    told: dict[str, Any] = {"grade_id": name, "schema_version": 3}
    told |= {"grade": "g" in flags, "solution": "s" in flags, "locked": "l" in flags, "task": "t" in flags}
    return {"nbgrader": told | ({"points": points} if points is not None else {})}


def master() -> nbformat.NotebookNode:
    """Every role once, hidden tests and a marking scheme included; 15 points."""
    return new_notebook(
        metadata={"kernelspec": KERNEL},
        cells=[
            new_markdown_cell("# A tiny notebook"),
            new_markdown_cell("Read me.", metadata=meta("words", "l")),
            new_code_cell(
                "def f(x):\n    ### BEGIN SOLUTION\n    return x + 1\n    ### END SOLUTION", metadata=meta("f", "s")
            ),
            new_code_cell(
                "assert f(1) == 2\n### BEGIN HIDDEN TESTS\nassert f(5) == 6\n### END HIDDEN TESTS",
                metadata=meta("test_f", "gl", 2),
            ),
            new_code_cell("f(0.5)", metadata=meta("test_part", "gl", 3)),
            new_markdown_cell("Because.", metadata=meta("why", "gs", 4)),
            new_code_cell("# BEGIN SOLUTION\nh = 1\n# END SOLUTION", metadata=meta("hand", "gs", 1)),
            new_markdown_cell(
                "Do it.\n=== BEGIN MARK SCHEME ===\nsecret\n=== END MARK SCHEME ===", metadata=meta("task", "lt", 5)
            ),
        ],
    )


def answered(released: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The release with `f` and `why` answered; `hand` is left as it was."""
    answers = {"f": "def f(x):\n    return x + 1", "why": "Because it adds one."}
    for cell in released.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = answers.get(name, cell.source)
    return released


def run(course: Path, *words: str) -> str:
    """Runs nbgrader in a course's folder; its `alembic` is beside this Python. Gives what it said."""
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-m", "nbgrader", *words]
    done = subprocess.run(command, cwd=course, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="session")
def nbgrader() -> Callable[..., str]:
    """The program nbgrader: `nbgrader(course, "autograde", "ps1")`."""
    return run


@pytest.fixture(scope="session")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course that nbgrader has released, with one submission that it has graded; nobody writes to it."""
    course = tmp_path_factory.mktemp("theirs")
    (course / "source" / "ps1").mkdir(parents=True)
    (course / "nbgrader_config.py").write_text(CONFIG)
    nbformat.write(master(), course / "source" / "ps1" / "p1.ipynb")
    run(course, "generate_assignment", "ps1")
    folder = course / "submitted" / "ada" / "ps1"
    folder.mkdir(parents=True)
    nbformat.write(answered(nbformat.read(course / "release" / "ps1" / "p1.ipynb", 4)), folder / "p1.ipynb")
    (folder / "timestamp.txt").write_text("2026-03-01 12:00:00.000000 UTC")
    run(course, "autograde", "ps1")
    return course
