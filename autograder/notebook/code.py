"""The Python of a code cell, and what it does with names.

Rule: the text is only read; a cell that is no Python has no names.
"""

from __future__ import annotations

import ast
import symtable
import sys
from dataclasses import dataclass, field

_TIMED = ("%%time", "%%timeit", "%%capture")
"""Cell magics behind which the cell is Python all the same."""


@dataclass(slots=True)
class Names:
    """What one cell's code does with global names."""

    bound: set[str] = field(default_factory=set)
    """Bound at the top level, or by a function as a global."""
    read: set[str] = field(default_factory=set)
    """Read at the top level."""
    read_in_functions: set[str] = field(default_factory=set)
    assigned_in_functions: set[str] = field(default_factory=set)


def clean(source: str) -> str:
    """The cell's Python with each magic and shell line as `pass`, or an empty text when it is no Python even so."""
    lines = source.splitlines()
    if lines and lines[0].startswith("%%"):
        if lines[0].split()[0] not in _TIMED:
            return ""
        lines[0] = "pass"
    text = "\n".join(_without_magic(line) for line in lines)
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return ""
    return text


def _without_magic(line: str) -> str:
    bare = line.lstrip()
    return line[: len(line) - len(bare)] + "pass" if bare[:1] in ("%", "!", "?") else line


def names(source: str) -> Names:
    """The global names of a cell."""
    out = Names()
    text = clean(source)
    if text:
        _visit(symtable.symtable(_with_scopes(text), "<cell>", "exec"), out, top=True)
    return out


def _with_scopes(text: str) -> str:
    """The text with its comprehensions as generators.

    From Python 3.12 (PEP 709) the symbol table counts what a comprehension goes through among the names around it;
    what a generator goes through is its own in every version.
    """
    tree = ast.parse(text)
    if not _INLINES or not any(isinstance(node, _INLINED) for node in ast.walk(tree)):
        return text
    return ast.unparse(ast.fix_missing_locations(_Generators().visit(tree)))


_INLINES = sys.version_info >= (3, 12)
_INLINED = (ast.ListComp, ast.SetComp, ast.DictComp)


class _Generators(ast.NodeTransformer):
    """Makes generators of lists, sets and dictionaries that are comprehended."""

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        self.generic_visit(node)
        return ast.GeneratorExp(node.elt, node.generators)

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        self.generic_visit(node)
        return ast.GeneratorExp(node.elt, node.generators)

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        self.generic_visit(node)
        return ast.GeneratorExp(ast.Tuple([node.key, node.value], ast.Load()), node.generators)


def _visit(table: symtable.SymbolTable, out: Names, *, top: bool) -> None:
    for symbol in table.get_symbols():
        if top:
            if symbol.is_assigned() or symbol.is_imported():
                out.bound.add(symbol.get_name())
            if symbol.is_referenced():
                out.read.add(symbol.get_name())
        elif symbol.is_global():
            if symbol.is_referenced():
                out.read_in_functions.add(symbol.get_name())
            if symbol.is_assigned():
                out.assigned_in_functions.add(symbol.get_name())
                out.bound.add(symbol.get_name())
    for child in table.get_children():
        _visit(child, out, top=False)
