"""What may be asked of a candidate: one small function an operation.

Rule: an operation does what Python itself would do to the object, and no more.
"""

from __future__ import annotations

import importlib
import operator
import types
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from autograder.sandbox import models

if TYPE_CHECKING:
    from autograder.sandbox.candidate import Candidate

_AT_ONCE = frozenset(
    f"{kind}iterator" for kind in ("list_", "tuple_", "range_", "str_", "str_ascii_", "bytes_", "set_", "dict_key",
                                   "dict_value", "dict_item", "list_reverse")
)  # fmt: skip
"""Iterators of plain containers: their items come in one answer."""


HEAVY = 16 << 20
"""Bytes of answers after which no more are added to a frame."""


SMALL = 4096
"""Items of a list, characters, or bytes of an array that are told before anybody needs them."""
_ATOMS = frozenset((bool, int, float, complex, str))


class MissingName(Exception):
    """The student's notebook has no such name."""


def run(self: Candidate, source: str, cell_id: str | None, words: Sequence[str] = ()) -> dict[str, Any]:
    """Runs a cell: what it left, as `CellRun` has it, and `several` of the names that the next test reads."""
    done = self.shell.run(source, cell_id=cell_id)
    told = {field: getattr(done, field) for field in _RUN}
    return {**told, "names": several(self, words)} if words else told


_RUN = ("outputs", "execution_count", "ok", "ename", "evalue", "truncated", "updates")


def name(self: Candidate, word: str) -> Any:
    """The object of that name in the student's notebook."""
    if word not in self.shell.namespace:
        raise MissingName(word)
    return self.shell.namespace[word]


def several(self: Candidate, words: Sequence[str]) -> dict[str, Any]:
    """Those of the names whose objects are small plain values or functions."""
    space, wrap = self.shell.namespace, self.objects.twins.wrap
    return {word: wrap(space[word]) for word in words if word in space and _is_small(space[word])}


def _is_small(value: Any) -> bool:
    kind = type(value)
    if kind in (list, tuple):
        return len(value) <= SMALL and _ATOMS.issuperset(map(type, value))
    if kind.__name__ == "ndarray" and kind.__module__ == "numpy":
        return bool(value.nbytes <= SMALL and not value.dtype.hasobject)
    return (kind in _ATOMS and (kind is not str or len(value) <= SMALL)) or kind is types.FunctionType


def names(self: Candidate) -> list[str]:
    """All names of the student's notebook but the shell's own."""
    hidden = self.shell.hidden
    return [w for w in self.shell.namespace if isinstance(w, str) and w not in hidden]


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


def each(self: Candidate, function: Any, calls: list[Any]) -> list[Any]:
    """Calls an object with one set of arguments after the other; at least one answer, and as many as fit a frame."""
    answers: list[Any] = []
    weight = 0
    for args, kwargs in calls:
        answers.append(function(*args, **kwargs))
        weight += _weight(answers[-1])
        if weight > HEAVY:
            break
    return answers


def _weight(value: Any) -> int:
    """Bytes of an array, items of a container."""
    size = getattr(value, "nbytes", None)
    return size if type(size) is int else len(value) if type(value) in (str, bytes, list, tuple, dict, set) else 1


def iterate(self: Candidate, obj: Any) -> Any:
    """The object's iterator; of a plain container its items at once."""
    iterator = iter(obj)
    return list(iterator) if type(iterator).__name__ in _AT_ONCE else iterator


def plain(self: Candidate, obj: Any) -> Any:
    """The plain value that an object carries, by its base type's own methods."""
    return self.objects.values.loads(self.objects.values.dumps(obj))


def class_of(self: Candidate, obj: Any) -> Any:
    """The object's class."""
    return type(obj)


def special(self: Candidate, method: str, *operands: Any) -> Any:
    """An operator, applied as Python applies it."""
    return _SPECIAL[method](*operands)


_OPERATORS = ("getitem", "setitem", "delitem", "contains", "index", "abs", "neg", "pos", "invert", "eq", "ne", "lt",
              "le", "gt", "ge", "add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "pow", "lshift",
              "rshift", "and", "or", "xor")  # fmt: skip
_SPECIAL: dict[str, Callable[..., Any]] = {
    **{op: getattr(operator, f"__{op}__") for op in _OPERATORS},
    "len": len, "next": next, "reversed": reversed, "int": int, "float": float, "complex": complex, "round": round,
    "hash": hash, "str": str, "repr": repr, "format": format, "bool": bool, "divmod": divmod, "dir": dir,
    "enter": lambda x: type(x).__enter__(x), "exit": lambda x, *a: type(x).__exit__(x, *a),
}  # fmt: skip


def read_file(self: Candidate, word: str) -> bytes | None:
    """Content of a file of the work folder."""
    return self.folder.read(word)


def write_file(self: Candidate, word: str, content: bytes) -> None:
    """Puts a file of a test's into the work folder."""
    self.folder.write(word, content)


def remove_file(self: Candidate, word: str) -> None:
    """Takes a file away that a test removes."""
    self.folder.remove(word)


def make_folder(self: Candidate, word: str) -> None:
    """Makes a folder in the work folder."""
    self.folder.make(word)


def files_below(self: Candidate, word: str) -> list[str]:
    """Names of files below a folder of the work folder."""
    return self.folder.below(word)


OPERATIONS: dict[str, Callable[..., Any]] = {
    "run": run,
    "name": name,
    "names": names,
    "several": several,
    "bind": bind,
    "unbind": unbind,
    "call": call,
    "each": each,
    "iter": iterate,
    "plain": plain,
    "class_of": class_of,
    "special": special,
    "module": lambda self, word: importlib.import_module(word),
    "get": lambda self, obj, word: getattr(obj, word),
    "set": lambda self, obj, word, value: setattr(obj, word, value),
    "del": lambda self, obj, word: delattr(obj, word),
    "inspect": models.inspect,
    "load": models.load,
    "predict": models.predict,
    "isinstance": lambda self, obj, cls: isinstance(obj, cls),
    "read_file": read_file,
    "write_file": write_file,
    "remove_file": remove_file,
    "make_folder": make_folder,
    "files_below": files_below,
    "issubclass": lambda self, obj, cls: issubclass(obj, cls),
}
