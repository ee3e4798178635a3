"""Stand-ins for a student's objects in the tests' process.

Rule: a verdict rests on values. Compared with a trusted value, or combined with one, an object of the student's is
first asked for the plain value it carries, and Python decides here; if it carries none, that is a StudentError. Only
two objects of the student's own are compared by their own methods, unless the cell's author trusts its operators.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard

from autograder.errors import StudentError

if TYPE_CHECKING:
    from collections.abc import Mapping

LIBRARIES = ("builtins", "numpy", "keras", "tensorflow", "pandas", "scipy", "sklearn", "sympy", "matplotlib",
             "collections", "math", "operator", "random", "datetime", "functools", "itertools", "types", "re",
             "json", "decimal", "fractions", "statistics", "PIL", "enum", "abc", "pathlib")  # fmt: skip
"""Libraries whose classes a student's object may be said to belong to; nothing of them is imported for it."""


class Asker(Protocol):
    """Whoever puts questions to the candidate."""

    trust_operators: bool

    def ask(self, operation: str, *arguments: Any) -> Any:
        """The answer; raises the exception that the student's code raised."""

    def release(self, number: int) -> None:
        """Says that no stand-in for that object is left."""


def library_class(dotted: str) -> type | None:
    """The loaded library's class of that name, or None; nothing is imported, nothing called."""
    root = dotted.partition(".")[0]
    if root not in LIBRARIES:
        return None
    module, _, name = dotted.rpartition(".")
    found = getattr(sys.modules.get(module), name, None) if module in sys.modules else None
    return found if isinstance(found, type) else None


