"""Compiling cells as a notebook's kernel does; those that everybody was given are compiled once, in the warm parent.

Rule: what comes out is what compiling the cell anew would have given, its file's name included. Where anything
differs from the usual (other flags, transformers of syntax trees), it is compiled anew.
"""

from __future__ import annotations

import ast
import os
import struct
from collections.abc import Callable
from types import CodeType
from typing import Any

from autograder.sandbox.transport import compiler

PREPARED = "<prepared>"


class Compiler(compiler.XCachingCompiler):  # type: ignore[misc]
    """ipykernel's, which takes longer over a cell's file name than Python over compiling the cell."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_usual: Callable[[], bool] = lambda: False
        """Whether nothing changes the syntax trees of cells."""
        self._marks: dict[tuple[str, int], int] = {}
        """A prepared cell's text and the seed → its hash."""
        self._trees: dict[str, ast.Module] = {}
        self._codes: dict[int, tuple[str, int, CodeType]] = {}
        """A statement's identity → how it was compiled, with which flags, and what came of it."""

    def get_code_name(self, raw_code: str, code: str, number: int) -> str:
        """The name under which tracebacks and warnings know the cell: the one that ipykernel gives."""
        known = os.environ.get("IPYKERNEL_CELL_NAME")
        if known:
            return known
        seed = compiler.get_tmp_hash_seed()
        mark = self._marks.get((raw_code, seed)) or murmur(raw_code.encode(), seed)
        return f"{compiler.get_tmp_directory()}{os.sep}{mark}.py"

    def prepare(self, source: str) -> None:
        """Compiles a cell for whoever has it; one that is no Python is left alone."""
        text = source if source.endswith("\n") else source + "\n"
        if "__future__" in text:  # which changes how later cells are compiled
            return
        try:
            tree = super().ast_parse(text, PREPARED)
            with self.extra_flags(ast.PyCF_ALLOW_TOP_LEVEL_AWAIT):  # as IPython has it
                codes = {id(node): self._compiled(node, last=node is tree.body[-1]) for node in tree.body}
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return
        self._trees[text] = tree
        self._codes |= codes
        seed = compiler.get_tmp_hash_seed()
        self._marks[source, seed] = murmur(source.encode(), seed)

    def _compiled(self, node: ast.stmt, *, last: bool) -> tuple[str, int, CodeType]:
        if last and isinstance(node, ast.Expr):  # its value is shown
            return "single", self.flags, super().__call__(ast.Interactive([node]), PREPARED, "single")
        return "exec", self.flags, super().__call__(ast.Module([node], []), PREPARED, "exec")

    def ast_parse(self, source: str, filename: str = "<unknown>", symbol: str = "exec") -> Any:
        """The cell's syntax tree."""
        known = self._trees.get(source) if symbol == "exec" and self.is_usual() else None
        return super().ast_parse(source, filename, symbol) if known is None else ast.Module(list(known.body), [])

    def __call__(self, source: Any, filename: str, symbol: str, **more: Any) -> Any:
        """The code of one statement, as IPython asks for it."""
        if type(source) in (ast.Module, ast.Interactive) and len(source.body) == 1:
            how, flags, code = self._codes.get(id(source.body[0]), ("", 0, None))
            if code is not None and (how, flags) == (symbol, self.flags):
                return _renamed(code, filename)
        return super().__call__(source, filename, symbol, **more)


def _renamed(code: CodeType, filename: str) -> CodeType:
    """The same code, with what is defined in it, out of another file."""
    held = tuple(_renamed(one, filename) if isinstance(one, CodeType) else one for one in code.co_consts)
    return code.replace(co_filename=filename, co_consts=held)


def murmur(data: bytes, seed: int) -> int:
    """MurmurHash2, 32 bits, word by word (A. Appleby, public domain): what `ipykernel.compiler.murmur2_x86` gives."""
    multiplier, mask = 0x5BD1E995, 0xFFFFFFFF
    whole = len(data) & ~3
    out = seed ^ len(data)
    for word in struct.unpack(f"<{whole // 4}I", data[:whole]):
        mixed = word * multiplier & mask
        out = out * multiplier & mask ^ (mixed ^ mixed >> 24) * multiplier & mask
    if whole < len(data):
        out = (out ^ int.from_bytes(data[whole:], "little")) * multiplier & mask
    out = (out ^ out >> 13) * multiplier & mask
    return out ^ out >> 15
