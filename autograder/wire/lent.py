"""Objects of a test's own classes: what both sides must agree on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

OPERATORS = (
    "call", "getitem", "setitem", "delitem", "len", "iter", "next", "reversed", "contains", "enter", "exit", "int",
    "float", "index", "complex", "round", "abs", "neg", "pos", "invert", "hash", "format", "bool", "str", "repr",
    "eq", "ne", "lt", "le", "gt", "ge",
    *(f"{r}{n}" for n in ("add", "sub", "mul", "matmul", "truediv", "floordiv", "mod", "divmod", "pow", "lshift",
                          "rshift", "and", "or", "xor") for r in ("", "r")),
    *(f"i{n}" for n in ("add", "sub", "mul", "truediv", "floordiv", "mod", "and", "or", "xor")),
)  # fmt: skip
"""Special methods, without their underscores, that student code may use."""
MADE_OF: dict[type, Callable[[Any], Any]] = {
    str: str.__str__,
    int: int.__int__,
    float: float.__float__,
    bytes: lambda x: bytes.__getitem__(x, slice(None)),
    tuple: lambda x: (*tuple.__iter__(x),),
}
"""Bases of a value that never changes, and how it is read: an object made of one is such a value on either side."""
