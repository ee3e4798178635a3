"""The release engine against `nbgrader generate_assignment` itself, on the same masters."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from handmade import KERNEL, cell, raw

from autograder import notebook
from autograder.authoring import regions, release, strip
from autograder.values import JSON, Cell, Role

SOURCE = Path(__file__).parents[2] / "source"
PICTURE = {"dot.png": {"image/png": "iVBORw0KGgo="}, "words.txt": {"text/plain": "two\nlines"}}

ANSWER = """import numpy as np

def relu(x):
    \"\"\"Zero where x is negative.\"\"\"
    ### BEGIN SOLUTION
    y = np.maximum(x, 0)
    return y
    ### END SOLUTION

def twice(x):
\t### BEGIN SOLUTION
\treturn 2 * x
\t### END SOLUTION
"""
TESTS = """assert relu(3) == 3  # shown
### BEGIN HIDDEN TESTS
assert relu(-3) == 0
### END HIDDEN TESTS
assert twice(2) == 4
# BEGIN HIDDEN TESTS and more words
assert twice(-2) == -4
x = 1  # END HIDDEN TESTS"""
TASK = """Plot the loss.

=== BEGIN MARK SCHEME ===
One point for the axes.
=== END MARK SCHEME ===

It counts two points."""


def _every_kind() -> tuple[JSON, ...]:
    return (
        cell("# 합성곱\nA title", "markdown"),
        cell("Read *this*.\r\nCarriage returns\rand \u2028 separators\x0c.", "markdown", "readonly", grade_id="read"),
        cell("import numpy as np", role="readonly", grade_id="imports", metadata={"tags": ["given"]}),
        cell(ANSWER, role="solution", grade_id="relu"),
        cell("def whole(x):\n    return x", role="solution", grade_id="whole"),
        cell("", role="solution", grade_id="nothing"),
        cell(TESTS, role="test", grade_id="test_relu", points=2.5),
        cell("assert True", role="test", grade_id="test_free", points=0),
        cell("A full answer.", "markdown", "manual", grade_id="essay", points=3),
        cell(
            "Kept.\n\n  BEGIN SOLUTION\n  Cut.\n  END SOLUTION\n\nKept too.",
            "markdown",
            "manual",
            grade_id="part",
        ),
        cell(ANSWER, role="manual", grade_id="code_by_hand", points=4),
        cell("x = 'answer'", role="manual", grade_id="code_whole"),
        cell(TASK, "markdown", "manual", grade_id="essay_with_scheme", points=1),
        cell(TASK, "markdown", "task", grade_id="plot"),
        cell(TASK, "markdown", "task-unlocked", grade_id="plot2", points=1),
        cell(
            "plain = 1\n", metadata={"collapsed": True, "scrolled": False, "trusted": True, "ExecuteTime": {"a": 1}}
        ),
        cell("![](attachment:dot.png) and attachment:words.txt", "markdown", attachments=PICTURE),
        cell("raw *text*", "raw", metadata={"format": "text/latex"}),
        cell("", "markdown"),
    )


def _odd() -> tuple[JSON, ...]:
    """Cells with flags and metadata as other tools leave them."""
    stale = cell("assert stale", role="test", grade_id="stale", metadata={"deletable": True, "editable": True})
    stale["metadata"]["nbgrader"] |= {"checksum": "0" * 32, "cell_type": "markdown"}
    unlocked = cell("assert 1", role="test", grade_id="unlocked")
    unlocked["metadata"]["nbgrader"]["locked"] = False
    locked_answer = cell("y = 2", role="solution", grade_id="locked_answer")
    locked_answer["metadata"]["nbgrader"]["locked"] = True
    none = cell("z = 3", role="solution", grade_id="none")
    none["metadata"]["nbgrader"] |= {"solution": False, "checksum": "f" * 32}
    no_task = cell("w = 4", role="readonly", grade_id="no_task")
    del no_task["metadata"]["nbgrader"]["task"]
    own = cell("fit()", role="solution", grade_id="own", metadata={"autograder": {"train": {"binds": "model", "file": "model.keras"}}})
    lines = cell(["a = 1\n", "### BEGIN SOLUTION\n", "b = 2\n", "### END SOLUTION"], role="solution", grade_id="ls")
    return stale, unlocked, locked_answer, none, no_task, own, lines


