"""Questions to the candidate, and what comes back.

Rule: one question is open at a time but for a test's own functions called from within it; answers carry the
question's number; a frame that breaks a rule, or comes late, ends the candidate and nothing else.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Any

from autograder import chance
from autograder.errors import AutograderError, GraderError, StudentError
from autograder.exam import questions
from autograder.exam.exchange import Exchange
from autograder.exam.line import CandidateLost, Line
from autograder.exam.proxy import isinstance_proxy
from autograder.wire import Channel, WireError

MAX_NESTED = 50
"""Questions open within one another through a test's functions."""


class TookTooLong(KeyboardInterrupt):
    """The student's code was stopped when the seconds were over."""


class Conversation:
    """The examiner's end of the wire."""

    def __init__(self, channel: Channel) -> None:
        self.exchange = Exchange(self)
        self._line = Line(channel, self.exchange.codec)
        self._number = 0
        self._open = 0
        self._stopped: BaseException | None = None
        self.lost: CandidateLost | None = None
        """Set once the candidate is lost: a test may swallow the exception, its verdict must not."""
        self.waiting = False
        """An answer is awaited: the wire's own deadline holds, and a frame must not be broken off in the middle."""
        self.trust_operators = False
        self.own_methods: frozenset[str] = frozenset()
        """Names that classes of the master's own cells define: methods of these names are the student's task."""
        self.words: set[str] = set()
        """Methods whose yes or no the running test took from an object of the student's."""
        self.last_word: tuple[Any, str] = (None, "")
        """The last answer of a method that is not the student's task, and its name; empty where it was another."""
        self.absent: dict[str, str] = {}
        """Name of a model that could not be had → why, for whoever asks for it."""
        self.share_chance = False
        """The running test seeds the random generators: their state travels."""
        self.limit = 0.0
        """Seconds that the cell or the test may take."""
        self.deadline = float("inf")
        """When the cell's or the test's seconds are over, on the monotonic clock."""
        self.before_asking: Callable[[], None] = lambda: None
        self.after_answer: Callable[[], None] = lambda: None
        self.on_question: Callable[[str, tuple[Any, ...]], None] | None = None
        """Told each question before it is asked; may ask others."""
        self.on_first: Callable[[], None] | None = None
        """Called once, at the next question."""
        self.on_calls: Callable[[questions.Calls], None] = lambda calls: None
        """Told the arguments of a question's calls of a student's object, before they are made; may change them."""
        self.on_paths: Callable[[list[PurePath]], None] = lambda paths: None
        """Told the paths that came with an answer, once it is there; for a call also where there were none."""
        self.on_answer: Callable[[Any], None] = lambda value: None
        """Told each answer to a question at which student code may have run."""
        self.on_partial: Callable[[Any], None] = lambda outputs: None
        self.stopped = False
        """The student's code was stopped for its time since `begin`, whatever became of the exception."""
        self.waited = 0.0
        """Seconds that questions took altogether, as seen from here."""
        self.seconds = 0.0
        """What the candidate says its answers took, summed; information."""
        self.questions = 0

    def begin(self, seconds: float) -> None:
        """From now on the candidate has this long."""
        self.limit, self.deadline = seconds, time.monotonic() + seconds
        self.stopped = False

    def end(self) -> None:
        """Nothing is running."""
        self.limit, self.deadline = 0.0, float("inf")

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Inside, questions are put that are not the test's own."""
        first, self.on_first = self.on_first, None
        yield
        self.on_first = first

    def await_ready(self, seconds: float) -> None:
        """Waits for the candidate to be confined; GraderError if it never is: no student code has run by then."""
        self._line.await_ready(seconds)

    def ask(self, operation: str, *arguments: Any) -> Any:
        """The answer's value; raises what the student's code raised, or CandidateLost."""
        if self.lost is not None:
            raise self.lost
        if self.on_question is not None:
            self.on_question(operation, arguments)
        if operation in questions.TELLING:
            self.before_asking()
        if operation in questions.CALLING:
            self.on_calls(questions.calls(operation, arguments))
        self.count()
        self._number += 1
        number = self._number
        header = self._header()
        if released := self.exchange.released():
            header["release"] = released
        data = self._encode(
            [number, operation, questions.wrapped(operation, arguments, self.exchange.twins.wrap), header]
        )
        if operation == "bind":
            self.exchange.keep_given()
        self._open += 1
        self.waiting = True
        began = time.perf_counter()
        try:
            self._line.send(data, self.deadline)
            value = self._answer(number, operation, arguments)
        except CandidateLost as lost:
            self.lost = lost
            raise
        finally:
            self._open -= 1
            self.waiting = self._open > 0
            if not self._open:
                self.waited += time.perf_counter() - began
        self._answered(operation, value)
        return value

    def _answered(self, operation: str, value: Any) -> None:
        """Tells those who want to know that an answer is there."""
        if self.exchange.paths or operation in questions.CALLING:
            self.on_paths(self.exchange.taken_paths())
        for answer in questions.answers(operation, value):
            self.on_answer(answer)

    def count(self) -> None:
        """Something of the submission's is asked for, be it that the answer is there already."""
        self.questions += 1
        if self.on_first is not None:
            first, self.on_first = self.on_first, None
            first()

    def release(self, number: int) -> None:
        """A stand-in is gone; the candidate is told with the next question."""
        self.exchange.release(number)

    def _header(self) -> dict[str, Any]:
        """What the candidate must know before it goes on: the time left, what has changed, what is let go."""
        left = self.deadline - time.monotonic()
        header: dict[str, Any] = {}
        if left != float("inf"):
            header = {"seconds": max(0.05, left), "limit": self.limit}
        if len(self.exchange.twins):
            header["changed"] = self.exchange.twins.changes()
            header["dropped"] = self.exchange.twins.prune()
        if self.share_chance:
            header["random"] = chance.state()
        return header

    def _encode(self, frame: list[Any]) -> bytes:
        try:
            return self.exchange.encode(frame)
        except WireError as e:
            raise GraderError(
                f"The test passes a value that cannot travel: {e.message}",
                mend='Pass plain values, or mark the cell examine = "in-kernel".',
            ) from None

    def _answer(self, number: int, operation: str, arguments: tuple[Any, ...]) -> Any:
        while True:
            got, kind, value, header = self._line.receive(self.deadline)
            if type(got) is not int or got != number or type(kind) is not str:
                raise CandidateLost("mangled", "An answer to a question that was not asked.")
            if kind == "partial" and operation == "run":
                self.on_partial(value)
                continue
            self._take(header)
            if kind == "call":
                self._call_back(number, value)
                continue
            if self._stopped is not None:
                stopped, self._stopped = self._stopped, None
                raise stopped
            return self._settle(kind, value, operation, arguments)

    def _take(self, header: dict[str, Any]) -> None:
        """Takes over what the candidate says beside its answer: printing, shared objects, random numbers."""
        seconds = header.get("seconds")
        for name, stream in (("text", sys.stdout), ("errors", sys.stderr)):
            text = header.get(name)
            if type(text) is str and text:
                stream.write(text)  # where a test may capture it
        if type(seconds) is float and 0.0 <= seconds < 1e6:
            self.seconds += seconds
        try:
            self.exchange.twins.apply(header.get("changed", []))
            self.exchange.twins.forget(header.get("dropped", []))
            if self.share_chance and "random" in header:
                chance.restore_drawn(header["random"])
        except (WireError, ValueError, TypeError) as e:
            raise CandidateLost("mangled", str(e)) from None
        self.after_answer()

    def _settle(self, kind: str, value: Any, operation: str, arguments: tuple[Any, ...]) -> Any:
        if kind == "ok":
            if operation == "plain" and isinstance_proxy(value):
                raise CandidateLost("mangled", "What it gave as a plain value was something else.")
            if operation == "several":
                return questions.named(arguments[0], value)
            if operation == "each" and not (type(value) is list and 0 < len(value) <= len(arguments[1])):
                raise CandidateLost("mangled", "What it gave as the answers to several calls was something else.")
            return value
        if kind == "missing" and operation == "name" and arguments[0] in self.absent:
            raise StudentError(self.absent[arguments[0]])
        if kind == "missing" and operation in ("name", "unbind"):
            raise NameError(f"name {arguments[0]!r} is not defined", name=arguments[0])
        if kind == "slow":
            self.stopped = True
            raise TookTooLong
        if kind == "untold":
            raise WireError(str(value)[:500] if type(value) is str else "A value cannot travel.")
        if kind != "error":
            raise CandidateLost("mangled", "An answer of no known kind.")
        try:
            error = self.exchange.rebuilt(value)
        except (ValueError, TypeError):
            raise CandidateLost("mangled", "An error's description is mangled.") from None
        raise error

    def _call_back(self, number: int, value: Any) -> None:
        """Calls the test's function that the candidate names, and sends its result."""
        try:
            index, args, kwargs = value
            sound = type(args) is list and type(kwargs) is dict and all(type(k) is str for k in kwargs)
        except (ValueError, TypeError):
            sound = False
        if not sound:
            raise CandidateLost("mangled", "A call of a test's function is mangled.")
        function = self.exchange.function(index)
        try:
            if function is None:
                raise RuntimeError("The test that gave this function is over.")
            if self._open > MAX_NESTED:
                raise RecursionError("maximum recursion depth exceeded")
            self.waiting = False  # this is the test's own code, and has the test's own alarm
            result = _next(function) if not callable(function) else function(*args, **kwargs)
            self.waiting = True
            data = self._reply(number, "result", self.exchange.twins.wrap(result))
        except CandidateLost:
            raise
        except BaseException as e:
            self.waiting = True
            if not isinstance(e, Exception) or _is_finding(e):
                self._stopped = self._stopped or e  # the student's code may not hold this up
            data = self._reply(number, "raise", self.exchange.raised(e))
        self._line.send(data, self.deadline)

    def _reply(self, number: int, word: str, value: Any) -> bytes:
        return self._encode([number, word, [value], self._header()])


def _is_finding(error: Exception) -> bool:
    """Whether the test's own function found something wrong, rather than what it called."""
    return isinstance(error, AssertionError | AutograderError) and not hasattr(error, "autograder_trace")


def _next(iterator: Any) -> list[Any]:
    """The next item of a test's iterator in a list, or an empty list at the end."""
    try:
        return [next(iterator)]
    except StopIteration:
        return []
