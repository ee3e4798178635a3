"""Slips of the pen within an expression: operators, comparisons, constants, slices, names.

Rule: each operator looks at one place and gives what might stand there. They are those of the literature on mutation
testing (Offutt et al., ACM TOSEM 5(2), 1996); a change that could only end in a NameError is not made.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from autograder.check.changes import Change, Place, begin_of, called, changed, exchanged, literal, operated, plus

ARITHMETIC: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div, ast.Mult),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
ORDERED = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)
"""Operators whose sides are not alike."""
EVEN = frozenset({"abs", "absolute", "fabs", "square", "norm", "hypot"})
"""Functions that do not see a sign."""
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
UNSEEN = frozenset(
    {"verbose", "name", "metrics", "validation_split", "validation_data", "label", "color", "callbacks"}
)
"""Keyword arguments whose value no test should see."""


SYMBOLS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}


def arithmetic(node: Any, _: Place) -> Iterator[Change]:
    """Another operator."""
    for other in ARITHMETIC.get(type(node.op), ()):
        made = changed(node, op=other())
        yield operated(made, node.left, node.right, SYMBOLS[type(node.op)], SYMBOLS[other])


def assigned_arithmetic(node: Any, _: Place) -> Iterator[Change]:
    """`-=` or `=` for `+=`."""
    for other in ARITHMETIC.get(type(node.op), ())[:1]:
        yield changed(node, op=other())
    yield ast.Assign(targets=[node.target], value=node.value, lineno=node.lineno)


def swapped_sides(node: Any, place: Place) -> Iterator[Change]:
    """`b - a` for `a - b`, unless the sign is lost at once."""
    squared = isinstance(place.parent, ast.BinOp) and isinstance(place.parent.op, ast.Pow) and place.name == "left"
    if isinstance(node.op, ORDERED) and not squared and called(place.parent) not in EVEN:
        yield exchanged(changed(node, left=node.right, right=node.left), node.left, node.right)


def sign(node: Any, _: Place) -> Iterator[Change]:
    """A minus or a `not` left out; nothing in place of a negative number."""
    if isinstance(node.op, ast.USub | ast.Not | ast.Invert):
        yield node.operand
    if isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        yield ast.Constant(0 * node.operand.value)  # type: ignore[operator]


def comparison(node: Any, _: Place) -> Iterator[Change]:
    """The neighbouring comparison, and the opposite one."""
    sides = [node.left, *node.comparators]
    for i, op in enumerate(node.ops):
        for other in COMPARISONS[type(op)]:
            made = changed(node, ops=[*node.ops[:i], other(), *node.ops[i + 1 :]])
            yield operated(made, sides[i], sides[i + 1], SYMBOLS[type(op)], SYMBOLS[other])


def logic(node: Any, _: Place) -> Iterator[Change]:
    """`or` for `and`."""
    yield changed(node, op=ast.And() if isinstance(node.op, ast.Or) else ast.Or())


def branches(node: Any, _: Place) -> Iterator[Change]:
    """`b if c else a` for `a if c else b`."""
    yield exchanged(changed(node, body=node.orelse, orelse=node.body), node.body, node.orelse)


def condition(node: ast.AST, place: Place) -> Iterator[Change]:
    """A condition that always holds, or never; `while True` would only ever cost time."""
    if place.name == "test" and isinstance(place.parent, ast.If | ast.While) and not isinstance(node, ast.Constant):
        yield "False"
        if isinstance(place.parent, ast.If):
            yield "True"


def constant(node: Any, place: Place) -> Iterator[Change]:
    """One more, one less, the other sign, nothing; another word where words are compared."""
    value = node.value
    if isinstance(place.parent, ast.keyword) and place.parent.arg in UNSEEN:
        return
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
        yield literal(value - 1)
    elif isinstance(value, float):
        yield ast.Constant(value + 1)
        if value and not isinstance(place.parent, ast.UnaryOp):
            yield literal(-value)
            yield literal(0.0)
    elif isinstance(value, str) and isinstance(place.parent, ast.Compare):
        yield ast.Constant(value + "_")


def off_by_one(node: Any, _: Place) -> Iterator[Change]:
    """A slice that begins or ends elsewhere, or forgets its step."""
    lower, upper = node.lower, node.upper
    yield changed(node, lower=ast.Constant(1) if lower is None else plus(lower, 1))
    yield changed(node, upper=literal(-1) if upper is None else plus(upper, -1))
    if upper is not None:
        yield changed(node, upper=plus(upper, 1))
    if node.step is not None:
        yield changed(node, step=None)


def loop_cut_short(node: Any, place: Place) -> Iterator[Change]:
    """A loop that begins with the second, or ends before the last; ranges are `calls`' business."""
    if place.name == "iter" and called(node) != "range":
        yield f"list({ast.unparse(node)})[1:]"
        yield f"list({ast.unparse(node)})[:-1]"


def wrong_name(node: Any, place: Place) -> Iterator[Change]:
    """Another variable of the same function: the next that has a value by then."""
    if not isinstance(node.ctx, ast.Load) or isinstance(place.scope, ast.Module):
        return
    known = _variables(place.scope, begin_of(node))
    if node.id in known and len(known) > 1:
        yield changed(node, id=known[(known.index(node.id) + 1) % len(known)])


def _variables(scope: Any, before: tuple[int, int]) -> list[str]:
    """Arguments and variables of a function that have a value there; those of comprehensions live elsewhere."""
    arguments = [*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs]
    found = {a.arg: None for a in arguments}
    assigned = (n for n in ast.walk(scope) if isinstance(n, ast.Assign | ast.For) and begin_of(n) < before)
    for statement in assigned:
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        inside = before < (statement.end_lineno or 0, statement.end_col_offset or 0)
        if isinstance(statement, ast.Assign) and inside:
            continue
        for target in targets:
            names = [n for n in ast.walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
            found.update((n.id, None) for n in names)
    return list(found)
