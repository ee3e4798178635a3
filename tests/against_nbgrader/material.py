"""A course that uses all of nbgrader's format, and what three students hand in.

The words are the course's own: delimiters, stubs, a header and a footer, a late-submission plugin, AUTOTEST.
"""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from handmade import cell, raw

from autograder import notebook

JSON = dict[str, Any]
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "oracle"
c.CourseDirectory.ignore.append("*.bak")
c.CourseDirectory.student_id_exclude = "assistant"
c.IncludeHeaderFooter.header = "source/header.ipynb"
c.IncludeHeaderFooter.footer = "source/footer.ipynb"
c.ClearSolutions.begin_solution_delimeter = "ANSWER {"
c.ClearSolutions.end_solution_delimeter = "} ANSWER"
c.ClearSolutions.code_stub = {"python": "...  # to be written"}
c.ClearSolutions.text_stub = "*To be written.*"
c.ClearHiddenTests.begin_test_delimeter = "SECRET TESTS START"
c.ClearHiddenTests.end_test_delimeter = "SECRET TESTS STOP"
c.ClearMarkScheme.begin_mark_scheme_delimeter = "FOR MARKERS"
c.ClearMarkScheme.end_mark_scheme_delimeter = "FOR ALL"
c.AssignLatePenalties.plugin_class = "late.PerHour"
c.PerHour.points = 0.5
c.Autograde.exclude_overwriting = {"ps1": ["own.py"]}
c.Execute.timeout = 120
c.Application.log_level = "ERROR"
"""
LATE = """
from nbgrader.plugins import BasePlugin
from traitlets import Float


class PerHour(BasePlugin):
    points = Float(1.0).tag(config=True)

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return None if student_id == "spared" else self.points * total_seconds_late / 3600
"""
AUTOTESTS = """
python3:
    setup: "from hashlib import sha1"
    hash: 'sha1({{snippet}}.encode("utf-8")+b"{{salt}}").hexdigest()'
    dispatch: "type({{snippet}})"
    normalize: "str({{snippet}})"
    check: 'assert {{snippet}} == \"\"\"{{value}}\"\"\", \"\"\"{{message}}\"\"\"'
    success: "print('Success!')"
    templates:
        default:
            - test: "type({{snippet}})"
              fail: "type of {{snippet}} is not correct"
            - test: "{{snippet}}"
              fail: "value of {{snippet}} is not correct"
"""
PICTURE = {"dot.png": {"image/png": "iVBORw0KGgo="}}
FRAME = {"header": raw(cell("Sign your name.", "markdown"), cell('NAME = ""'), minor=4), "footer": raw(cell("The end.", "markdown"))}
RELU = """import numpy as np

def relu(x):
    # ANSWER {
    return np.maximum(x, 0)
    # } ANSWER"""
