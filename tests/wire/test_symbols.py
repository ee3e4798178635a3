"""SymPy's values to bytes and back, and trees that are none."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest

from autograder.errors import WireError
from autograder.wire import Codec
from autograder.wire.symbols import EXPRESSION, MAX_NODES

sp = pytest.importorskip("sympy", reason="SymPy is not installed")
x, g = sp.Symbol("x"), sp.Function("g")
VALUES = [
    x + 1, 2 * x, -x / 3, x**2, sp.sqrt(2) / 2, sp.sin(x) * sp.exp(-x), sp.log(x, 2), sp.Abs(x), sp.Max(x, 1), sp.atan2(x, 1),
    sp.Integer(-7), sp.Rational(-1, 3), sp.Float(-2.25), sp.Float("0.1", 40), sp.pi, sp.E, sp.I, sp.oo, -sp.oo, sp.zoo, sp.true,
    sp.Symbol("y", positive=True), sp.Dummy("d"), g(x) + 1, sp.Derivative(g(x), x), sp.Integral(x, (x, 0, 1)), sp.Sum(x, (x, 0, 3)),
    sp.Limit(sp.sin(x) / x, x, 0), sp.Eq(g(x), 2 * x), x < 3, sp.And(x > 0, x < 1), sp.Not(sp.Eq(x, 1)), sp.Tuple(1, x),
    sp.Piecewise((1, x > 0), (0, True)), sp.FiniteSet(1, x), sp.Interval.open(0, 1), sp.Union(sp.Interval(0, 1), sp.Interval(2, 3)),
    sp.Symbol("theta_1"), sp.Symbol(r"\theta_{1}^2"), sp.Symbol("θ"), sp.Symbol("lambda"), sp.Symbol("learning rate"), sp.Symbol("max"),
    sp.S.Reals, sp.S.EmptySet, sp.Lambda(x, x**2), sp.Matrix([[1, x], [sp.pi, 2]]), sp.ImmutableMatrix([[x]]), sp.gamma(x), sp.Mod(x, 3),
]  # fmt: skip
FORGED = [
    ["Poly", [["Symbol", "x", {}]]],
    ["os", ["system"]],
    ["__class__"],
    ["Integer", "1"],
    ["Integer", True],
    ["Rational", 1, 0],
    ["Float", 0, 1, 10**9, 53],
    ["Symbol", "x", {"positive": "yes"}],
    ["Symbol", 3, {}],
    ["Applied", "", []],
    ["Applied", "eval", [["Integer", 1]]],
    ["Applied", "__import__", [["Symbol", "os", {}]]],
    ["Applied", "sympify", [["Integer", 1]]],
    ["Applied", "f.g", []],
    ["Symbol", "__import__('os').getpid()", {}],
    ["Symbol", "os.environ", {}],
    ["Symbol", "'a'", {}],
    ["Symbol", "x\n", {}],
    ["Dummy", "print(1)", {}, 1],
    ["MutableDenseMatrix", 1000, 1000, []],
    ["Add", [3]],
    ["Sin", [["Pi"]]],
    [],
    "x + 1",
    {"Add": []},
]


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_an_expression_comes_back_as_it_was(value: Any) -> None:
    """Equal, of the same class, written out alike."""
    codec = Codec()
    back = codec.loads(codec.dumps([value]))[0]
    assert (value, type(value), sp.srepr(value)) == (back, type(back), sp.srepr(back))


@pytest.mark.parametrize("value", [sp.Symbol("f(1)"), sp.Dummy("a.b"), sp.Function("eval")(x) + 1], ids=str)
def test_a_name_that_could_be_code_does_not_travel(value: Any) -> None:
    """It stays where it is, as any object does."""
    with pytest.raises(WireError, match="not a plain value"):
        Codec().dumps(value)


def framed(tree: Any) -> bytes:
    """A frame that holds that tree."""
    return msgpack.packb(msgpack.ExtType(EXPRESSION, msgpack.packb(tree)))


@pytest.mark.parametrize("tree", FORGED, ids=str)
def test_a_tree_that_breaks_a_rule_is_refused(tree: Any) -> None:
    """Nothing that it names is looked up, and nothing is parsed."""
    with pytest.raises(WireError):
        Codec().loads(framed(tree))


def test_nothing_is_reckoned_when_an_expression_comes() -> None:
    """A power that would fill the memory is put together, not evaluated."""
    tower: Any = ["Integer", 9]
    for _ in range(5):
        tower = ["Pow", [["Integer", 9], tower]]
    assert sp.Pow is type(Codec().loads(framed(tower)))


def test_an_expression_without_end_is_refused() -> None:
    """In either direction."""
    with pytest.raises(WireError, match="nodes"):
        Codec().loads(framed(["Add", [["Pi"]] * (MAX_NODES + 1)]))
    with pytest.raises(WireError, match="nodes"):
        Codec().dumps(sp.Matrix([[x] * (MAX_NODES + 1)]))
