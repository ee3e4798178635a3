"""Marks given by hand enter a grade."""

from __future__ import annotations

from dataclasses import replace

from autograder.gradebook.marks import Mark, with_marks
from autograder.values import Grade, Outcome, Status, Verdict

GRADE = Grade(
    "ada",
    "ps1",
    Status.NEEDS_PERSON,
    (
        Verdict("p1", "t", Outcome.PARTIAL, 1.0, 3.0, "1 of 3 points."),
        Verdict("p1", "why", Outcome.BY_HAND, None, 4.0),
    ),
    reason="1 answer waits for a person.",
)


def test_a_mark_fills_the_answer_that_waited() -> None:
    """The points count, the grade no longer waits, and the reason says that a person gave them."""
    marked = with_marks(GRADE, {("ada", "p1", "why"): Mark(3.5, 1.0)})
    assert (Status.GRADED, "", 5.5, 0) == (marked.status, marked.reason, marked.score, marked.by_hand)
    assert "3.5 of 4 points, given by hand, and 1 point of extra credit." == marked.verdicts[1].reason


def test_a_mark_goes_above_the_autograders() -> None:
    """A person may override a test; the outcome then says so."""
    verdict = with_marks(GRADE, {("ada", "p1", "t"): Mark(3.0)}).verdicts[0]
    assert (3.0, Outcome.BY_HAND) == (verdict.points, verdict.outcome)


def test_extra_credit_alone_is_added_to_the_autograders_points() -> None:
    """Extra credit beside no score counts nothing, as in nbgrader."""
    marks = {("ada", "p1", "t"): Mark(None, 0.5), ("ada", "p1", "why"): Mark(None, 0.5)}
    marked = with_marks(GRADE, marks)
    assert [1.5, None] == [v.points for v in marked.verdicts]
    assert Outcome.PARTIAL is marked.verdicts[0].outcome


def test_a_mark_that_wants_another_look_keeps_the_grade_waiting() -> None:
    """After a regrade the old mark counts, but a person is still needed."""
    marked = with_marks(GRADE, {("ada", "p1", "why"): Mark(3.5, look_again=True)})
    assert (Status.NEEDS_PERSON, 4.5) == (marked.status, marked.score)


def test_an_unscored_test_keeps_the_grade_waiting() -> None:
    """A fault of ours is not mended by marks elsewhere."""
    unscored = replace(GRADE.verdicts[0], outcome=Outcome.UNSCORED, points=None)
    grade = replace(GRADE, verdicts=(unscored, GRADE.verdicts[1]))
    assert Status.NEEDS_PERSON is with_marks(grade, {("ada", "p1", "why"): Mark(3.5)}).status


def test_marks_of_others_change_nothing() -> None:
    """Another student's mark, or one for a cell that is gone, leaves the very same grade."""
    assert GRADE is with_marks(GRADE, {("bob", "p1", "why"): Mark(1.0), ("ada", "p1", "gone"): Mark(1.0)})
