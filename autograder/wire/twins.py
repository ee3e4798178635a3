"""Mutable plain objects that live on both sides at once.

Rule: a list that a test hands to student code and keeps, or a student's list that a test holds, is one list, as in
one process: before control changes sides, each side tells the other what has changed in it, and the other changes
its own. As soon as one side has let go of an object it is a twin no more.

Numbers made on the examiner's side are negative, the candidate's positive.
"""

from __future__ import annotations

import operator
import sys
import zlib
from collections.abc import Callable, Iterable
from typing import Any

from autograder.errors import WireError
from autograder.wire.codec import HANDLE, Codec
from autograder.wire.restore import restore

MUTABLE = frozenset(
    ("list", "dict", "set", "deque", "defaultdict", "OrderedDict", "Counter", "ndarray", "MaskedArray", "matrix",
     "DataFrame", "Series", "Generator", "RandomState", "bytearray", "memoryview", "array", "StringIO", "BytesIO")
)
"""Names of the kinds that change in place."""
FEW = 4096
"""Items of a list, or bytes of an array, that are compared themselves and not by a checksum."""
_ATOMS = frozenset((type(None), bool, int, float, complex, str, bytes))
MAX_TWINS = 100_000


class Twin:
    """Stands in a frame where a twin stands in a value."""

    __slots__ = ("content", "number")

    def __init__(self, number: int, content: list[Any]) -> None:
        self.number = number
        self.content = content
        """[the object] when the other side does not have it yet, else []."""


def is_mutable(obj: Any) -> bool:
    """Whether the object is of a kind that changes in place and travels by value."""
    kind = type(obj)
    if kind is tuple:
        return any(type(item) is not tuple and is_mutable(item) for item in obj)
    if kind.__name__ not in MUTABLE or kind.__module__ == "__main__":
        return False
    if kind is memoryview:
        return not obj.readonly
    return bool(len(obj.shape)) if kind.__name__ == "ndarray" else True


class Twins:
    """One side's table of the objects that the other side has too."""

    def __init__(self, step: int) -> None:
        self._step = step
        self._last = 0
        self._held: dict[int, list[Any]] = {}
        self._numbers: dict[int, int] = {}
        self._fresh: list[int] = []
        self._marks = Codec(other=lambda codec, obj: codec.extension(HANDLE, id(obj)))

    def __len__(self) -> int:
        return len(self._held)

    def held(self) -> list[Any]:
        """The objects."""
        return [entry[0] for entry in self._held.values()]

    def knows(self, obj: Any) -> bool:
        """Whether the object is a twin."""
        return id(obj) in self._numbers

    def wrap(self, obj: Any) -> Any:
        """What goes into a frame for the object: a Twin if it is mutable, else the object itself."""
        if id(obj) in self._numbers:
            return Twin(self._numbers[id(obj)], [])
        if not is_mutable(obj):
            return obj
        self._last += self._step
        self._hold(self._last, obj)
        self._fresh.append(self._last)
        return Twin(self._last, [obj])

    def unwrap(self, payload: Any) -> Any:
        """The object for a Twin that came; WireError for one that cannot be."""
        number, content = payload
        if type(number) is not int or type(content) is not list or len(content) > 1:
            raise WireError("A shared object is mangled.")
        if not content:
            if number not in self._held:
                raise WireError("A shared object is not known.")
            return self._held[number][0]
        if number * self._step >= 0 or number in self._held or len(self._held) >= MAX_TWINS:
            raise WireError("A shared object's number is mangled.")
        if is_mutable(content[0]):
            self._hold(number, content[0])
        return content[0]

    def _hold(self, number: int, obj: Any) -> None:
        self._held[number] = [obj, self._mark(obj)]
        self._numbers[id(obj)] = number

    def _mark(self, obj: Any) -> Any:
        """A value that changes when the object's content does: small contents themselves, a number for others."""
        kind = type(obj)
        if kind is bytearray:
            return bytes(obj) if len(obj) <= FEW else zlib.crc32(obj)
        if kind is list and len(obj) <= FEW and _ATOMS.issuperset(map(type, obj)):
            return tuple(obj)
        if kind.__name__ == "ndarray" and not obj.dtype.hasobject and obj.flags.c_contiguous and obj.nbytes:
            return obj.tobytes() if obj.nbytes <= FEW else zlib.crc32(obj.reshape(-1).view("u1"))
        try:
            return zlib.crc32(self._marks.dumps(obj))
        except (WireError, RecursionError):
            return None

    def sent(self) -> None:
        """The frame with the Twins made since the last one has been encoded."""
        self._fresh.clear()

    def unsent(self) -> None:
        """It could not be encoded: the other side knows nothing of them."""
        self.forget(self._fresh)
        self._fresh.clear()

    def changes(self) -> list[list[Any]]:
        """[number, content] of all that has changed here since the other side was last told."""
        out = []
        for number, entry in self._held.items():
            if _is_flat(entry[1], entry[0]):
                continue
            mark = self._mark(entry[0])
            if mark != entry[1] or type(mark) is tuple:
                entry[1] = mark
                out.append([number, entry[0]])
        return out

    def apply(self, changes: Any) -> None:
        """Changes that the other side told; what is not of this table is a WireError."""
        if type(changes) is not list:
            raise WireError("Changes of shared objects are mangled.")
        for number, content in changes:
            if type(number) is not int or number not in self._held:
                raise WireError("A shared object that changed is not known.")
            entry = self._held[number]
            restore(entry[0], content)
            entry[1] = self._mark(entry[0])

    def prune(self) -> list[int]:
        """Lets go of the objects that nothing else on this side holds any more; gives their numbers."""
        gone = [number for number, entry in self._held.items() if sys.getrefcount(entry[0]) <= _ALONE]
        self.forget(gone)
        return gone

    def forget(self, numbers: Iterable[int]) -> None:
        """The other side has let go of these."""
        for number in list(numbers):
            entry = self._held.pop(number, None) if type(number) is int else None
            if entry is not None:
                self._numbers.pop(id(entry[0]), None)


def _is_flat(mark: Any, obj: Any) -> bool:
    """Whether a list still holds the very numbers and words of its mark; equal ones may be of another type."""
    return type(mark) is tuple and len(mark) == len(obj) and all(map(operator.is_, mark, obj))


def _alone() -> int:
    """References that `sys.getrefcount` counts for an object held by one table alone."""
    return max(sys.getrefcount(entry[0]) for entry in {0: [[], 0]}.values())


_ALONE = _alone()


def is_shared(obj: Any) -> bool:
    """Whether anybody but the caller's one variable holds the object."""
    return sys.getrefcount(obj) > _LENT


def _lent(probe: Callable[[Any], int]) -> int:
    mine: list[Any] = []
    return probe(mine)


_LENT = _lent(lambda obj: sys.getrefcount(obj))  # noqa: PLW0108  (the frame counts)
