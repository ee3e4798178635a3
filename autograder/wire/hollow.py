"""Arrays that agree with whatever they are compared with: of nothing, masked, or larger than any tolerance.

Rule: an answer is compared item by item. One that has no items, or hides some, is no answer to a question about some.

NumPy stretches an axis of length one to the other side's length, be that zero: `(np.zeros((0, 1)) == wanted).all()`
is true for each `wanted`. It leaves masked items out, and the modulus of a complex number may overflow to infinity,
which is within any tolerance of itself.
"""

from __future__ import annotations

import sys
from typing import Any

from autograder.errors import StudentError

_MEND = "Give back an array of the shape that is asked for, with all of its items."
EXACT = ("eq", "ne", "sub")
"""Operators by which a test finds one number; by the others it finds a range, in which nothing may well lie."""
_NUMBERS = (int, float, complex)


class Seen:
    """Whether such an array has come over the wire."""

    any = False


def note(array: Any) -> None:
    """An array has come."""
    Seen.any = Seen.any or array.size == 0 or _hides(array)


def look(one: Any, other: Any, *, numbers: bool = True) -> None:
    """As `check`, once such an array has come: until then nothing that is compared can be the submission's."""
    if Seen.any:
        check(one, other, numbers=numbers)


def check(one: Any, other: Any, *, numbers: bool = True) -> None:
    """Raises StudentError where one of the two would agree with the other whatever its items are.

    `numbers`: also where the other is a single number.
    """
    shapes = _shape(one), _shape(other)
    if shapes[0] is None or shapes[1] is None:
        return
    for value, shape, beside, facing in ((one, *shapes, other), (other, *reversed(shapes), one)):
        if 0 in shape and 0 not in beside and (numbers or beside):
            raise StudentError(f"An empty array, of shape {shape}, is compared with values.", mend=_MEND)
        if _hides(value) and not _masked_alike(value, facing):
            raise StudentError("An array with masked items is compared with values.", mend=_MEND)
        if _overflows(value):
            raise StudentError("A number is compared that is too large for its distance to be known.", mend=_MEND)


def _shape(value: Any) -> tuple[int, ...] | None:
    """The shape of an array, a tensor or a frame, of a number, and of lists of such; None for anything else."""
    if isinstance(value, _NUMBERS):
        return ()
    if type(value).__name__.startswith("Approx"):  # pytest's
        return _shape(getattr(value, "expected", None))
    try:
        if isinstance(value, list | tuple):
            import numpy as np

            return np.shape(value)
        return tuple(int(n) for n in value.shape)
    except (AttributeError, TypeError, ValueError):
        return None


def _is_masked(value: Any) -> bool:
    masked = sys.modules.get("numpy.ma")  # where nobody has loaded it there is none; asking NumPy would load it
    return masked is not None and isinstance(value, masked.MaskedArray)


def _masked_alike(one: Any, other: Any) -> bool:
    numpy = sys.modules["numpy"]
    return _is_masked(other) and bool(numpy.array_equal(*map(numpy.ma.getmaskarray, (one, other))))


def _hides(value: Any) -> bool:
    return _is_masked(value) and bool(sys.modules["numpy"].ma.getmaskarray(value).any())


def _overflows(value: Any) -> bool:
    """Whether it holds a complex number of finite parts and infinite modulus."""
    if getattr(getattr(value, "dtype", None), "kind", "c" if isinstance(value, complex | list) else "") != "c":
        return False
    import numpy as np

    array = np.asarray(value)
    if array.dtype.kind != "c":
        return False
    with np.errstate(over="ignore"):
        return bool((np.isfinite(array) & ~np.isfinite(np.hypot(array.real, array.imag))).any())
