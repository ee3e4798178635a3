"""Two runs compared: what moved, and which ingredient of the fingerprint changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import UsageError
from autograder.gradebook import fingerprint, history
from autograder.gradebook.history import Change
from autograder.gradebook.ledger import Ledger, Result
from autograder.values import Grade, Outcome, Status, Verdict

CELLS = (("kernel", "python3"), ("t1", "a"), ("t2", "b"))


def terms(cells: tuple[tuple[str, str], ...] = CELLS, due: str = "1 March", **limits: Any) -> fingerprint.Terms:
    """Terms with those limits and a master of those cells."""
    shared = {"limits": {"memory": 1, **limits}, "files": {"data.csv": "1"}}
    return fingerprint.terms(shared, {"due": due}, {"nb": cells})


def grade(t1: float, t2: float, mark: str) -> Grade:
    """A grade of two tests."""
    points = {"t1": t1, "t2": t2}
    verdicts = tuple(Verdict("nb", name, Outcome.PARTIAL, value, 4.0, "why") for name, value in points.items())
    return Grade("ada", "gates", Status.GRADED, verdicts, fingerprint=mark)


class Course:
    """A ledger in which one student is graded again and again."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def run(self, one: Grade, made: fingerprint.Terms | None, content: str = "c1", *, ends: bool = True) -> int:
        """One run; gives its number."""
        number = self.ledger.begin_run("autograde gates", assignment="gates")
        kept = self.ledger.keep(one.student, "gates", content, one.submitted_at, [])
        attempt = self.ledger.record(number, one, {}, terms=made, submission=kept)
        self.ledger.settle(number, "gates", {one.student: Result(attempt)})
        if ends:
            self.ledger.end_run(number)
        return number

    def changes(self, before: int = 1, after: int = 2) -> list[Change]:
        """What moved."""
        return list(history.changes(self.ledger, "gates", before, after))


@pytest.fixture
def course(tmp_path: Path):
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        yield Course(ledger)


def test_a_changed_test_is_named_and_its_mark_is_meant_to_move(course: Course) -> None:
    """The other test's mark moved unasked."""
    course.run(grade(1, 1, "m1"), terms())
    course.run(grade(2, 3, "m2"), terms((*CELLS[:1], ("t1", "other"), CELLS[2])))
    (change,) = course.changes()
    assert ("t1 of nb",) == change.why
    assert [("t1", 1.0, 2.0, True), ("t2", 1.0, 3.0, False)] == [
        (m.test, m.before.points, m.after.points, m.touched) for m in change.moves if m.before and m.after
    ]
    assert ["t2"] == [move.test for move in change.unasked]


def test_every_ingredient_has_a_name(course: Course) -> None:
    """Limits with old and new value, the deadline, the course's files, cells new and gone, the submission."""
    made = terms((*CELLS[:2], ("t3", "c")), due="2 March", memory=2, cell_seconds=5)
    made = replace(made, shared={**made.shared, "files": {"data.csv": "2"}})
    course.run(grade(1, 1, "m1"), terms())
    course.run(grade(1, 1, "m2"), made, content="c2")
    (change,) = course.changes()
    assert {
        "limits: memory 1 → 2",
        "limits: cell_seconds none → 5",
        "the course's file data.csv",
        "deadline: due 1 March → 2 March",
        "t3 of nb is new",
        "t2 of nb is gone",
        "the submission",
    } == set(change.why)
    assert not change.moved


def test_a_library_and_the_order_of_cells_have_names_too() -> None:
    """`versions: numpy 2.3 → 2.4`; cells that only changed places are said to have."""
    told = terms().told
    other = {**told, "versions": {**told["versions"], "numpy": "9.9"}}
    assert [f"versions: numpy {told['versions']['numpy']} → 9.9"] == list(history.ingredients(told, other))
    turned = terms((CELLS[0], CELLS[2], CELLS[1])).told
    assert ["the order of the cells of nb"] == list(history.ingredients(told, turned))


def test_run_again_as_it_was(course: Course) -> None:
    """A forced run that comes to other marks says that nothing had changed."""
    course.run(grade(1, 1, "m1"), terms())
    course.run(grade(1, 2, "m1"), terms())
    (change,) = course.changes()
    assert ((history.NOTHING,), ["t2"]) == (change.why, [move.test for move in change.unasked])


def test_what_stands_is_no_change(course: Course) -> None:
    """A run in which the former attempt goes on counting changes nothing."""
    course.run(grade(1, 1, "m1"), terms())
    course.ledger.end_run(course.ledger.begin_run("autograde gates", assignment="gates"))
    assert [] == course.changes()


def test_a_new_student_is_a_change(course: Course) -> None:
    """With no grade before, and every test new."""
    course.run(grade(1, 1, "m1"), terms())
    course.run(replace(grade(1, 1, "m1"), student="bob"), terms())
    (change,) = course.changes()
    assert ("bob", None, ("the first grade",), True) == (change.student, change.before, change.why, change.moved)


def test_an_attempt_of_an_older_ledger_has_no_reasons(course: Course) -> None:
    """It is said that they were not written down."""
    course.run(grade(1, 1, "m1"), None)
    course.run(grade(1, 2, "m2"), terms())
    (change,) = course.changes()
    assert "before reasons were written down" in change.why[0]
    assert ["t2"] == [move.test for move in change.moves]


def test_the_last_run_is_compared_with_the_last_complete_one(course: Course) -> None:
    """A run that was killed and gone on with does not hide what moved before it was killed."""
    course.run(grade(1, 1, "m1"), terms())
    course.run(grade(2, 1, "m2"), terms(memory=2), ends=False)
    course.run(replace(grade(3, 1, "m3"), student="bob"), terms(memory=2))
    first, second = history.pair(history.runs(course.ledger, "gates"), None, None)
    assert (1, 3) == (first.number, second.number)
    assert ["ada", "bob"] == [change.student for change in course.changes(first.number, second.number)]
    assert (2, 3) == tuple(run.number for run in history.pair(history.runs(course.ledger, "gates"), 2, None))


def test_runs_that_cannot_be_compared(course: Course) -> None:
    """Of one run, of a number that is none, and of the first alone it is said what is wrong."""
    course.run(grade(1, 1, "m1"), terms())
    with pytest.raises(UsageError, match="no two runs"):
        history.pair(history.runs(course.ledger, "gates"), None, None)
    course.run(grade(1, 2, "m1"), terms())
    found = history.runs(course.ledger, "gates")
    with pytest.raises(UsageError, match=r"no run 9 .*The last ones are: 1, 2"):
        history.pair(found, 9, None)
    with pytest.raises(UsageError, match="Run 1 is the first"):
        history.pair(found, None, 1)


def test_a_class_is_walked_page_by_page(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """More students than a page holds come once each, in order."""
    monkeypatch.setattr(history, "PAGE", 3)
    names = [f"s{n}" for n in range(8)]
    for mark in ("m1", "m2"):
        number = course.ledger.begin_run("x", assignment="gates")
        for name in names:
            attempt = course.ledger.record(number, replace(grade(1, 1, mark), student=name), {})
            course.ledger.settle(number, "gates", {name: Result(attempt)})
    assert names == [change.student for change in course.changes()]
