"""Stand-ins for a student's objects in the tests' process.

Rule: a verdict rests on values. Compared with a trusted value, or combined with one, an object of the student's is
first asked for the plain value it carries, and Python decides here; if it carries none, that is a StudentError. Only
two objects of the student's own are compared by their own methods, unless the cell's author trusts its operators.
"""

from __future__ import annotations

import operator
import sys
import types
from collections.abc import Callable
from typing import Any, Protocol, TypeGuard

from autograder.errors import StudentError
from autograder.wire import WireError, hollow
from autograder.wire.builtin import STAND_IN

LIBRARIES = ("builtins", "numpy", "keras", "tensorflow", "pandas", "scipy", "sklearn", "sympy", "matplotlib",
             "collections", "math", "operator", "random", "datetime", "functools", "itertools", "types", "re",
             "json", "decimal", "fractions", "statistics", "PIL", "enum", "abc", "pathlib", "dataclasses", "io",
             "_io", "array", "queue", "_queue", "struct", "csv", "_csv", "string", "time", "calendar", "zoneinfo",
             "uuid", "ipaddress", "http", "heapq", "bisect", "copy", "typing", "numbers", "contextlib", "binascii",
             "zlib", "configparser", "graphlib", "textwrap", "hashlib", "sqlite3", "threading", "argparse", "html",
             "xml", "email", "concurrent", "asyncio", "logging", "zipfile", "tarfile", "gzip", "networkx",
             "statsmodels", "patsy", "seaborn", "plotly", "torch", "torchvision", "jax", "xgboost", "lightgbm",
             "skimage", "cv2", "h5py", "nltk", "spacy", "xarray", "polars", "geopandas", "shapely", "astropy",
             "qiskit", "pennylane", "cvxpy", "sqlalchemy", "bs4", "tqdm", "gymnasium", "mpmath",
             "simpy", "Bio")  # fmt: skip
"""Libraries whose classes a student's object may be said to belong to; nothing of them is imported for it."""
COURSE_MODULES: set[str] = set()
"""Loaded modules of the course's own, of whose classes an object of the student's may be as well."""
KINDS = {f"builtins.{t.__name__}": t for t in vars(types).values() if isinstance(t, type)}
"""Dotted name → Python's own types that `builtins` does not show: functions, methods, generators, modules."""


class Asker(Protocol):
    """Whoever puts questions to the candidate."""

    trust_operators: bool
    own_methods: frozenset[str]
    """Names that classes of the master's own cells define."""
    words: set[str]
    """Methods whose yes or no the running test took from an object of the student's."""
    last_word: tuple[Any, str]
    """The last answer of a method that is not the student's task, and its name."""

    def ask(self, operation: str, *arguments: Any) -> Any:
        """The answer; raises the exception that the student's code raised."""

    def release(self, number: int) -> None:
        """Says that no stand-in for that object is left."""


def library_class(dotted: str) -> type | None:
    """The loaded library's class of that name, or None; nothing is imported, nothing called."""
    module, _, name = dotted.rpartition(".")
    if dotted.partition(".")[0] not in LIBRARIES and module not in COURSE_MODULES:
        return None
    found = vars(sys.modules[module]).get(name) if module in sys.modules else None
    return found if isinstance(found, type) else KINDS.get(dotted)