TESTS = """assert relu(3) == 3
### SECRET TESTS START
assert relu(-3) == 0
### SECRET TESTS STOP"""
TASK = "Plot it.\n\nFOR MARKERS\nOne point for the axes.\nFOR ALL\n\nTwo points."
KINDS = raw(
    cell("# Kinds", "markdown"),
    cell("Read *this*.", "markdown", "readonly", grade_id="words"),
    cell("from helper import double\nfrom own import mine\nimport math", role="readonly", grade_id="imports"),
    cell(RELU, role="solution", grade_id="relu"),
    cell(TESTS, role="test", grade_id="test_relu", points=2.5),
    cell("assert double(relu(2)) == 4", role="test", grade_id="test_double", points=1),
    cell("assert mine() == 'mine'", role="test", grade_id="test_own", points=1),
    cell("def half(x):\n    return x / 2", role="solution", grade_id="half"),
    cell("right = sum(half(x) == x / 2 for x in (1, 2, 3, 4))\nright / 4 * 3", role="test", grade_id="test_half", points=3),
    cell("assert True", role="test", grade_id="free", points=0),
    cell("counts = {'a': 1}\nratio = 0.25", role="solution", grade_id="counts"),
    cell("### AUTOTEST counts; ratio\n### HASHED AUTOTEST len(counts)", role="test", grade_id="auto", points=2),
    cell("A full answer.", "markdown", "manual", grade_id="essay", points=3),
    cell("Kept.\n\nANSWER {\nCut.\n} ANSWER", "markdown", "manual", grade_id="part", points=1),
    cell("plot = 'drawn'", role="manual", grade_id="by_hand", points=2),
    cell(TASK, "markdown", "task", grade_id="task", points=2),
    cell("![](attachment:dot.png)", "markdown", attachments=PICTURE),
    cell("scratch = relu(1)"),
)
RULES = {
    "nothing": "assert made == 1",
    "share": "made * 1.5",
    "zero": "made * 0",
    "all": "made * 3",
    "text": "'text'",
    "truth": "made == 1",
    "none": "None",
    "printed": "print(made)\n2.5",
    "first": "2.5\nother = 1",
    "quiet": "2.5;",
    "both": "1 / 0\n2.5",
    "stderr": "import sys\nprint('careful', file=sys.stderr)",
    "warned": "assert loud() == 1",
    "scalar": "import numpy as np\nnp.float64(made * 1.5)",
    "negative": "made * -1.0",
    "nan": "made * float('nan')",
}
"""Tests of three points each, one for every branch of nbgrader's rule."""
MADE = "import sys\n\nmade = 1\n\ndef loud():\n    print('careful', file=sys.stderr)\n    return made"
BOOK = raw(
    cell("# Rules", "markdown"),
    cell(MADE, role="solution", grade_id="made"),
    *(cell(source, role="test", grade_id=name, points=3) for name, source in RULES.items()),
)
SOLVED = {
    "relu": "import numpy as np\n\ndef relu(x):\n    return np.maximum(x, 0)",
    "half": "def half(x):\n    return x / 2",
    "counts": "counts = {'a': 1}\nratio = 0.25",
    "essay": "A full answer.",
    "part": "Kept.\n\nMine.",
    "by_hand": "plot = 'drawn'",
    "made": MADE,
}
WRONG = {
    "relu": "def relu(x):\n    return x",
    "half": "def half(x):\n    return x // 2",
    "counts": "counts = {'a': 2}\nratio = 0.25",
    "essay": "Too short.",
}
STUDENTS: dict[str, tuple[Mapping[str, str], tuple[str, ...], str]] = {
    "solved": (SOLVED, ("kinds", "rules"), "2026-03-01 13:00:00.000000 UTC"),
    "blank": ({}, ("kinds", "rules"), "2026-03-01 11:00:00.000000 UTC"),
    "wrong": (WRONG, ("kinds",), "2026-03-01 13:30:30.500000 UTC"),
    "deleter": (SOLVED, ("kinds",), "2026-03-01 11:00:00.000000 UTC"),
    "assistant": (SOLVED, ("kinds", "rules"), "2026-03-01 11:00:00.000000 UTC"),
}
"""Student → answers, notebooks handed in, time; the deadline is noon, `solved` has an extension, `assistant` is excluded."""
DELETED = {"deleter": ("essay", "by_hand")}
"""Student → cells to be marked by hand that are not there any more."""


def make(root: Path) -> None:
    """The instructor's side of the course."""
    source = root / "source" / "ps1"
    source.mkdir(parents=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    (root / "late.py").write_text(LATE)
    (root / "autotests.yml").write_text(AUTOTESTS)
    for name, content in FRAME.items():
        (root / "source" / f"{name}.ipynb").write_text(json.dumps(content))
    for name, content in (("kinds", KINDS), ("rules", BOOK)):
        (source / f"{name}.ipynb").write_text(json.dumps(content))
    (source / "helper.py").write_text("def double(x):\n    return 2 * x\n")
    (source / "own.py").write_text("def mine():\n    return 'mine'\n")
    (source / "old.bak").write_text("a former version")


def answered(released: JSON, answers: Mapping[str, str]) -> JSON:
    """A released notebook with some cells written by a student."""
    made = copy.deepcopy(released)
    for one in made["cells"]:
        name = one["metadata"].get("nbgrader", {}).get("grade_id", "")
        one["source"] = answers.get(name, one["source"])
    return made


def hand_in(root: Path, student: str, answers: Mapping[str, str], names: tuple[str, ...], when: str) -> Path:
    """Puts a submission made from the release into `submitted/`."""
    folder = root / "submitted" / student / "ps1"
    shutil.copytree(root / "release" / "ps1", folder, ignore=shutil.ignore_patterns("*.ipynb"))
    for name in names:
        given = json.loads((root / "release" / "ps1" / f"{name}.ipynb").read_text())
        made = answered(given, answers)
        gone = DELETED.get(student, ())
        made["cells"] = [c for c in made["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") not in gone]
        (folder / f"{name}.ipynb").write_text(notebook.dumps(made))
    (folder / "helper.py").write_text("def double(x):\n    return 0\n")
    if student == "wrong":
        (folder / "own.py").write_text("def mine():\n    return 'broken'\n")
    (folder / "timestamp.txt").write_text(when)
    return folder
