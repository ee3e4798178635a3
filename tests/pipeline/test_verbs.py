"""The verbs, on real notebooks in real processes."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from builders import SQUARE, Course, answered, hand_in

from autograder import course as courses
from autograder import notebook, pipeline
from autograder.errors import GraderError, MasterError, UsageError
from autograder.pipeline import one
from autograder.pipeline.parcel import Parcel
from autograder.pipeline.plan import Plan
from autograder.reports import feedback
from autograder.reports.jsonl import as_json
from autograder.reports.table import what_happened
from autograder.sandbox.launch import Zygote
from autograder.values import Grade, Outcome, Status


def grade(root: Path, **options: object) -> dict[str, pipeline.Graded]:
    """Grades the class; student → what came of it."""
    found = courses.load(root)
    level = pipeline.jail_level(found, weak=True)
    return {g.grade.student: g for g in pipeline.autograde(found, "squares", level=level, **options)}  # type: ignore[arg-type]


def points(one: Grade) -> dict[str, float | None]:
    """Test → points."""
    return {v.test: v.points for v in one.verdicts}


CLASS = {
    "perfect": SQUARE,
    "half": answered(SQUARE, {"half": "def half(x):\n    return x / 2 if x < 3 else 0"}),
    "wrong": answered(SQUARE, {"square": "def square(x):\n    return 2 * x"}),
    "loops": answered(SQUARE, {"square": "def square(x):\n    while True:\n        try:\n            pass\n        except BaseException:\n            pass"}),
    "dies": answered(SQUARE, {"square": "import os\nos._exit(0)"}),
    "broken": b'{"cells": [',
    "list": b"[1, 2, 3]",
    "empty": b"",
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pipeline.Graded]:
    """One class, graded once for this module's tests."""
    root = tmp_path_factory.mktemp("class")
    source = root / "source" / "squares"
    source.mkdir(parents=True)
    (source / "squares.ipynb").write_text(notebook.dumps(SQUARE))
    (root / "course.toml").write_text('[course]\nname = "c"\n[limits]\ncell_seconds = 1\nsubmission_seconds = 30\n')
    for student, content in CLASS.items():
        hand_in(root, student, content)
    return grade(root, jobs=2)


def test_a_perfect_submission_earns_every_point_that_a_test_can_give(graded: dict[str, pipeline.Graded]) -> None:
    """A solved notebook has full marks in every test, and waits for a person where a person marks."""
    found = graded["perfect"].grade
    assert {"test_square": 2.0, "test_half": 3.0, "why": None} == points(found)
    assert Status.GRADED is found.status
    assert 1 == found.by_hand


def test_a_number_in_the_last_line_is_partial_credit(graded: dict[str, pipeline.Graded]) -> None:
    """Half of the cases right is half of the points."""
    assert 1.5 == points(graded["half"].grade)["test_half"]
    assert Outcome.PARTIAL is next(v.outcome for v in graded["half"].grade.verdicts if v.test == "test_half")


def test_a_wrong_answer_costs_its_own_test_alone(graded: dict[str, pipeline.Graded]) -> None:
    """A hidden test fails on the wrong function, and the other function keeps its points."""
    assert {"test_square": 0.0, "test_half": 3.0, "why": None} == points(graded["wrong"].grade)


@pytest.mark.parametrize("student", ["loops", "dies"])
def test_a_lost_process_costs_the_tests_that_break_on_it(graded: dict[str, pipeline.Graded], student: str) -> None:
    """The notebook is begun again without the cell, so that later tests keep their points."""
    found = graded[student].grade
    assert {"test_square": 0.0, "test_half": 3.0, "why": None} == points(found)
    assert next(v.reason for v in found.verdicts if v.test == "test_square")


@pytest.mark.parametrize("student", ["broken", "list", "empty"])
def test_what_is_no_notebook_is_ungradable_with_the_reason(graded: dict[str, pipeline.Graded], student: str) -> None:
    """Such a submission has a line of its own, no points and the maximum of its assignment."""
    found = graded[student].grade
    assert Status.UNGRADABLE is found.status
    assert "squares.ipynb" in found.reason
    assert (0.0, 7.0) == (found.score, found.max_score)


