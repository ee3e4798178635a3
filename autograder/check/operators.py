"""All mutation operators, and those of whole statements.

Rule: the names here are what an instructor reads beside a diff.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from autograder.check import calls, models, slips
from autograder.check.changes import DROP, Change, Place, begin_of

Operator = Callable[[Any, Place], Iterator[Change]]


def changes(place: Place) -> Iterator[tuple[str, Change]]:
    """(name of the operator, what stands there instead), for every slip that may happen in a place."""
    for kind, name, operator in OPERATORS:
        if isinstance(place.node, kind):
            for change in operator(place.node, place):
                yield name, change


def _returned_none(node: Any, _: Place) -> Iterator[Change]:
    if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield ast.Return(ast.Constant(None))


def _dropped(node: ast.AST, _: Place) -> Iterator[Change]:
    yield DROP


def _dropped_assignment(node: Any, place: Place) -> Iterator[Change]:
    """Only where the name has a value without it: else nothing but a NameError comes of it."""
    parts = [n for target in node.targets for n in ast.walk(target) if isinstance(n, ast.Name)]
    if all(_has_value(n.id, node, place) for n in parts if isinstance(n.ctx, ast.Store)):
        yield DROP


def _has_value(name: str, statement: ast.AST, place: Place) -> bool:
    """Whether a name is bound before a statement, within its own function or at the cell's top level."""
    scope = place.scope
    if not isinstance(scope, ast.Module):
        arguments = [*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs]
        if name in {a.arg for a in arguments}:
            return True
    stored = (n for n in ast.walk(scope) if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store))
    return any(begin_of(n) < begin_of(statement) for n in stored)


OPERATORS: tuple[tuple[Any, str, Operator], ...] = (
    (ast.expr, "wrong axis", calls.wrong_axis),
    (ast.Constant, "wrong padding or mode", calls.wrong_word),
    (ast.BinOp, "arithmetic", slips.arithmetic),
    (ast.BinOp, "sides swapped", slips.swapped_sides),
    (ast.AugAssign, "arithmetic", slips.assigned_arithmetic),
    (ast.UnaryOp, "sign left out", slips.sign),
    (ast.Compare, "comparison", slips.comparison),
    (ast.BoolOp, "and for or", slips.logic),
    (ast.IfExp, "branches swapped", slips.branches),
    (ast.expr, "condition", slips.condition),
    (ast.Constant, "constant", slips.constant),
    (ast.Slice, "off by one", slips.off_by_one),
    (ast.expr, "off by one", slips.loop_cut_short),
    (ast.Name, "wrong variable", slips.wrong_name),
    (ast.Call, "off by one", calls.off_by_one),
    (ast.Call, "arguments swapped", calls.swapped_arguments),
    (ast.Call, "wrong function", calls.wrong_function),
    (ast.Attribute, "wrong function", calls.transposed),
    (ast.Call, "argument left out", calls.forgotten_keyword),
    (ast.Tuple, "parts swapped", calls.swapped_parts),
    (ast.Return, "returned None", _returned_none),
    (ast.AugAssign | ast.Raise | ast.Delete | ast.Break | ast.Continue | ast.Expr, "statement dropped", _dropped),
    (ast.Assign, "statement dropped", _dropped_assignment),
    (ast.Call, "wrong pooling", models.wrong_pooling),
    (ast.Call, "wrong optimizer", models.wrong_optimizer),
    (ast.Constant, "wrong optimizer", models.wrong_optimizer_name),
    (ast.List | ast.Tuple, "layer left out", models.layer_left_out),
    (ast.List | ast.Tuple, "layers swapped", models.layers_swapped),
    (ast.Constant, "wrong activation", models.wrong_activation),
    (ast.Constant, "wrong loss", models.wrong_loss),
    (ast.expr, "wrong learning rate", models.wrong_rate),
    (ast.expr, "too few epochs", models.too_few_epochs),
)
"""(kind of node, what an instructor reads, the operator); of two that make the same mutant the first one names it."""
