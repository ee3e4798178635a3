"""What may be asked of a candidate: one small function an operation.

Rule: an operation does what Python itself would do to the object, and no more.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograder.wire import WireError

if TYPE_CHECKING:
    from autograder.sandbox.candidate import Candidate
    from autograder.sandbox.objects import Objects

MUTABLE = ("list", "dict", "set", "bytearray", "deque", "defaultdict", "OrderedDict", "Counter", "ndarray",
           "DataFrame", "Series", "MaskedArray")  # fmt: skip
LARGE = 1 << 20
"""Bytes of an argument beyond which a library's function is trusted not to have changed it."""


class MissingName(Exception):
    """The student's notebook has no such name."""


def run(self: Candidate, source: str, cell_id: str | None) -> dict[str, Any]:
    """Runs a cell: what it left, as `CellRun` has it."""
    done = self.shell.run(source, cell_id=cell_id)
    return {field: getattr(done, field) for field in _RUN}


_RUN = ("outputs", "execution_count", "ok", "ename", "evalue", "truncated", "updates")


def name(self: Candidate, word: str) -> Any:
    """The object of that name in the student's notebook."""
    if word not in self.shell.namespace:
        raise MissingName(word)
    return self.shell.namespace[word]


def names(self: Candidate) -> list[str]:
    """All names of the student's notebook but the shell's own."""
    return [w for w in self.shell.namespace if isinstance(w, str) and not w.startswith("_")]


def bind(self: Candidate, word: str, value: Any) -> None:
    """Gives the notebook a name, as a test cell does that assigns to it."""
    self.shell.namespace[word] = value


def unbind(self: Candidate, word: str) -> None:
    """Takes a name away."""
    if word not in self.shell.namespace:
        raise MissingName(word)
    del self.shell.namespace[word]


def call(self: Candidate, function: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Calls an object."""
    return function(*args, **kwargs)


def iterate(self: Candidate, obj: Any) -> Any:
    """The object's iterator; of a plain container its items at once."""
    return iter(obj)


def step(self: Candidate, iterator: Any) -> list[Any]:
    """The next item in a list, or an empty list at the end."""
    try:
        return [next(iterator)]
    except StopIteration:
        return []


def plain(self: Candidate, obj: Any) -> Any:
    """The plain value that an object carries, by its base type's own methods."""
    return self.objects.values.loads(self.objects.values.dumps(obj))


def class_of(self: Candidate, obj: Any) -> Any:
    """The object's class."""
    return type(obj)


def special(self: Candidate, method: str, *operands: Any) -> Any:
    """An operator, applied as Python applies it."""
    return _SPECIAL[method](*operands)


_SPECIAL: dict[str, Callable[..., Any]] = {
    **{op: getattr(operator, f"__{op}__") for op in ["getitem", "setitem", "delitem", "contains", "index", "abs", "neg", "pos", "invert", "eq", "ne", "lt", "le", "gt", "ge", "add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow", "lshift", "rshift", "and", "or", "xor", "iadd", "isub", "imul", "imatmul", "itruediv", "ifloordiv", "imod", "ipow"]},
    "len": len, "next": next, "reversed": reversed, "int": int, "float": float, "complex": complex, "round": round,
    "hash": hash, "str": str, "repr": repr, "format": format, "bool": bool, "divmod": divmod, "dir": dir,
    "enter": lambda x: type(x).__enter__(x), "exit": lambda x, *a: type(x).__exit__(x, *a),
}  # fmt: skip

OPERATIONS: dict[str, Callable[..., Any]] = {
    "run": run,
    "name": name,
    "names": names,
    "bind": bind,
    "unbind": unbind,
    "call": call,
    "iter": iterate,
    "step": step,
    "plain": plain,
    "class_of": class_of,
    "special": special,
    "get": lambda self, obj, word: getattr(obj, word),
    "set": lambda self, obj, word, value: setattr(obj, word, value),
    "del": lambda self, obj, word: delattr(obj, word),
    "isinstance": lambda self, obj, cls: isinstance(obj, cls),
    "issubclass": lambda self, obj, cls: issubclass(obj, cls),
}


class Restoring:
    """Remembers a call's mutable arguments, to send back those that the call has changed."""

    def __init__(self, objects: Objects, arguments: list[Any]) -> None:
        function, args, kwargs = arguments
        self._objects = objects
        self._kept = {str(i): a for i, a in enumerate(args)} | kwargs
        own = getattr(function, "__module__", None) in (None, "__main__")
        self._before = {k: self._bytes(v, own) for k, v in self._kept.items() if type(v).__name__ in MUTABLE}

    def _bytes(self, value: Any, own: bool) -> bytes | None:
        if not own and getattr(value, "nbytes", 0) > LARGE:
            return None
        try:
            return self._objects.codec.dumps(value)
        except WireError:
            return None

    def changes(self) -> dict[str, Any]:
        """Position or keyword → the argument's present content, for those that are not as they came."""
        return {
            key: self._kept[key]
            for key, before in self._before.items()
            if before is not None and self._bytes(self._kept[key], own=True) != before
        }

    def identity(self, kind: str, value: Any) -> Any:
        """A call's answer: [key of the argument that came back itself or None, value]."""
        if kind != "ok":
            return value
        for key in self._before:
            if self._kept[key] is value:
                return [key, None]
        return [None, value]
