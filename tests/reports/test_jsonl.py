"""A grade as a line of JSON."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from autograder.reports.jsonl import as_json
from autograder.values import Grade, Outcome, Status, Verdict

GRADE = Grade(
    "ada",
    "lenet",
    Status.GRADED,
    (Verdict("lenet", "test_accuracy", Outcome.PARTIAL, 0.1 + 0.2, 6.0, "accuracy 0.9812", "secret detail"),),
    jail=4,
    fingerprint="sha256:1",
    seconds=2.1234567,
)


def test_the_line_is_the_documented_one() -> None:
    """Keys in their order, points and seconds rounded, and the instructor's detail left out."""
    expected = (
        '{"student": "ada", "assignment": "lenet", "score": 0.3, "max_score": 6.0, "status": "graded", '
        '"late_seconds": 0, "jail": 4, "fingerprint": "sha256:1", "seconds": 2.123, "tests": [{'
        '"notebook": "lenet", "id": "test_accuracy", "verdict": "partial", "points": 0.3, "max_points": 6.0, '
        '"reason": "accuracy 0.9812"}]}'
    )
    assert expected == as_json(GRADE)


def test_what_needs_words_has_them() -> None:
    """Reason, penalty, notes and labels come when they say something; an unmarked answer has null points."""
    verdict = replace(GRADE.verdicts[0], outcome=Outcome.BY_HAND, points=None, labels=("operators",))
    told = replace(GRADE, verdicts=(verdict,), reason="Not JSON.", late_penalty=1.5, notes=("Put back t1.",))
    read = json.loads(as_json(told))
    assert ("Not JSON.", 1.5, ["Put back t1."]) == (read["reason"], read["late_penalty"], read["notes"])
    assert (None, ["operators"]) == (read["tests"][0]["points"], read["tests"][0]["labels"])


@given(st.text(alphabet=st.characters()))
def test_any_text_stays_on_one_line(text: str) -> None:
    """No text breaks the line for any reader, nor the encoding, and all of it comes back."""
    line = as_json(replace(GRADE, reason="x" + text))
    assert 1 == len(line.splitlines())
    line.encode("utf-8")
    # Two halves of a surrogate pair become the character they spell.
    expected, got = "x" + text, json.loads(line)["reason"]
    assert expected.encode("utf-16", "surrogatepass") == got.encode("utf-16", "surrogatepass")
