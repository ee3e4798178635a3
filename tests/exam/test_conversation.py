"""The examiner's end of the wire, against a candidate that sends whatever it likes."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangling import cases

from autograder.errors import AutograderError, GraderError, StudentError
from autograder.exam import line
from autograder.exam.conversation import Conversation, TookTooLong
from autograder.exam.line import CandidateLost
from autograder.exam.marking import Marker
from autograder.exam.models import Models
from autograder.exam.proxy import isinstance_proxy
from autograder.exam.syllabus import Lesson
from autograder.exam.witness import Witness
from autograder.wire import HANDLE, Channel, Codec

Reply = Callable[[int, str, list[Any], dict[str, Any]], "bytes | list[bytes] | None"]
PLAIN = Codec(resolve=lambda payload: payload)


def frame(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def packed(value: Any) -> bytes:
    return msgpack.packb(value, use_bin_type=True)


def handle(*payload: Any) -> msgpack.ExtType:
    return msgpack.ExtType(HANDLE, packed(list(payload)))


def proxied(number: int, *, name: str = "Thing", bases: Any = ("__main__.Thing", "builtins.object"), known: Any = (), **facts: Any) -> Any:
    return handle("object", number, 1, [name, list(bases), list(known), []], facts)


@contextmanager
def talking(reply: Reply) -> Iterator[Conversation]:
    """A conversation with a candidate that answers each question with the bytes that `reply` gives."""
    ours, theirs = socket.socketpair()

    def serve() -> None:
        channel = Channel(theirs.fileno())
        try:
            while True:
                question = PLAIN.loads(channel.receive(time.monotonic() + 20))
                said = reply(*question)
                for part in said if isinstance(said, list) else [said]:
                    if part is None:
                        return
                    os.set_blocking(theirs.fileno(), True)
                    theirs.sendall(part)
                    os.set_blocking(theirs.fileno(), False)
        except (EOFError, OSError, TimeoutError, AutograderError):
            pass
        finally:
            theirs.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with ours:
        talk = Conversation(Channel(ours.fileno()))
        talk.begin(0.3)
        yield talk
    thread.join(20)


def ok(value: Any, **header: Any) -> Reply:
    return lambda number, *_: frame(packed([number, "ok", value, header]))


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """A candidate that never answers is waited for a little less long."""
    monkeypatch.setattr(line, "GRACE", 0.2)


BROKEN: dict[str, tuple[Reply, str]] = {
    "closes the wire": (lambda *_: None, "closed"),
    "closes it amid a frame": (lambda *_: [struct.pack(">I", 100) + b"half", None], "closed"),
    "closes it amid a length": (lambda *_: [b"\0\0", None], "closed"),
    "says nothing": (lambda *_: [], "late"),
    "sends half a frame and waits": (lambda *_: [struct.pack(">I", 100) + b"half"], "late"),
    "answers another question": (lambda number, *_: frame(packed([number + 1, "ok", 1, {}])), "mangled"),
    "answers question True": (lambda number, *_: frame(packed([True, "ok", 1, {}])), "mangled"),
    "sends no list": (lambda *_: frame(packed({"a": 1})), "mangled"),
    "sends a short list": (lambda number, *_: frame(packed([number, "ok"])), "mangled"),
    "sends a header that is none": (lambda number, *_: frame(packed([number, "ok", 1, []])), "mangled"),
    "an unknown kind": (lambda number, *_: frame(packed([number, "fine", 1, {}])), "mangled"),
    "a kind that is no word": (lambda number, *_: frame(packed([number, [1], 1, {}])), "mangled"),
    "no MessagePack": (lambda *_: frame(b"\xc1" * 20), "mangled"),
    "an empty frame": (lambda *_: frame(b""), "mangled"),
    "too long a frame": (lambda *_: struct.pack(">I", 2**32 - 1), "mangled"),
    "a list of four billion": (lambda *_: frame(b"\xdd\xff\xff\xff\xff"), "mangled"),
    "a deep list": (lambda number, *_: frame(packed([number, "ok", 0, {}])[:-2] + b"\x91" * 900 + b"\x80"), "mangled"),
    "partial outputs of a call": (lambda number, *_: frame(packed([number, "partial", {}, {}])), "mangled"),
    "a name missing from a call": (lambda number, *_: frame(packed([number, "missing", "x", {}])), "mangled"),
    "an error without a description": (lambda number, *_: frame(packed([number, "error", 5, {}])), "mangled"),
    "an error of wrong parts": (lambda number, *_: frame(packed([number, "error", [None, [1, 2]], {}])), "mangled"),
    "a call of no function": (lambda number, *_: frame(packed([number, "call", 3, {}])), "mangled"),
    "a call with strange arguments": (lambda number, *_: frame(packed([number, "call", [1, 2, 3], {}])), "mangled"),
    "a class never described": (ok(handle("object", 1, 99, None, {})), "mangled"),
    "a handle of text": (ok(handle("object", "a", 1, None, {})), "mangled"),
    "a handle of another form": (ok(handle("library", "os", "system")), "mangled"),
    "a handle of nothing": (ok(handle()), "mangled"),
    "a class of numbers": (ok(proxied(1, known=[1, 2])), "mangled"),
    "a class of a long name": (ok(proxied(1, name="x" * 400)), "mangled"),
    "a shared object not known": (ok(handle("twin", -1, [])), "mangled"),
    "a shared object of our number": (ok(handle("twin", -7, [[1]])), "mangled"),
    "a change of nothing shared": (ok(1, changed=[[-1, [5]]]), "mangled"),
    "changes of no form": (ok(1, changed=5), "mangled"),
    "drops of no form": (ok(1, dropped=[[1]]), ""),
    "an unknown extension": (ok(msgpack.ExtType(100, b"")), "mangled"),
    "an array of lies": (ok(msgpack.ExtType(32, packed(["<f8", [2**39], b""]))), "mangled"),
    "an array of no size": (ok(msgpack.ExtType(32, packed(["<U0", [2**39], b""]))), "mangled"),
    "an array of objects that point": (ok(msgpack.ExtType(32, packed(["|O8", [1], b"12345678"]))), "mangled"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_ends_the_candidate(name: str) -> None:
    """It is the candidate that is lost, with the cause; nothing else is raised."""
    reply, cause = BROKEN[name]
    with talking(reply) as talk:
        if not cause:
            assert 1 == talk.ask("name", "f")
            return
        with pytest.raises(CandidateLost) as lost:
            talk.ask("name" if "missing" not in name else "plain", "f")
        assert cause == lost.value.cause
        with pytest.raises(CandidateLost):
            talk.ask("name", "g")  # and stays lost


def test_a_flood_ends_at_the_deadline() -> None:
    """Frames without end, each of them allowed, do not keep the examiner beyond the cell's time."""

    def flood(number: int, *_: Any) -> list[bytes]:
        return [frame(packed([number, "partial", {}, {}])) * 200] * 5_000

    with talking(flood) as talk:
        with pytest.raises(CandidateLost) as lost:
            talk.ask("run", "x", None)
        assert "late" == lost.value.cause


