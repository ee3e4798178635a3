"""nbgrader's own example course, made afresh, submitted, and graded by both: marks side by side, seconds of both.

    python -m benchmarks.quickstart [--students 12] [--keep DIR]

Rule: both get the same bytes in two copies of the same folder, and nobody changes a line of it: no course.toml, only
the nbgrader_config.py that `nbgrader quickstart` writes. Every mark of every cell is compared, and every total.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder import notebook
from autograder.values import JSON

BIN = Path(sys.executable).parent
SQUARES = """def squares(n):
    if n < 1:
        raise ValueError
    return [i * i for i in range(1, n + 1)]"""
ANSWERS: Mapping[str, Mapping[str, str]] = {
    "right": {
        "squares": SQUARES,
        "sum_of_squares": "def sum_of_squares(n):\n    return sum(squares(n))",
        "sum_of_squares_equation": r"$\sum_{i=1}^n i^2$",
        "sum_of_squares_application": "def pyramidal_number(n):\n    return sum_of_squares(n)",
        "part-a": "It computes Fibonacci numbers by recursion.",
        "part-b": "For negative ones: it never ends.",
    },
    "wrong": {
        "squares": "def squares(n):\n    return [i * i for i in range(1, n + 1)]",
        "sum_of_squares": "def sum_of_squares(n):\n    return n * (n + 1) * (2 * n + 1) // 6",
        "part-a": "No idea.",
    },
    "blank": {},
    "broken": {"squares": "def squares(n):\n    return [", "sum_of_squares": "1 / 0"},
}
"""Kind of student → answers by grade_id; the rest stays as released."""
MARKS = """SELECT s.student_id, k.name || '/' || b.name, x.auto_score, x.needs_manual_grade FROM grade x
    JOIN base_cell b ON b.id = x.cell_id JOIN submitted_notebook n ON n.id = x.notebook_id
    JOIN notebook k ON k.id = n.notebook_id JOIN submitted_assignment s ON s.id = n.assignment_id"""
Marks = dict[tuple[str, str], tuple[float | None, bool]]


def main() -> int:
    """Makes the course, grades it twice, shows both; 1 when a mark differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=12)
    parser.add_argument("--keep", type=Path, help="a new folder for the two courses, which stay there")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        return shown(told.keep or Path(temporary), told.students)


def shown(folder: Path, students: int) -> int:
    """Both gradings in `folder`, and the table on stdout."""
    console = Console(width=80)
    theirs, ours = made(folder, students), folder / "autograder" / "course101"
    console.print(f"nbgrader quickstart, ps1, {students} students; nothing changed in the folder.")
    slow, slow_cores = timed(theirs, "nbgrader", "autograde", "ps1")
    fast, fast_cores = timed(ours, "autograder", "autograde", "ps1")
    first, second = marks(theirs), marks(ours)
    console.print(table(first, second))
    differing = [where for where in sorted(first.keys() | second.keys()) if first.get(where) != second.get(where)]
    for where in differing:
        console.print(f"{' '.join(where)}: nbgrader {first.get(where)}, autograder {second.get(where)}")
    console.print(f"{len(first)} marks of {students} students: {'all equal' if not differing else 'they DIFFER'}.")
    console.print(f"nbgrader   {slow:7.1f} s, {slow_cores:6.1f} s of processor")
    console.print(f"autograder {fast:7.1f} s, {fast_cores:6.1f} s of processor: {slow / fast:.1f} times as fast")
    return 1 if differing else 0


def made(folder: Path, students: int) -> Path:
    """Two equal courses below `folder`, released by nbgrader, with submissions; gives nbgrader's."""
    theirs = folder / "nbgrader" / "course101"
    theirs.parent.mkdir(parents=True)
    run(theirs.parent, "nbgrader", "quickstart", "course101")
    run(theirs, "nbgrader", "generate_assignment", "ps1")
    for number in range(students):
        kind = list(ANSWERS)[number % len(ANSWERS)]
        hand_in(theirs, f"{kind}{number // len(ANSWERS) + 1}", ANSWERS[kind])
    shutil.copytree(theirs, folder / "autograder" / "course101")
    return theirs


def hand_in(course: Path, student: str, answers: Mapping[str, str]) -> None:
    """Copies the release to `submitted/`, with some answers in it."""
    handed = course / "submitted" / student / "ps1"
    shutil.copytree(course / "release" / "ps1", handed)
    for path in handed.glob("*.ipynb"):
        raw: JSON = json.loads(path.read_text())
        for cell in raw["cells"]:
            cell["source"] = answers.get(notebook.grade_id_of(cell), cell["source"])
        path.write_text(notebook.dumps(raw))
    (handed / "timestamp.txt").write_text("2026-03-01 12:00:00.000000 UTC")


def timed(course: Path, *command: str) -> tuple[float, float]:
    """Seconds of a command in the course's folder: by the clock, and of all processors together."""
    began, used = time.monotonic(), _used()
    run(course, *command)
    return time.monotonic() - began, _used() - used


def _used() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def run(folder: Path, *command: str) -> None:
    """Runs a program that lies beside this Python; what it says is shown when it fails."""
    quiet = {**os.environ, "JUPYTER_NO_CONFIG": "1", "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    program = [sys.executable, "-m", command[0], *command[1:]]
    done = subprocess.run(program, cwd=folder, env=quiet, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")


def marks(course: Path) -> Marks:
    """(student, cell) → points and whether a person must look, from the gradebook."""
    with closing(sqlite3.connect(course / "gradebook.db")) as db:
        return {(row[0], row[1]): (row[2], bool(row[3])) for row in db.execute(MARKS)}


def table(theirs: Marks, ours: Marks) -> Table:
    """Every cell's marks, students side by side, nbgrader's before autograder's."""
    cells = sorted({cell for _, cell in theirs})
    students = [f"{kind}1" for kind in ANSWERS]
    shown = Table(title="nbgrader | autograder; ✎: a person marks it", title_justify="left", expand=True)
    shown.add_column("cell", overflow="fold")
    for student in students:
        shown.add_column(student, justify="right")
    for cell in cells:
        pairs = [f"{word(theirs.get((s, cell)))} | {word(ours.get((s, cell)))}" for s in students]  # one of a kind
        shown.add_row(cell, *pairs)
    return shown


def word(mark: tuple[float | None, bool] | None) -> str:
    """A mark in a word or two."""
    if mark is None:
        return "none"
    points, by_hand = mark
    return "✎" if by_hand else f"{points or 0:g}"


if __name__ == "__main__":
    raise SystemExit(main())
