"""The names of a test: which are asked for, how often, and what is believed of the answer."""

from __future__ import annotations

from typing import Any

import pytest
from rig import Rig
from test_conversation import Reply, frame, packed, proxied, talking

from autograder.exam.conversation import Conversation
from autograder.exam.desk import Desk
from autograder.exam.line import CandidateLost
from autograder.exam.syllabus import Lesson

LESSON = Lesson(owned=("a", "b", "f"), reads=("a", "b", "f"))
FUNCTION = proxied(1, name="function", known=["call"])


def telling(asked: list[Any], several: Any) -> Reply:
    """A candidate whose names have these values; `asked` gets each question."""

    def reply(number: int, operation: str, arguments: list[Any], header: dict[str, Any]) -> bytes:
        asked.append((operation, *arguments) if operation in ("name", "several") else operation)
        if operation == "several":
            return frame(packed([number, "ok", several, {}]))
        return frame(packed([number, "ok", 7, {}]))

    return reply


def attended(talk: Conversation, lesson: Lesson = LESSON) -> Desk:
    """A desk at the beginning of a test."""
    desk = Desk(talk)
    desk.attend(lesson)
    desk.foresee()
    return desk


def test_what_a_test_reads_is_asked_for_at_once() -> None:
    """Values and functions come in one answer; what is not in it is asked for when it is read."""
    asked: list[Any] = []
    with talking(telling(asked, {"a": [1, 2], "f": FUNCTION})) as talk:
        desk = attended(talk)
        assert ([1, 2], 7, "f") == (desk["a"], desk["b"], "f" if desk["f"] is desk["f"] else "")
    assert [("several", ["a", "b", "f"]), ("name", "b")] == asked


def test_what_was_foretold_is_forgotten_once_student_code_may_run() -> None:
    """A name that a call has changed is asked for again."""
    asked: list[Any] = []
    with talking(telling(asked, {"a": 1, "b": 2})) as talk:
        desk = attended(talk)
        assert (1, 2) == (desk["a"], desk["b"])
        talk.ask("get", 1, "x")
        assert (7, 7) == (desk["a"], desk["b"])
    assert [("several", ["a", "b", "f"]), "get", ("name", "a"), ("name", "b")] == asked


@pytest.mark.parametrize("lesson", [Lesson(), Lesson(owned=("a",), reads=("a",))])
def test_one_name_is_not_worth_it(lesson: Lesson) -> None:
    """It is asked for when it is read, if ever."""
    asked: list[Any] = []
    with talking(telling(asked, {})) as talk:
        attended(talk, lesson)
    assert [] == asked


def test_the_tests_own_names_are_not_asked_for() -> None:
    """Nor is one that a model file stands for."""
    asked: list[Any] = []
    with talking(telling(asked, {})) as talk:
        desk = Desk(talk)
        desk.attend(LESSON)
        desk["a"] = 1
        desk.held = lambda name: object() if name == "b" else None
        desk.foresee()
    assert [] == asked


def test_asking_beforehand_is_not_the_tests_asking() -> None:
    """Who is told of a test's first question is told of none of these."""
    first: list[str] = []
    with talking(telling([], {})) as talk:
        talk.on_first = lambda: first.append("asked")
        desk = attended(talk)
        assert [] == first
        assert 7 == desk["a"]
    assert ["asked"] == first


def test_reading_what_was_foretold_is_asking() -> None:
    """A test that hangs on a submission's value has asked for it, and is not at fault itself."""
    first: list[str] = []
    with talking(telling([], {"a": 1, "b": 2})) as talk:
        talk.on_first = lambda: first.append("asked")
        desk = attended(talk)
        asked = talk.questions
        assert 1 == desk["a"]
        assert (asked + 1, ["asked"]) == (talk.questions, first)


def test_what_came_with_the_cell_before_needs_no_question() -> None:
    """It is the student's side's for the next test alone; the tests' own names stay theirs."""
    asked: list[Any] = []
    with talking(telling(asked, {})) as talk:
        desk = Desk(talk)
        desk["b"] = "mine"
        desk.foretell({"a": 1, "b": 2, "f": "theirs"})
        desk.attend(LESSON)
        desk.foresee()
        assert (1, "mine", "theirs") == (desk["a"], desk["b"], desk["f"])
        desk.attend(Lesson(owned=("a",)))
        assert 7 == desk["a"]
    assert [("name", "a")] == asked


def test_names_in_the_answer_are_looked_at() -> None:
    """What stands under a name may be the name of a file, and is noted as any answer is."""
    seen: list[Any] = []
    with talking(telling([], {"a": "/etc/passwd", "b": 2})) as talk:
        talk.on_answer = seen.append
        attended(talk)
    assert ["/etc/passwd", 2] == seen


@pytest.mark.parametrize("several", [5, [1], {"c": 1}, {"a": 1, "b": 2, "f": 3, "print": 4}, {1: 2}])
def test_answers_to_other_names_end_the_candidate(several: Any) -> None:
    """No name of the test's is set by a submission that nobody asked for it."""
    with talking(telling([], several)) as talk, pytest.raises(CandidateLost) as lost:
        attended(talk)
    assert ("mangled", lost.value) == (lost.value.cause, talk.lost)


HANGING = {"while n > 0: pass": False, "while n > 0 and k: pass": False, "while True: pass": True}


@pytest.mark.parametrize("test", HANGING)
def test_who_is_at_fault_for_a_test_that_does_not_end(rig: Rig, test: str) -> None:
    """The submission if the test went by its values, though they had come before it began; else the test."""
    sat = rig.sit(f"#S\nn, k = 5, 1\n#T\n{test}\n#T\nassert n + k == 6", terms={"cell_seconds": 0.3})
    assert {"t1": False, "t2": True} == sat.passed
    assert HANGING[test] is bool(sat["t1"].fault)
