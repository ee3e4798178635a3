"""A place in a syntax tree, and what may be put there.

Rule: a change says what comes of the tree; how it is written down is `mutate`'s business.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

DROP: Final = "\0drop"
"""A statement that is left out."""


Rewriting = ast.AST | Callable[[str], str]
"""The text of another node, or a function of a node's own text; where it is empty, a comma goes with it."""


@dataclass(frozen=True, slots=True)
class Edits:
    """A change of a large node by small changes of its text."""

    node: ast.AST
    """What comes of it."""
    texts: tuple[tuple[ast.AST, Rewriting], ...]
    """Nodes below it, and what becomes of their text."""


Change = ast.AST | Edits | str
"""What stands in a node's place: another node, the text of an expression, or DROP."""


@dataclass(frozen=True, slots=True)
class Place:
    """A node and where it hangs."""

    node: ast.AST
    above: tuple[ast.AST, ...]
    """The nodes above it, from the whole cell to the parent."""
    name: str
    """The parent's field that holds it."""
    index: int | None
    """Its place there, where the field is a list."""

    @property
    def parent(self) -> ast.AST:
        return self.above[-1]

    @property
    def scope(self) -> Any:
        """The function in which it stands, or the whole cell."""
        scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Module)
        return next(node for node in reversed(self.above) if isinstance(node, scopes))

    def put(self, node: ast.AST) -> None:
        """Hangs another node there."""
        if self.index is None:
            setattr(self.parent, self.name, node)
        else:
            getattr(self.parent, self.name)[self.index] = node


def begin_of(node: Any) -> tuple[int, int]:
    """Line and column, in bytes, at which a node begins."""
    return node.lineno, node.col_offset


def changed(node: Any, **fields: Any) -> Any:
    """A copy of a node with other fields; what hangs below is shared."""
    made = copy.copy(node)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def renamed(node: ast.Call, name: str) -> Edits:
    """The call of another function of the same module."""
    function: Any = node.func
    field = "id" if isinstance(function, ast.Name) else "attr"
    old = getattr(function, field)
    other = changed(function, **{field: name})
    return Edits(changed(node, func=other), ((function, lambda text: text.removesuffix(old) + name),))


def exchanged(node: ast.AST, one: ast.expr, other: ast.expr) -> Edits:
    """`node`, in which two nodes have changed places."""
    return Edits(node, ((one, other), (other, one)))


def without(node: ast.AST, part: ast.AST) -> Edits:
    """`node`, from which a part has been left out."""
    return Edits(node, ((part, lambda _: ""),))


def operated(node: ast.AST, left: Any, right: Any, old: str, new: str) -> Edits:
    """`node`, in which another operator stands between two nodes."""
    ends = {"lineno": left.end_lineno, "col_offset": left.end_col_offset}
    gap = ast.Pass(**ends, end_lineno=right.lineno, end_col_offset=right.col_offset)
    return Edits(node, ((gap, lambda text: text.replace(old, new, 1)),))


def called(node: ast.AST) -> str:
    """The last name of the function that is called; empty where nothing is."""
    function = node.func if isinstance(node, ast.Call) else None
    return function.id if isinstance(function, ast.Name) else str(getattr(function, "attr", ""))


def number_of(node: ast.expr) -> int | None:
    """The whole number that is written there."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def plus(node: ast.expr, number: int) -> ast.expr:
    """The expression, a number larger."""
    known = number_of(node)
    if known is not None:
        return literal(known + number)
    return ast.BinOp(node, ast.Add() if number > 0 else ast.Sub(), ast.Constant(abs(number)))


def literal(value: float) -> ast.expr:
    """A number as it is written."""
    return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))