def _notebooks() -> dict[str, JSON]:
    signed = {**KERNEL, "celltoolbar": "Create Assignment", "signature": "x", "orig_nbformat": 3, "colab": {"a": []}}
    r = {"kernelspec": {"display_name": "R", "language": "R", "name": "ir"}}
    return {
        "all": raw(*_every_kind()),
        "all44": raw(*_every_kind(), minor=4),
        "all40": raw(*_every_kind(), minor=0),
        "odd": raw(*_odd(), metadata=signed),
        "bare": raw(*_every_kind()[3:7], metadata={}),
        "r": raw(*_every_kind()[3:9], metadata=r),
        "noids": raw(*_every_kind()[:7], ids=False),
        "empty": raw(),
    }


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[JSON, str, str]]:
    """Notebook → (its master's JSON, our text, nbgrader's text), all from one run of nbgrader."""
    course = tmp_path_factory.mktemp("course")
    folder = course / "source" / "ps"
    folder.mkdir(parents=True)
    for name, content in _notebooks().items():
        (folder / f"{name}.ipynb").write_text(json.dumps(content), encoding="utf-8")
    for path in sorted(SOURCE.glob("*/*.ipynb")):
        (folder / f"{path.parent.name}--{path.name}").write_bytes(path.read_bytes())
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "ps", f"--course-dir={course}"]
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls `alembic`
    quiet = {**os.environ, "HOME": str(course), "JUPYTER_NO_CONFIG": "1", "PATH": tools}
    done = subprocess.run(command, cwd=course, env=quiet, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    out = {}
    for path in sorted(folder.glob("*.ipynb")):
        ours = notebook.dumps(release.make(notebook.read_master(path, "ps")))
        theirs = (course / "release" / "ps" / path.name).read_text(encoding="utf-8")
        out[path.stem] = (json.loads(path.read_text(encoding="utf-8")), ours, theirs)
    return out


def _has_ids(master: JSON) -> bool:
    return master["nbformat_minor"] < 5 or all("id" in each for each in master["cells"])


def test_every_cell_is_nbgraders_cell(pairs: dict[str, tuple[JSON, str, str]]) -> None:
    """Cell by cell the release is what nbgrader makes, whatever kind, role, flags or odd metadata a cell has."""
    compared = 0
    for name, (master, our_text, their_text) in pairs.items():
        ours, theirs = json.loads(our_text), json.loads(their_text)
        if not _has_ids(master):  # nbformat draws those at random
            for each in ours["cells"] + theirs["cells"]:
                each.pop("id")
        for number, (our_cell, their_cell) in enumerate(zip(ours["cells"], theirs["cells"], strict=True), 1):
            assert their_cell == our_cell, f"{name}, cell {number}"
            compared += 1
    assert compared > 80


def test_the_notebooks_own_metadata_is_nbgraders(pairs: dict[str, tuple[JSON, str, str]]) -> None:
    """Kernelspec, language, format numbers and foreign metadata come through; celltoolbar and signature do not."""
    for _, our_text, their_text in pairs.values():
        ours, theirs = json.loads(our_text), json.loads(their_text)
        assert {k: v for k, v in theirs.items() if k != "cells"} == {k: v for k, v in ours.items() if k != "cells"}


def test_the_file_is_nbgraders_byte_for_byte(pairs: dict[str, tuple[JSON, str, str]]) -> None:
    """Where the master has ids for its cells, the two files do not differ in a byte."""
    compared = [name for name, (master, ours, theirs) in pairs.items() if _has_ids(master) and theirs == ours]
    assert [name for name, (master, _, _) in pairs.items() if _has_ids(master)] == compared
    assert len(compared) >= 7


LINES = (
    "x = 1",
    "    y = 2  # comment",
    "",
    "### BEGIN SOLUTION",
    "\t  # END SOLUTION",
    "    ### BEGIN HIDDEN TESTS",
    "### END HIDDEN TESTS trailing",
    "BEGIN MARK SCHEME",
    "=== END MARK SCHEME ===",
    "![a](attachment:b.png)",
    'print("END SOLUTION")',
    "\u2028 odd \r",
)


@pytest.mark.parametrize("role", [Role.SOLUTION, Role.MANUAL, Role.TEST, Role.TASK, Role.TEXT, Role.READONLY])
def test_what_nbgrader_refuses_is_refused_and_the_rest_is_equal(role: Role) -> None:
    """On 600 random cells a role: no cell passes that nbgrader refuses, and all that pass are cut alike."""
    draw = random.Random(role.value)
    passed = 0
    for _ in range(600):
        source = "\n".join(draw.choice(LINES) for _ in range(draw.randint(0, 7)))
        kind = "markdown" if role is Role.TASK else draw.choice(("code", "markdown"))
        mine = Cell(0, kind, source, role, "a")
        found, faults = regions.find(mine)
        faults += regions.misplaced(mine, found)
        theirs = _nbgrader_cut(source, kind, role)
        if not faults:
            passed += 1
            assert theirs == strip.strip(mine).source, source
    assert passed > 30


def _nbgrader_cut(source: str, kind: str, role: Role) -> str | None:
    """What nbgrader's three preprocessors make of one cell; None where they refuse."""
    from nbformat.v4 import new_code_cell, new_markdown_cell
    from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions

    flags = {
        Role.SOLUTION: {"solution": True},
        Role.MANUAL: {"solution": True, "grade": True},
        Role.TEST: {"grade": True},
        Role.TASK: {"task": True, "locked": True},
        Role.READONLY: {"locked": True},
        Role.TEXT: {},
    }[role]
    made = (new_code_cell if kind == "code" else new_markdown_cell)(source, metadata={"nbgrader": flags})
    try:
        for step in (ClearSolutions, ClearHiddenTests, ClearMarkScheme):
            made, _ = _steps(step).preprocess_cell(made, {"language": "python"}, 0)
    except RuntimeError:
        return None
    return str(made.source)


_MADE: dict[type, object] = {}


def _steps(step: type) -> object:
    if step not in _MADE:
        _MADE[step] = step()
        _MADE[step].log.disabled = True
    return _MADE[step]
