"""Submissions whose cells are not those that were given out: the master's roles and points decide, and a note tells."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from builders import SQUARE, answered, cell, hand_in

from autograder import course as courses
from autograder import notebook, pipeline
from autograder.authoring import release
from autograder.notebook import read_master
from autograder.values import Grade, Status

JSON = dict[str, Any]
ANSWERS = {"square": "def square(x):\n    return x * x", "half": "def half(x):\n    return x / 2", "why": "Because."}
HONEST = {"test_square": 2.0, "test_half": 3.0, "why": None}


def of(raw: JSON, name: str) -> JSON:
    return next(c for c in raw["cells"] if notebook.grade_id_of(c) == name)


def former(raw: JSON) -> JSON:
    """A release from before `half` was asked for, with another text in the first test."""
    gone = ("half", "test_half", "why")
    raw["cells"] = [c for c in raw["cells"] if notebook.grade_id_of(c) not in gone]
    of(raw, "test_square")["source"] = "assert square(2) == 4"
    return raw


def duplicated(raw: JSON) -> JSON:
    """Each answer stands twice, the first time wrong, as copying a cell in Jupyter leaves it."""
    for name in ("square", "half"):
        one = of(raw, name)
        raw["cells"].insert(raw["cells"].index(one), one | {"source": f"def {name}(x):\n    return 0", "id": f"{name}-2"})
    return raw


def deleted(raw: JSON) -> JSON:
    raw["cells"] = [c for c in raw["cells"] if not notebook.grade_id_of(c).startswith("test")]
    return raw


def reordered(raw: JSON) -> JSON:
    raw["cells"].reverse()
    return raw


def retyped(raw: JSON) -> JSON:
    """Answers and tests as text, the essay as code."""
    for one in raw["cells"]:
        kind = "code" if one["cell_type"] == "markdown" else "markdown"
        one.update(cell("code" if kind == "code" else "markdown", one["source"]) | {"metadata": one["metadata"], "id": one["id"]})
    return raw


def flagged(raw: JSON) -> JSON:
    """Every setting of every cell, turned over."""
    for one in raw["cells"]:
        meta = one["metadata"].get("nbgrader", {})
        meta.update({flag: not meta[flag] for flag in notebook.FLAGS if flag in meta})
        if "points" in meta:
            meta["points"] = 1000
    return raw


def versions(raw: JSON) -> JSON:
    for one, version in zip(raw["cells"], (3, 2, 99, "three", None, -1), strict=True):
        one["metadata"].get("nbgrader", {})["schema_version"] = version
    return raw


def kernel(raw: JSON) -> JSON:
    raw["metadata"]["kernelspec"] = {"name": "ir", "language": "R", "display_name": "R"}
    return raw


def twins(raw: JSON) -> bytes:
    """The list of cells twice: nbformat, too, takes the last."""
    text = notebook.dumps(raw)
    return ('{"cells": [], ' + text.lstrip().removeprefix("{")).encode()


def renamed(raw: JSON) -> JSON:
    """Ids that nobody gave out."""
    of(raw, "test_half")["metadata"]["nbgrader"]["grade_id"] = "my_test"
    return raw


CASES: dict[str, tuple[Callable[[JSON], Any], dict[str, float | None], str]] = {
    "former": (former, HONEST | {"test_half": 0.0}, "Test 'test_half' was missing and was put back"),
    "duplicated": (duplicated, HONEST, "stands 2 times"),
    "deleted": (deleted, HONEST, "was missing and was put back"),
    "reordered": (reordered, HONEST, "was put back in its place"),
    "retyped": (retyped, HONEST, "its settings (cell type) had changed and were restored"),
    "flagged": (flagged, HONEST, "its settings (grade, solution, locked, task, points) had changed"),
    "versions": (versions, HONEST, "its settings (schema_version) had changed"),
    "kernel": (kernel, HONEST, "It asks for a kernel of 'R'; the master's kernel ran it."),
    "twins": (twins, HONEST, "its JSON names 'cells' twice"),
    "renamed": (renamed, HONEST, "claims the id 'my_test', unknown here"),
}
"""Name → how an honest notebook is mangled, the points all the same, and a note."""


@pytest.fixture(scope="module")
def grades(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Grade]:
    """All of them in one class, graded once."""
    root: Path = tmp_path_factory.mktemp("mangled")
    (root / "source" / "squares").mkdir(parents=True)
    master = root / "source" / "squares" / "squares.ipynb"
    master.write_text(notebook.dumps(SQUARE))
    (root / "course.toml").write_text("[limits]\ncell_seconds = 5\n[grading]\ngradebook = ''\n")
    given = release.make(read_master(master, "squares"))
    for name, (mangle, _, _) in {**CASES, "honest": (lambda raw: raw, {}, "")}.items():
        hand_in(root, name, mangle(copy.deepcopy(json.loads(json.dumps(answered(given, ANSWERS))))))
    course = courses.load(root)
    level = pipeline.jail_level(course, weak=True)
    return {one.grade.student: one.grade for one in pipeline.autograde(course, "squares", level=level)}


def test_the_honest_one_earns_everything_without_a_note(grades: dict[str, Grade]) -> None:
    """What the others are compared with."""
    assert HONEST == {v.test: v.points for v in grades["honest"].verdicts}
    assert () == grades["honest"].notes


@pytest.mark.parametrize("name", CASES)
def test_the_masters_roles_and_points_decide(grades: dict[str, Grade], name: str) -> None:
    """Cells of a former release, twice, gone, elsewhere, of another type, with other settings, a changed file."""
    _, points, note = CASES[name]
    assert Status.GRADED is grades[name].status
    assert points == {v.test: v.points for v in grades[name].verdicts}
    assert any(note in told for told in grades[name].notes), grades[name].notes
