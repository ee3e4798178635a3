"""Comparisons that stand in a test's own text, made so that no answer agrees with all of them.

Rule: what a test sets beside an answer is looked at before NumPy stretches, leaves out or rounds anything (see
`wire/hollow.py`). Operators are looked at only once such an array has come from the submission: a test may well
compare nothing with something of its own.

Where a test asks of an answer no more than whether it is true, that is noted too: whatever is not empty is (see
`methods.py`).

It is the syntax tree of the test that is rewritten; what libraries do among themselves stays as it is.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from autograder.exam.proxy import isinstance_proxy, operators, plain
from autograder.wire import hollow

COMPARED, CALLED, ASKED = "__autograder_compared__", "__autograder_called__", "__autograder_asked__"
"""Names by which a rewritten test finds `compared`, `called`, and what notes that an answer's truth is asked for."""
_OPERATORS = {"Eq": "eq", "NotEq": "ne", "Lt": "lt", "LtE": "le", "Gt": "gt", "GtE": "ge"}
FUNCTIONS = frozenset((
    "allclose", "isclose", "array_equiv", "equal", "not_equal", "subtract", "squared_difference",
    "assert_allclose", "assert_array_equal", "assert_array_almost_equal", "assert_almost_equal", "assert_equal",
    "assert_approx_equal", "assert_array_less", "assert_array_almost_equal_nulp", "assert_array_max_ulp",
))  # fmt: skip
"""Functions of libraries that set their first two arguments beside one another."""
_SIDES = ("a", "b", "x", "y", "actual", "desired", "x1", "x2")
"""Names of those two arguments."""


class Rewritten(ast.NodeTransformer):
    """A test's tree with its single comparisons, differences and calls of FUNCTIONS made here, and truths noted."""

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return self._asks(node)

    def visit_If(self, node: ast.If) -> ast.AST:
        return self._asks(node)

    def visit_While(self, node: ast.While) -> ast.AST:
        return self._asks(node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        return self._asks(node)

    def _asks(self, node: Any) -> ast.AST:
        self.generic_visit(node)
        node.test = _asked(node.test)
        return node  # type: ignore[no-any-return]

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        node.values = [_asked(value) for value in node.values]
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.op, ast.Not):
            node.operand = _asked(node.operand)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        node.ifs = [_asked(test) for test in node.ifs]
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        word = _OPERATORS.get(type(node.ops[0]).__name__)
        if len(node.ops) > 1 or word is None or any(map(_is_word, (node.left, *node.comparators))):
            return node
        return _call(COMPARED, node, [ast.Constant(word), node.left, node.comparators[0]])

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.op, ast.Sub):
            return node
        return _call(COMPARED, node, [ast.Constant("sub"), node.left, node.right])

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in ("all", "any", "bool") and len(node.args) == 1:
            inner = node.args[0]
            if isinstance(inner, ast.GeneratorExp | ast.ListComp | ast.SetComp):
                inner.elt = _asked(inner.elt)
            else:
                node.args = [_asked(inner)]
        if name not in FUNCTIONS:
            return node
        return _call(CALLED, node, [node.func, *node.args], node.keywords)


def _asked(node: ast.expr) -> ast.expr:
    """A call whose answer's truth is asked for."""
    return _call(ASKED, node, [node]) if isinstance(node, ast.Call) else node


def _is_word(node: ast.expr) -> bool:
    """Whether it is a text, a truth value or None: nothing that could be hidden from."""
    return isinstance(node, ast.Constant) and type(node.value) not in (int, float, complex)


def _call(name: str, node: ast.expr, args: list[ast.expr], keywords: list[ast.keyword] | None = None) -> ast.Call:
    call = ast.Call(ast.Name(name, ast.Load()), args, keywords or [])
    return ast.fix_missing_locations(ast.copy_location(call, node))


_BARE = frozenset((type(None), bool, int, float, str))
"""Kinds that compare for themselves and are no arrays."""


def compared(word: str, one: Any, other: Any) -> Any:
    """`one == other`, and so on."""
    if type(one) in _BARE and type(other) in _BARE:  # a test may compare thousands of them
        return _OPERATIONS[word](one, other)
    if not isinstance_proxy(one) and not isinstance_proxy(other):  # those look themselves
        hollow.look(one, other, numbers=word in hollow.EXACT)
    return _OPERATIONS[word](one, other)


def called(function: Any, *args: Any, **kwargs: Any) -> Any:
    """The function's answer."""
    args = (*map(_carried, args[:2]), *args[2:])
    sides = [*args[:2], *(kwargs[name] for name in _SIDES if name in kwargs)]
    if len(sides) == 2 and not any(map(isinstance_proxy, sides)):
        hollow.check(*sides)
    return function(*args, **kwargs)


def _carried(value: Any) -> Any:
    """The array that an object of the student's carries, as NumPy would ask for it."""
    if not isinstance_proxy(value) or "array" not in operators(value):
        return value
    import numpy as np

    return np.asarray(plain(value, "an array"))


_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    word: getattr(operator, word) for word in (*_OPERATORS.values(), "sub")
}
NAMES: dict[str, Callable[..., Any]] = {COMPARED: compared, CALLED: called}
"""What the namespace of a rewritten test must have."""
