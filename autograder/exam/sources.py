"""The student's source text for `inspect`, from the notebook itself.

Rule: what a function is called is the student's word; its text is that of the cell in the submission that defines
that name, and nothing else is ever opened for it.
"""

from __future__ import annotations

import ast
import inspect
from typing import Any

from autograder.exam.proxy import isinstance_proxy
from autograder.notebook.code import clean


class Sources:
    """The cells that the candidate has run."""

    def __init__(self) -> None:
        self._cells: list[str] = []
        self._given: list[list[str]] = []
        """Lines of what tests were given."""

    def add(self, source: str) -> None:
        """A cell has been run."""
        self._cells.append(source)

    def gave(self, text: str) -> bool:
        """Whether a text holds one that was given out here, or is part of one, whatever the indentation."""
        lines = _stripped(text.splitlines())
        return any(_within(given, lines) or (len(lines) > 1 and _within(lines, given)) for given in self._given)

    def lines(self, name: str) -> tuple[list[str], int]:
        """Lines of the last definition of that dotted name and the number of the first, from 1; OSError for none."""
        for source in reversed(self._cells):
            found = _definition(ast.parse(clean(source)), name.replace("<locals>.", "").split("."))
            if found is not None:
                first = min([found.lineno, *(d.lineno for d in found.decorator_list)])
                lines = source.splitlines(keepends=True)[first - 1 : found.end_lineno]
                if not lines[-1].endswith("\n"):
                    lines[-1] += "\n"
                self._given.append(_stripped(lines))
                return lines, first
        raise OSError("could not get source code")

    def connect(self) -> None:
        """Makes `inspect.getsource` and `getsourcelines` of this process know stand-ins."""
        original = inspect.getsourcelines

        def getsourcelines(obj: Any) -> tuple[list[str], int]:
            return self.lines(str(obj.__qualname__)) if isinstance_proxy(obj) else original(obj)

        inspect.getsourcelines = getsourcelines  # type: ignore[assignment]


def _stripped(lines: list[str]) -> list[str]:
    return [line.strip() for line in lines if line.strip()]


def _within(lines: list[str], others: list[str]) -> bool:
    """Whether the lines follow one another among the others."""
    return bool(lines) and any(others[n : n + len(lines)] == lines for n in range(len(others) - len(lines) + 1))


def _definition(tree: ast.AST, path: list[str]) -> Any:
    """The last function or class of that path, or None."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for node in reversed(list(ast.walk(tree))):
        if isinstance(node, kinds) and node.name == path[0]:
            if len(path) == 1:
                return node
            inner = _definition(ast.Module(node.body, []), path[1:])
            if inner is not None:
                return inner
    return None
