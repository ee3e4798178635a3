"""The class of 30, and the demo that grades it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from autograder import demo, notebook
from autograder.demo import place, submission
from autograder.demo.clumsy import EVE
from autograder.demo.forgers import FORGERS, SPY, TESS, TIM
from autograder.demo.honest import ADA, BOB, HAL
from autograder.demo.student import Fate, Student
from autograder.values import Master


def master(student: Student) -> Master:
    """The master that a student works on, as it lies in source/."""
    path = place.SOURCE / student.assignment / f"{student.assignment}.ipynb"
    return notebook.read_master(path, student.assignment)


def test_the_class_is_30_of_different_names() -> None:
    """Most in gates, at least two in each other assignment."""
    assert 30 == len(demo.CLASS) == len({s.name for s in demo.CLASS})
    count = Counter(s.assignment for s in demo.CLASS)
    assert set(demo.ORDER) == set(count)
    assert count["gates"] > 12
    assert 2 <= min(count.values())


@pytest.mark.parametrize("student", demo.CLASS, ids=lambda s: s.name)
def test_every_student_works_on_cells_that_are_there(student: Student) -> None:
    """The class is in line with the masters."""
    submission._check(student, master(student))


def test_at_least_five_forgers_earn_more_from_nbgrader_than_their_honest_part() -> None:
    """The points that nbgrader gave stand beside each; those that the honest part is worth are counted."""
    gains = {s.name: s.with_nbgrader - s.expected.score((master(s),))[1] for s in FORGERS if s.with_nbgrader}
    assert set(gains) == {s.name for s in FORGERS}
    assert {TESS.name} == {name for name, gain in gains.items() if gain <= 0}


def shown(capfd: pytest.CaptureFixture[str]) -> str:
    out, err = capfd.readouterr()
    assert "" == out  # stdout belongs to programs
    return err


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A class of six in one assignment."""
    monkeypatch.setattr(demo, "HONEST", (ADA, HAL, BOB))
    monkeypatch.setattr(demo, "CLUMSY", (EVE,))
    monkeypatch.setattr(demo, "FORGERS", (TIM, SPY))
    monkeypatch.setattr(demo, "CLASS", (ADA, HAL, BOB, EVE, TIM, SPY))
    monkeypatch.setattr(demo, "ORDER", ("gates",))


@pytest.fixture
def numeric(monkeypatch: pytest.MonkeyPatch) -> int:
    """All who work on assignments without TensorFlow; how many."""
    order = ("gates", "convolution")
    for group in ("HONEST", "CLUMSY", "FORGERS", "CLASS"):
        monkeypatch.setattr(demo, group, tuple(s for s in getattr(demo, group) if s.assignment in order))
    monkeypatch.setattr(demo, "ORDER", order)
    return len(demo.CLASS)


@pytest.mark.slow
def test_everybody_fares_as_is_said(numeric: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The good, the wrong and the wicked, each with the sentence that tells why."""
    code = demo.run(tmp_path / "demo", jobs=2)
    told = shown(capfd)
    assert (0, True) == (code, f"{numeric} students in" in told and "all as expected" in told), told


@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_a_class_whose_fates_are_met_is_a_success(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Twice in the same folder; the attacked gradebook holds the honest marks and no extra credit."""
    for _ in range(2):
        assert 0 == demo.run(tmp_path / "demo", jobs=2)
    told = shown(capfd)
    assert "6 students in" in told
    assert "all as expected" in told
    with sqlite3.connect(tmp_path / "demo" / "gradebook.db") as book:
        query = (
            "SELECT a.student_id, SUM(g.auto_score), SUM(COALESCE(g.extra_credit, 0)) FROM grade g "
            "JOIN submitted_notebook n ON g.notebook_id = n.id JOIN submitted_assignment a ON n.assignment_id = a.id "
            "GROUP BY a.student_id"
        )
        found = {student: (auto or 0, extra) for student, auto, extra in book.execute(query)}
    full = sum(c.points for c in master(ADA).cells if c.grade_id.startswith("test"))
    assert (full, 0) == found["ada-perfect"]
    assert (0, 0) == found["sam-spies"]
    assert found["tim-transformer"][0] < full / 2
    assert (tmp_path / "demo" / "feedback" / "ada-perfect" / "gates" / "gates.html").is_file()
    assert "sam-spies" in (tmp_path / "demo" / "grades.csv").read_text()


@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_a_fate_that_is_not_met_fails_the_demo(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Positive control: the demo can fail, and says at whom."""
    hopeful = Student("bob-hopeful", "gates", "Expects all points for nothing.", Fate())
    monkeypatch.setattr(demo, "HONEST", (hopeful,))
    monkeypatch.setattr(demo, "CLUMSY", ())
    monkeypatch.setattr(demo, "FORGERS", ())
    monkeypatch.setattr(demo, "CLASS", (hopeful,))
    assert 1 == demo.run(tmp_path / "demo", jobs=1)
    told = shown(capfd)
    assert "1 NOT as expected" in told
    assert "test_fires: 0 (NotImplementedError), expected 3" in told