def test_a_flood_of_calls_ends_at_the_deadline() -> None:
    """So do calls of a test's function."""

    def flood(number: int, operation: str, arguments: list[Any], header: dict[str, Any]) -> bytes:
        return frame(packed([number, "call", [1, [], {}], {}]))

    with talking(flood) as talk:
        with pytest.raises(CandidateLost) as lost:
            talk.ask("call", len, [lambda: 1], {})
        assert "late" == lost.value.cause


def test_only_functions_that_were_handed_over_are_called() -> None:
    """Another number is an error for the student's code, and calls nothing."""
    called, answers = [], []

    def reply(number: int, operation: str, arguments: list[Any], header: dict[str, Any]) -> bytes:
        if operation == "call":
            return frame(packed([number, "call", [2, [], {}], {}]))
        answers.append((operation, arguments))
        return frame(packed([number, "ok", 1, {}]))

    with talking(reply) as talk:
        assert 1 == talk.ask("call", len, [lambda: called.append(1)], {})
    assert [] == called and "raise" == answers[0][0]


def test_functions_of_a_former_test_are_over() -> None:
    """What one test handed over cannot be called while another runs, but for functions bound to names."""
    called: list[int] = []
    numbers = iter([1, 2])

    def reply(number: int, operation: str, arguments: list[Any], header: dict[str, Any]) -> bytes:
        if operation == "name":
            return frame(packed([number, "call", [next(numbers), [], {}], {}]))
        return frame(packed([number, "ok", 1, {}]))

    with talking(reply) as talk:
        talk.ask("call", len, [lambda: called.append(1)], {})
        talk.ask("bind", "hook", lambda: called.append(2))
        talk.exchange.begin_test()
        talk.ask("name", "a")
        assert [] == called
        talk.ask("name", "b")
        assert [2] == called


def test_slow_and_untold_answers() -> None:
    """A stopped call and a value that cannot travel are the student's, and the conversation goes on."""
    kinds = iter(["slow", "untold", "ok"])
    with talking(lambda number, *_: frame(packed([number, next(kinds), "why", {}]))) as talk:
        with pytest.raises(TookTooLong):
            talk.ask("name", "a")
        with pytest.raises(StudentError, match="why"):
            talk.ask("name", "a")
        assert "why" == talk.ask("name", "a")


@pytest.mark.parametrize("claimed", ["builtins.bool", "builtins.int", "numpy.ndarray", "builtins.str", "builtins.list"])
def test_a_claimed_class_decides_nothing(claimed: str) -> None:
    """An object that is said to be a number, and to be equal, is asked for its value."""

    def reply(number: int, operation: str, arguments: list[Any], header: dict[str, Any]) -> bytes:
        if operation == "name":
            return frame(packed([number, "ok", proxied(5, bases=[claimed], known=["eq", "bool", "lt"]), {}]))
        return frame(packed([number, "ok", True, {}] if operation == "special" else [number, "untold", "none", {}]))

    with talking(reply) as talk:
        thing = talk.ask("name", "f")
        for check in (lambda: thing == 4, lambda: bool(thing), lambda: thing < 4, lambda: [thing] == [4], lambda: 4 in [thing]):
            with pytest.raises(StudentError):
                check()


