"""Calls of a comprehension in one question: which are taken, and what comes back."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from rig import Rig
from test_conversation import Reply, frame, packed, proxied, talking

from autograder.exam.conversation import Conversation
from autograder.exam.each import AT_ONCE, EACH, LARGE, Each, Gathered
from autograder.exam.line import CandidateLost

TAKEN = ["[f(a) for a in xs]", "[f(a, w, -1) for a, w in xs]", "[f(*case) for case in xs]", "[f(a, k=[2, (a, b)]) for a in g()]",
         "[[f(a, b) for a in xs] for b in ys]", "[f() for _ in xs]", "lambda: [f(a) for a in xs]"]  # fmt: skip
LEFT = ["[f(a + 1) for a in xs]", "[f(a) for a in xs if a]", "[f(a) for a in xs for b in ys]", "[f(g(a)) for a in xs]",
        "[o.f(a) for a in xs]", "{f(a) for a in xs}", "{a: f(a) for a in xs}", "list(f(a) for a in xs)", "[f(**a) for a in xs]",
        "[f(*w) for a, w in xs]", "[f(*b) for a in xs]", "[f(a[0]) for a in xs]", "[f(a) for a, *w in xs]", "[f(b) for f, b in xs]",
        "[f(a.b) for a in xs]", "[f(a) + 1 for a in xs]", "[a for a in xs]", "[f(*[a]) for a in xs]", "[f((b := a)) for a in xs]",
        "[f([*a]) for a in xs]", "[f(f'{a}') for a in xs]", "[f(lambda: a) for a in xs]", "[f(a) for (a, b), c in xs]"]  # fmt: skip


def rewritten(text: str) -> ast.AST:
    """The tree of those lines, as it is run."""
    return ast.fix_missing_locations(Gathered().visit(ast.parse(text)))


@pytest.mark.parametrize("text", [*TAKEN, *LEFT])
def test_what_is_taken(text: str) -> None:
    """Only calls of a name with names and constants, which are known before the first call is made."""
    names = [node.id for node in ast.walk(rewritten(text)) if isinstance(node, ast.Name)]
    assert (text in TAKEN) is (EACH in names)


FREE = {
    "[f(a, b, 1) for a in xs]": ("b",),
    "[[f(a, b, c) for a in xs] for b in ys]": ("c",),
    "def check(b, *c, k=1, **d):\n    e = 1\n    return [f(a, b, c, k, d, e, h) for a in xs]": ("h",),
    "def check(b):\n    return lambda c: [f(a, b, c, h) for a in xs]": ("h",),
    "def check(b): pass\n[f(a, b) for a in xs]": ("b",),
}


@pytest.mark.parametrize("text", FREE)
def test_whose_names_must_be_the_tests_own(text: str) -> None:
    """Those that no loop and no function around the call binds: reading them may ask the submission."""
    found = [n for n in ast.walk(rewritten(text)) if isinstance(n, ast.Call) and getattr(n.func, "id", "") == EACH]
    assert [FREE[text]] == [ast.literal_eval(call.args[1]) for call in found]


def answering(reply: Callable[[list[Any]], list[Any]], asked: list[int]) -> Reply:
    """A candidate with one function; `asked` gets how many calls each question makes."""

    def answer(number: int, operation: str, arguments: list[Any], header: dict[str, Any]) -> bytes:
        if operation == "name":
            return frame(packed([number, "ok", proxied(1, name="function", known=["call"]), {}]))
        asked.append(len(arguments[1]) if operation == "each" else 1)
        calls = arguments[1] if operation == "each" else [arguments[1:]]
        value = reply([args[0] for args, _ in calls])
        return frame(packed([number, "ok", value if operation == "each" else value[0], {}]))

    return answer


def run(talk: Conversation, items: Any) -> list[Any]:
    """`[f(a) for a in items]`, with an f that is asked for."""
    each = Each(talk, lambda name: True)
    scope = {EACH: each, "items": items, "f": talk.ask("name", "f")}
    code = compile(rewritten("got = [f(a) for a in items]"), "<test>", "exec")
    exec(code, scope)
    got: list[Any] = scope["got"]
    return got


BASE, MINE = np.zeros(4), [1]


ITEMS: dict[str, tuple[Any, list[int]]] = {
    "a few": ([1, 2, 3], [3]),
    "one": ([1], [1]),
    "none": ([], []),
    "a range": (range(4), [4]),
    "more than go at once": (list(range(2 * AT_ONCE + 1)), [AT_ONCE, AT_ONCE, 1]),
    "lists, dicts and sets": ([[1, (2, "x")], {"a": [None]}, {1, 2}], [3]),
    "an array": (np.arange(3.0), [3]),
    "rows of an array": (np.eye(3), [1, 1, 1]),
    "part of an array": (np.arange(5)[:3], [1, 1, 1]),
    "arrays that share memory": ([BASE[:2], BASE[1:]], [1, 1]),
    "arrays of their own": ([np.zeros(2), np.zeros(2)], [2]),
    "one object twice": ([MINE, MINE], [2]),
    "one object in two": ([[MINE], [MINE]], [1, 1]),
    "an object and what it lies in": ([MINE, (1, MINE)], [1, 1]),
    "numbers of NumPy's": ((np.float64(1), np.int8(2), True), [3]),
    "a large array": ([np.zeros(LARGE // 8 + 1), 1], [1, 1]),
    "a long text": (["x" * (LARGE + 1), "y"], [1, 1]),
    "a long list": ([[0] * (LARGE + 1), 1], [1, 1]),
    "objects in an array": ([np.array([{}], dtype=object), 1], [1, 1]),
    "a deep list": ([[[[[[[1]]]]]], 1], [1, 1]),
    "functions": ([abs, 1], [1, 1]),
    "an iterator": (iter([1, 2]), [1, 1]),
    "a dict": ({1: 2, 3: 4}, [1, 1]),
    "a list of another class": (type("List", (list,), {})([1, 2]), [1, 1]),
}


@pytest.mark.parametrize("name", ITEMS)
def test_how_many_calls_a_question_makes(name: str) -> None:
    """Plain data of moderate size goes together; everything else goes one by one, and the answers are the same."""
    items, sizes = ITEMS[name]
    length = sum(sizes)
    asked: list[int] = []
    with talking(answering(lambda args: [7] * len(args), asked)) as talk:
        assert [7] * length == run(talk, items)
    assert sizes == asked


def test_fewer_answers_are_asked_for_again() -> None:
    """A candidate gives as many as fit a frame, one at least."""
    asked: list[int] = []
    with talking(answering(lambda args: [10 * a for a in args[:2]], asked)) as talk:
        assert [10, 20, 30, 40, 50] == run(talk, [1, 2, 3, 4, 5])
    assert [5, 3, 1] == asked


LIES: dict[str, Callable[[list[Any]], Any]] = {
    "no answer": lambda args: [],
    "more answers than calls": lambda args: [*args, 1],
    "no list": lambda args: 5,
    "a tuple": lambda args: {"0": 1},
}


@pytest.mark.parametrize("name", LIES)
def test_answers_of_another_number_end_the_candidate(name: str) -> None:
    """Nobody gets a list that is longer than what was asked, or waits for ever; it is told though the test hides it."""
    with talking(answering(LIES[name], [])) as talk, pytest.raises(CandidateLost) as lost:
        run(talk, [1, 2])
    assert ("mangled", lost.value) == (lost.value.cause, talk.lost)


def test_an_exam_asks_at_once(rig: Rig) -> None:
    """Where the student's code runs, one question makes the calls of a comprehension."""
    text = "#S\nimport sys\ndef f(n): return sys._getframe(1).f_code.co_name\n#T\n"
    sat = rig.sit(text + "assert ([f(n) for n in (1, 2)], f(3)) == (['each', 'each'], 'call')")
    assert {"t1": True} == sat.passed, sat["t1"]


def test_a_call_that_takes_too_long_ends_the_question(rig: Rig) -> None:
    """The seconds are those of the test, however many calls it makes at once; later tests go on."""
    text = "#S\nimport time\ndef f(n):\n    if n == 2:\n        while True: pass\n    return n\n#T\n[f(n) for n in (1, 2, 3)]\n#T\nassert f(1) == 1"
    sat = rig.sit(text, terms={"cell_seconds": 0.5})
    assert {"t1": False, "t2": True} == sat.passed
    assert "The code that this test called took longer than 0.5 seconds." == sat["t1"].error
