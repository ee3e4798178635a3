"""No text that a submission hands to a library is run in the tests' process, and what only reckons is."""

from __future__ import annotations

import pytest
from rig import Rig

from autograder.exam.evaluating import READERS, harmless

pytest.importorskip("sympy", reason="SymPy is not installed")
CODE = "__import__('os').getpid()"
TEXT = f'answer = "{CODE}"'
HEAD = "#S\nanswer = 1\n#T\nimport inspect, os, typing\nimport sympy as sp\nx = sp.Symbol('x')\n{}"
PROGRAMS = {
    "simplified": ("assert sp.simplify(answer) == os.getpid()", TEXT),
    "made an expression": ("assert sp.S(answer) == os.getpid()", TEXT),
    "in a matrix": ("assert sp.Matrix([[1, 0], [0, 1]]) * os.getpid() == sp.Matrix(answer)", f'answer = [["{CODE}", 0], [0, "{CODE}"]]'),
    "made a function": ("assert sp.lambdify(x, answer)(0) == os.getpid()", TEXT),
    "by characters": ("assert sp.S(answer) == 1", "answer = 'eval(chr(49))'"),
    "by a name in quotes": ("assert sp.lambdify(x, sp.S(answer))(0) == os.getpid()", f'answer = "Symbol(\\"{CODE}\\")"'),
    "as an annotation": ("assert typing.get_type_hints(answer)['x'](0) == os.getpid()", f"def answer(x): pass\nanswer.__annotations__ = {{'x': \"lambda n: {CODE}\"}}"),
    "as a signature": ("assert inspect.signature(answer, eval_str=True).parameters['x'].annotation == os.getpid()", f"def answer(x: \"{CODE}\"): pass"),
}  # fmt: skip
FORMULAS = [
    "assert sp.sympify('x**2 + 2*sin(x)/3 - 0.5').subs(x, 0) == -0.5",
    "assert sp.sympify('Piecewise((x, x > 0), (0, True))').subs(x, 2) == 2 and sp.S('Matrix([[1, x], [2, 3]])')[0, 1] == x",
    "assert sp.sympify('f(x)').func.__name__ == 'f' and sp.S('max(1, x)').subs(x, 3) == 3",
    "f = sp.lambdify(x, sp.Piecewise((x**2, x > 0), (sp.exp(x), True)))\nassert f(3) == 9 and f(0) == 1",
    "f = sp.lambdify((x, sp.Symbol('y')), sp.Matrix([[x, sp.gamma(sp.Symbol('y'))]]))\nassert f(1, 3).tolist() == [[1, 2]]",
    "f = sp.lambdify([[x]], sp.besselj(0, x) + sp.Max(x, 1), 'sympy')\nassert f([0]) == 2",
    "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = 1\nassert P().x == 1",
]


@pytest.mark.slow
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_text_is_not_run(rig: Rig, name: str) -> None:
    """The control runs it beside the student's code; in the tests' process it is the submission's fault."""
    test, answer = PROGRAMS[name]
    terms = {"cell_seconds": 30.0}
    if "os.getpid" in test:
        assert {"t1": True} == rig.sit(HEAD.format(test), {"s1": answer}, in_kernel=True, terms=terms).passed
    sat = rig.sit(HEAD.format(test), {"s1": answer}, terms=terms)
    assert {"t1": False} == sat.passed and not sat["t1"].fault, sat["t1"]
    assert "not run" in str(sat["t1"].error), sat["t1"]


@pytest.mark.slow
def test_what_only_reckons_is_run(rig: Rig) -> None:
    """Texts and functions that a test makes of formulas, and classes that libraries write."""
    text = HEAD.format("") + "".join(f"\n#T\n{formula}" for formula in FORMULAS)
    sat = rig.sit(text, terms={"cell_seconds": 30.0})
    assert all(sat.passed.values()), sat.findings


CELL = f"def answer(x):\n    return {CODE}"
RUNS = {
    "its source": "space = {}\nexec(inspect.getsource(answer), space)\nassert space['answer'](0) == os.getpid()",
    "its source, compiled": "space = {}\nexec(compile(inspect.getsource(answer), 'a', 'exec'), space)\nassert space['answer'](0) == os.getpid()",
    "its source, in a text": "space = {}\nexec('if True:\\n ' + inspect.getsource(answer).replace('\\n', '\\n '), space)\nassert space['answer'](0) == os.getpid()",
}


@pytest.mark.parametrize("name", RUNS)
def test_the_submissions_cells_are_not_run(rig: Rig, name: str) -> None:
    """Only read; the control runs them beside the student's code."""
    assert {"t1": True} == rig.sit(HEAD.format(RUNS[name]), {"s1": CELL}, in_kernel=True).passed
    assert "in-kernel" in rig.sit(HEAD.format(RUNS[name]), {"s1": CELL})["t1"].fault


def test_the_submissions_cells_are_read(rig: Rig) -> None:
    """Beside what the test itself runs."""
    test = "import ast\ntree = ast.parse(inspect.getsource(answer))\nexec('y = 1\\nz = 2')\nassert tree.body[0].name == 'answer' and y + z == 3"
    assert {"t1": True} == rig.sit(HEAD.format(test), {"s1": CELL}).passed


OUTSIDE = ["(1).__class__", "eval(1)", "open(1)", "x.tofile(1)", "f'{x}'", "'a(b)'", "(y := 1)", "def f():\n    import os",
           "[f(1) for f in [eval]]", "(lambda f: f(1))(eval)", "(lambda eval: 0)(1) + eval(1)", "[g(1) for g in [x.tofile]]",
           "numpy.testing.runstring", "numpy.__dict__", "sympy.external.import_module", "-" * 3000 + "eval(1)",
           "def f(x=eval(1)):\n    return x"]  # fmt: skip
WITHIN = ["numpy.sin(x)", "linalg.inv(x)", "scipy.special.gamma(x)", "tensorflow.math.sin(x)", "S.Half", "abs(x) + max(1, x)", "array([[1, x]])", "select([x > 0], [x], default=nan)",
          "def f(id, type):\n    return id + type**2", "def f(_Dummy_1):\n    [x] = _Dummy_1\n    return x"]  # fmt: skip


@pytest.mark.parametrize("source", OUTSIDE)
def test_what_leads_out_of_mathematics_is_no_formula(source: str) -> None:
    """In a text, or in what is made of one."""
    assert not harmless(source, READERS["sympy.parsing.sympy_parser"])
    assert not harmless(source, READERS["sympy.utilities.lambdify"])


@pytest.mark.parametrize("source", WITHIN)
def test_what_printers_write_is_one(source: str) -> None:
    """Functions of libraries by their modules, and parameters that are called as builtins are."""
    assert harmless(source, READERS["sympy.utilities.lambdify"])


def test_names_of_files_are_in_no_printed_formula() -> None:
    """NumPy's functions would read them; a text that is handed to SymPy has names of symbols."""
    assert not harmless("genfromtxt('wanted.csv')", READERS["sympy.utilities.lambdify"])
    assert harmless("Symbol ('x' )", READERS["sympy.parsing.sympy_parser"])
