"""Which cells of a master a test needs, found from names alone.

Rule: nothing here is taken for sure: what is left out for these reasons is tried with the right solution first.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from autograder.notebook.code import clean, names
from autograder.values import Cell, Master, Role

SHOWING = frozenset({"print", "display", "plt", "sns", "show", "figure"})
"""Functions and modules that only show what they are given."""


@dataclass(frozen=True, slots=True)
class Uses:
    """What a code cell does with names."""

    cell: Cell
    reads: frozenset[str]
    """Read, and not bound by the cell itself."""
    binds: frozenset[str]
    changes: frozenset[str]
    """Names of things that it may change without binding them: what methods are called on, or is assigned to."""


def uses(master: Master) -> list[Uses]:
    """Every code cell of a master, in order."""
    return [_of(cell) for cell in master.cells if cell.kind == "code"]


def _of(cell: Cell) -> Uses:
    found = names(cell.source)
    outside = ((found.read | found.read_in_functions) - found.bound) | set(_renewed(cell))
    return Uses(cell, frozenset(outside), frozenset(found.bound), frozenset(_changed(cell)))


def _renewed(cell: Cell) -> Iterable[str]:
    """Names to which the cell gives a value made of their own: `x = x + 1`."""
    for node in ast.parse(clean(cell.source)).body:
        if isinstance(node, ast.Assign | ast.AugAssign):
            found = [n for n in ast.walk(node) if isinstance(n, ast.Name)]
            stored = {n.id for n in found if not isinstance(n.ctx, ast.Load)}
            yield from (
                stored
                if isinstance(node, ast.AugAssign)
                else stored & {n.id for n in found if isinstance(n.ctx, ast.Load)}
            )


def _changed(cell: Cell) -> Iterable[str]:
    for node in _statements(ast.parse(clean(cell.source)).body):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            function = _root(node.value.func)
            if function not in SHOWING:
                yield from {function, *(_root(a) for a in node.value.args if not isinstance(a, ast.Call))}
        targets = node.targets if isinstance(node, ast.Assign | ast.Delete) else []
        targets = [*targets, node.target] if isinstance(node, ast.AugAssign) else targets
        yield from (_root(t) for t in targets if isinstance(t, ast.Attribute | ast.Subscript))


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """All statements that run when the cell does, those within loops and branches included."""
    for node in body:
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for name in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(node, name, ()))


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call | ast.Starred):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def needed(cells: Collection[Uses], target: Uses) -> set[int]:
    """Indices of the cells that a test needs before it, its own included."""
    before = [u for u in cells if u.cell.index < target.cell.index]
    wanted, chosen = set(target.reads), {target.cell.index}
    while True:
        own = {name for u in before if u.cell.role is not Role.TEST for name in u.binds}
        more = [
            u
            for u in before
            if u.cell.index not in chosen
            and ((u.binds | u.changes) & wanted if u.cell.role is not Role.TEST else u.binds & (wanted - own))
        ]
        if not more:
            return chosen
        for u in more:
            chosen.add(u.cell.index)
            wanted |= u.reads


def judges(cells: Collection[Uses], answer: Uses) -> tuple[list[Uses], list[Uses]]:
    """The tests that read what an answer binds, and all those that need it at all."""
    tests = [u for u in cells if u.cell.role is Role.TEST and u.cell.index > answer.cell.index]
    near = [u for u in tests if u.reads & answer.binds]
    return near, [u for u in tests if answer.cell.index in needed(cells, u)]
