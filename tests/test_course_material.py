"""The course in `source/`: every assignment earns full marks solved and none blank, and its release is up to date."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from builders import ROOT

from autograder import course as courses
from autograder import data, pipeline
from autograder.values import Grade, Outcome, Role

ASSIGNMENTS = courses.load(ROOT).names()


@pytest.fixture(scope="module", params=ASSIGNMENTS)
def graded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Grade]:
    """The solution and the blank release of one assignment, graded in one batch."""
    name: str = request.param
    needed = [f"{found}.npz" for found in data.mentioned(text(name)) if found != "mnist"]
    folder = courses.load(ROOT).data_dir
    if missing := [file for file in needed if folder is None or not (folder / file).is_file()]:
        pytest.skip(f"AUTOGRADER_DATA names no folder with {', '.join(missing)}")
    root = tmp_path_factory.mktemp(name)
    shutil.copytree(ROOT / "source" / name, root / "source" / name)
    shutil.copy(ROOT / "course.toml", root)
    course = courses.load(root)
    pipeline.release(course, name)
    for student, origin in (("solved", course.source), ("blank", course.release)):
        shutil.copytree(origin / name, root / "submitted" / student / name)
    level = pipeline.jail_level(course, weak=True)
    return {g.grade.student: g.grade for g in pipeline.autograde(course, name, level=level)}


def text(name: str) -> list[str]:
    """The text of the assignment's masters."""
    return [path.read_text() for path in (ROOT / "source" / name).glob("*.ipynb")]


def test_the_solution_earns_full_marks(graded: dict[str, Grade]) -> None:
    """Every test passes; only what a person marks is open."""
    missed = {v.test: v.reason for v in graded["solved"].verdicts if v.outcome not in (Outcome.PASSED, Outcome.BY_HAND)}
    assert {} == {test: why for test, why in missed.items() if not full(graded["solved"], test)}


def full(grade: Grade, test: str) -> bool:
    """Whether that test gave all its points."""
    return any(v.test == test and v.points == v.max_points for v in grade.verdicts)


def test_the_blank_release_earns_nothing(graded: dict[str, Grade]) -> None:
    """No test passes on stubs."""
    assert {} == {v.test: v.points for v in graded["blank"].verdicts if v.points}


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_release_is_what_the_master_gives(tmp_path: Path, name: str) -> None:
    """release/ was made from the present source/: byte for byte."""
    shutil.copytree(ROOT / "source" / name, tmp_path / "source" / name)
    shutil.copy(ROOT / "course.toml", tmp_path)
    pipeline.release(courses.load(tmp_path), name)
    for made in (tmp_path / "release" / name).iterdir():
        assert (ROOT / "release" / name / made.name).read_bytes() == made.read_bytes()


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_an_assignment_has_what_a_good_one_has(name: str) -> None:
    """Korean terms, visible and hidden tests, a question for a person, points for parts of a task."""
    for master in pipeline.masters(courses.load(ROOT), name):
        text = "\n".join(cell.source for cell in master.cells)
        tests = [cell for cell in master.cells if cell.role is Role.TEST]
        assert any("가" <= letter <= "힣" for letter in text)
        assert any(cell.role is Role.MANUAL for cell in master.cells)
        assert any("BEGIN HIDDEN TESTS" in cell.source for cell in tests)
        assert any("assert" in cell.source.partition("### BEGIN HIDDEN")[0] for cell in tests)
