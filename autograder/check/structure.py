"""Points, tests and answers that do not fit together.

Rule: roles and points are the master's own; which name is whose is read from its cells.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping, Sequence

from autograder import notebook
from autograder.check import needs
from autograder.check.needs import Uses
from autograder.check.remarks import Remark, at
from autograder.notebook.code import clean
from autograder.values import Cell, Master, Role


def remarks(master: Master, hidden: Mapping[str, Collection[int]]) -> Iterator[Remark]:
    """Everything of this kind in a master."""
    cells = needs.uses(master)
    yield from _points(master)
    yield from _empty_tests(master)
    yield from _forward(master, cells)
    yield from _unasked(master, cells)
    yield from _all_visible(master, hidden)


def _points(master: Master) -> Iterator[Remark]:
    if not any(c.role is Role.TEST for c in master.cells) and not master.graded:
        told = "no cell is graded"
        mend = "Give a cell the type `Autograder tests` or `Manually graded answer`, and points."
        yield Remark("no-tests", told, mend, master.path.name)
    for cell in master.cells:
        raw = master.raw["cells"][cell.index]
        if cell.role is Role.TEST and cell.points == 0:
            mend = "Give it points, or make it a locked cell that is no test."
            yield at(master, cell, "test-without-points", "the test is worth 0 points", mend, fault=False)
        points = notebook.nbgrader_of(raw).get("points")
        if cell not in master.graded and points:
            told = f"the cell has {points} points, but it is neither a test nor marked by hand"
            yield at(master, cell, "points-without-test", told, "Take the points away, or make it a test.")


def _empty_tests(master: Master) -> Iterator[Remark]:
    """Tests that give their points whatever was answered."""
    for cell in master.cells:
        if cell.role is Role.TEST and cell.points and not _can_fail(cell):
            told = "the test asserts nothing and asks nothing, so everybody earns its points"
            yield at(master, cell, "points-without-test", told, "Write an assertion, or end in a number of points.")


def _can_fail(cell: Cell) -> bool:
    text = clean(cell.source)
    if not text:
        return bool(cell.source.strip())  # magics, or another language: not ours to judge
    kinds = (ast.Assert, ast.Raise, ast.Call, ast.Subscript, ast.Attribute)
    tree = ast.parse(text)
    ends_in_value = bool(tree.body) and isinstance(tree.body[-1], ast.Expr)
    is_text = ends_in_value and isinstance(getattr(tree.body[-1], "value", None), ast.Constant)
    return any(isinstance(n, kinds) for n in ast.walk(tree)) or (ends_in_value and not is_text)


def _forward(master: Master, cells: Sequence[Uses]) -> Iterator[Remark]:
    """Tests that read what only cells behind them bind."""
    for test in (u for u in cells if u.cell.role is Role.TEST):
        known = {name for u in cells if u.cell.index < test.cell.index for name in u.binds}
        later = {name: u.cell for u in reversed(cells) if u.cell.index > test.cell.index for name in u.binds}
        for name in sorted((test.reads - known) & set(later)):
            told = f"the test reads {name!r}, which only cell {later[name].index + 1} binds, behind it"
            yield at(master, test.cell, "test-before-answer", told, "Move the test behind that cell.")


def _unasked(master: Master, cells: Sequence[Uses]) -> Iterator[Remark]:
    """Answers for which no test asks."""
    if not any(u.cell.role is Role.TEST for u in cells):
        return
    for answer in (u for u in cells if u.cell.role is Role.SOLUTION):
        if answer.binds and not needs.judges(cells, answer)[1]:
            told = f"no test asks for what this answer binds ({', '.join(sorted(answer.binds)[:4])})"
            mend = "Write a test behind it, or have a person mark it."
            yield at(master, answer.cell, "answer-without-test", told, mend, fault=False)


def _all_visible(master: Master, hidden: Mapping[str, Collection[int]]) -> Iterator[Remark]:
    """Tests of functions that students can read to the last number, so that a table of the answers passes."""
    answers = [clean(c.source) for c in master.cells if c.role is Role.SOLUTION]
    functions = {n.name for text in answers for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)}
    for cell in (c for c in master.cells if c.role is Role.TEST and not hidden.get(c.grade_id)):
        calls = [n for n in ast.walk(ast.parse(clean(cell.source))) if isinstance(n, ast.Call)]
        asked = [c for c in calls if isinstance(c.func, ast.Name) and c.func.id in functions]
        if asked and all(_is_literal(a) for c in asked for a in c.args):
            told = "students can read all that this test asks, so an answer that knows these numbers alone passes"
            yield at(master, cell, "nothing-hidden", told, "Ask for others in a region of hidden tests.", fault=False)


def _is_literal(node: ast.expr) -> bool:
    return all(
        isinstance(n, ast.Constant | ast.List | ast.Tuple | ast.UnaryOp | ast.unaryop | ast.Load)
        for n in ast.walk(node)
    )
