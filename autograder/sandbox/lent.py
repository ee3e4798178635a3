"""What student code gets for an object of a test's own class.

Rule: it looks like the object; whatever its class says is asked of the other side, where the object stays.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from autograder.errors import WireError
from autograder.wire.lent import MADE_OF, OPERATORS

_BASES = {base.__name__: base for base in MADE_OF}
Ask = Callable[..., Any]
"""`ask(operation, name, *args, **kwargs)` does with the object what it is asked to."""


class Lent:
    """Makes the objects, and one class for all that are described alike."""

    def __init__(self) -> None:
        self._classes: dict[Any, Any] = {}

    def stand_in(self, ask: Ask, name: str, *about: Any) -> Any:
        """An object of a class of that name; the rest as the other side's `described` has it."""
        *words, value, hashed = about
        key = (name, *(tuple(w) for w in words))
        made = self._classes.get(key)
        if made is None:
            made = self._classes[key] = _class(name, *words)
        obj = made.__new__(made) if value is None else made.__new__(made, value)
        object.__setattr__(obj, _ASK, ask)
        object.__setattr__(obj, _HASH, hashed)
        return obj


_ASK, _HASH = "__ask__", "__hashed__"


def _class(name: str, operators: list[str], methods: list[str], others: list[str], base: str) -> Any:
    body: dict[str, Any] = {"__module__": "__main__", **_ATTRIBUTES}
    body |= {f"__{op}__": _special(op) for op in operators if op in OPERATORS}
    body |= {word: _method(word) for word in methods}
    body |= {word: _attribute(word) for word in others}
    if "nohash" in operators:
        body["__hash__"] = None
    elif "hash" in operators:
        body["__hash__"] = lambda self: object.__getattribute__(self, _HASH)
    else:
        body["__hash__"] = _BASES.get(base, object).__hash__
    module, _, word = name.rpartition(":")
    if module:
        body |= {"__module__": module, "__class__": property(lambda self: _class_of(module, word))}
    return type(word.rpartition(".")[2], (_BASES[base],) if base else (), body)


def _class_of(module: str, name: str) -> Any:
    """The class of a module of the course's that student code has imported: what `isinstance` is told."""
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return found if isinstance(found, type) else object


def _asked(obj: Any) -> Ask:
    ask: Ask = object.__getattribute__(obj, _ASK)
    return ask


def _special(name: str) -> Callable[..., Any]:
    def method(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        answer = _asked(self)("special", name, *args, **kwargs)
        return NotImplemented if answer is ... else answer

    return method


def _method(name: str) -> Callable[..., Any]:
    def method(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        return _asked(self)("call", name, *args, **kwargs)

    method.__name__ = name
    return method


def _attribute(name: str) -> Any:
    return property(lambda self: _asked(self)("get", name))


def _copied(self: Any, *_: Any) -> Any:
    raise WireError(f"An object of the test's class {type(self).__name__} is copied.")


_ATTRIBUTES = {
    "__getattr__": lambda self, name: _asked(self)("get", name),
    "__setattr__": lambda self, name, value: _asked(self)("set", name, value),
    "__delattr__": lambda self, name: _asked(self)("del", name),
    "__reduce_ex__": _copied,
}
