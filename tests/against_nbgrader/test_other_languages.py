"""A notebook in another language, graded by nbgrader and by us: kernel, jail and nbgrader are the real ones."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from handmade import cell, raw

from autograder import course as courses
from autograder import notebook, pipeline
from autograder.sandbox import kernels
from autograder.values import Grade, Outcome

HERE = Path(__file__).parent
SPEC = {"name": "calculator", "display_name": "Calculator", "language": "calculator"}
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "reckoning"
c.ClearSolutions.code_stub = {"calculator": "missing"}
c.Execute.timeout = 5
c.Application.log_level = "ERROR"
"""
BOOK = raw(
    cell("# Reckoning", "markdown"),
    cell("let unit = 2", role="readonly", grade_id="unit"),
    cell("### BEGIN SOLUTION\nlet square x = x * x\n### END SOLUTION", role="solution", grade_id="square"),
    cell("check square(3) == 9\n### BEGIN HIDDEN TESTS\ncheck square(-4) == 16\n### END HIDDEN TESTS", role="test",
         grade_id="test_square", points=2),
    cell("### BEGIN SOLUTION\nlet half x = x / unit\n### END SOLUTION", role="solution", grade_id="half"),
    cell("check half(4) == 2", role="test", grade_id="test_half", points=1),
    cell("(half(4) == 2) * 1.5 + (half(3) == 1.5) * 1.5", role="test", grade_id="test_part", points=3),
    cell("Why?", "markdown", "manual", grade_id="why", points=2),
    metadata={"kernelspec": SPEC, "language_info": {"name": "calculator"}},
)  # fmt: skip
RIGHT = {"square": "let square x = x * x", "half": "let half x = x / unit", "why": "Because."}
HONEST = {
    "right": RIGHT,
    "wrong": {"square": "let square x = 9", "half": "let half x = 2", "why": "No."},
    "blank": {},
    "erring": {"square": "let square x = x ** y", "half": "let half = ( /"},
    "half": {**RIGHT, "square": "let square x = x + 6\nsquare(3)"},
    "tampering": {**RIGHT, "unit": "let unit = 3", "test_square": "check 1"},
    "elsewhere": RIGHT,
}
"""Student → what stands in the cells; `elsewhere` asks for another kernel."""
HOSTILE = {
    "sinking": {**RIGHT, "half": "sink"},
    "quitting": {**RIGHT, "half": "quit"},
    "flooding": {**RIGHT, "half": "let half x = x / 2\nflood 64"},
    "loud": {**RIGHT, "half": "loud 1024"},
}
LOST = {"test_square": 2.0, "test_half": 0.0, "test_part": 0.0, "why": None}
GRADES = """SELECT s.student_id, b.name, auto_score, needs_manual_grade FROM grade x
    JOIN base_cell b ON b.id = x.cell_id JOIN submitted_notebook n ON n.id = x.notebook_id
    JOIN submitted_assignment s ON s.id = n.assignment_id"""


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Jupyter data folder that knows the kernels `calculator` and `mute`, which never starts."""
    root = tmp_path_factory.mktemp("jupyter")
    for name in ("calculator", "mute"):
        folder = root / "kernels" / name
        folder.mkdir(parents=True)
        shutil.copy(HERE / "calculator.py", folder)
        argv = [sys.executable, str(folder / "calculator.py"), "-f", "{connection_file}"]
        spec = {**SPEC, "argv": argv if name == "calculator" else [sys.executable, "-c", "raise SystemExit('mute')"]}
        (folder / "kernel.json").write_text(json.dumps(spec))
        folder.chmod(0o755)  # the jail's own user reads it
    return root


def handed(answers: dict[str, str], student: str) -> dict[str, Any]:
    """The master as a student hands it in."""
    book = json.loads(json.dumps(BOOK))
    for one in book["cells"]:
        name = notebook.grade_id_of(one)
        one["source"] = answers.get(name, "missing" if name in ("square", "half") else one["source"])
    if student == "elsewhere":
        book["metadata"] = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return book


def hand_in(root: Path, students: dict[str, dict[str, str]]) -> None:
    for student, answers in students.items():
        folder = root / "submitted" / student / "ps1"
        folder.mkdir(parents=True)
        (folder / "reckoning.ipynb").write_text(notebook.dumps(handed(answers, student)))


@pytest.fixture(scope="module")
def theirs(jupyter: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course after nbgrader's `generate_assignment` and `autograde` of what is no attack."""
    root = tmp_path_factory.mktemp("theirs")
    (root / "source" / "ps1").mkdir(parents=True)
    (root / "source" / "ps1" / "reckoning.ipynb").write_text(json.dumps(BOOK))
    (root / "nbgrader_config.py").write_text(CONFIG)
    hand_in(root, HONEST)
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    quiet = {**os.environ, "HOME": str(root), "JUPYTER_PATH": str(jupyter), "PATH": tools}
    for word in ("generate_assignment", "autograde"):
        command = [sys.executable, "-m", "nbgrader", word, "ps1"]
        done = subprocess.run(command, cwd=root, env=quiet, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-4000:]
    return root


