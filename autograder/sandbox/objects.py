"""Objects that stay with the student: numbered, described, found again.

Rule: what is said here of an object (its class, its bases, its name) is the student's word; the other side uses
it for display and to choose operators, never as a mark.
"""

from __future__ import annotations

import builtins
import importlib
import types
from collections.abc import Callable
from typing import Any

from autograder.wire import HANDLE, Codec, WireError
from autograder.wire.builtin import NAMEDTUPLE, namedtuple_payload

OPERATORS = tuple(
    [
        "call",
        "getitem",
        "setitem",
        "delitem",
        "len",
        "iter",
        "next",
        "reversed",
        "contains",
        "enter",
        "exit",
        "int",
        "float",
        "index",
        "complex",
        "round",
        "abs",
        "neg",
        "pos",
        "invert",
        "hash",
        "format",
        "bool",
        "array",
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
        "add",
        "sub",
        "mul",
        "matmul",
        "truediv",
        "floordiv",
        "mod",
        "divmod",
        "pow",
        "lshift",
        "rshift",
        "and",
        "or",
        "xor",
        "radd",
        "rsub",
        "rmul",
        "rmatmul",
        "rtruediv",
        "rfloordiv",
        "rmod",
        "rdivmod",
        "rpow",
        "rlshift",
        "rrshift",
        "rand",
        "ror",
        "rxor",
        "iadd",
        "isub",
        "imul",
        "imatmul",
        "itruediv",
        "ifloordiv",
        "imod",
        "ipow",
    ]
)
"""Special methods, without their underscores, of which the other side may know."""
PLAIN_BASES: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (int, int.__int__),
    (float, float.__float__),
    (complex, complex.__complex__ if hasattr(complex, "__complex__") else complex),
    (str, str.__str__),
    (bytes, lambda x: bytes.__getitem__(x, slice(None))),
    (list, lambda x: [*list.__iter__(x)]),
    (tuple, lambda x: (*tuple.__iter__(x),)),
    (dict, lambda x: dict(dict.items(x))),
    (set, lambda x: {*set.__iter__(x)}),
    (frozenset, lambda x: frozenset(frozenset.__iter__(x))),
)
"""A plain type, and how its own method reads the value that an instance of a subclass carries."""


class Objects:
    """The table of the objects to which the other side holds handles."""

    def __init__(self) -> None:
        self._by_number: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._described: set[int] = set()
        self._last = 0
        self.callback: Callable[[int], Any] | None = None
        """Gives the function that stands for the other side's function of that number."""
        self.codec = Codec(other=self._travel, resolve=self._find)
        """Values and handles."""
        self.values = Codec(other=self._plain_only)
        """Values alone; WireError for anything else."""

    def number(self, obj: Any) -> int:
        """The object's number; the table keeps it alive until it is released."""
        found = self._numbers.get(id(obj))
        if found is None:
            self._last += 1
            found = self._numbers[id(obj)] = self._last
            self._by_number[found] = obj
        return found

    def release(self, numbers: list[int]) -> None:
        """Forgets objects to which the other side holds no handle any more; classes stay."""
        for number in numbers:
            obj = self._by_number.get(number)
            if number in self._by_number and not isinstance(obj, type):
                del self._by_number[number]
                self._numbers.pop(id(obj), None)

    def __getitem__(self, number: int) -> Any:
        return self._by_number[number]

    def _find(self, payload: Any) -> Any:
        form = payload[0]
        if form == "object":
            return self._by_number[payload[1]]
        if form == "function":
            assert self.callback is not None
            return self.callback(payload[1])
        if form == "error":
            return getattr(builtins, payload[1])(payload[2])
        found: Any = importlib.import_module(payload[1])
        for part in filter(None, payload[2].split(".")):
            found = getattr(found, part)
        return found

    def _travel(self, codec: Codec, obj: Any) -> Any:
        if isinstance(obj, tuple) and hasattr(type(obj), "_fields"):
            return codec.extension(NAMEDTUPLE, namedtuple_payload(obj))
        if type(obj).__module__ != "__main__" and isinstance(obj, _BASES):
            return carried(obj)
        cls = type(obj)
        number, class_number = self.number(obj), self.number(cls)
        about = None if class_number in self._described else describe_class(cls)
        self._described.add(class_number)
        return codec.extension(HANDLE, [number, class_number, about, facts(obj)])

    def _plain_only(self, codec: Codec, obj: Any) -> Any:
        if isinstance(obj, tuple) and hasattr(type(obj), "_fields"):
            return codec.extension(NAMEDTUPLE, namedtuple_payload(obj))
        return carried(obj)


_BASES = tuple(base for base, _ in PLAIN_BASES)


def carried(obj: Any) -> Any:
    """The plain value that an object carries: its base type's, its array's or its number's; WireError for none."""
    for base, read in PLAIN_BASES:
        if isinstance(obj, base):
            return read(obj)
    if hasattr(type(obj), "__array__"):
        import numpy as np

        array = np.asarray(obj)
        if array.dtype != object:
            return array
    for special, convert in (("__index__", int), ("__float__", float), ("__complex__", complex)):
        if hasattr(type(obj), special):
            return convert(obj)
    raise WireError(f"An object of type {type(obj).__name__} is not a plain value.")


def library_name(obj: Any) -> list[str] | None:
    """[module, qualified name] under which a library gives out this object, or None."""
    if isinstance(obj, types.ModuleType):
        return [obj.__name__, ""]
    module = getattr(obj, "__module__", None)
    name = getattr(obj, "__qualname__", None) or getattr(obj, "__name__", None)
    if not isinstance(module, str) or not isinstance(name, str) or module == "__main__" or "<" in name:
        return None
    return [module, name]


def describe_class(cls: type) -> list[Any]:
    """A class as the other side needs it: its name, its bases' dotted names, its operators."""
    bases = [f"{c.__module__}.{c.__qualname__}" for c in type.mro(cls)]
    known = [op for op in OPERATORS if any(f"__{op}__" in vars(c) for c in type.mro(cls) if c is not object)]
    return [cls.__name__, bases, known]


def facts(obj: Any) -> dict[str, Any]:
    """What is worth knowing of one object beyond its class."""
    out: dict[str, Any] = {}
    if callable(obj) or isinstance(obj, types.ModuleType):
        named = library_name(obj)
        if named is not None and not hasattr(obj, "__self__"):
            out["library"] = named
    if isinstance(obj, type):
        out["class"] = describe_class(obj)
    return out
