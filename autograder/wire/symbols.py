"""Kinds of value that SymPy makes: expressions, relations, sets and matrices.

Rule: an expression travels as its tree, node by node under names of this module's own list, and is put together
again without being evaluated; nothing is parsed, and no text that came is ever looked up as a name.

SymPy is not imported before a value of it comes. What has a node that the list lacks stays where it is, and so does
what has a name that could be code: `lambdify`, `sympify` and `parse_expr` make a program of names as they stand.
"""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Callable
from typing import Any

from autograder.wire.codec import Codec, NotPlain, built, kind, must

EXPRESSION = 49
MAX_NODES = 20_000
"""Nodes of the largest expression."""
MAX_BITS = 1 << 16
"""Bits of the longest float's digits and exponent."""
_SYMBOL = re.compile(r"[\w\\{}^ +-]{1,200}")
"""Names of symbols: words, and LaTeX's; no program can be called, looked into or quoted with these characters."""
_CALLED = re.compile(r"[^\W\d_]\w{0,199}")
"""Names of a submission's own functions."""
_NAMESPACES = ("numpy", "sympy")
"""Libraries whose names a program made of an expression finds."""
_FUNCTIONS = {
    "functions.elementary.trigonometric": "sin cos tan cot sec csc asin acos atan acot asec acsc atan2 sinc",
    "functions.elementary.hyperbolic": "sinh cosh tanh coth sech csch asinh acosh atanh acoth",
    "functions.elementary.exponential": "exp log LambertW",
    "functions.elementary.complexes": "Abs sign re im conjugate arg",
    "functions.elementary.integers": "floor ceiling frac",
    "functions.elementary.miscellaneous": "Max Min",
    "functions.elementary.piecewise": "Piecewise",
    "functions.combinatorial.factorials": "factorial factorial2 binomial subfactorial",
    "functions.combinatorial.numbers": "fibonacci harmonic",
    "functions.special.gamma_functions": "gamma loggamma",
    "functions.special.error_functions": "erf erfc Ei Si Ci",
    "functions.special.delta_functions": "DiracDelta Heaviside",
    "functions.special.bessel": "besselj bessely besseli besselk",
    "functions.special.zeta_functions": "zeta",
    "functions.special.tensor_functions": "KroneckerDelta",
}
_UNEVALUATED = {
    "core.add": "Add",
    "core.mul": "Mul",
    "core.power": "Pow",
    "core.mod": "Mod",
    "core.relational": "Equality Unequality StrictLessThan LessThan StrictGreaterThan GreaterThan",
    "logic.boolalg": "And Or Not Xor Implies",
    "sets.sets": "FiniteSet Union Intersection Complement",
    **_FUNCTIONS,
}
"""Module below `sympy` → classes that are told not to evaluate."""
_INERT = {
    "core.function": "Derivative Lambda Subs",
    "core.containers": "Tuple",
    "integrals.integrals": "Integral",
    "concrete.summations": "Sum",
    "concrete.products": "Product",
    "series.limits": "Limit",
    "functions.elementary.piecewise": "ExprCondPair",
    "sets.sets": "Interval ProductSet",
}
"""The same for classes that do not evaluate what they are made of."""
_CONSTANTS = {
    "core.numbers": "Zero One NegativeOne Half Infinity NegativeInfinity NaN ComplexInfinity Exp1 Pi ImaginaryUnit "
    "GoldenRatio EulerGamma Catalan",
    "sets.sets": "EmptySet UniversalSet",
    "sets.fancysets": "Reals Integers Naturals Naturals0 Rationals Complexes",
}
_TRUTHS = {"BooleanTrue": "true", "BooleanFalse": "false"}
_MATRICES = {"MutableDenseMatrix": "matrices.dense", "ImmutableDenseMatrix": "matrices.immutable"}
_LEAVES = {
    "core.symbol": "Symbol Dummy",
    "core.numbers": "Integer Rational Float",
    "logic.boolalg": " ".join(_TRUTHS),
}


def _places(table: dict[str, str]) -> dict[str, str]:
    """Class's name → its module."""
    return {name: f"sympy.{module}" for module, names in table.items() for name in names.split()}


_MADE = {**_places(_UNEVALUATED), **_places(_INERT)}
_STILL = frozenset(_places(_UNEVALUATED))
_FIXED = _places(_CONSTANTS)
_NAMES = [f"{module}.{name}" for name, module in {**_MADE, **_FIXED, **_places(_LEAVES)}.items()]
_NAMES += [f"sympy.{module}.{name}" for name, module in _MATRICES.items()]


