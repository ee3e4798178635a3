"""Otter-Grader on a class: `otter run`, which grades one notebook without a container.

Rule: it gets the same notebooks and, as hidden tests, the same test cells; what fails there fails the benchmark.

Format: an autograder's zip as `otter generate` makes it, with an exception-based test file a cell (Otter-Grader 7).
Install it in an environment of its own: `pip install "otter-grader[grading]" ipykernel numpy`.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from autograder import course as courses
from autograder.pipeline import sources
from autograder.values import Role

TEST = """from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
points = {points!r}


@test_case()
def test_cell(env):
    exec({source!r}, env)
"""


def prepare(otter: str, folder: Path, assignment: str) -> Path:
    """Makes the zip with the master's tests; gives its path."""
    tests = folder / "otter" / "tests"
    tests.mkdir(parents=True)
    (master,) = sources.masters(courses.load(folder), assignment)
    for cell in master.cells:
        if cell.role is Role.TEST:
            name = cell.grade_id.replace("-", "_")
            text = TEST.format(name=name, points=cell.points, source=_plain(cell.source))
            (tests / f"{name}.py").write_text(text)
    zipped = folder / "otter" / "autograder.zip"
    options = ["--no-requirements", "--no-environment", "--no-config"]
    _call([otter, "generate", "-t", str(tests), "-o", str(zipped), *options], folder)
    return zipped


def _plain(source: str) -> str:
    """The cell without the magics that a test file cannot hold."""
    return "\n".join(line for line in source.splitlines() if not line.startswith("%"))


def grade(otter: str, folder: Path, assignment: str, zipped: Path, jobs: int) -> float:
    """Grades the class, `jobs` notebooks at once; the least share of points that anybody got."""

    def one(student: Path) -> float:
        out = folder / "otter" / student.name
        out.mkdir()
        (notebook,) = (student / assignment).glob("*.ipynb")
        _call([otter, "run", str(notebook), "-a", str(zipped), "-o", str(out), "--no-logo"], out)
        tests = [t for t in json.loads((out / "results.json").read_text())["tests"] if t.get("max_score")]
        return float(min(t["score"] / t["max_score"] for t in tests))

    with ThreadPoolExecutor(jobs) as pool:
        return min(pool.map(one, sorted((folder / "submitted").iterdir())))


def _call(command: Sequence[str], folder: Path) -> None:
    environment = {**os.environ, "PATH": f"{Path(command[0]).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[:2]} failed:\n{(done.stdout + done.stderr)[-1000:]}")
