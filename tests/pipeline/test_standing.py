"""Who may grade beside whom."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from autograder.errors import GraderError
from autograder.pipeline import standing
from autograder.pipeline.standing import Standing

HERE = {"python": "3.11.7", "keras": "3.13.2"}
ONE = Standing(HERE, "code", 4, ("mnist",), {"memory": None, "stand-ins": []})


def test_equal_machines_grade_together() -> None:
    """Nothing is raised."""
    standing.check(ONE, HERE, "code", 4)
    standing.check_alike(ONE, ONE)


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        (replace(ONE, versions={**HERE, "keras": "3.0.0"}), "it has keras 3.0.0, and here it is 3.13.2."),
        (replace(ONE, versions={"python": "3.11.7"}), "it has keras none, and here it is 3.13.2."),
        (replace(ONE, versions={**HERE, "pandas": "2.2"}), "it has pandas 2.2, and here it is none."),
        (replace(ONE, code="other"), "its autograder has the same version and other code."),
        (replace(ONE, level=2), "it can confine student code to level 2; the course asks for 4."),
    ],
)
def test_a_machine_that_could_give_other_marks_is_told_why(other: Standing, sentence: str) -> None:
    """Libraries, the grader's own code, and the jail."""
    with pytest.raises(GraderError) as caught:
        standing.check(other, HERE, "code", 4)
    assert caught.value.message == sentence
    assert caught.value.mend


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        (replace(ONE, level=3), "it can confine student code to level 3; this batch runs at 4."),
        (replace(ONE, data=()), "it has no mnist.npz."),
        (
            replace(ONE, premises={"memory": "by polling", "stand-ins": []}),
            "it differs from the batch's other workers (memory: 'by polling' and not None).",
        ),
    ],
)
def test_a_machine_unlike_the_others_is_told_what_it_lacks(other: Standing, sentence: str) -> None:
    """One fingerprint holds for a whole batch."""
    with pytest.raises(GraderError) as caught:
        standing.check_alike(other, ONE)
    assert caught.value.message == sentence
    assert caught.value.mend


def test_a_weaker_jail_that_the_course_allows_is_taken() -> None:
    """--allow-weak-jail asks for level 0."""
    standing.check(replace(ONE, level=0), HERE, "code", 0)


def test_most_processors_decide() -> None:
    """Of equals, the stronger jail."""
    weak = replace(ONE, level=3)
    assert weak == standing.common([(ONE, 2), (weak, 3)])
    assert ONE == standing.common([(weak, 2), (ONE, 2)])


def test_an_answer_says_what_a_machine_has() -> None:
    """As `look` packs it."""
    told = {"versions": HERE, "code": "code", "level": 4, "data": ["mnist"], "premises": dict(ONE.premises)}
    assert ONE == standing.read(json.dumps(told).encode())