class Proxy:
    """An object that stays with the student; everything asked of it is a question over the wire."""

    __slots__ = ("__weakref__", "_asker", "_bases", "_facts", "_number")

    def __init__(self, asker: Asker, number: int, bases: list[str], facts: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_asker", asker)
        object.__setattr__(self, "_number", number)
        object.__setattr__(self, "_bases", bases)
        object.__setattr__(self, "_facts", facts)

    def __del__(self) -> None:
        self._asker.release(self._number)

    @property
    def __class__(self) -> type:  # type: ignore[misc]
        if "class" in self._facts:
            return type
        known = (c for c in map(library_class, self._bases) if c is not None and c is not object)
        return next(known, Proxy)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__array_") or name in _NEVER:
            raise AttributeError(name)
        return self._asker.ask("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._asker.ask("set", self, name, value)

    def __delattr__(self, name: str) -> None:
        self._asker.ask("del", self, name)

    def __repr__(self) -> str:
        return str(self._asker.ask("special", "repr", self))

    def __str__(self) -> str:
        return str(self._asker.ask("special", "str", self))

    def __dir__(self) -> list[str]:
        return [str(n) for n in self._asker.ask("special", "dir", self)]

    def __hash__(self) -> int:
        return hash(self._number)

    def __eq__(self, other: object) -> Any:
        return compare("eq", self, other)

    def __ne__(self, other: object) -> Any:
        return compare("ne", self, other)

    def __bool__(self) -> bool:
        """Python's own rule where the class has no say in it, else the truth of the plain value it carries."""
        known = operators(self)
        if "bool" not in known and "len" not in known:
            return True
        if self._asker.trust_operators:
            return bool(self._asker.ask("special", "bool", self))
        return bool(plain(self, "a plain truth value"))


_NEVER = frozenset(("_repr_html_", "_ipython_display_", "_ipython_canary_method_should_not_exist_", "__wrapped__",
                    "__text_signature__", "__objclass__", "__length_hint__", "__index__", "__float__", "__int__",
                    "__await__", "__buffer__", "__set_name__", "__get__", "__set__", "__delete__"))  # fmt: skip


def operators(proxy: Proxy) -> frozenset[str]:
    """Names of the special methods that the object's class is said to have."""
    return type(proxy)._operators  # type: ignore[attr-defined, no-any-return]


def class_name(proxy: Proxy) -> str:
    """The class's own name, for messages."""
    return str(type(proxy).__name__)


def plain(proxy: Proxy, wanted: str = "a plain value") -> Any:
    """The value that the object carries, by its base type's own methods; StudentError when it carries none."""
    from autograder.wire import WireError

    try:
        return proxy._asker.ask("plain", proxy)
    except WireError:
        raise StudentError(
            f"An object of class {class_name(proxy)} stands where the test needs {wanted}.",
            mend="Give back a number, a text, a list or an array.",
        ) from None


def same_library_object(proxy: Proxy, other: object) -> bool:
    """Whether the object is said to be this very function or class of a library."""
    named = proxy._facts.get("library")
    if named is None or not (callable(other) or type(other) is type(sys)):
        return False
    module = getattr(other, "__module__", None) or getattr(other, "__name__", None)
    name = getattr(other, "__qualname__", getattr(other, "__name__", None))
    return bool([module, name] == list(named))


def compare(operator: str, left: Proxy, right: object) -> Any:
    """`left operator right` by values; two objects of the student's own by their own methods."""
    if isinstance_proxy(right):
        if left._number == right._number and operator in ("eq", "ne"):
            return operator == "eq"
        return left._asker.ask("special", operator, left, right)
    if right is None and operator in ("eq", "ne"):
        return operator == "ne"
    if operator in ("eq", "ne") and same_library_object(left, right):
        return operator == "eq"
    if left._asker.trust_operators:
        return left._asker.ask("special", operator, left, right)
    if operator in ("eq", "ne") and (isinstance(right, type) or callable(right)):
        return operator == "ne"
    return _LOCAL[operator](plain(left, f"{_article(right)} to compare with"), right)


def _article(value: object) -> str:
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def isinstance_proxy(value: object) -> TypeGuard[Proxy]:
    """Whether it is a stand-in; `isinstance` would be told the library's class."""
    return issubclass(type(value), Proxy)


def _forward(operator: str) -> Callable[..., Any]:
    def method(self: Proxy, *operands: Any) -> Any:
        return self._asker.ask("special", operator, self, *operands)

    return method


def _binary(operator: str) -> Callable[[Proxy, Any], Any]:
    def method(self: Proxy, other: Any) -> Any:
        if isinstance_proxy(other) or self._asker.trust_operators:
            return self._asker.ask("special", operator, self, other)
        return _LOCAL[operator](plain(self, f"{_article(other)} to reckon with"), other)

    return method


def _reflected(operator: str) -> Callable[[Proxy, Any], Any]:
    def method(self: Proxy, other: Any) -> Any:
        if self._asker.trust_operators:
            return self._asker.ask("special", operator, other, self)
        return _LOCAL[operator](other, plain(self, f"{_article(other)} to reckon with"))

    return method


def _ordered(operator: str) -> Callable[[Proxy, Any], Any]:
    def method(self: Proxy, other: Any) -> Any:
        return compare(operator, self, other)

    return method


def _call(self: Proxy, *args: Any, **kwargs: Any) -> Any:
    return self._asker.ask("call", self, list(args), kwargs)


def _iter(self: Proxy) -> Iterator[Any]:
    iterator = self._asker.ask("iter", self)
    if not isinstance_proxy(iterator):
        return iter(iterator)
    return _steps(self._asker, iterator)


def _steps(asker: Asker, iterator: Any) -> Iterator[Any]:
    while step := asker.ask("step", iterator):
        yield step[0]


def _contains(self: Proxy, item: Any) -> bool:
    """By the items' values, not by the object's word."""
    if self._asker.trust_operators or isinstance_proxy(item):
        return bool(self._asker.ask("special", "contains", self, item))
    return any(item is found or item == found for found in _iter(self))


def _array(self: Proxy, dtype: Any = None, copy: Any = None) -> Any:
    import numpy as np

    return np.asarray(plain(self, "an array"), dtype=dtype)


def _ufunc(self: Proxy, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """NumPy's functions work on the values that the objects carry."""
    values = [plain(x, "an array") if isinstance_proxy(x) else x for x in inputs]
    return getattr(ufunc, method)(*values, **kwargs)


def _instancecheck(self: Proxy, obj: Any) -> bool:
    return isinstance_proxy(obj) and bool(self._asker.ask("isinstance", obj, self))


def _subclasscheck(self: Proxy, cls: Any) -> bool:
    return isinstance_proxy(cls) and bool(self._asker.ask("issubclass", cls, self))


def _local_operators() -> dict[str, Callable[[Any, Any], Any]]:
    import operator

    names = [
        "add",
        "sub",
        "mul",
        "matmul",
        "truediv",
        "floordiv",
        "mod",
        "pow",
        "lshift",
        "rshift",
        "and",
        "or",
        "xor",
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
    ]
    return {n: getattr(operator, f"__{n}__") for n in names} | {"divmod": divmod}


_LOCAL = _local_operators()
_BINARY = [n for n in _LOCAL if n not in ("eq", "ne", "lt", "le", "gt", "ge")]
METHODS: dict[str, Callable[..., Any]] = {
    **{n: _forward(n) for n in ["getitem", "setitem", "delitem", "len", "next", "reversed", "enter", "exit", "int", "float", "index", "complex", "round", "abs", "neg", "pos", "invert", "format"]},
    **{n: _binary(n) for n in _BINARY},
    **{f"r{n}": _reflected(n) for n in _BINARY},
    **{n: _ordered(n) for n in ("lt", "le", "gt", "ge")},
    "call": _call,
    "iter": _iter,
    "contains": _contains,
    "array": _array,
}  # fmt: skip
"""Special method → how a stand-in has it."""


def proxy_class(name: str, known: list[str], *, is_class: bool) -> type[Proxy]:
    """The stand-ins' class for objects of one class of the student's: it has the operators that class has."""
    methods: dict[str, Any] = {f"__{n}__": METHODS[n] for n in known if n in METHODS}
    if "array" in known or {"float", "int", "index"} & set(known):
        methods["__array_ufunc__"] = _ufunc
        methods["__array__"] = _array
    else:
        methods["__array_ufunc__"] = None  # NumPy leaves the operator to the stand-in
    for n in (
        *_BINARY,
        "lt",
        "le",
        "gt",
        "ge",
    ):  # so that a trusted value's operator ends in a clear StudentError
        methods.setdefault(f"__{n}__", METHODS[n])
        methods.setdefault(f"__r{n}__", METHODS[f"r{n}"]) if n in _BINARY else None
    if is_class:
        methods |= {
            "__instancecheck__": _instancecheck,
            "__subclasscheck__": _subclasscheck,
            "__call__": _call,
        }
    made = type(name if name.isidentifier() else "Object", (Proxy,), {"__slots__": (), **methods})
    made._operators = frozenset(known)  # type: ignore[attr-defined]
    return made
