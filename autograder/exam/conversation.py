"""Questions to the candidate, and what comes back.

Rule: one question is open at a time but for a test's own functions called from within it; answers carry the
question's number; a frame that breaks a rule, or comes late, ends the candidate and nothing else.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from autograder import chance
from autograder.errors import GraderError
from autograder.exam import raising
from autograder.exam.proxy import Proxy, isinstance_proxy, proxy_class
from autograder.exam.restore import restore
from autograder.wire import HANDLE, Channel, Codec, WireError

GRACE = 2.0
"""Seconds that a candidate has, beyond a cell's own, to stop by itself and answer."""
MAX_NESTED = 50
"""Questions open within one another through a test's functions."""


class CandidateLost(BaseException):
    """The candidate is gone or must go; no `except Exception` of a test may hold this up."""

    def __init__(self, cause: str, detail: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        """`closed`, `late` or `mangled`."""
        self.detail = detail


class Conversation:
    """The examiner's end of the wire."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._codec = Codec(other=self._travel, resolve=self._stand_in)
        self.values = Codec()
        """Values alone."""
        self._classes: dict[int, tuple[type[Proxy], list[str]]] = {}
        self._exceptions = raising.Exceptions()
        self._functions: list[Callable[..., Any]] = []
        self._released: list[int] = []
        self._number = 0
        self._open = 0
        self.waiting = False
        """An answer is awaited: the wire's own deadline holds, and a frame must not be broken off in the middle."""
        self.trust_operators = False
        self.share_chance = False
        """The running test has seeded the random generators: their state travels."""
        self.deadline = float("inf")
        """When the cell's or the test's seconds are over, on the monotonic clock."""
        self.before_asking: Callable[[], None] = lambda: None
        self.after_answer: Callable[[], None] = lambda: None
        self.on_partial: Callable[[list[Any]], None] = lambda outputs: None
        self.seconds = 0.0
        """What the candidate says its answers took, summed; information."""
        self.questions = 0

    def await_ready(self, seconds: float) -> None:
        """Waits for the candidate to be confined; GraderError if it never is: no student code has run by then."""
        try:
            number, kind, text, _ = self._codec.loads(self._channel.receive(time.monotonic() + seconds))
        except (EOFError, TimeoutError, WireError, ValueError) as e:
            raise GraderError(f"The candidate's process did not start ({e}).") from None
        if (number, kind) != (0, "ready"):
            raise GraderError(f"The candidate's process could not be confined ({text}).")

    def ask(self, operation: str, *arguments: Any) -> Any:
        """The answer's value; raises what the student's code raised, or CandidateLost."""
        if operation in ("call", "get", "special", "name", "step", "iter"):
            self.before_asking()
        self._number += 1
        self.questions += 1
        number = self._number
        header: dict[str, Any] = {"seconds": self._left()}
        if self._released:
            header["release"], self._released = self._released, []
        if self.share_chance:
            header["random"] = chance.state()
        functions = len(self._functions)
        data = self._encode([number, operation, list(arguments), header])
        self._open += 1
        self.waiting = True
        try:
            self._send(data)
            return self._answer(number, operation, arguments)
        finally:
            self._open -= 1
            self.waiting = self._open > 0
            if not self._open and operation != "bind":  # a name bound for good keeps its function
                del self._functions[functions:]

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        return 0.0 if left == float("inf") else max(0.05, left)

    def _encode(self, frame: list[Any]) -> bytes:
        try:
            return self._codec.dumps(frame)
        except WireError as e:
            raise GraderError(
                f"The test passes a value that cannot travel: {e.message}",
                mend='Pass plain values, or mark the cell examine = "in-kernel".',
            ) from None

    def _send(self, data: bytes) -> None:
        try:
            self._channel.send(data, self.deadline + GRACE)
        except EOFError:
            raise CandidateLost("closed") from None
        except TimeoutError:
            raise CandidateLost("late") from None

    def _receive(self) -> list[Any]:
        try:
            frame = self._codec.loads(self._channel.receive(self.deadline + GRACE))
        except EOFError:
            raise CandidateLost("closed") from None
        except TimeoutError:
            raise CandidateLost("late") from None
        except WireError as e:
            raise CandidateLost("mangled", e.message) from None
        if type(frame) is not list or len(frame) != 4 or type(frame[3]) is not dict:
            raise CandidateLost("mangled", "A frame is not an answer.")
        return frame

    def _answer(self, number: int, operation: str, arguments: tuple[Any, ...]) -> Any:
        while True:
            got, kind, value, header = self._receive()
            if got != number:
                raise CandidateLost("mangled", "An answer to a question that was not asked.")
            if kind == "partial" and operation == "run":
                self.on_partial(value)
                continue
            if kind == "call":
                self._replay(header)
                self._call_back(number, value)
                continue
            return self._settle(kind, value, header, operation, arguments)

    def _settle(
        self, kind: str, value: Any, header: dict[str, Any], operation: str, arguments: tuple[Any, ...]
    ) -> Any:
        self._replay(header)
        seconds = header.get("seconds")
        if type(seconds) is float and 0.0 <= seconds < 1e6:
            self.seconds += seconds
        if self.share_chance and "random" in header:
            try:
                chance.restore(header["random"])
            except (ValueError, TypeError, IndexError, AttributeError):
                raise CandidateLost("mangled", "A state of the random generators is none.") from None
        self.after_answer()
        if kind == "missing":
            raise NameError(f"name {arguments[0]!r} is not defined", name=arguments[0])
        if kind == "error":
            raise self._exceptions.build(value)
        if kind != "ok":
            raise CandidateLost("mangled", "An answer of no known kind.")
        return self._called(value, header, arguments) if operation == "call" else value

    def _called(self, value: Any, header: dict[str, Any], arguments: tuple[Any, ...]) -> Any:
        """A call's value; arguments that the call has changed are changed here too."""
        _, args, kwargs = arguments
        given = {str(i): a for i, a in enumerate(args)} | kwargs
        changed = header.get("changed")
        for key, content in changed.items() if type(changed) is dict else ():
            if key in given and not isinstance_proxy(given[key]):
                restore(given[key], content)
        if type(value) is not list or len(value) != 2:
            raise CandidateLost("mangled", "A call's answer is none.")
        return given[value[0]] if value[0] in given else value[1]

    def _replay(self, header: dict[str, Any]) -> None:
        """What the student's code printed is printed here, where a test may capture it."""
        text = header.get("text")
        if type(text) is str and text:
            sys.stdout.write(text)

    def _call_back(self, number: int, value: Any) -> None:
        """Calls the test's function that the question handed over, and sends its result."""
        try:
            index, args, kwargs = value
            function = self._functions[index]
        except (ValueError, TypeError, IndexError):
            raise CandidateLost("mangled", "A call of a function that was not handed over.") from None
        if self._open > MAX_NESTED:
            raise CandidateLost("mangled", "Questions and functions call each other too deeply.")
        header: dict[str, Any] = {"seconds": self._left()}
        try:
            frame = [number, "result", [function(*args, **kwargs)], header]
            data = self._encode(frame)
        except GraderError:
            raise
        except Exception as e:
            known = type(e).__module__ == "builtins"
            data = self._encode(
                [number, "raise", [_Raise(type(e) if known else RuntimeError, str(e))], header]
            )
        self._send(data)

    def _travel(self, codec: Codec, obj: Any) -> Any:
        """What goes over the wire for an object of the test's that is no plain value."""
        if isinstance_proxy(obj):
            return codec.extension(HANDLE, ["object", obj._number])
        if isinstance(obj, _Raise):
            return codec.extension(HANDLE, ["error", obj.cls.__name__, obj.text])
        stands_for = self._exceptions.handle_of(obj)
        if stands_for is not None:
            return codec.extension(HANDLE, ["object", stands_for])
        named = raising.library_object(obj)
        if named is not None:
            return codec.extension(HANDLE, ["library", *named])
        if callable(obj):
            self._functions.append(obj)
            return codec.extension(HANDLE, ["function", len(self._functions) - 1])
        raise WireError(f"an object of type {type(obj).__name__}.")

    def _stand_in(self, payload: Any) -> Any:
        """The stand-in for an object that stays with the student."""
        number, class_number, about, facts = payload
        if type(number) is not int or type(class_number) is not int or type(facts) is not dict:
            raise WireError("A handle is mangled.")
        if about is not None:
            self._classes[class_number] = _described(about, is_class="class" in facts)
        if class_number not in self._classes:
            raise WireError("A handle is of a class that was never described.")
        if "class" in facts:
            name, bases, known = _checked(facts["class"])
            facts = {**facts, "class": bases}
            made = self._exceptions.class_for(number, name, bases)
            if made is not None:
                return made
        cls, bases = self._classes[class_number]
        return cls(self, number, bases, facts)

    def release(self, number: int) -> None:
        """A stand-in is gone; the candidate is told with the next question."""
        self._released.append(number)


class _Raise:
    """An exception of a test's function, on its way to the student's code."""

    def __init__(self, cls: type[BaseException], text: str) -> None:
        self.cls = cls
        self.text = text


def _checked(about: Any) -> tuple[str, list[str], list[str]]:
    name, bases, known = about
    words = [name, *bases, *known]
    if not all(type(w) is str and len(w) < 300 for w in words) or len(words) > 500:
        raise WireError("A class's description is mangled.")
    return name, bases, known


def _described(about: Any, *, is_class: bool) -> tuple[type[Proxy], list[str]]:
    name, bases, known = _checked(about)
    return proxy_class(name, known, is_class=is_class), bases
