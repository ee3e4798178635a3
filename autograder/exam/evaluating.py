"""Texts that libraries turn into programs while a test runs.

Rule: a library that is handed a text or an object in place of an expression may run it: `sympify` and all that calls
it, `lambdify`, `typing.get_type_hints`. What a submission answers is never known to be an expression, so such a
program is read first, and runs only if it reckons: no name of Python's own machinery is in it, nothing is called but
functions of mathematics, and no text but what names something.

What `inspect.getsource` gives of the submission's cells is not run here at all: it is there to be read, for one by
`ast.parse`.

Python tells of what is compiled, and of what is then run, by its audit events (PEP 578); who compiles is the frame
that the event comes from.
"""

from __future__ import annotations

import ast
import builtins
import os
import re
import sys
from collections.abc import Callable
from typing import Any

from autograder.errors import GraderError, StudentError
from autograder.exam.script import IN_KERNEL

_WORD = re.compile(r"[\w\\{}^ +.-]*")
"""Texts that name something or spell a number."""
_RECKONING = frozenset((
    "abs", "bool", "complex", "divmod", "float", "int", "len", "list", "max", "min", "pow", "range", "round", "sum",
    "tuple",
))  # fmt: skip
"""Builtins that may be called."""
_LIBRARIES = frozenset(("S", "cmath", "jax", "linalg", "math", "mpmath", "np", "numpy", "scipy", "special",
                        "tensorflow", "torch"))  # fmt: skip
_PARTS = frozenset(("fft", "linalg", "math", "numpy", "special"))
"""Modules, and modules in them, that printers of expressions write before a function's name."""
_NEVER = (ast.Import, ast.ImportFrom, ast.JoinedStr, ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom, ast.ClassDef,
          ast.Global, ast.Nonlocal, ast.Delete, ast.With, ast.Try, ast.Raise, ast.AsyncFunctionDef)  # fmt: skip


def _is_formula(node: ast.AST) -> bool:
    """Whether a node may stand in a text that is handed to SymPy."""
    if isinstance(node, ast.Name):
        return node.id in _RECKONING or not hasattr(builtins, node.id)
    if isinstance(node, ast.Attribute):
        return _is_mathematics(node)
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        return isinstance(node.value, str) and _WORD.fullmatch(node.value) is not None
    return True


def _is_mathematics(node: ast.Attribute) -> bool:
    """Whether it is `numpy.sin` or `numpy.linalg.norm`, and no other name of a module's."""
    names: list[str] = [node.attr]
    inner = node.value
    while isinstance(inner, ast.Attribute):
        names.append(inner.attr)
        inner = inner.value
    return isinstance(inner, ast.Name) and inner.id in _LIBRARIES and _PARTS.issuperset(names[1:])


def _is_reckoning(node: ast.AST) -> bool:
    """The same in what `lambdify` made of an expression: no texts are in it, which could be names of files."""
    return _is_formula(node) and not (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))


def _is_type(node: ast.AST) -> bool:
    """Whether a node may stand in an annotation."""
    return not isinstance(node, ast.Call | ast.Lambda)


READERS: dict[str, Callable[[ast.AST], bool]] = {
    "sympy.parsing.sympy_parser": _is_formula,
    "sympy.utilities.lambdify": _is_reckoning,
    "typing": _is_type,
    "inspect": _is_type,
}
"""Module that compiles texts → whether a node may stand in one."""


class Evaluating:
    """Reads what is about to be run, while a test runs."""

    def __init__(self) -> None:
        self.testing = False
        self.is_theirs: Callable[[str], bool] = lambda text: False
        """Whether a text was taken from the submission's cells."""
        self._theirs = ""
        """The file name under which such a text was compiled last."""
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.testing:
            return
        if event == "compile" and isinstance(arguments[0], str | bytes):
            self._compiled(*arguments[:2])
        elif event == "exec" and self._theirs and arguments[0].co_filename == self._theirs:
            raise GraderError("The test runs a text of the submission's cells.", mend=IN_KERNEL)

    def _compiled(self, source: str | bytes, name: Any) -> None:
        text = source if isinstance(source, str) else source.decode("utf-8", "replace")
        self._theirs = os.fsdecode(name) if self.is_theirs(text) else ""
        reader = READERS.get(sys._getframe(2).f_globals.get("__name__", ""))
        if reader is not None and not harmless(text, reader):
            raise StudentError(
                "A text stands where an expression is needed, and it could be a program: it is not run.",
                mend="Give back an expression, not its text.",
            )


def harmless(source: str, may_stand: Callable[[ast.AST], bool]) -> bool:
    """Whether a text, if it is a program at all, does nothing but reckon."""
    try:
        tree = ast.parse(source.strip())
    except (SyntaxError, ValueError):
        return True  # whoever compiles it finds the same
    except (RecursionError, MemoryError):
        return False
    if all(isinstance(statement, ast.Import | ast.ImportFrom) for statement in tree.body):
        return True  # the library's own
    own = _parameters(tree)
    nodes = (node for node in ast.walk(tree) if not (isinstance(node, ast.Name) and node.id in own))
    return all(_is_plain(node) and may_stand(node) for node in nodes)


def _parameters(tree: ast.Module) -> frozenset[str]:
    """Names that a function around all of the text binds: none of them is a builtin there."""
    function = tree.body[0] if len(tree.body) == 1 else None
    if not isinstance(function, ast.FunctionDef) or function.decorator_list or function.args.defaults:
        return frozenset()
    return frozenset(one.arg for one in function.args.args)


def _is_plain(node: ast.AST) -> bool:
    """Whether a node is nothing that leads out of mathematics, whoever compiles it."""
    words = (getattr(node, name, None) for name in ("id", "attr", "arg", "name"))
    return not isinstance(node, _NEVER) and not any(isinstance(word, str) and word.startswith("__") for word in words)
