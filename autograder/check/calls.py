"""Slips in calls: the wrong function, arguments swapped or forgotten, the wrong axis or padding.

Rule: each operator looks at one place and gives what might stand there; NumPy's and Keras's words are known, their
objects are not.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from autograder.check.changes import Change, Place, called, changed, exchanged, number_of, plus, renamed, without
from autograder.check.slips import UNSEEN

FUNCTIONS = {
    "max": "min",
    "min": "max",
    "maximum": "minimum",
    "minimum": "maximum",
    "any": "all",
    "all": "any",
    "argmax": "argmin",
    "argmin": "argmax",
    "floor": "ceil",
    "ceil": "floor",
    "zeros": "ones",
    "ones": "zeros",
    "mean": "sum",
    "sum": "max",
    "prod": "sum",
    "log": "log2",
    "exp": "expm1",
    "hstack": "vstack",
    "vstack": "hstack",
    "convolve": "correlate",
    "correlate": "convolve",
    "append": "extend",
    "convolve2d": "correlate2d",
    "correlate2d": "convolve2d",
}
"""A function → the one that is taken for it."""
BUILTIN = frozenset({"min", "max", "any", "all", "sum"})
"""Of these, those that need no module."""
LEFT_OUT = frozenset({"abs", "sqrt", "sorted", "reversed", "round", "transpose", "copy", "float", "int", "bool"})
"""Functions of one argument that are forgotten."""
WORDS = {"same": "valid", "valid": "same", "full": "valid", "symm": "fill", "fill": "wrap", "edge": "constant"}
"""Values of `padding`, `mode` and `boundary` → what is taken for them."""
OF_ANY_ORDER = frozenset().union(
    {"max", "min", "maximum", "minimum", "add", "multiply", "hypot", "gcd", "lcm", "isclose", "allclose", "equal"},
    {"array_equal", "logical_and", "logical_or", "isinstance", "getattr", "setattr", "range"},
)
"""Calls that mean the same with their arguments swapped, or nothing."""


def wrong_function(node: Any, _: Place) -> Iterator[Change]:
    """A function's neighbour, or the argument itself."""
    name = called(node)
    other = FUNCTIONS.get(name, "")
    if other and (isinstance(node.func, ast.Attribute) or other in BUILTIN):
        yield renamed(node, other)
    if name in LEFT_OUT and len(node.args) == 1 and not node.keywords:
        yield node.args[0]
    if name in LEFT_OUT and not node.args and isinstance(node.func, ast.Attribute):
        yield node.func.value


def transposed(node: Any, _: Place) -> Iterator[Change]:
    """`.T` forgotten."""
    if node.attr == "T" and isinstance(node.ctx, ast.Load):
        yield node.value


def off_by_one(node: Any, _: Place) -> Iterator[Change]:
    """A range that begins or ends elsewhere."""
    if called(node) != "range" or node.keywords or not node.args or isinstance(node.args[0], ast.Starred):
        return
    if len(node.args) == 1:
        yield changed(node, args=[ast.Constant(1), node.args[0]])
        yield changed(node, args=[plus(node.args[0], -1)])
        return
    start, stop, *step = node.args
    yield changed(node, args=[plus(start, 1), stop, *step])
    yield changed(node, args=[start, plus(stop, -1), *step])
    yield changed(node, args=[start, plus(stop, 1), *step])


def swapped_arguments(node: Any, _: Place) -> Iterator[Change]:
    """Two neighbours exchanged."""
    args = node.args
    if any(isinstance(a, ast.Starred) for a in args) or called(node) in OF_ANY_ORDER:
        return
    for i in range(min(2, len(args) - 1)):
        exchange = [*args[:i], args[i + 1], args[i], *args[i + 2 :]]
        yield exchanged(changed(node, args=exchange), args[i], args[i + 1])


def swapped_parts(node: Any, place: Place) -> Iterator[Change]:
    """The first two of several values that are returned or assigned together."""
    if isinstance(place.parent, ast.Return | ast.Assign) and place.name == "value" and len(node.elts) > 1:
        first, second, *rest = node.elts
        yield exchanged(changed(node, elts=[second, first, *rest]), first, second)


def forgotten_keyword(node: Any, _: Place) -> Iterator[Change]:
    """A keyword argument left out."""
    for i, keyword in enumerate(node.keywords):
        if keyword.arg is not None and keyword.arg not in UNSEEN:
            rest = [*node.keywords[:i], *node.keywords[i + 1 :]]
            yield without(changed(node, keywords=rest), keyword)


def wrong_axis(node: Any, place: Place) -> Iterator[Change]:
    """Axis 1 for 0, 0 for any other."""
    keyword = place.parent
    number = number_of(node) if isinstance(keyword, ast.keyword) and keyword.arg in ("axis", "dim", "axes") else None
    if number is not None:
        yield ast.Constant(1 if number == 0 else 0)


def wrong_word(node: Any, place: Place) -> Iterator[Change]:
    """`padding`, `mode` and `boundary` with the other value that is common."""
    if isinstance(place.parent, ast.keyword | ast.Call) and isinstance(node.value, str) and node.value in WORDS:
        yield ast.Constant(WORDS[node.value])
