"""A small class graded by the real command, in processes of its own, and all that it leaves."""

from __future__ import annotations

import contextlib
import csv
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from builders import SQUARE, answered, hand_in

from autograder import notebook
from autograder.gradebook.ledger import Ledger
from autograder.reports.jsonl import as_json
from autograder.values import Grade, Outcome

NUMPY = "import numpy as np\ndef square(x):\n    return int(np.square(x))"
CLASS: dict[str, Any] = {
    "array": answered(SQUARE, {"square": NUMPY}),
    "broken": b'{"cells": [',
    "dies": answered(SQUARE, {"square": "import os\nos._exit(0)"}),
    "half": answered(SQUARE, {"half": "def half(x):\n    return x / 2 if x < 3 else 0"}),
    "perfect": SQUARE,
    "slow": answered(SQUARE, {"square": "import time\ntime.sleep(0.3)\ndef square(x):\n    return x * x"}),
    "words": answered(SQUARE, {"why": "Because x times x.", "square": "def square(x):\n    print(x)\n    return x * x"}),
    "wrong": answered(SQUARE, {"square": "def square(x):\n    return 2 * x"}),
}


def make(root: Path) -> Path:
    """The class, nothing graded."""
    source = root / "source" / "squares"
    source.mkdir(parents=True)
    (source / "squares.ipynb").write_text(notebook.dumps(SQUARE))
    (root / "course.toml").write_text('[course]\nname = "c"\n[limits]\ncell_seconds = 20\nsubmission_seconds = 60\n')
    for student, content in CLASS.items():
        hand_in(root, student, content)
    return root


class Course:
    """A course's folder, and the command that is run in it."""

    def __init__(self, root: Path, *options: str) -> None:
        self.root = root
        self.options = options

    def begin(self) -> subprocess.Popen[str]:
        """The command, under way."""
        words = ["--course", str(self.root), "autograde", "squares", "--json", "--jobs", "2", "--allow-weak-jail", *self.options]
        command = [sys.executable, "-m", "autograder", *words]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def finish(self) -> dict[str, Any]:
        """The command, to its end; student → what its line of JSON says, but for seconds."""
        out, err = self.begin().communicate(timeout=120)
        assert "Traceback" not in err
        return by_student(out.splitlines())

    def visible(self) -> dict[str, Any]:
        """What the ledger says of each student now."""
        if not (self.root / "ledger.db").exists():
            return {}
        with Ledger.open(self.root / "ledger.db") as ledger:
            return {g.student: without_seconds(json.loads(as_json(g))) for g in ledger.each("squares") if scored(g)}

    def written(self) -> tuple[list[Any], list[dict[str, str]], dict[str, bytes]]:
        """nbgrader's gradebook, grades.csv and the executed notebooks."""
        query = """SELECT s.student_id, c.name, g.auto_score, g.needs_manual_grade FROM grade g
            JOIN base_cell c ON c.id = g.cell_id JOIN submitted_notebook n ON n.id = g.notebook_id
            JOIN submitted_assignment s ON s.id = n.assignment_id ORDER BY 1, 2"""
        with contextlib.closing(sqlite3.connect(self.root / "gradebook.db")) as db:
            marks = db.execute(query).fetchall()
        with (self.root / "grades.csv").open() as file:
            rows = list(csv.DictReader(file))
        run = {str(p.relative_to(self.root)): p.read_bytes() for p in sorted((self.root / "autograded").rglob("*.ipynb"))}
        return marks, rows, run


def scored(grade: Grade) -> bool:
    """Nothing is left to a person through a fault of the machine."""
    return all(v.outcome is not Outcome.UNSCORED for v in grade.verdicts)


def apart(found: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """Student → what is told otherwise than in an undisturbed run, and what was to be told."""
    return {
        student: {key: (line.get(key), told[student].get(key)) for key in line if line.get(key) != told[student].get(key)}
        for student, line in found.items()
        if line != told[student]
    }


def without_seconds(line: dict[str, Any]) -> dict[str, Any]:
    """A line of JSON without what may differ between two runs."""
    return {key: value for key, value in line.items() if key != "seconds"}


def by_student(lines: Iterable[str]) -> dict[str, Any]:
    """Student → what a line of JSON says, but for seconds."""
    told = map(json.loads, lines)
    return {line["student"]: without_seconds(line) for line in told}
