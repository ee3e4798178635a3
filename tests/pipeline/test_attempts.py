"""What is run again and what is not, and which of several versions counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from builders import SQUARE, Course, answered, book, exam, hand_in, solution

from autograder import course as courses
from autograder import notebook, pipeline
from autograder.gradebook.history import Change
from autograder.gradebook.ledger import Ledger
from autograder.pipeline import one
from autograder.reports.jsonl import as_json
from autograder.values import Status

Grader = Callable[..., dict[str, pipeline.Graded]]
DUE = "[assignments.squares]\ndue = 2026-11-10T12:00:00Z\n"
WRONG = answered(SQUARE, {"square": "def square(x):\n    return 2 * x"})
HALF = answered(SQUARE, {"half": "def half(x):\n    return x / 2 if x < 3 else 0"})
CUBE = book(solution("cube", "def cube(x):\n    return x ** 3"), exam("test_cube", "assert cube(2) == 8", 1))


@pytest.fixture
def sat(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The notebooks that are really run, by name."""
    names: list[str] = []
    really = one._sit

    def noted(plan, warm, handed, paper, *more):
        names.append(paper.notebook)
        return really(plan, warm, handed, paper, *more)

    monkeypatch.setattr(one, "_sit", noted)
    return names


@pytest.fixture
def grade(lent: None, level: int) -> Callable[..., dict[str, pipeline.Graded]]:
    """Grades the class; student → what came of it."""

    def grade(root: Path, **options: Any) -> dict[str, pipeline.Graded]:
        found = courses.load(root)
        return {g.grade.student: g for g in pipeline.autograde(found, "squares", level=level, jobs=2, **options)}

    return grade


def at(root: Path, student: str, day: int, content: object) -> None:
    """Hands in on that day of November, over what was there."""
    hand_in(root, student, content)
    (root / "submitted" / student / "squares" / "timestamp.txt").write_text(f"2026-11-{day:02} 12:00:00 UTC\n")


def test_only_the_notebook_that_changed_is_run_again(course: Course, grade: Grader, sat: list[str]) -> None:
    """Of an assignment of two notebooks, a changed test runs the one; the other's verdicts stand."""
    root = course({"ann": SQUARE})
    source, handed = root / "source" / "squares", root / "submitted" / "ann" / "squares"
    for place in (source, handed):
        (place / "cube.ipynb").write_text(notebook.dumps(CUBE))
    first = grade(root)["ann"]
    assert ["cube", "squares"] == sorted(sat)
    (source / "cube.ipynb").write_text(notebook.dumps(answered(CUBE, {"test_cube": "assert cube(3) == 28"})))
    second = grade(root)["ann"]
    assert ["cube", "cube", "squares"] == sorted(sat)
    assert (6.0, 5.0, True) == (first.grade.score, second.grade.score, second.fresh)
    assert {"cube", "squares"} == set(second.executed)


def test_a_new_deadline_runs_nothing(course: Course, grade: Grader, sat: list[str]) -> None:
    """Lateness is reckoned anew; no notebook is run for it, nor for a time that was put right."""
    root = course({"ann": SQUARE}, toml=DUE)
    assert 0 == grade(root)["ann"].grade.late_seconds
    course(toml='[grading]\nlate = "zero"\n[assignments.squares]\ndue = 2026-10-31T12:00:00Z\n')
    graded = grade(root)["ann"]
    assert (24 * 3600, 0.0, False) == (graded.grade.late_seconds, graded.grade.score, graded.fresh)
    at(root, "ann", 2, SQUARE)
    assert 2 * 24 * 3600 == grade(root)["ann"].grade.late_seconds
    assert ["squares"] == sat


def test_an_instructors_words_run_nothing(course: Course, grade: Grader, sat: list[str]) -> None:
    """A text that was mended in the master leaves grades as they are."""
    root = course({"ann": SQUARE})
    grade(root)
    course(master={**SQUARE, "cells": [{**SQUARE["cells"][0], "source": "# Square numbers"}, *SQUARE["cells"][1:]]})
    assert not grade(root)["ann"].fresh
    assert ["squares"] == sat


def test_a_verdict_that_moves_unasked_is_told(course: Course, grade: Grader) -> None:
    """When one test changes, another that comes out differently is reported with what did change."""
    lucky = "import os\ndef square(x):\n    return x * x\ndef half(x):\n    return x / 2 if MARK in open('count.txt').read() else 0"
    root = course({"ann": answered(SQUARE, {"square": lucky.replace("MARK", "'1'"), "half": "pass"})})
    count = root / "source" / "squares" / "count.txt"
    count.write_text("1")
    grade(root)
    count.write_text("2")
    told: list[Change] = []
    grade(root, listener=pipeline.Listener(moved=told.append))
    (change,) = told
    assert ("ann", ["test_half"], ("the course's file count.txt",)) == (
        change.student,
        [move.test for move in change.unasked],
        change.why,
    )


