"""Cells compiled in the warm parent behave as if they had been compiled where they run."""

from __future__ import annotations

import ast
import builtins
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ipykernel.compiler import murmur2_x86

from autograder.sandbox import compiling
from autograder.sandbox.compiling import Compiler

CELLS = [
    "x = 3\nx + 1",
    "def f(n):\n    def inner():\n        return n\n    return inner\n\nf(2)()",
    "1 / 0",
    "class A:\n    def go(self):\n        raise ValueError('there')\n\nA().go()",
    "import asyncio\nawait asyncio.sleep(0)\n5",
    "[k for k in range(3)]",
    "x = 1;",
    "lambda: 0",
    '"""only a text"""',
    "for k in range(2):\n    print(k)",
]


def ours(*cells: str, usual: bool = True) -> Compiler:
    """A compiler that knows the cells."""
    made = Compiler()
    made.is_usual = lambda: usual
    for source in cells:
        made.prepare(source)
    return made


def compiled(compiler: Any, source: str) -> list[Any]:
    """The codes of a cell's statements, as IPython asks for them."""
    body = compiler.ast_parse(source + "\n", filename="cell.py").body
    out = []
    for node in body:
        shown = node is body[-1] and isinstance(node, ast.Expr)
        whole: ast.AST = ast.Interactive([node]) if shown else ast.Module([node], [])
        with compiler.extra_flags(ast.PyCF_ALLOW_TOP_LEVEL_AWAIT):
            out.append(compiler(whole, "cell.py", "single" if shown else "exec"))
    return out


@pytest.mark.parametrize("source", CELLS)
def test_a_prepared_cell_is_the_cell(source: str) -> None:
    """Byte for byte, with the file's name in all that it defines."""
    assert compiled(Compiler(), source) == compiled(ours(source), source)
    assert ["cell.py"] * len(compiled(ours(source), source)) == [c.co_filename for c in compiled(ours(source), source)]


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of files for which Python's own compiler was called."""
    found: list[str] = []
    real = builtins.compile

    def heard(source: Any, filename: str, *rest: Any, **more: Any) -> Any:
        found.append(filename)
        return real(source, filename, *rest, **more)

    monkeypatch.setattr(builtins, "compile", heard)
    return found


def test_a_prepared_cell_is_not_compiled_again(compilations: list[str]) -> None:
    """Only one that is another, by as little as a blank, is."""
    compiler = ours("x = 3\nx + 1")
    compilations.clear()
    compiled(compiler, "x = 3\nx + 1")
    assert [] == compilations
    compiled(compiler, "x = 3\nx +  1")
    assert ["cell.py"] * 3 == compilations  # the tree, and two statements


@pytest.mark.parametrize("source", ["x = (", "%matplotlib inline\nx = 1", "from __future__ import annotations\nx = 1"])
def test_what_cannot_be_prepared_is_compiled_where_it_runs(source: str) -> None:
    """What is no Python, and what changes how later cells are compiled."""
    compiler = ours(source)
    assert {} == compiler._trees and {} == compiler._codes


def test_a_notebook_that_changes_its_syntax_trees_has_trees_of_its_own() -> None:
    """What a transformer does to them is not undone by a code that was made before."""
    compiler = ours("x = 3", usual=False)
    tree = compiler.ast_parse("x = 3\n")
    assert id(tree.body[0]) not in compiler._codes


def test_other_flags_are_not_forgotten() -> None:
    """A cell behind `from __future__ import annotations` does not evaluate its annotations, prepared or not."""
    compiler = ours("def f(a: nowhere): pass")
    compiled(compiler, "from __future__ import annotations")
    names: dict[str, Any] = {}
    (code,) = compiled(compiler, "def f(a: nowhere): pass")
    exec(code, names)
    assert {"a": "nowhere"} == names["f"].__annotations__


@given(st.text(max_size=40))
def test_a_cells_file_has_the_number_that_ipykernel_gives(source: str) -> None:
    """Syntax errors quote it, and are the same in both."""
    data = source.encode("utf-8", "replace")
    assert murmur2_x86(data.decode(), 7) == compiling.murmur(data, 7)