def test_an_unchanged_submission_is_not_run_again(course: Course) -> None:
    """A second run finds the grades in the ledger; --force runs again; a changed notebook is run."""
    root = course({"ann": SQUARE, "ben": SQUARE})
    assert [True, True] == [g.fresh for g in grade(root).values()]
    assert [False, False] == [g.fresh for g in grade(root).values()]
    assert [True, True] == [g.fresh for g in grade(root, force=True).values()]
    hand_in(root, "ben", answered(SQUARE, {"square": "def square(x):\n    return 4"}))
    assert {"ann": False, "ben": True} == {name: g.fresh for name, g in grade(root).items()}


def test_a_changed_test_makes_everything_fresh(course: Course) -> None:
    """The fingerprint covers the master."""
    root = course({"ann": SQUARE})
    grade(root)
    course(master=answered(SQUARE, {"test_square": "assert square(3) == 9"}))
    assert grade(root)["ann"].fresh


def test_two_runs_give_the_same_json_but_for_times(course: Course) -> None:
    """Nothing in a grade depends on chance, on order or on the number of jobs."""
    random = answered(SQUARE, {"square": "import random\ndef square(x):\n    return random.choice([x * x, 0])"})
    root = course({"ann": SQUARE, "luck": random, "list": b"[]"})

    def told(jobs: int) -> list[dict[str, object]]:
        lines = [json.loads(as_json(g.grade)) for g in grade(root, force=True, jobs=jobs).values()]
        return sorted(({k: v for k, v in line.items() if k != "seconds"} for line in lines), key=str)

    assert told(1) == told(2)


def test_grades_csv_has_a_column_for_each_test(course: Course) -> None:
    """grades.csv names every test of every assignment."""
    root = course({"ann": SQUARE})
    grade(root)
    path = pipeline.export_csv(courses.load(root))
    (row,) = csv.DictReader(path.open())
    assert ("2.0", "3.0", "") == (row["squares.test_square"], row["squares.test_half"], row["squares.why"])


def test_a_mark_given_by_hand_enters_the_grade_and_survives(course: Course) -> None:
    """What a person gave in nbgrader's gradebook counts, also after a second run."""
    from nbgrader.api import Gradebook

    root = course({"ann": answered(SQUARE, {"why": "Because x times x."})})
    found = courses.load(root)
    grade(root)
    pipeline.enter(found, "squares")
    with Gradebook(found.gradebook) as book:
        mark = book.find_grade("why", "squares", "squares", "ann")
        assert mark.needs_manual_grade
        mark.manual_score = 1.5
        book.db.commit()
    assert 6.5 == next(pipeline.latest(found, "squares")).score
    grade(root, force=True)
    pipeline.enter(found, "squares")
    assert 6.5 == next(pipeline.latest(found, "squares")).score


def test_feedback_never_shows_a_hidden_test(course: Course) -> None:
    """The page gives reasons and the released tests; the hidden lines are nowhere in it."""
    root = course({"ann": answered(SQUARE, {"square": "def square(x):\n    return 2 * x"})})
    found = courses.load(root)
    grade(root)
    assert 1 == pipeline.feedback(found, "squares")
    page = (root / "feedback" / "ann" / "squares" / "squares.html").read_text()
    assert "square(-3)" not in page
    assert "test_square" in page