@pytest.fixture(scope="module")
def graded(jupyter: Path, theirs: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Grade]]:
    """The same course graded by us, the attackers among the others; and the grades by student."""
    root = tmp_path_factory.mktemp("ours")
    for name in ("source", "submitted"):
        shutil.copytree(theirs / name, root / name)
    shutil.copy(theirs / "nbgrader_config.py", root)
    hand_in(root, HOSTILE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(jupyter))
        return root, grade(root)


def grade(root: Path) -> dict[str, Grade]:
    course = courses.load(root)
    level = pipeline.jail_level(course, weak=True)
    if level < kernels.LEAST_LEVEL:
        pytest.skip("this machine's jail allows no processes")
    for _ in pipeline.autograde(course, "ps1", level=level, jobs=2):
        pass
    pipeline.enter(course, "ps1")
    return {one.student: one for one in pipeline.latest(course, "ps1")}


def rows(root: Path) -> dict[tuple[str, str], tuple[float | None, int]]:
    with sqlite3.connect(root / "gradebook.db") as db:
        return {(s, t): (points, flag) for s, t, points, flag in db.execute(GRADES) if s in HONEST}


def points(one: Grade) -> dict[str, float | None]:
    return {v.test: v.points for v in one.verdicts}


@pytest.mark.slow
def test_scores_are_nbgraders(theirs: Path, graded: tuple[Path, dict[str, Grade]]) -> None:
    """Each test of right, wrong, blank and erring ones, parts of points, tampered cells; and who marks by hand."""
    nbgraders = rows(theirs)
    assert {(s, t) for s in HONEST for t in LOST} == set(nbgraders)
    assert nbgraders == rows(graded[0])
    assert {2.0, 1.0, 3.0, 1.5, 0.0, None} == {
        score for score, _ in nbgraders.values()
    }  # the course tells them apart


@pytest.mark.slow
def test_the_masters_kernel_runs_it(graded: tuple[Path, dict[str, Grade]]) -> None:
    """Whatever the submission's kernelspec names, with a note; and each verdict is labelled as one that can be forged."""
    one = graded[1]["elsewhere"]
    assert any("'python'" in note and "the master's kernel ran it" in note for note in one.notes)
    assert {("in-kernel",)} == {v.labels for v in one.verdicts if v.outcome is not Outcome.BY_HAND}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("student", "reason"),
    [("sinking", "longer than 5 seconds and did not stop"), ("quitting", "kernel")],
)
def test_a_kernel_that_is_lost_costs_what_breaks_on_it(
    graded: tuple[Path, dict[str, Grade]], student: str, reason: str
) -> None:
    """One that never answers, one that ends; the marks of before stand, and everybody else's."""
    one = graded[1][student]
    assert points(one) == LOST
    assert any(reason in text for text in (*one.notes, *(v.reason for v in one.verdicts)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("student", "expected"),
    [("flooding", {"test_square": 2.0, "test_half": 1.0, "test_part": 3.0, "why": None}), ("loud", LOST)],
)
def test_what_it_says_is_cut(
    graded: tuple[Path, dict[str, Grade]], student: str, expected: dict[str, float | None]
) -> None:
    """64 MB in lines cost nothing but the lines, a gigabyte at once its own cell; the executed notebook stays small."""
    assert expected == points(graded[1][student])
    assert (graded[0] / "autograded" / student / "ps1/reckoning.ipynb").stat().st_size < 4 << 20


@pytest.mark.slow
def test_a_kernel_that_does_not_start_is_our_fault(
    jupyter: Path, theirs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unscored, with its last words and not the student's zero."""
    (tmp_path / "source" / "ps1").mkdir(parents=True)
    mute = {**BOOK, "metadata": {"kernelspec": {**SPEC, "name": "mute"}}}
    (tmp_path / "source" / "ps1" / "reckoning.ipynb").write_text(json.dumps(mute))
    shutil.copy(theirs / "nbgrader_config.py", tmp_path)
    hand_in(tmp_path, {"right": RIGHT})
    monkeypatch.setenv("JUPYTER_PATH", str(jupyter))
    verdicts = [v for v in grade(tmp_path)["right"].verdicts if v.test != "why"]
    assert {Outcome.UNSCORED} == {v.outcome for v in verdicts}
    assert "mute" in verdicts[0].reason
