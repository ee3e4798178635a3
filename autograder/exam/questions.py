"""What is asked of a candidate, as far as the kind of question matters on this side.

Rule: of a question goes what its operation needs, with the arguments that change in place marked as shared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from autograder.exam.line import CandidateLost

CALLING = frozenset(("call", "each"))
"""Questions that call something of the student's with arguments of the test's."""
TELLING = CALLING | {"module", "get", "set", "special", "name", "iter", "run", "predict"}
"""Questions at which student code may run that reads the tests' names."""
Wrap = Callable[[Any], Any]
Calls = Iterable[Sequence[Any]]
"""[positional arguments in a list, named ones in a dictionary] of each call."""


def calls(operation: str, arguments: tuple[Any, ...]) -> Calls:
    """What a question of CALLING calls."""
    return arguments[1] if operation == "each" else (arguments[1:],)


def answers(operation: str, value: Any) -> Iterable[Any]:
    """What an answer holds that the student's code has made."""
    if operation == "each":
        return value  # type: ignore[no-any-return]
    if operation == "several":
        return value.values()  # type: ignore[no-any-return]
    if operation == "run":  # of what a cell left tests see no more than the names that they will read
        told = value.get("names") if type(value) is dict else None
        return told.values() if type(told) is dict else ()
    return (value,) if operation in TELLING else ()


def named(words: Sequence[str], told: Any) -> dict[str, Any]:
    """Name → value of some of those names, as a candidate tells them; CandidateLost for anything else."""
    if type(told) is not dict or not told.keys() <= set(words):
        raise CandidateLost("mangled", "What it gave as the values of names was something else.")
    return told


def wrapped(operation: str, arguments: tuple[Any, ...], wrap: Wrap) -> list[Any]:
    """A question's arguments, those that change in place marked as shared by `wrap`."""
    if operation == "call":
        return [arguments[0], *_wrapped_call(wrap, *arguments[1:])]
    if operation == "each":
        return [arguments[0], [_wrapped_call(wrap, *one) for one in arguments[1]]]
    if operation in ("predict", "several", "run"):
        return list(arguments)  # nothing in them may be changed, so nobody need look whether it was
    return [wrap(a) for a in arguments]


def _wrapped_call(wrap: Wrap, args: list[Any], kwargs: dict[str, Any]) -> list[Any]:
    return [[wrap(a) for a in args], {k: wrap(v) for k, v in kwargs.items()}]
