"""What moved between two runs, for people and for programs."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

from rich.console import Console

from autograder.gradebook.history import Change, Move, Run
from autograder.reports.changes import as_json, show_changes, unasked
from autograder.values import Grade, Outcome, Status, Verdict

FIRST = Run(3, datetime(2026, 3, 1, 9, tzinfo=UTC), None, "grace", "autograde")
SECOND = Run(4, datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 1, 11, tzinfo=UTC), "grace", "autograde")


def verdict(points: float, test: str = "t1") -> Verdict:
    """A verdict of so many points."""
    return Verdict("gates", test, Outcome.PARTIAL, points, 4.0, "AND(1, 1)\x1b[2J should be 1.\nTry it.")


def grade(points: float, student: str = "ann") -> Grade:
    """A grade of one test."""
    return Grade(student, "gates", Status.GRADED, (verdict(points),), fingerprint=f"sha256:{points:g}")


MEANT = Change(
    "ann", grade(1), grade(3), (Move("gates", "t1", verdict(1), verdict(3), touched=True),), ("t1 of gates",)
)
SHAKEN = Change(
    "ben",
    grade(3, "ben"),
    grade(1, "ben"),
    (Move("gates", "t1", verdict(3), verdict(1), touched=False),),
    ("limits: memory 1 → 2",),
)
STANDS = Change("cid", grade(3, "cid"), grade(3, "cid"), (), ("t1 of gates",))
NEW = Change("dan", None, grade(2, "dan"), (), ("the first grade",))


def shown(*changes: Change) -> str:
    """What a person reads, in 80 columns."""
    file = io.StringIO()
    show_changes(FIRST, SECOND, changes, Console(file=file, width=80))
    return file.getvalue()


def test_people_read_who_moved_and_why() -> None:
    """The runs, what changed, each student and test, and how many stand."""
    text = shown(MEANT, STANDS, SHAKEN, NEW)
    assert "From run 3, 2026-03-01 09:00:00 UTC, grace, which did not come to its end\nto   run 4" in text
    assert "Changed: t1 of gates\n  ann: 1/4 → 3/4\n    t1: 1 → 3: AND(1, 1) should be 1. Try it.\n" in text
    assert "    t1: 3 → 1, though neither the test nor the submission changed: AND(1, 1)" in text
    assert "  dan: no grade → 2/4" in text
    assert "3 students' marks moved; 1 more stand, graded again." in text
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_quiet_run_is_said_to_be_one() -> None:
    """No mark moved, and how many were graded again."""
    assert "No mark moved; 1 more stand, graded again." in shown(STANDS)
    assert shown().endswith("\nNo mark moved.\n")


def test_programs_read_both_sides() -> None:
    """A JSON object with the runs, the scores, the reasons and each test."""
    told = json.loads(as_json(FIRST, SECOND, SHAKEN))
    assert ("ben", "gates", ["limits: memory 1 → 2"]) == (told["student"], told["assignment"], told["why"])
    assert {"run": 3, "score": 3.0, "max_score": 4.0, "status": "graded", "fingerprint": "sha256:3"} == told["from"]
    assert (4, 1.0) == (told["to"]["run"], told["to"]["score"])
    (test,) = told["tests"]
    assert ("gates", "t1", True, 3.0, 1.0, "partial") == tuple(
        test[key] for key in ("notebook", "id", "unasked", "from", "to", "to_verdict")
    )
    assert json.loads(as_json(FIRST, SECOND, NEW))["from"] is None


def test_a_run_tells_what_moved_unasked_in_one_line() -> None:
    """Who, which test, from what to what, and what had changed instead."""
    assert "ben: t1 3 → 1, though these tests are as they were (limits: memory 1 → 2)" == unasked(SHAKEN)
