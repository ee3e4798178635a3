"""Gradebook and grades.csv: written when there is news, made up for when they were missed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from builders import SQUARE, Course, answered

from autograder import course as courses
from autograder import pipeline
from autograder.gradebook.nbgrader import Book, Entry
from autograder.gradebook.reading import Reader, Short
from autograder.pipeline import writing
from autograder.values import Grade

WHY = answered(SQUARE, {"why": "Because x times x."})


@pytest.fixture
def graded(course: Course, lent: None, level: int) -> Callable[..., Path]:
    """Makes and grades a class; gives its folder."""

    def make(submissions: dict[str, object] | None = None, **options: object) -> Path:
        root = course(submissions)
        list(pipeline.autograde(courses.load(root), "squares", level=level, jobs=2, **options))  # type: ignore[arg-type]
        return root

    return make


@pytest.fixture
def entered(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """(student, fresh) of all that is written into the gradebook."""
    found: list[tuple[str, bool]] = []
    really = Book.write

    def write(self: Book, assignment: str, entries: object) -> int:
        kept: list[Entry] = list(entries)  # type: ignore[call-overload]
        found.extend((entry.grade.student, entry.fresh) for entry in kept)
        return really(self, assignment, kept)

    monkeypatch.setattr(Book, "write", write)
    return found


def test_only_news_is_entered(graded: Callable[..., Path], entered: list[tuple[str, bool]]) -> None:
    """The first time all, then nothing, then the one who handed in again."""
    course = courses.load(graded({"ann": WHY, "ben": WHY}))
    pipeline.enter(course, "squares")
    assert [("ann", True), ("ben", True)] == entered
    graded()
    pipeline.enter(course, "squares")
    assert 2 == len(entered)
    graded({"ben": SQUARE})
    pipeline.enter(course, "squares")
    assert [("ben", True)] == entered[2:]


def test_what_a_killed_run_did_not_enter_is_entered_by_the_next(
    graded: Callable[..., Path], entered: list[tuple[str, bool]]
) -> None:
    """A mark given by hand wants another look even if the run that graded anew was killed before the gradebook."""
    course = courses.load(graded({"ann": WHY}))
    pipeline.enter(course, "squares")
    graded({"ann": SQUARE})  # and killed here
    assert [False] == [
        g.fresh for g in pipeline.autograde(course, "squares", level=pipeline.jail_level(course, weak=True))
    ]
    pipeline.enter(course, "squares")
    assert [("ann", True), ("ann", True)] == entered


def test_a_gradebook_that_is_gone_is_made_again(graded: Callable[..., Path], entered: list[tuple[str, bool]]) -> None:
    """All are entered, and nobody as newly graded."""
    course = courses.load(graded({"ann": WHY, "ben": WHY}))
    pipeline.enter(course, "squares")
    (course.root / "gradebook.db").unlink()
    pipeline.enter(course, "squares")
    assert [("ann", False), ("ben", False)] == entered[2:]
    with sqlite3.connect(course.root / "gradebook.db") as db:
        assert (2,) == db.execute("SELECT count(*) FROM submitted_assignment").fetchone()


def test_grades_csv_is_written_when_it_would_say_something_else(graded: Callable[..., Path]) -> None:
    """Not where nothing changed; after a new grade, a mark given by hand, or when somebody removed or changed it."""
    course = courses.load(graded({"ann": WHY}))
    pipeline.enter(course, "squares")
    path = course.root / "grades.csv"

    def written() -> bool:
        before = path.stat().st_ino if path.exists() else 0
        pipeline.refresh_csv(course)
        return before != path.stat().st_ino

    assert (True, False) == (written(), written())
    with sqlite3.connect(course.root / "gradebook.db") as db:
        db.execute("UPDATE grade SET manual_score = 1.5 WHERE needs_manual_grade")
    assert (True, False) == (written(), written())
    assert "6.5" in path.read_text()
    path.write_text("mine")
    assert (True, False) == (written(), written())
    path.unlink()
    assert written()
    graded({"ann": answered(WHY, {"half": "def half(x):\n    return 0"})})
    pipeline.enter(course, "squares")
    assert (True, False) == (written(), written())
    assert "3.5" in path.read_text()


def test_a_class_in_short_is_the_class(
    graded: Callable[..., Path], course: Course, level: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Status, points and seconds of each are those of the whole grade, after marks by hand and a new deadline too.

    Verdicts are read only of those whose sum may be another than was written down.
    """
    asked: list[int] = []
    really = Reader._grouped
    monkeypatch.setattr(Reader, "_grouped", lambda self, table, of: [asked.extend(of), really(self, table, of)][1])
    root = graded({"ann": WHY, "ben": WHY, "cid": b"{", "dan": SQUARE})

    def told(grades: Iterable[Short | Grade]) -> list[tuple[object, ...]]:
        return [(g.student, g.status, g.score, g.max_score, g.seconds) for g in grades]

    def in_short() -> tuple[list[tuple[object, ...]], int]:
        whole = told(pipeline.latest(courses.load(root), "squares"))
        asked.clear()
        found = told(writing.in_short(courses.load(root), "squares"))
        assert whole == found
        return found, len(set(asked))

    before, number = in_short()
    assert 0 == number
    pipeline.enter(courses.load(root), "squares")
    with sqlite3.connect(root / "gradebook.db") as db:
        db.execute(f"UPDATE grade SET manual_score = 1.5 WHERE needs_manual_grade AND {OF_ANN}")
    marked, number = in_short()
    assert (1, 1) == (number, len(set(marked) - set(before)))
    course(toml='[grading]\nlate = "zero"\n[assignments.squares]\ndue = 2026-10-31T12:00:00Z\n')
    late, number = in_short()
    assert 4 == number
    assert {0.0} == {score for _, _, score, _, _ in late}
    list(pipeline.autograde(courses.load(root), "squares", level=level))  # what was taken off is written down
    course()
    again, number = in_short()
    assert 3 == number  # what could not be read had nothing to lose
    assert [one[:4] for one in marked] == [one[:4] for one in again]


OF_ANN = """notebook_id IN (SELECT n.id FROM submitted_notebook n
    JOIN submitted_assignment s ON s.id = n.assignment_id WHERE s.student_id = 'ann')"""


def test_executed_notebooks_come_back(graded: Callable[..., Path]) -> None:
    """`autograded/` removed by hand is written again from the ledger, without a run."""
    root = graded({"ann": WHY})
    place = root / "autograded" / "ann" / "squares"
    before = (place / "squares.ipynb").read_bytes()
    for path in place.iterdir():
        path.unlink()
    os.rmdir(place)
    graded()
    assert before == (place / "squares.ipynb").read_bytes()
    assert (place / "timestamp.txt").is_file()


def test_a_distant_gradebook_is_never_taken_for_unchanged(graded: Callable[..., Path]) -> None:
    """Where no file shows that nothing happened, grades.csv is written anew."""
    from dataclasses import replace

    from autograder.gradebook.ledger import Ledger

    course = replace(courses.load(graded({"ann": WHY})), gradebook="postgresql://nowhere/book")
    with Ledger.open(course.ledger) as ledger:
        assert writing._csv_state(course, ledger) != writing._csv_state(course, ledger)