@kind(EXPRESSION, *_NAMES)
def _expression(codec: Codec, value: Any) -> list[Any]:
    count = 0

    def node(part: Any) -> list[Any]:
        nonlocal count
        count += 1
        must(count <= MAX_NODES, f"an expression has at most {MAX_NODES:,} nodes")
        cls = type(part)
        name, module = cls.__name__, cls.__module__
        if name in _MADE and module == _MADE[name]:
            return [name, [node(arg) for arg in part.args]]
        if (name in _FIXED and module == _FIXED[name]) or name in _TRUTHS:
            return [name]
        if name in _MATRICES:
            return [name, *part.shape, [node(entry) for entry in part.flat()]]
        if name in _TELL and module.startswith("sympy.core."):
            return [name, *_TELL[name](part)]
        if module is None and cls.__mro__[1].__name__ == "AppliedUndef":
            if not _is_function(name):
                raise NotPlain
            return ["Applied", name, [node(arg) for arg in part.args]]
        raise NotPlain

    return node(value)


def _named(symbol: Any) -> str:
    """A symbol's name; NotPlain where it could be code."""
    if not _is_symbol(symbol.name):
        raise NotPlain
    return str(symbol.name)


def _assumed(symbol: Any) -> dict[str, bool]:
    """What was said of a symbol when it was made."""
    told = getattr(symbol, "_assumptions_orig", None)  # from SymPy 1.12 on
    return dict(symbol._assumptions.generator if told is None else told)


_TELL: dict[str, Callable[[Any], list[Any]]] = {
    "Integer": lambda number: [int(number)],
    "Rational": lambda number: [int(number.p), int(number.q)],
    "Float": lambda number: [*map(int, number._mpf_[:3]), int(number._prec)],
    "Symbol": lambda symbol: [_named(symbol), _assumed(symbol)],
    "Dummy": lambda symbol: [_named(symbol), _assumed(symbol), int(symbol.dummy_index)],
}


@built(EXPRESSION)
def _to_expression(codec: Codec, payload: Any) -> Any:
    import sympy

    count = 0

    def made(told: Any) -> Any:
        nonlocal count
        count += 1
        must(count <= MAX_NODES, f"an expression has at most {MAX_NODES:,} nodes")
        must(type(told) is list and bool(told) and type(told[0]) is str, "a node begins with its name")
        name, *rest = told
        if name in _MADE:
            (parts,) = rest
            return _class(name, _MADE[name])(*map(made, parts), **({"evaluate": False} if name in _STILL else {}))
        if name in _FIXED or name in _TRUTHS:
            return getattr(sympy.S, _TRUTHS.get(name, name))
        if name in _MATRICES:
            rows, columns, entries = rest
            must(type(rows) is type(columns) is int and rows * columns == len(entries), "a matrix is full")
            return _class(name, f"sympy.{_MATRICES[name]}")(rows, columns, [made(entry) for entry in entries])
        if name == "Applied":
            word, parts = rest
            must(_is_function(word), "a function has a name of its own")
            return sympy.Function(word)(*map(made, parts))
        must(name in _LEAF, "a node is of a known kind")
        return _LEAF[name](sympy, *rest)

    return made(payload)


def _class(name: str, module: str) -> Any:
    """A class of this module's own lists."""
    import importlib

    return getattr(importlib.import_module(module), name)


def _is_symbol(word: Any) -> bool:
    return type(word) is str and _SYMBOL.fullmatch(word) is not None


def _is_function(word: Any) -> bool:
    """Whether an undefined function may have that name: a word by which nothing is called, here or in a library."""
    if type(word) is not str or _CALLED.fullmatch(word) is None or hasattr(builtins, word):
        return False
    return not any(hasattr(sys.modules.get(library), word) for library in _NAMESPACES)


def _integer(sympy: Any, number: Any) -> Any:
    must(type(number) is int, "an integer is one")
    return sympy.Integer(number)


def _rational(sympy: Any, above: Any, below: Any) -> Any:
    must(type(above) is type(below) is int and below > 0, "a rational is two integers")
    return sympy.Rational(above, below)


def _float(sympy: Any, sign: Any, digits: Any, exponent: Any, precision: Any) -> Any:
    from mpmath.libmp import from_man_exp

    must(all(type(x) is int for x in (sign, digits, exponent, precision)), "a float is four integers")
    sound = 0 < precision <= MAX_BITS and digits.bit_length() <= MAX_BITS and abs(exponent) <= MAX_BITS
    must(sound, "a float is no longer than its precision")
    return sympy.Float._new(from_man_exp(-digits if sign else digits, exponent), precision)


def _symbol(sympy: Any, name: Any, assumed: Any, index: Any = None) -> Any:
    must(_is_symbol(name) and type(assumed) is dict, "a symbol has a name")
    must(all(_is_symbol(k) and type(v) is bool for k, v in assumed.items()), "assumptions are yes or no")
    if index is None:
        return sympy.Symbol(name, **assumed)
    must(type(index) is int, "a dummy has a number")
    return sympy.Dummy(name, dummy_index=index, **assumed)


_LEAF: dict[str, Callable[..., Any]] = {
    "Integer": _integer,
    "Rational": _rational,
    "Float": _float,
    "Symbol": _symbol,
    "Dummy": _symbol,
}
