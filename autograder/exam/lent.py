"""Objects of a test's own classes, as student code gets them: they stay here, and it asks for what it does with them.

Rule: student code reads and sets public attributes, calls public methods and uses the operators that the class
defines, as in one process. What the class itself defines it cannot replace, and no name that leads from the object to
the test's text or its globals is answered.
"""

from __future__ import annotations

import types
from typing import Any

from autograder.exam.proxy import COURSE_MODULES, isinstance_proxy
from autograder.wire.builtin import is_namedtuple
from autograder.wire.lent import MADE_OF, OPERATORS

MAX_NAMES = 200
"""Methods of a class that are told of; others are found when they are asked for."""
_CHANGING: tuple[type, ...] = (list, dict, set)
"""Bases whose content changes: every method of theirs is asked for, so that there is one content."""
_HARMLESS = ("__main__", "abc", "collections.abc", "enum", "typing")
"""Modules of the classes that one may derive from: of others no method is called with what a submission gives."""


def is_lent(obj: Any) -> bool:
    """Whether the object is of a class that the tests' own text defines, a mere bundle of attributes, or a mock."""
    kind = type(obj)
    if kind is types.SimpleNamespace or _is_mock(kind):
        return True
    if not _is_own(kind) or isinstance(obj, type | BaseException) or is_namedtuple(obj):
        return False
    return all(_is_own(c) or c.__module__ in _HARMLESS or c in (object, *MADE_OF, *_CHANGING) for c in kind.__mro__)


def _is_own(kind: type) -> bool:
    """Whether the tests' own text defines the class, or a module of the course's."""
    return kind.__module__ == "__main__" or kind.__module__ in COURSE_MODULES


def _is_mock(kind: type) -> bool:
    return kind.__module__ == "unittest.mock" and hasattr(kind, "assert_called_with")


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
        if type(name) is not str or name.startswith("_") or self._is_of_a_mock(name):  # it may be expected
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
        kind, word = type(self._obj), f"__{name}__"
        found = next((vars(c)[word] for c in kind.__mro__ if word in vars(c)), None) if name in OPERATORS else None
        if found is None:
            raise AttributeError(name)
        method = found.__get__(self._obj, kind) if hasattr(type(found), "__get__") else found
        answer = method(*args, **kwargs)
        return ... if answer is NotImplemented else answer

    def _is_of_a_mock(self, name: str) -> bool:
        """Whether a name is the mock's own: by it the test finds out how the mock was used."""
        return _is_mock(type(self._obj)) and (name.startswith("_") or hasattr(type(self._obj), name))

    def _is_fixed(self, name: str) -> bool:
        """Whether the test says what this name does: a method, a property that nobody may set, what can be called."""
        found = next((vars(c)[name] for c in type(self._obj).__mro__ if name in vars(c)), None)
        if found is None:
            held = {**getattr(self._obj, "__dict__", {})}
            held |= held.get("_mock_children", {}) if _is_mock(type(self._obj)) else {}
            return callable(held.get(name)) and not isinstance_proxy(held[name])
        return (callable(found) or hasattr(found, "__get__")) and not hasattr(found, "__set__")
