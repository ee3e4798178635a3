"""Objects that stay with the student: numbered, described, found again.

Rule: what is said here of an object (its class, its bases, its name) is the student's word; the other side uses
it for display and to choose operators, never as a mark.
"""

from __future__ import annotations

import builtins
import collections
import datetime as dt
import decimal
import enum
import fractions
import importlib
import types
from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any

from autograder.sandbox.lent import Lent
from autograder.wire import HANDLE, Codec, Twin, Twins, WireError
from autograder.wire.builtin import NAMEDTUPLE, has_more, is_namedtuple, namedtuple_payload

_BINARY = ("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod", "pow", "lshift", "rshift", "and",
           "or", "xor")  # fmt: skip
OPERATORS = (
    "call", "getitem", "setitem", "delitem", "len", "iter", "next", "reversed", "contains", "enter", "exit", "int",
    "float", "index", "complex", "round", "abs", "neg", "pos", "invert", "hash", "format", "bool", "array", "eq",
    "ne", "lt", "le", "gt", "ge", *_BINARY, *(f"r{n}" for n in _BINARY),
)  # fmt: skip
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
MORE_BASES: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (bytearray, lambda x: bytearray.__getitem__(x, slice(None))),
    (collections.deque, lambda x: collections.deque(collections.deque.__iter__(x), x.maxlen)),
    (fractions.Fraction, lambda x: fractions.Fraction(x._numerator, x._denominator)),
    (decimal.Decimal, lambda x: decimal.Decimal(decimal.Decimal.__str__(x))),
    (dt.datetime, lambda x: dt.datetime.combine(dt.datetime.date(x), dt.datetime.timetz(x))),
    (dt.date, lambda x: dt.date.fromordinal(dt.date.toordinal(x))),
    (dt.timedelta, lambda x: dt.timedelta(x.days, x.seconds, x.microseconds)),
    (collections.UserDict, lambda x: dict(x.data)),
    (collections.UserList, lambda x: list(x.data)),
    (collections.UserString, lambda x: str(x.data)),
    (Mapping, lambda x: dict(Mapping.items(x))),
    (Set, lambda x: {*x}),
)
"""The same for what has more to it than its value; the last two as the class's own `__eq__` would."""
_BASES = tuple(base for base, _ in PLAIN_BASES)
MAX_LINEAGE = 50


class Own:
    """Stands in a frame for an exception object of the student's, without its description."""

    __slots__ = ("obj",)

    def __init__(self, obj: Any) -> None:
        self.obj = obj


class Objects:
    """The table of the objects to which the other side holds handles."""

    def __init__(self, namespace: Callable[[], dict[str, Any]] = dict) -> None:
        self._namespace = namespace
        self._by_number: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._sent: dict[int, int] = {}
        self._described: set[int] = set()
        self._last = 0
        self._functions: dict[int, Any] = {}
        self._mine: dict[int, int] = {}
        self._lent = Lent()
        self.callback: Callable[[int, tuple[Any, ...], dict[str, Any]], Any] | None = None
        """Calls the other side's function, or steps its iterator, of that number."""
        self.describe_error: Callable[[BaseException], list[Any]] = lambda error: []
        self.codec = Codec(other=self._travel, resolve=self._find, named=self._named)
        """Values and handles."""
        self.values = Codec(other=self._plain_only)
        """Values alone; WireError for anything else."""
        self.twins = Twins(1)

    def encode(self, frame: list[Any]) -> bytes:
        """The frame's bytes; whatever the student's objects raise on being described."""
        try:
            data = self.codec.dumps(frame)
        except BaseException:
            self.twins.unsent()
            raise
        self.twins.sent()
        return data

    def number(self, obj: Any) -> int:
        """The object's number; the table keeps it alive until it is released as often as it was sent."""
        found = self._numbers.get(id(obj))
        if found is None:
            self._last += 1
            found = self._numbers[id(obj)] = self._last
            self._by_number[found] = obj
        return found

    def release(self, told: list[list[int]]) -> None:
        """Forgets objects to which the other side holds no handle any more; classes stay."""
        for number, count in told:
            obj = self._by_number.get(number)
            self._sent[number] = self._sent.get(number, 0) - count
            if self._sent[number] <= 0 and not isinstance(obj, type):
                self._sent.pop(number)
                self._by_number.pop(number, None)
                self._numbers.pop(id(obj), None)

    def _find(self, payload: Any) -> Any:
        """What a handle from the other side stands for."""
        form, *rest = payload
        if form == "object":
            return self._by_number[rest[0]]
        if form == "twin":
            return self.twins.unwrap(rest)
        if form in ("function", "iterator"):
            return self._theirs(form, *rest)
        if form == "lent":
            return self._lent_by_them(*rest)
        if form == "error":
            error = getattr(builtins, rest[0])(*rest[1])
            error.autograder_raised = rest[2]
            return error
        if rest == ["types", "NoneType"]:
            return None
        found: Any = importlib.import_module(rest[0])
        for part in filter(None, rest[1].split(".")):
            found = getattr(found, part)
        return found

    def _theirs(self, form: str, number: int, name: str = "", document: str | None = None) -> Any:
        """What student code gets for a test's function (the same for the same) or iterator."""
        call = self.callback
        assert call is not None
        if form == "iterator":
            return _items(call, number)
        if number not in self._functions:

            def function(*args: Any, **kwargs: Any) -> Any:
                return call(number, args, kwargs)

            function.__name__ = function.__qualname__ = name
            function.__doc__, function.__module__ = document, "__main__"
            self._functions[number] = function
            self._mine[id(function)] = number
        return self._functions[number]

    def _lent_by_them(self, number: int, *about: Any) -> Any:
        """What student code gets for an object of a test's own class: the same for the same."""
        call = self.callback
        assert call is not None
        if number not in self._functions:
            found = self._lent.stand_in(lambda *args, **kwargs: call(number, args, kwargs), *about)
            self._functions[number] = found
            self._mine[id(found)] = number
        return self._functions[number]

    def _named(self, name: str, fields: tuple[str, ...]) -> Any:
        """The student's own class for a named tuple that comes back."""
        found = self._namespace().get(name)
        fits = isinstance(found, type) and issubclass(found, tuple) and getattr(found, "_fields", None) == fields
        return found if fits else None

    def _travel(self, codec: Codec, obj: Any) -> Any:
        kind = type(obj)
        if kind is Twin:
            return codec.extension(HANDLE, ["twin", obj.number, obj.content])
        if id(obj) in self._mine:
            return codec.extension(HANDLE, ["yours", self._mine[id(obj)]])
        if is_namedtuple(obj) and not has_more(kind):
            return codec.extension(NAMEDTUPLE, namedtuple_payload(obj))
        if kind.__module__ != "__main__" and issubclass(kind, _BASES) and not _is_more_than_its_value(kind):
            return carried(obj)
        return codec.extension(HANDLE, ["object", *self._handle(obj)])

    def _handle(self, obj: Any) -> list[Any]:
        told: dict[str, Any] = {}
        if type(obj) is Own:
            obj = obj.obj
        elif isinstance(obj, BaseException):
            lines, args, text, trace, _, cause = self.describe_error(obj)[1]
            told["error"] = [lines, args, text, trace, None, cause]
        else:
            told = facts(obj)
        cls = type(obj)
        number, class_number = self.number(obj), self.number(cls)
        self._sent[number] = self._sent.get(number, 0) + 1
        about = None if class_number in self._described else describe_class(cls)
        self._described.add(class_number)
        return [number, class_number, about, told]

    def _plain_only(self, codec: Codec, obj: Any) -> Any:
        if is_namedtuple(obj):
            return codec.extension(NAMEDTUPLE, namedtuple_payload(obj))
        return carried(obj)


