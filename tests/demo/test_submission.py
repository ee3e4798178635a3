"""A student's value as files."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from autograder import notebook
from autograder.authoring import release
from autograder.demo.student import ALL, Fate, Student
from autograder.demo.submission import content, hand_in, solutions
from autograder.errors import MasterError
from autograder.values import Master

DUE = datetime(2026, 3, 20, 12, tzinfo=UTC)


def cell(kind: str, source: str, name: str = "", **flags: Any) -> dict[str, Any]:
    """One cell of a master."""
    meta = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3, **flags}
    out: dict[str, Any] = {"cell_type": kind, "id": name or "plain", "metadata": {}, "source": source}
    if name:
        out["metadata"] = {"nbgrader": {**meta, "grade_id": name}}
    return {**out, "execution_count": None, "outputs": []} if kind == "code" else out


CELLS = [
    cell("markdown", "# Title"),
    cell("code", "### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n", "answer", solution=True),
    cell("code", "assert x == 1\n### BEGIN HIDDEN TESTS\n7\n### END HIDDEN TESTS", "test", grade=True, locked=True,
         points=2),
    cell("markdown", "Because.\n=== BEGIN MARK SCHEME ===\nsecret\n=== END MARK SCHEME ===", "why", grade=True,
         solution=True, points=1),
]  # fmt: skip


@pytest.fixture
def master(tmp_path: Path) -> Master:
    """A master and, in tmp_path/release, its release."""
    path = tmp_path / "source" / "m.ipynb"
    path.parent.mkdir()
    path.write_text(notebook.dumps({"cells": CELLS, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    found = notebook.read_master(path, "m")
    (tmp_path / "release").mkdir()
    (tmp_path / "release" / "m.ipynb").write_text(notebook.dumps(release.make(found)))
    return found


def made(master: Master, tmp_path: Path, **work: Any) -> list[dict[str, Any]]:
    """The cells that a student who does this hands in."""
    student = Student("ada", "m", "A story.", Fate(earns=(), **work.pop("fate", {})), **work)
    data = content(student, master, tmp_path / "release", "/the/course")
    return list(json.loads(data)["cells"])


def texts(cells: list[dict[str, Any]]) -> list[str]:
    return ["".join(c["source"]) for c in cells]


def test_a_solution_is_the_masters_without_its_marks(master: Master) -> None:
    """Neither delimiters nor the marking scheme are handed in."""
    assert {"answer": "x = 1", "why": "Because."} == solutions(master)


def test_who_does_nothing_hands_in_the_release(master: Master, tmp_path: Path) -> None:
    """Cell for cell, settings included."""
    released = json.loads((tmp_path / "release" / "m.ipynb").read_text())["cells"]
    assert released == made(master, tmp_path)


def test_who_solves_all_leaves_the_tests_as_released(master: Master, tmp_path: Path) -> None:
    """Answers are filled in; what was hidden stays hidden."""
    found = texts(made(master, tmp_path, solves=ALL))
    assert ["# Title", "x = 1", "assert x == 1", "Because."] == [text.strip() for text in found]


def test_writing_goes_before_solving(master: Master, tmp_path: Path) -> None:
    """A student may solve all and err in one cell; @COURSE@ becomes the course's path."""
    assert "x = '/the/course'" == texts(made(master, tmp_path, solves=ALL, writes={"answer": "x = '@COURSE@'"}))[1]


def test_own_cells_stand_before_the_cell_they_name(master: Master, tmp_path: Path) -> None:
    """They are ordinary cells without settings."""
    found = made(master, tmp_path, before={"test": "y = 2"})
    assert "y = 2" == texts(found)[2]
    assert {} == found[2]["metadata"]


def test_a_copy_bears_the_same_grade_id(master: Master, tmp_path: Path) -> None:
    """As in Jupyter, where copying a cell copies its settings."""
    found = made(master, tmp_path, copies={"answer": "x = 0"})
    assert ["answer", "answer"] == [notebook.grade_id_of(c) for c in found[1:3]]
    assert "x = 0" == texts(found)[1]
    assert len(found) == len({c["id"] for c in found})


def test_a_dropped_cell_is_gone(master: Master, tmp_path: Path) -> None:
    """And only that."""
    found = made(master, tmp_path, drops=("test",))
    assert ["", "answer", "why"] == [notebook.grade_id_of(c) for c in found]


def test_a_torn_file_is_no_json(master: Master, tmp_path: Path) -> None:
    """It is the beginning of the notebook."""
    with pytest.raises(json.JSONDecodeError):
        made(master, tmp_path, torn=True)


@pytest.mark.parametrize("where", ["solves", "writes", "before", "copies", "drops", "earns", "loses", "partly"])
def test_a_cell_that_the_master_does_not_have_is_an_error(master: Master, tmp_path: Path, where: str) -> None:
    """The class is kept in line with the masters."""
    named: Any = ("nobody",) if where in ("solves", "drops", "earns", "loses") else {"nobody": "1"}
    fate = Fate(**{"earns": (), where: named}) if where in ("earns", "loses", "partly") else Fate(earns=())
    work = {} if where in ("earns", "loses", "partly") else {where: named}
    student = Student("ada", "m", "A story.", fate, **work)
    with pytest.raises(MasterError, match="no cell 'nobody'"):
        content(student, master, tmp_path / "release", "")


@pytest.mark.parametrize(
    ("late", "stamp"), [(timedelta(0), "2026-03-19 12:00"), (timedelta(hours=30), "2026-03-21 18:00")]
)
def test_the_time_is_a_day_before_the_deadline_or_as_late_as_told(
    master: Master, tmp_path: Path, late: timedelta, stamp: str
) -> None:
    """timestamp.txt is nbgrader's, in UTC."""
    student = Student("ada", "m", "A story.", Fate(), late=late, beside={"numpy.py": "1"})
    folder = hand_in(student, master, tmp_path / "release", tmp_path / "submitted", DUE)
    assert tmp_path / "submitted" / "ada" / "m" == folder
    assert (folder / "timestamp.txt").read_text().startswith(stamp)
    assert ["m.ipynb", "numpy.py", "timestamp.txt"] == sorted(p.name for p in folder.iterdir())
