"""A notebook whose language is not Python: its kernel, nbclient and its tests run in the jail."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from builders import SQUARE, cell, exam, solution

from autograder import course as courses
from autograder import notebook, pipeline
from autograder.sandbox import kernels
from autograder.values import Outcome, Status

SHELL = {
    "cells": [
        solution("square", "square() {\n### BEGIN SOLUTION\n  echo $(( $1 * $1 ))\n### END SOLUTION\n  :\n}"),
        exam(
            "test_square",
            'test "$(square 3)" = 9\n### BEGIN HIDDEN TESTS\ntest "$(square -4)" = 16\n### END HIDDEN TESTS',
            2,
        ),
        solution("files", "### BEGIN SOLUTION\ntouch a b\n### END SOLUTION\n:"),
        exam("test_files", "ls a b", 1),
        cell("markdown", "Why?", "why", grade=True, solution=True, points=2),
    ],
    "metadata": {"kernelspec": {"name": "bash", "display_name": "Bash", "language": "bash"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
STUDENTS: dict[str, dict[str, str]] = {
    "dies": {"files": "echo almost\nkill -9 $PPID\nsleep 5"},
    "loops": {"square": "echo begun\nwhile true; do :; done"},
    "solved": {},
    "wrong": {"square": "square() { echo 9; }", "why": "Because."},
}
LIMITS = "[limits]\ncell_seconds = 4\nsubmission_seconds = 60\n"


@pytest.fixture(scope="session")
def bash(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Jupyter data folder that knows the kernel `bash`."""
    pytest.importorskip("bash_kernel", reason="bash_kernel is not installed")
    if shutil.which("bash") is None:
        pytest.skip("there is no bash")
    spec = {
        "argv": [sys.executable, "-m", "bash_kernel", "-f", "{connection_file}"],
        "display_name": "Bash",
        "language": "bash",
    }
    folder = tmp_path_factory.mktemp("jupyter")
    (folder / "kernels" / "bash").mkdir(parents=True)
    (folder / "kernels" / "bash" / "kernel.json").write_text(json.dumps(spec))
    return folder


def made(root: Path, students: dict[str, dict[str, str]]) -> courses.Course:
    """A course whose one assignment has a notebook in the shell's language and one in Python."""
    place = root / "source" / "ps1"
    place.mkdir(parents=True)
    stubs = '[format]\ncode_stubs = {bash = "false", python = "raise NotImplementedError()"}\n'
    (root / "course.toml").write_text(f'[course]\nname = "c"\n{LIMITS}{stubs}')
    for name, content in (("shell", SHELL), ("squares", SQUARE)):
        (place / f"{name}.ipynb").write_text(notebook.dumps(content))
    for student, answers in students.items():
        folder = root / "submitted" / student / "ps1"
        folder.mkdir(parents=True)
        for name, content in (("shell", SHELL), ("squares", SQUARE)):
            handed = json.loads(json.dumps(content))
            for one in handed["cells"]:
                one["source"] = (
                    answers.get(notebook.grade_id_of(one), one["source"]) if name == "shell" else one["source"]
                )
            (folder / f"{name}.ipynb").write_text(notebook.dumps(handed))
    return courses.load(root)


def graded(course: courses.Course, remarks: list[str] | None = None) -> dict[str, Any]:
    """Student → grade and executed notebooks."""
    level = pipeline.jail_level(course, weak=True)
    if level < kernels.LEAST_LEVEL:
        pytest.skip("this machine's jail allows no processes")
    listener = pipeline.Listener(remark=(remarks if remarks is not None else []).append)
    return {g.grade.student: g for g in pipeline.autograde(course, "ps1", level=level, jobs=2, listener=listener)}


@pytest.fixture(scope="module")
def shells(bash: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(bash))
        return graded(made(tmp_path_factory.mktemp("shells"), STUDENTS))


def points(one: Any) -> dict[str, float | None]:
    return {v.test: v.points for v in one.grade.verdicts if v.notebook == "shell"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("student", "expected"),
    [
        ("solved", {"test_square": 2.0, "test_files": 1.0, "why": None}),
        ("wrong", {"test_square": 0.0, "test_files": 1.0, "why": None}),
        ("loops", {"test_square": 0.0, "test_files": 1.0, "why": None}),
        ("dies", {"test_square": 2.0, "test_files": 0.0, "why": None}),
    ],
)
def test_a_notebook_in_another_language_is_graded(
    shells: dict[str, Any], student: str, expected: dict[str, float]
) -> None:
    """In its own kernel, and the Python beside it as ever; what loops or ends the kernel costs what breaks on it."""
    assert expected == points(shells[student])
    assert Status.GRADED is shells[student].grade.status
    assert 5.0 == sum(v.points or 0.0 for v in shells[student].grade.verdicts if v.notebook == "squares")


@pytest.mark.slow
def test_its_verdicts_say_that_they_could_be_forged(shells: dict[str, Any]) -> None:
    """Each test has the label, the grade a note that names the kernel; no reason quotes a hidden test."""
    grade = shells["wrong"].grade
    labels = {v.test: v.labels for v in grade.verdicts if v.notebook == "shell" and v.outcome is not Outcome.BY_HAND}
    assert {"test_square": ("in-kernel",), "test_files": ("in-kernel",)} == labels
    assert any("shell: The kernel 'bash' ran its tests beside the submission's code" in note for note in grade.notes)
    assert "A test failed." == next(v.reason for v in grade.verdicts if v.test == "test_square")
    assert all("in-kernel" not in v.labels for v in grade.verdicts if v.notebook == "squares")


@pytest.mark.slow
def test_what_it_printed_is_in_the_executed_notebook(shells: dict[str, Any]) -> None:
    """Also of a cell that was stopped or that ended its kernel; the file is valid nbformat."""
    seen = {}
    for student in ("loops", "dies"):
        book = nbformat.reads(shells[student].executed["shell"], as_version=4)
        nbformat.validate(book)
        seen[student] = json.dumps([c.outputs for c in book.cells if c.cell_type == "code"])
    assert "begun" in seen["loops"]
    assert "took longer than 4 seconds" in seen["loops"]
    assert "almost" in seen["dies"]


@pytest.mark.slow
def test_a_missing_kernel_is_named_and_the_rest_is_graded(
    bash: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its tests stay unscored with kernelspec, notebook and mend; once the kernel is there, they are run."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "nothing"))
    course, remarks = made(tmp_path / "c", {"solved": {}}), []
    found = graded(course, remarks)["solved"]
    (told,) = {v.reason for v in found.grade.verdicts if v.outcome is Outcome.UNSCORED}
    for word in ("ps1/shell.ipynb", "'bash'", "not installed", "Install it"):
        assert word in told
    assert told in remarks
    assert {"test_square": None, "test_files": None, "why": None} == points(found)
    assert 5.0 == found.grade.score
    assert "square" in found.executed["shell"].decode()
    monkeypatch.setenv("JUPYTER_PATH", str(bash))
    assert 8.0 == graded(course)["solved"].grade.score