def test_a_submission_at_which_the_grader_itself_fails_holds_up_nobody(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is left to a person, who reads why; all others are graded."""
    root = course({"ada": SQUARE, "bob": SQUARE})
    examine = one._examine

    def broken(plan: Plan, warm: Zygote, parcel: Parcel, *rest: Any) -> pipeline.Graded:
        if parcel.student == "ada":
            raise ValueError("unforeseen")
        return examine(plan, warm, parcel, *rest)

    monkeypatch.setattr(one, "_examine", broken)
    monkeypatch.delenv("AUTOGRADER_DEBUG", raising=False)
    found = {student: graded.grade for student, graded in grade(root).items()}
    assert {"ada": Status.NEEDS_PERSON, "bob": Status.GRADED} == {name: g.status for name, g in found.items()}
    assert "ValueError: unforeseen" in found["ada"].reason
    assert {None} == set(points(found["ada"]).values())


@pytest.mark.parametrize("name", ["data", "data/values.csv/mine.txt"])
def test_a_file_in_the_way_of_the_courses_is_passed_over(course: Course, name: str) -> None:
    """The course's own file lies where the notebook looks for it; the submission is graded."""
    root = course({"ada": answered(SQUARE, {"square": "def square(x):\n    return int(open('data/values.csv').read()) * x * x"})})
    own = root / "source" / "squares" / "data" / "values.csv"
    for path in (own, root / "submitted" / "ada" / "squares" / name):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("1")
    found = grade(root)["ada"].grade
    assert (Status.GRADED, 2.0) == (found.status, points(found)["test_square"]), found.reason


def test_a_page_that_cannot_be_made_keeps_nobody_from_the_others(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named at the end, when all others are there."""
    root = course({"ada": b"", "bob": b""})
    grade(root)
    write = feedback.write

    def broken(course: courses.Course, grade: Grade, *rest: Any) -> list[Path]:
        return [Path(str(1 // 0))] if grade.student == "ada" else write(course, grade, *rest)

    monkeypatch.setattr(feedback, "write", broken)
    with pytest.raises(GraderError, match="1 pages were written; those of 1 students could not be: ada"):
        pipeline.feedback(courses.load(root), "squares")
    assert (root / "feedback" / "bob" / "squares" / "squares.html").is_file()


def test_a_failed_release_leaves_the_former_one(course: Course) -> None:
    """A delimiter that is not closed names the cell, and release/ is as it was."""
    root = course()
    found = courses.load(root)
    pipeline.release(found, "squares")
    before = (root / "release" / "squares" / "squares.ipynb").read_bytes()
    course(master=answered(SQUARE, {"square": "### BEGIN SOLUTION\nx = 1"}))
    with pytest.raises(MasterError, match="square"):
        pipeline.release(found, "squares")
    assert before == (root / "release" / "squares" / "squares.ipynb").read_bytes()


def test_an_unknown_assignment_names_the_nearest(course: Course) -> None:
    """A typing error in the assignment's name is a usage error with the right name in it."""
    with pytest.raises(UsageError, match="squares"):
        pipeline.release(courses.load(course()), "sqares")


def test_an_unknown_assignment_of_a_course_of_nbgraders_is_named_too(course: Course) -> None:
    """Also where nobody has handed in anything for it: who mistypes it reads which there are."""
    root = course({"ann": SQUARE})
    (root / "course.toml").unlink(missing_ok=True)
    (root / "nbgrader_config.py").write_text("c = get_config()\n")
    with pytest.raises(UsageError, match="There is no assignment 'sqares'.*Did you mean 'squares'"):
        list(pipeline.autograde(courses.load(root), "sqares", level=0))


def test_a_batch_does_not_start_below_the_level_that_the_course_asks_for(course: Course) -> None:
    """Level 5 is not to be had here, so the batch is refused, and --allow-weak-jail says what there is."""
    found = courses.load(course(toml="[jail]\nlevel = 5\n"))
    with pytest.raises(UsageError, match="level"):
        pipeline.jail_level(found)
    assert 0 <= pipeline.jail_level(found, weak=True) < 5


def test_every_report_says_of_a_grade_that_it_was_found_in_a_weak_jail(course: Course) -> None:
    """The page, the JSON line, the table and grades.csv: nobody can take such a grade for another."""
    root = course({"ann": SQUARE}, toml="[jail]\nlevel = 5\n")
    found = courses.load(root)
    (one,) = grade(root).values()
    said = f"Graded at level {one.grade.jail} of the jail, below the 5 that the course asks for."
    pipeline.feedback(found, "squares")
    assert said in (root / "feedback" / "ann" / "squares" / "squares.html").read_text()
    assert [said] == json.loads(as_json(one.grade))["notes"]
    assert said in what_happened(one.grade)
    with pipeline.export_csv(found).open(newline="") as file:
        assert [str(one.grade.jail)] == [row["jail"] for row in csv.DictReader(file)]


def test_a_pattern_that_fits_nobody_is_said(course: Course) -> None:
    """A typing error in --student does not look like a graded class."""
    root = course({"ann": SQUARE})
    with pytest.raises(UsageError, match="zoe"):
        grade(root, students="zoe*")
    with pytest.raises(UsageError, match="autograde squares"):
        pipeline.feedback(courses.load(root), "squares")


def test_an_array_where_points_are_reckoned_earns_nothing(course: Course) -> None:
    """A last line that comes to a number on right answers is no full credit when an answer makes it an array."""
    arrays = "import numpy as np\ndef half(x):\n    return np.full((2, 2), np.nan)"
    found = points(grade(course({"ann": answered(SQUARE, {"half": arrays})}))["ann"].grade)
    assert (2.0, 0.0) == (found["test_square"], found["test_half"])