def test_the_last_attempt_in_time_counts(course: Course, grade: Grader) -> None:
    """A late one is kept, does not count, and is not even run; the grade says so."""
    root = course({}, toml=DUE)
    at(root, "ann", 9, SQUARE)
    grade(root)
    at(root, "ann", 12, WRONG)
    found = grade(root)["ann"]
    assert (5.0, False) == (found.grade.score, found.fresh)
    assert "2 attempts were handed in; that of 2026-11-09" in found.grade.notes[-1]
    with Ledger.open(root / "ledger.db") as ledger:
        assert [9, 12] == [k.submitted_at.day for k in ledger.kept("squares", ["ann"])["ann"] if k.submitted_at]
    assert not grade(root)["ann"].fresh


def test_a_former_version_is_graded_under_new_tests(course: Course, grade: Grader) -> None:
    """Though it no longer lies in submitted/, its bytes do in the ledger; files beside the notebook too."""
    root = course({}, toml=DUE)
    helper = answered(SQUARE, {"square": "from mine import square"})
    at(root, "ann", 9, helper)
    mine = root / "submitted" / "ann" / "squares" / "mine.py"
    mine.write_text("def square(x):\n    return x * x\n")
    assert 5.0 == grade(root)["ann"].grade.score
    mine.unlink()
    at(root, "ann", 12, WRONG)
    grade(root)
    course(master=answered(SQUARE, {"test_square": "assert square(7) == 49"}), toml=DUE)
    found = grade(root)["ann"]
    assert (5.0, True, 9) == (found.grade.score, found.fresh, found.grade.submitted_at.day)


def test_the_last_attempt_counts_if_the_course_says_so(course: Course, grade: Grader) -> None:
    """With `attempts = "last"` the late one does."""
    root = course({}, toml='[grading]\nattempts = "last"\n' + DUE)
    at(root, "ann", 9, SQUARE)
    grade(root)
    at(root, "ann", 12, WRONG)
    assert 3.0 == grade(root)["ann"].grade.score


def test_the_best_attempt_counts_if_the_course_says_so(course: Course, grade: Grader) -> None:
    """With `attempts = "best"` every version is graded, also after a change of the tests, and one line comes of it."""
    root = course({}, toml='[grading]\nattempts = "best"\n' + DUE)
    for day, content in ((7, WRONG), (8, SQUARE), (9, HALF)):
        at(root, "ann", day, content)
        best = grade(root)["ann"]
    assert (5.0, 8) == (best.grade.score, best.grade.submitted_at.day)
    course(
        master=answered(SQUARE, {"test_square": "assert square(2) == 4"}), toml='[grading]\nattempts = "best"\n' + DUE
    )
    again = grade(root)["ann"]
    assert (5.0, 8, True) == (again.grade.score, again.grade.submitted_at.day, again.fresh)
    with Ledger.open(root / "ledger.db") as ledger:
        assert 6 == len(ledger.history("ann", "squares"))


def test_what_cannot_be_graded_gives_way(course: Course, grade: Grader) -> None:
    """A broken file handed in later does not take the marks of the one before; alone, it is ungradable."""
    root = course({}, toml=DUE)
    at(root, "ann", 8, SQUARE)
    at(root, "bob", 8, b"{")
    grade(root)
    at(root, "ann", 9, b"{")
    found = grade(root)
    assert (5.0, Status.GRADED, Status.UNGRADABLE) == (
        found["ann"].grade.score,
        found["ann"].grade.status,
        found["bob"].grade.status,
    )


def test_the_ledger_tells_what_the_run_told(course: Course, grade: Grader) -> None:
    """The grade of a run, of the next run and of the export are the same line of JSON, a choice's reason included."""
    root = course({}, toml=DUE)
    at(root, "ann", 8, WRONG)
    grade(root)
    at(root, "ann", 9, SQUARE)
    lines = [json.loads(as_json(grade(root)["ann"].grade)) for _ in range(2)]
    lines.append(json.loads(as_json(next(pipeline.latest(courses.load(root), "squares")))))
    assert lines[0] == lines[1] == lines[2]


def test_a_forced_run_that_was_stopped_goes_on(course: Course, grade: Grader, level: int) -> None:
    """What the same command has already run anew is not run a third time."""
    root = course({"ann": SQUARE, "ben": SQUARE})
    grade(root)
    found = courses.load(root)
    stopped = pipeline.autograde(found, "squares", level=level, force=True, command="c", jobs=1)
    assert next(stopped).fresh
    stopped.close()
    assert [False, True] == [g.fresh for g in grade(root, force=True, command="c").values()]
    assert [True, True] == [g.fresh for g in grade(root, force=True, command="c").values()]