def _items(call: Callable[[int, tuple[Any, ...], dict[str, Any]], Any], number: int) -> Iterator[Any]:
    while step := call(number, (), {}):
        yield step[0]


def _is_more_than_its_value(kind: type) -> bool:
    """Whether a library's subclass of a plain type is used by names: an enumeration, a dict with attributes."""
    return any(c.__module__ == "enum" or "__getattr__" in vars(c) for c in type.mro(kind))


def carried(obj: Any) -> Any:
    """The plain value that an object carries: its base type's, its array's or its number's; WireError for none."""
    for base, read in (*PLAIN_BASES, *MORE_BASES):
        if issubclass(type(obj), base):
            return read(obj)
    if hasattr(type(obj), "__array__"):
        import numpy as np

        array = np.ndarray.view(obj, np.ndarray) if isinstance(obj, np.ndarray) else np.asarray(obj)
        if array.dtype != object or isinstance(obj, np.ndarray):
            return array
    for special, convert in (("__index__", int), ("__float__", float), ("__complex__", complex)):
        if hasattr(type(obj), special):
            return convert(obj)
    raise WireError(f"An object of type {type(obj).__name__} is not a plain value.")


def dotted(cls: type) -> str:
    """Module and qualified name of a class."""
    return f"{cls.__module__}.{cls.__qualname__}"


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
    """A class as the other side needs it: its name, its bases' dotted names, its operators, a dataclass's fields."""
    mro = type.mro(cls)
    known = [op for op in OPERATORS if any(f"__{op}__" in vars(c) for c in mro if c is not object)]
    fields = getattr(cls, "__dataclass_fields__", None)
    return [cls.__name__, [dotted(c) for c in mro], known, list(fields) if isinstance(fields, dict) else []]


def lineage(cls: type) -> list[Any]:
    """[dotted name, its bases' dotted names] of an exception class and all its bases."""
    return [[dotted(c), [dotted(b) for b in c.__bases__]] for c in type.mro(cls)[:MAX_LINEAGE]]


def facts(obj: Any) -> dict[str, Any]:
    """What is worth knowing of one object beyond its class."""
    out: dict[str, Any] = {}
    if callable(obj) or isinstance(obj, types.ModuleType):
        named = library_name(obj)
        if named is not None and not hasattr(obj, "__self__"):
            out["library"] = named
    if isinstance(obj, enum.Enum) and type(obj).__module__ != "__main__" and type(obj._value_) in (int, str):
        out["member"] = [dotted(type(obj)), obj._value_]
    if isinstance(obj, type):
        out["class"] = obj.__name__
        if issubclass(obj, BaseException):
            out["lineage"] = lineage(obj)
    return out
