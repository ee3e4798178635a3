"""The student's exceptions, raised again in the tests' process.

Rule: a library's exception class is taken from the loaded library by name from a fixed list, a student's own gets a
stand-in with the same name and the nearest known base; hostile names are not used.
"""

from __future__ import annotations

import keyword
import sys
from typing import Any

from autograder.exam.proxy import LIBRARIES, isinstance_proxy, library_class
from autograder.wire import WireError

MAX_TEXT = 5000


class Exceptions:
    """Exception classes that stand for the student's own, one for each."""

    def __init__(self) -> None:
        self._by_number: dict[int, type[BaseException]] = {}
        self._numbers: dict[type[BaseException], int] = {}
        self._by_name: dict[tuple[str, type[BaseException]], type[BaseException]] = {}

    def handle_of(self, obj: Any) -> int | None:
        """Number of the student's class, or instance, for which this stands."""
        if isinstance(obj, type):
            return self._numbers.get(obj)
        student = getattr(obj, "autograder_object", None) if isinstance(obj, BaseException) else None
        return student._number if student is not None else None

    def class_for(self, number: int, name: str, bases: list[str]) -> type[BaseException] | None:
        """The stand-in for a student's class of that description; None when it is no exception class."""
        if "builtins.BaseException" not in bases:
            return None
        if number not in self._by_number:
            made = self._made(name, bases)
            self._by_number[number] = made
            if bases[0] != f"{made.__module__}.{made.__qualname__}":
                self._numbers[made] = number
        return self._by_number[number]

    def _made(self, name: str, bases: list[str]) -> type[BaseException]:
        known = [c for c in map(library_class, bases) if c is not None and issubclass(c, BaseException)]
        base = known[0] if known else Exception
        if bases and library_class(bases[0]) is base:
            return base
        key = (name, base)
        if key not in self._by_name:
            word = (
                name
                if name.isidentifier() and not keyword.iskeyword(name) and len(name) < 100
                else "StudentError"
            )
            self._by_name[key] = type(word, (base,), {"__module__": "__main__", "__getattr__": _attribute})
        return self._by_name[key]

    def build(self, told: Any) -> BaseException:
        """The exception to raise for an error answer; a mangled one is a WireError."""
        try:
            name, bases, args, text, trace, student = told
            bases = [str(b)[:300] for b in bases][:50]
            name, text, trace = str(name)[:300], str(text)[:MAX_TEXT], str(trace)[-20_000:]
        except (ValueError, TypeError):
            return WireError("An error's description is mangled.")
        if name == "WireError":
            return WireError(text)
        error = _instance(self._made(name, bases), args, text)
        error.autograder_trace = trace  # type: ignore[attr-defined]
        if isinstance_proxy(student):
            error.autograder_object = student  # type: ignore[attr-defined]
        return error


def _attribute(self: BaseException, name: str) -> Any:
    """An attribute that the student's own exception object has."""
    student = self.__dict__.get("autograder_object")
    if student is None or name.startswith("__"):
        raise AttributeError(name)
    return getattr(student, name)


def _instance(cls: type[BaseException], args: Any, text: str) -> BaseException:
    given = tuple(args) if type(args) is list else (text,)
    try:
        error = cls(*given)
    except Exception:
        error = type(cls.__name__, (cls,), {"__init__": _keep, "__str__": lambda self: text})()
    if type(args) is list and error.args != given:
        error.args = given
    return error


def _keep(self: BaseException, *_: Any) -> None:
    """Takes nothing: the base's own initialiser wants arguments that did not travel."""


def library_object(obj: Any) -> tuple[str, str] | None:
    """(module, qualified name) of a library's module, class or function that a test hands over, or None."""
    if type(obj) is type(sys):
        return (obj.__name__, "") if obj.__name__.partition(".")[0] in LIBRARIES else None
    module = getattr(obj, "__module__", None) or ("numpy" if type(obj).__name__ == "ufunc" else None)
    name = getattr(obj, "__qualname__", None) or getattr(obj, "__name__", None)
    if not isinstance(module, str) or not isinstance(name, str) or module.partition(".")[0] not in LIBRARIES:
        return None
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return (module, name) if found is obj else None
