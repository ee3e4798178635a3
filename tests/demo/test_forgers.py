"""What nbgrader gives the forgers for the very files that the demo grades."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import demo
from autograder.demo.forgers import FORGERS
from autograder.demo.honest import ADA, BOB
from autograder.demo.student import Student

CHOSEN = tuple(s for s in FORGERS if s.assignment != "lenet")
"""lenet's needs the real MNIST where Keras looks for it."""


@pytest.fixture(scope="module")
def points(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """Student → points that nbgrader gave for tests, extra credit included."""
    folder = tmp_path_factory.mktemp("nbgrader") / "course"
    demo.make(folder)
    for assignment in ("gates", "convolution"):
        nbgrader(folder, "generate_assignment", assignment, "--force")
        for student in (ADA, BOB, *CHOSEN):
            if student.assignment == assignment:
                nbgrader(folder, "autograde", assignment, "--student", student.name)
    query = (
        "SELECT a.student_id, SUM(COALESCE(g.auto_score, 0) + COALESCE(g.extra_credit, 0)) FROM grade g "
        "JOIN submitted_notebook n ON g.notebook_id = n.id JOIN submitted_assignment a ON n.assignment_id = a.id "
        "GROUP BY a.student_id"
    )
    with sqlite3.connect(folder / "gradebook.db") as book:
        return dict(book.execute(query).fetchall())


def nbgrader(folder: Path, *words: str) -> None:
    """Runs nbgrader in a course's folder, with nobody's own settings."""
    home = folder.parent / "home"
    home.mkdir(exist_ok=True)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"  # alembic lies there
    environment = {"PATH": path, "HOME": str(home), "CUDA_VISIBLE_DEVICES": "-1", "LANG": "C.UTF-8"}
    command = [sys.executable, "-m", "nbgrader", *words]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert 0 == done.returncode, done.stderr[-3000:]


@pytest.mark.slow
def test_nbgrader_gives_the_honest_what_they_earn(points: dict[str, float]) -> None:
    """The course is a sound one for nbgrader too."""
    assert 33.0 == points[ADA.name]
    assert 0.0 == points[BOB.name]


@pytest.mark.slow
@pytest.mark.parametrize("student", CHOSEN, ids=lambda s: s.name)
def test_nbgrader_gives_a_forger_what_the_demo_says(student: Student, points: dict[str, float]) -> None:
    """The same files, run by nbgrader in the same course."""
    assert student.with_nbgrader == points[student.name]
