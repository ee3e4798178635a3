"""Objects of a test's own classes, as student code gets them: they stay here, and it asks for what it does with them.

Rule: student code reads and sets public attributes, calls public methods and uses the operators that the class
defines, as in one process. What the class itself defines it cannot replace, and no name that leads from the object to
the test's text or its globals is answered.
"""

from __future__ import annotations

import types
from typing import Any

from autograder.exam.proxy import COURSE_MODULES
from autograder.wire.builtin import is_namedtuple
from autograder.wire.lent import MADE_OF, OPERATORS

MAX_NAMES = 200
"""Methods of a class that are told of; others are found when they are asked for."""
_CHANGING: tuple[type, ...] = (list, dict, set)
"""Bases whose content changes: every method of theirs is asked for, so that there is one content."""
_HARMLESS = ("__main__", "abc", "collections.abc", "enum", "typing")
"""Modules of the classes that one may derive from: of others no method is called with what a submission gives."""


def is_lent(obj: Any) -> bool:
    """Whether the object is of a class that the tests' own text defines, or a mere bundle of attributes."""
    kind = type(obj)
    if kind is types.SimpleNamespace:
        return True
    if not _is_own(kind) or isinstance(obj, type | BaseException) or is_namedtuple(obj):
        return False
    return all(_is_own(c) or c.__module__ in _HARMLESS or c in (object, *MADE_OF, *_CHANGING) for c in kind.__mro__)


def _is_own(kind: type) -> bool:
    """Whether the tests' own text defines the class, or a module of the course's."""
    return kind.__module__ == "__main__" or kind.__module__ in COURSE_MODULES


def described(obj: Any) -> list[Any]:
    """For student code's side: the class's name, operators, methods, other names and base; the value and the hash.

    A hash is told beforehand: a dict that comes over the wire needs those of its keys at once.
    """
    base = next((b for b in MADE_OF if isinstance(obj, b)), None)
    classes = [c for c in type(obj).__mro__ if c is not object and c is not base]
    own = [c for c in classes if _is_own(c) or c in _CHANGING]
    found = {name: value for c in reversed(own) for name, value in vars(c).items() if not name.startswith("__")}
    methods = [n for n, value in found.items() if _is_method(value)][:MAX_NAMES]
    others = [n for n, value in found.items() if not _is_method(value)][:MAX_NAMES]
    operators = [n for n in OPERATORS if any(f"__{n}__" in vars(c) for c in classes)]
    if type(obj).__hash__ is None:
        operators = [n for n in operators if n != "hash"] + ["nohash"]
    about = [_name(type(obj)), operators, methods, others, base.__name__ if base else ""]
    return [*about, MADE_OF[base](obj) if base else None, _hash(obj) if "hash" in operators else None]


def _name(kind: type) -> str:
    """The class's name; with its module where the submission can import it as well."""
    return f"{kind.__module__}:{kind.__qualname__}" if kind.__module__ in COURSE_MODULES else kind.__name__


def _hash(obj: Any) -> int | None:
    try:
        return hash(obj)
    except TypeError:  # of a field that has none
        return None


def _is_method(value: Any) -> bool:
    return isinstance(value, types.FunctionType | types.MethodDescriptorType | classmethod | staticmethod)


class Service:
    """Does what student code asks of one such object."""

    def __init__(self, obj: Any) -> None:
        self._obj = obj

    def __call__(self, operation: str, name: str, /, *args: Any, **kwargs: Any) -> Any:
        """The answer; an ellipsis for an operator where the class does not know what to do."""
        if type(name) is not str or name.startswith("__"):
            raise AttributeError(name)
        if operation == "special":
            return self._special(name, args, kwargs)
        if operation == "call":
            return getattr(self._obj, name)(*args, **kwargs)
        if operation == "get":
            return getattr(self._obj, name)
        if self._is_fixed(name):
            raise AttributeError(f"{type(self._obj).__name__!r} object attribute {name!r} is read-only")
        return delattr(self._obj, name) if operation == "del" else setattr(self._obj, name, *args)

    def _special(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        method = getattr(type(self._obj), f"__{name}__", None) if name in OPERATORS else None
        if method is None:
            raise AttributeError(name)
        answer = method(self._obj, *args, **kwargs)
        return ... if answer is NotImplemented else answer

    def _is_fixed(self, name: str) -> bool:
        """Whether the test says what this name does: a method, a property that nobody may set, a function."""
        found = next((vars(c)[name] for c in type(self._obj).__mro__ if name in vars(c)), None)
        if found is None:
            return isinstance(getattr(self._obj, "__dict__", {}).get(name), types.FunctionType)
        return (callable(found) or hasattr(found, "__get__")) and not hasattr(found, "__set__")
