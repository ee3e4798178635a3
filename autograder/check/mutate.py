"""Wrong solutions, made of the right one by changing one thing in its syntax tree.

Rule: a mutant differs from the solution in one place of a solution region, is Python, and reads as a person would
have written it: the text of the cell is changed, not printed anew. Equal trees count once.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import io
import re
import tokenize
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.check.changes import DROP, Change, Edits, Place, Rewriting, begin_of, called
from autograder.check.operators import changes
from autograder.notebook.code import clean
from autograder.values import Cell, Master, Role

SHOWING = frozenset({"print", "display", "show", "savefig", "summary"})
"""Calls that only show something: no test can miss them."""
SEEDING = frozenset({"set_random_seed", "seed", "default_rng"})
"""Calls whose arguments no test can see; that they are made at all, it may."""
DRAWING = frozenset({"plt", "axis", "axes", "ax", "fig", "figure", "panel", "panels", "sns", "logging", "warnings"})
"""Names whose methods draw or talk."""
DIGITS = 10
"""Hex digits of a mutant's hash: enough for a course, short enough to be copied by hand."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A solution cell with one thing wrong."""

    notebook: str
    grade_id: str
    """The solution cell's id."""
    cell: int
    """Its number, from 1."""
    operator: str
    """What kind of change it is."""
    line: int
    """Line of the cell where it is, from 1."""
    original: str = field(repr=False)
    source: str = field(repr=False)
    """The cell's whole text."""

    @property
    def hash(self) -> str:
        """Names the mutant in course.toml; comments may change under it, nothing else of the cell may."""
        told = f"{self.notebook}\0{self.grade_id}\0{_bare(self.source)}"
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]

    @property
    def diff(self) -> list[str]:
        """The change as a unified diff with two lines around it, without its head."""
        lines = difflib.unified_diff(self.original.splitlines(), self.source.splitlines(), n=2, lineterm="")
        return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def mutants(master: Master, regions: Mapping[str, Collection[int]]) -> Iterator[Mutant]:
    """Every mutant of a master's solution cells; `regions`: a cell's id → the lines, from 1, that are solution."""
    for cell in master.cells:
        if cell.kind == "code" and cell.role is Role.SOLUTION:
            yield from _of_cell(master.name, cell, regions.get(cell.grade_id, ()))


def _of_cell(notebook: str, cell: Cell, lines: Collection[int]) -> Iterator[Mutant]:
    text = clean(cell.source)
    if not text:
        return
    tree = ast.parse(text)
    right = ast.dump(tree)
    seen = {right}
    for place in _places(tree, lines):
        for name, change in changes(place):
            made = _changed(cell.source, text, place, change)
            if made is not None and made[1] not in seen:
                seen.add(made[1])
                yield Mutant(
                    notebook, cell.grade_id, cell.index + 1, name, begin_of(place.node)[0], cell.source, made[0]
                )


def _places(tree: ast.Module, lines: Collection[int]) -> list[Place]:
    """Every node within the solution that a test might see, with where it hangs, in the text's order."""
    found: list[Place] = []
    stack = [Place(node, (tree,), "body", i) for i, node in enumerate(tree.body)]
    while stack:
        place = stack.pop(0)
        node = place.node
        if _is_quiet(node):
            continue
        if getattr(node, "lineno", 0) in lines and getattr(node, "end_lineno", 0) in lines:
            found.append(place)
        above = (*place.above, node)
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list"):
                continue
            for i, child in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(child, ast.AST):
                    stack.append(Place(child, above, name, i if isinstance(value, list) else None))
    return sorted(found, key=lambda p: (*begin_of(p.node), len(p.above)))


def _is_quiet(node: ast.AST) -> bool:
    """Whether what stands here is words, pictures or seeds: changing it changes nothing that a test should see."""
    if isinstance(node, ast.JoinedStr | ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) or _shows(node.value)
    return _shows(node) or called(node) in SEEDING or called(node).endswith(("Error", "Exception", "Warning"))


def _shows(node: ast.AST) -> bool:
    root = node.func if isinstance(node, ast.Call) else node
    while isinstance(root, ast.Attribute | ast.Subscript):
        root = root.value
    return called(node) in SHOWING or (called(node) != "" and isinstance(root, ast.Name) and root.id in DRAWING)


def _changed(source: str, text: str, place: Place, change: Change) -> tuple[str, str] | None:
    """The changed cell and the dump of its tree; None when the change cannot be written down in place."""
    node = _node_of(change)
    want = _dump_with(place, node)
    for edits in _writings(place, node, change):
        try:
            if ast.dump(ast.parse(_spliced(text, edits))) == want:
                return _spliced(source, edits), want
        except (SyntaxError, ValueError):
            continue
    return None


def _node_of(change: Change) -> ast.AST:
    if isinstance(change, Edits):
        return change.node
    if isinstance(change, str):
        return ast.Pass() if change is DROP else ast.parse(change, mode="eval").body
    return change


def _dump_with(place: Place, node: ast.AST) -> str:
    """The dump of the whole tree with another node in that place; the tree is left as it was."""
    place.put(node)
    try:
        return ast.dump(place.above[0])
    finally:
        place.put(place.node)


def _writings(place: Place, node: ast.AST, change: Change) -> Iterator[Sequence[tuple[ast.AST, Rewriting]]]:
    """Ways to write the change down, the one that touches least first."""
    if isinstance(change, Edits):
        yield change.texts
    new = _in_words(node)
    yield [(place.node, lambda _: new)]
    yield [(place.node, lambda _: f"({new})")]


def _in_words(node: ast.AST) -> str:
    """A node as a person writes it: texts in double quotes."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and not set(node.value) & set('"\\\n'):
        return f'"{node.value}"'
    return ast.unparse(node)


def _spliced(text: str, edits: Sequence[tuple[ast.AST, Rewriting]]) -> str:
    """The text with the stretch of each node rewritten; what becomes empty takes a comma with it."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line.encode()) + 1)
    whole = data = text.encode()  # columns of syntax trees count bytes

    def stretch(node: Any) -> tuple[int, int]:
        return starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset

    for node, rewriting in sorted(edits, key=lambda edit: begin_of(edit[0]), reverse=True):
        first, last = stretch(node)
        source = slice(*stretch(rewriting if isinstance(rewriting, ast.AST) else node))
        new = whole[source] if isinstance(rewriting, ast.AST) else rewriting(whole[source].decode()).encode()
        before, after = data[:first], data[last:]
        if not new:
            followed = re.match(rb"\s*,\s*", after)
            before, after = (before, after[followed.end() :]) if followed else (re.sub(rb",\s*$", b"", before), after)
        data = before + new + after
    return data.decode()


def _bare(source: str) -> str:
    """The text without comments, blank lines and blanks at the ends of lines."""
    lines = source.split("\n")
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                lines[row - 1] = lines[row - 1][:column]
    except (tokenize.TokenError, SyntaxError):
        pass
    return "\n".join(line.rstrip() for line in lines if line.strip())
