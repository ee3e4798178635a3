"""The liar: an answer that says yes to everything, of any class that a test may ask for.

Rule: it holds not one right value: where it must give a number it gives one that compares as false, or an odd one. A
test that it passes believes a student's word, and can be passed by anybody.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable

from autograder.notebook.code import clean, names
from autograder.values import Cell, Master, Role

LIAR = '''\
{imports}
class Liar:
    """Whatever is asked: yes."""

    __class__ = property(lambda self: {claim})
    __hash__ = lambda self: 1
    __repr__ = __str__ = lambda self: "yes"
    __len__ = __index__ = __int__ = lambda self: 1013
    __float__ = lambda self: float("nan")
    __complex__ = lambda self: complex("nan")
    __iter__ = lambda self: iter((self, self))
    __enter__ = __call__ = __getitem__ = __reversed__ = __round__ = lambda self, *a, **k: self
    __exit__ = lambda self, *a: True
    __array__ = lambda self, *a, **k: __import__("numpy").full((), float("nan"))
    __array_ufunc__ = __array_function__ = lambda self, *a, **k: True
    shape = property(lambda self: self)

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self


for _word in "eq ne lt le gt ge bool contains instancecheck subclasscheck".split():
    setattr(Liar, f"__{{_word}}__", lambda self, *a: True)
for _word in "add sub mul truediv floordiv mod pow matmul and or xor lshift rshift".split():
    setattr(Liar, f"__{{_word}}__", lambda self, *a: self)
    setattr(Liar, f"__r{{_word}}__", lambda self, *a: self)
for _word in "neg pos abs invert trunc floor ceil".split():
    setattr(Liar, f"__{{_word}}__", lambda self: self)
'''

_NOTHING = "Ask for a length, a type or one value first: a loop over nothing asserts nothing."
EMPTY = {
    "None": "Ask for a type or one value first.",
    "[]": _NOTHING,
    "''": _NOTHING,
    "{}": _NOTHING,
    "float('nan')": "Assert what must hold, `abs(a - b) < 1e-6`: of NaN nothing is larger, smaller or equal.",
}
"""Values that pass tests which assert nothing of them → what to do about it."""


def claims(master: Master) -> dict[str, str]:
    """Every class that tests ask for, as they write it → the import that it needs; `object` in any case."""
    imports = _imports(master)
    out = {"object": ""}
    for cell in (c for c in master.cells if c.role is Role.TEST):
        for node in ast.walk(ast.parse(clean(cell.source))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "isinstance" and len(node.args) == 2:
                asked = node.args[1].elts if isinstance(node.args[1], ast.Tuple) else [node.args[1]]
                first = ast.unparse(asked[0])
                root = first.partition(".")[0]
                if root in imports or hasattr(builtins, first):
                    out[first] = imports.get(root, "")
    return out


def _imports(master: Master) -> dict[str, str]:
    """Name → the statement of the master that imports it."""
    trees = [ast.parse(clean(cell.source)) for cell in master.cells if cell.kind == "code"]
    found = [n for tree in trees for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    return {name: text for text in map(ast.unparse, found) for name in names(text).bound}


def answers(master: Master, claim: str) -> dict[str, str]:
    """Solution cell's id → a text that binds all its names to the liar, functions to functions that return it."""
    head = LIAR.format(imports=claims(master)[claim], claim=claim)
    return {c.grade_id: head + _bindings(c, "Liar()") for c in _code(master)}


def always(master: Master, value: str) -> dict[str, str]:
    """Solution cell's id → a text that binds its names to the value, functions to functions that return it."""
    return {c.grade_id: _bindings(c, value) for c in _code(master)}


def _code(master: Master) -> Iterable[Cell]:
    return (c for c in master.cells if c.role is Role.SOLUTION and c.kind == "code" and clean(c.source))


def _bindings(cell: Cell, value: str) -> str:
    tree = ast.parse(clean(cell.source))
    functions = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    kept = [ast.unparse(n) for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    imported = set().union(*(names(line).bound for line in kept))
    lines = [
        f"def {name}(*args, **kwargs):\n    return {value}" if name in functions else f"{name} = {value}"
        for name in sorted(names(cell.source).bound - imported)
    ]
    return "\n".join([*kept, *lines])