class Proxy:
    """An object that stays with the student; everything asked of it is a question over the wire."""

    __slots__ = ("__weakref__", "_asker", "_facts", "_number")
    _operators: frozenset[str] = frozenset()
    """Special methods that the object's class is said to have."""
    _mask: type = object
    """What `isinstance` is told: the first library class among the bases."""

    def __init__(self, asker: Asker, number: int, facts: dict[str, Any]) -> None:
        object.__setattr__(self, "_asker", asker)
        object.__setattr__(self, "_number", number)
        object.__setattr__(self, "_facts", facts)

    def __del__(self) -> None:
        self._asker.release(self._number)

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return type if "class" in self._facts else type(self)._mask

    def __getattr__(self, name: str) -> Any:
        if name.startswith(_PROTOCOLS) or name in _NEVER:
            raise AttributeError(name)
        return self._asker.ask("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._asker.ask("set", self, name, value)

    def __delattr__(self, name: str) -> None:
        self._asker.ask("del", self, name)

    def __repr__(self) -> str:
        return _word(self, self._asker.ask("special", "repr", self))

    def __str__(self) -> str:
        return _word(self, self._asker.ask("special", "str", self))

    def __dir__(self) -> list[str]:
        told = self._asker.ask("special", "dir", self)
        return [n for n in told if type(n) is str] if type(told) is list else []

    def __hash__(self) -> int:
        if {"hash", "eq"} & operators(self):
            told = self._asker.ask("special", "hash", self)
            return told if type(told) is int else hash(self._number)
        return hash(self._number)

    def __eq__(self, other: object) -> Any:
        return compare("eq", self, other)

    def __ne__(self, other: object) -> Any:
        return compare("ne", self, other)

    def __bool__(self) -> bool:
        """Python's own rule where the class has no say in it, else the truth of the plain value it carries."""
        if not {"bool", "len"} & operators(self):
            return True
        if self._asker.trust_operators:
            return bool(self._asker.ask("special", "bool", self))
        return bool(plain(self, "a plain truth value"))


_NEVER = frozenset(("_repr_html_", "_repr_pretty_", "_repr_mimebundle_", "_ipython_display_", "__wrapped__",
                    "_ipython_canary_method_should_not_exist_", "__text_signature__", "__objclass__", "__signature__",
                    "__length_hint__", "__index__", "__float__", "__int__", "__await__", "__buffer__", "__set_name__",
                    "__get__", "__set__", "__delete__", "__fspath__"))  # fmt: skip
_PROTOCOLS = ("__array", "__tf_", "__jax_", "__torch_", "__dlpack", "__cuda", "__arrow", "__dataframe")
"""Names by which libraries ask an object to speak for itself."""


def _word(proxy: Proxy, told: Any) -> str:
    """The text that an object gave of itself."""
    if type(told) is not str:
        raise StudentError(f"An object of class {class_name(proxy)} gave no text for itself.")
    return told


def operators(proxy: Proxy) -> frozenset[str]:
    """Names of the special methods that the object's class is said to have."""
    return type(proxy)._operators


def class_name(proxy: Proxy) -> str:
    """The class's own name, for messages."""
    return str(type(proxy).__name__)


def isinstance_proxy(value: object) -> TypeGuard[Proxy]:
    """Whether it is a stand-in; `isinstance` would be told the library's class."""
    return issubclass(type(value), Proxy)


def plain(proxy: Proxy, wanted: str = "a plain value") -> Any:
    """The value that the object carries, by its base type's own methods; StudentError when it carries none."""
    try:
        return proxy._asker.ask("plain", proxy)
    except WireError:
        raise no_value(proxy, wanted) from None


def no_value(proxy: Proxy, wanted: str) -> StudentError:
    """What the student reads whose object carries nothing that can be judged."""
    return StudentError(
        f"An object of class {class_name(proxy)} stands where the test needs {wanted}.",
        mend="Give back a number, a text, a list or an array.",
    )


def same_library_object(proxy: Proxy, other: object) -> bool:
    """Whether the object is said to be this very function or class of a library."""
    named = proxy._facts.get("library")
    if named is None or not (callable(other) or type(other) is type(sys)):
        return False
    module = getattr(other, "__module__", None) or getattr(other, "__name__", None)
    name = getattr(other, "__qualname__", getattr(other, "__name__", None))
    return bool([module, name] == named)


def _same_class(proxy: Proxy, other: type) -> bool:
    """Whether a local class stands for the student's: a mask, or a named tuple's."""
    if other.__module__ == STAND_IN:
        return "class" in proxy._facts and other.__name__ == proxy._facts["class"]
    return bool(other.__dict__.get("_stands_for") == proxy._number)


def compare(operation: str, left: Proxy, right: object) -> Any:
    """`left operation right` by values; two objects of the student's own by their own methods."""
    equality = operation in ("eq", "ne")
    if isinstance_proxy(right):
        if left._number == right._number and equality and not {"eq", "ne"} & operators(left):
            return operation == "eq"
        return left._asker.ask("special", operation, left, right)
    if right is None and equality:
        return operation == "ne"
    if equality and (same_library_object(left, right) or (isinstance(right, type) and _same_class(left, right))):
        return operation == "eq"
    if left._asker.trust_operators:
        return left._asker.ask("special", operation, left, right)
    if equality and (isinstance(right, type) or callable(right) or type(right).__eq__ is object.__eq__):
        return operation == "ne"
    value = plain(left, f"{article(right)} to compare with")
    hollow.look(value, right, numbers=operation in hollow.EXACT)
    return LOCAL[operation](value, right)


def article(value: object) -> str:
    """`a list`, `an int`."""
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


BINARY = ("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow", "lshift", "rshift", "and", "or", "xor")
ORDER = ("lt", "le", "gt", "ge")
LOCAL: dict[str, Callable[[Any, Any], Any]] = {
    **{n: getattr(operator, f"__{n}__") for n in (*BINARY, *ORDER, "eq", "ne")},
    "divmod": divmod,
}
"""Operator → what Python itself does with two values."""
