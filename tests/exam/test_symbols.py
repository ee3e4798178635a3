"""Tests of mathematics with SymPy, outside the student's process."""

from __future__ import annotations

import pytest
from rig import Rig

pytest.importorskip("sympy", reason="SymPy is not installed")
BOOK = """
#S
import sympy as sp
x = sp.symbols('x')
def derivative(e):
    return sp.diff(e, x)
roots = sp.solve(x**2 - 2, x)
M = sp.Matrix([[1, 2], [3, 4]])
#T
assert derivative(x**2 + sp.sin(x)) == 2*x + sp.cos(x)
#T
assert sp.simplify(derivative(x**3) - 3*x**2) == 0
#T
assert set(roots) == {-sp.sqrt(2), sp.sqrt(2)}
#T
assert M.det() == -2 and M.T == sp.Matrix([[1, 3], [2, 4]])
#T
assert isinstance(derivative(x), sp.Expr) and derivative(sp.exp(2*x)).equals(2*sp.exp(2*x))
"""
WRONG = """
import sympy as sp
x = sp.symbols('x')
def derivative(e):
    return e
roots = [1]
M = sp.Matrix([[1, 2], [3, 5]])
"""
LIAR = """
import sympy as sp
x = sp.symbols('x')
class Yes(sp.Expr):
    def __eq__(self, other): return True
    def __hash__(self): return 0
    def __sub__(self, other): return self
    def equals(self, other): return True
    def det(self): return self
    T = property(lambda self: self)
def derivative(e):
    return Yes()
roots = Yes()
M = Yes()
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "expected"), [(None, True), (WRONG, False), (LIAR, False)], ids=["right", "wrong", "liar"]
)
def test_expressions_are_compared_here(rig: Rig, answer: str | None, expected: bool) -> None:
    """By their values, which the examiner puts together itself: an expression that says yes to all earns nothing."""
    sat = rig.sit(BOOK, {"s1": answer} if answer else {}, terms={"cell_seconds": 30.0})
    assert dict.fromkeys(("t1", "t2", "t3", "t4", "t5"), expected) == sat.passed


CALCULUS = """
#S
import sympy as sp
x = sp.symbols('x')
answer = 2 * x
#T
import numpy as np
assert np.allclose(sp.lambdify(x, answer)(np.arange(3.0)), [0, 2, 4])
"""
PROGRAMS = {
    "a symbol's name": "import sympy as sp\nanswer = sp.Symbol('2 * x if not print(1) else 0')",
    "a symbol's name, behind the encoder": """
import sympy as sp
from autograder.wire import symbols
symbols._SYMBOL = __import__('re').compile('.*')
answer = sp.Symbol('2 * x if not print(1) else 2 * x')
""",
    "a function's name, behind the encoder": """
import sympy as sp
from autograder.wire import symbols
symbols._is_function = lambda word: True
answer = sp.Function('sorted')(2 * sp.symbols('x'))
""",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_name_is_never_run(rig: Rig, name: str) -> None:
    """`lambdify` makes a program of the names as they stand: the control, beside the student's code, is passed."""
    forged = f"{PROGRAMS[name]}\nx = sp.symbols('x')"
    terms = {"cell_seconds": 30.0}
    assert {"t1": True} == rig.sit(CALCULUS, terms=terms).passed
    assert {"t1": True} == rig.sit(CALCULUS, {"s1": forged}, in_kernel=True, terms=terms).passed
    assert {"t1": False} == rig.sit(CALCULUS, {"s1": forged}, terms=terms).passed
