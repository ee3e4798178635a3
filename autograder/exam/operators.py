"""Special methods of stand-ins.

Rule: an operator between a student's object and a trusted value works here, on the plain value that the object
carries; what the object alone can say (its length, its items, its number) is asked, and comes as a value.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterator
from typing import Any

from autograder.errors import AutograderError, GraderError
from autograder.exam import methods
from autograder.exam.proxy import (
    BINARY,
    LOCAL,
    ORDER,
    Proxy,
    article,
    compare,
    isinstance_proxy,
    library_class,
    operators,
    plain,
)
from autograder.wire import hollow
from autograder.wire.builtin import STAND_IN


def _asked(name: str) -> Callable[[Proxy], Any]:
    return lambda self: self._asker.ask("get", self, name)


def _forward(operation: str) -> Callable[..., Any]:
    def method(self: Proxy, *operands: Any) -> Any:
        return self._asker.ask("special", operation, self, *operands)

    return method


def _binary(operation: str) -> Callable[[Proxy, Any], Any]:
    def method(self: Proxy, other: Any) -> Any:
        if isinstance_proxy(other) or self._asker.trust_operators:
            return self._asker.ask("special", operation, self, other)
        value = plain(self, f"{article(other)} to reckon with")
        hollow.look(value, other, numbers=operation in hollow.EXACT)
        return LOCAL[operation](value, other)

    return method


def _reflected(operation: str) -> Callable[[Proxy, Any], Any]:
    def method(self: Proxy, other: Any) -> Any:
        if self._asker.trust_operators:
            return self._asker.ask("special", operation, other, self)
        value = plain(self, f"{article(other)} to reckon with")
        hollow.look(other, value, numbers=operation in hollow.EXACT)
        return LOCAL[operation](other, value)

    return method


def _ordered(operation: str) -> Callable[[Proxy, Any], Any]:
    def method(self: Proxy, other: Any) -> Any:
        return compare(operation, self, other)

    return method


def _call(self: Proxy, *args: Any, **kwargs: Any) -> Any:
    return methods.called(self, args, kwargs)


def _iter(self: Proxy) -> Iterator[Any]:
    """The student's own iterator, or one over the items where all of them came at once."""
    iterator = self._asker.ask("iter", self)
    return iterator if isinstance_proxy(iterator) else iter(iterator)


def _contains(self: Proxy, item: Any) -> bool:
    """By the items' values, not by the object's word."""
    if self._asker.trust_operators or isinstance_proxy(item):
        return bool(self._asker.ask("special", "contains", self, item))
    if "iter" not in operators(self) or issubclass(type(self)._mask, str | bytes):
        return item in plain(self, "a collection to look in")
    return any(item is found or item == found for found in _iter(self))


def _exit(self: Proxy, kind: Any, value: Any, trace: Any) -> bool:
    """The block's end; of an error of the test's own no more than its kind is told."""
    if kind is None:
        return bool(self._asker.ask("special", "exit", self, None, None, None))
    if isinstance(value, AssertionError | AutograderError) and not hasattr(value, "autograder_trace"):
        return False  # the test's own finding: no block of the student's swallows it
    told = value if isinstance(getattr(value, "autograder_object", None), Proxy) or _is_builtin(kind) else Exception()
    return bool(self._asker.ask("special", "exit", self, type(told), told, None))


def _is_builtin(kind: type) -> bool:
    return kind.__module__ == "builtins"


def _array(self: Proxy, dtype: Any = None, copy: Any = None) -> Any:
    import numpy as np

    return np.asarray(plain(self, "an array"), dtype=dtype)


def _ufunc(self: Proxy, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """NumPy's functions work on the values that the objects carry."""
    values = [plain(x, "an array") if isinstance_proxy(x) else x for x in inputs]
    if len(values) > 1:
        hollow.look(*values[:2], numbers=False)
    return getattr(ufunc, method)(*values, **kwargs)


def _instancecheck(self: Proxy, obj: Any) -> bool:
    if type(obj).__module__ == STAND_IN:
        return bool(type(obj).__name__ == self._facts["class"])
    return isinstance_proxy(obj) and bool(self._asker.ask("isinstance", obj, self))


def _subclasscheck(self: Proxy, cls: Any) -> bool:
    return isinstance_proxy(cls) and bool(self._asker.ask("issubclass", cls, self))


def _derived(self: Proxy, bases: Any) -> Any:
    raise GraderError(
        f"The test derives a class from the submission's {self._facts.get('class', 'class')}.",
        mend='Mark the cell metadata.autograder.examine = "in-kernel".',
    )


_FORWARDED = ("getitem", "setitem", "delitem", "len", "next", "reversed", "enter", "int", "float", "index", "complex",
              "round", "abs", "neg", "pos", "invert", "format")  # fmt: skip
ALWAYS: dict[str, Callable[..., Any]] = {
    **{n: _binary(n) for n in BINARY},
    **{f"r{n}": _reflected(n) for n in BINARY},
    **{n: _ordered(n) for n in ORDER},
}
"""Every stand-in has these, so that a trusted value's operator ends in a clear StudentError."""
METHODS: dict[str, Callable[..., Any]] = {
    **{n: _forward(n) for n in _FORWARDED},
    "divmod": _binary("divmod"),
    "rdivmod": _reflected("divmod"),
    "call": _call,
    "iter": _iter,
    "contains": _contains,
    "exit": _exit,
}
"""A stand-in has these if the student's class does."""


def proxy_class(number: int, name: str, bases: list[str], known: list[str], fields: list[str]) -> type[Proxy]:
    """The stand-ins' class for objects of one class of the student's: it has the operators that class has."""
    special: dict[str, Any] = {f"__{n}__": METHODS[n] for n in known if n in METHODS}
    special |= {f"__{n}__": method for n, method in ALWAYS.items()}
    if {"array", "float", "int", "index"} & set(known):
        special |= {"__array_ufunc__": _ufunc, "__array__": _array}
    else:
        special["__array_ufunc__"] = None  # NumPy leaves the operator to the stand-in
    if "builtins.type" in bases:
        special |= {"__instancecheck__": _instancecheck, "__subclasscheck__": _subclasscheck, "__call__": _call}
        special["__mro_entries__"] = _derived
    special["__getattr__"] = methods.attribute
    for word in ("__doc__", "__annotations__"):  # a class has such of its own, which would be taken for the object's
        special[word] = property(_asked(word))
    if fields:
        special["__dataclass_fields__"] = _dataclass_fields(fields)
    word = name if name.isidentifier() and not keyword.iskeyword(name) else "Object"
    made: type[Proxy] = type(word, (Proxy,), {"__slots__": (), **special})
    made._operators = frozenset(known)
    made._mask = _mask(number, word, bases)
    return made


def _mask(number: int, name: str, bases: list[str]) -> type:
    """The class that `isinstance` is told: a library's, or an empty one of the same name."""
    for dotted in bases:
        found = library_class(dotted)
        if found is not None and found is not object:
            return found
    return type(name, (), {"__module__": "__main__", "_stands_for": number})


def _dataclass_fields(names: list[str]) -> Any:
    """Fields of those names, for `dataclasses.fields` and `asdict`."""
    import dataclasses

    words = [n for n in dict.fromkeys(names) if n.isidentifier() and not keyword.iskeyword(n)]
    return dataclasses.make_dataclass("Fields", words).__dataclass_fields__  # type: ignore[attr-defined]