@pytest.mark.parametrize(
    "question",
    [len, bool, float, hash, int, list, abs, str, dir, lambda x: [1, 2][x], lambda x: x[0] == 1, lambda x: 3 in x, lambda x: x.a.b() + 1],
)
def test_answers_of_the_wrong_kind(question: Callable[[Any], Any]) -> None:
    """A length that is an object, a truth that is one: Python's own errors, a StudentError, or a lost candidate."""
    thing = proxied(5, known=["len", "bool", "iter", "next", "hash", "float", "index", "getitem", "call", "int", "abs"])
    with talking(ok(thing)) as talk:
        try:
            answer = question(talk.ask("name", "f"))
        except (TypeError, StudentError, RecursionError, AttributeError, CandidateLost):
            return
        assert question in (hash, abs, str, dir) and type(answer) is not bool


def test_a_value_of_the_tests_that_cannot_travel_is_our_fault() -> None:
    """The student has no part in it."""
    with talking(ok(1)) as talk, pytest.raises(GraderError, match="cannot travel"):
        talk.ask("call", len, [object()], {})


value = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=5) | st.binary(max_size=5)
    | st.sampled_from(["object", "twin", "yours", "ok", "error", "call", "partial", "changed", "dropped", "text", "seconds"]),
    lambda x: st.lists(x, max_size=5) | st.dictionaries(st.text(max_size=6), x, max_size=3)
    | st.tuples(st.integers(0, 50), x).map(lambda t: msgpack.ExtType(t[0], packed_any(t[1]))),
    max_leaves=12,
)  # fmt: skip


def packed_any(value: Any) -> bytes:
    return msgpack.packb(value, use_bin_type=True)


frames = st.one_of(
    st.binary(max_size=60).map(frame),
    st.binary(max_size=60),
    value.map(lambda v: frame(packed_any(v))),
    st.tuples(st.sampled_from(["ok", "error", "call", "partial", "missing", "untold", "slow"]), value,
              st.dictionaries(st.sampled_from(["text", "seconds", "changed", "dropped", "random"]), value, max_size=4)),
)  # fmt: skip


@cases(200, share=0.2)
@given(st.lists(frames, min_size=1, max_size=4), st.sampled_from(["assert f(2) == 4", "for x in f([1]): print(x)", "f.a.b(lambda x: x)"]))
def test_no_frame_makes_the_grader_fail(sent: list[Any], test: str) -> None:
    """Whatever a candidate sends, a test cell ends in a finding against it, or in the loss of the candidate."""
    left = iter(sent)

    def reply(number: int, *_: Any) -> bytes | None:
        said = next(left, None)
        return frame(packed_any([number, *said])) if isinstance(said, tuple) else said

    with talking(reply) as talk:
        marker = Marker(talk)
        try:
            finding = marker.mark(test, Lesson(seeds=True), 0.2, trust_operators=False)
        except CandidateLost:
            return
        assert "" == finding.fault or not talk.questions, "nothing was asked: the machine was too slow for the test"


@pytest.mark.parametrize(("waiting", "through"), [(True, [1, 2]), (False, [1])])
def test_a_tests_last_second_breaks_no_answer_of_the_witness(waiting: bool, through: list[int]) -> None:
    """While one is awaited, which has a deadline of its own, the test goes on; it is over time all the same."""
    begun: list[int] = []
    with talking(lambda number, *_: frame(packed([number, "ok", None, {}]))) as talk:
        models = Models(talk)
        models.witness = cast(Witness, SimpleNamespace(waiting=waiting))
        marker = Marker(talk, models)
        marker.desk.furnish({"begun": begun, "now": time.monotonic})
        test = "begun.append(1)\nend = now() + 0.3\nwhile now() < end:\n    pass\nbegun.append(2)"
        finding = marker.mark(test, Lesson(), 0.1, trust_operators=False)
    assert through == begun
    assert "The test took longer than 0.1 seconds" in finding.fault


def test_the_stand_in_is_one_for_one_object() -> None:
    """As long as it lives; then the candidate is told how often it had been sent."""
    released = []

    def reply(number: int, operation: str, arguments: list[Any], header: dict[str, Any]) -> bytes:
        released.extend(header.get("release", []))
        return frame(packed([number, "ok", proxied(9), {}]))

    with talking(reply) as talk:
        first, second = talk.ask("name", "a"), talk.ask("name", "a")
        assert isinstance_proxy(first) and first is second
        del first, second
        talk.ask("name", "b")
    assert [[9, 2]] == released
