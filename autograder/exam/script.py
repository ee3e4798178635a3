"""A test cell compiled: its statements, and apart from them the expression whose value are the points.

Rule: a master's tests are compiled once for a class, by the supervisor, and sent as bytecode to examiners of the
same Python; what does not compile there is compiled by the examiner, which says why.
"""

from __future__ import annotations

import ast
import functools
import linecache
import marshal
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from types import CodeType

from autograder.errors import GraderError
from autograder.exam.comparing import Rewritten
from autograder.exam.each import Gathered

NUMBERS = ("round", "float", "int", "min", "max", "sum", "len")
"""Functions whose value is a number of points where a test ends in one."""
IN_KERNEL = 'Mark the cell metadata.autograder.examine = "in-kernel".'
_QUIET = ("matplotlib", "load_ext", "reload_ext", "autoreload", "config", "precision")
"""Line magics that mean nothing to a test and are passed over."""
_ONE_AT_A_TIME = threading.Lock()
"""Before Python 3.12 two threads that make syntax trees at once may break each other's count of recursion."""


@dataclass(frozen=True, slots=True)
class Script:
    """A test cell, ready to run."""

    body: CodeType
    last: CodeType | None
    """The last expression, if Jupyter would show its value."""
    reckons: bool
    """Its author meant a number of points."""
    text: str
    """What was compiled, for tracebacks."""

    def show(self) -> None:
        """Lets tracebacks quote the lines."""
        name = self.body.co_filename
        linecache.cache[name] = (len(self.text), None, self.text.splitlines(keepends=True), name)


def compiled(source: str, name: str) -> Script:
    """The cell under that file name; raises SyntaxError, or GraderError where it needs the live kernel."""
    text = _transformed(source)
    tree = ast.parse(text, name)
    last = None
    if _awaits(tree):
        raise GraderError("The test awaits, for which it needs the student's own kernel.", mend=IN_KERNEL)
    if _runs_docstrings(tree):
        raise GraderError("The test runs the notebook's docstrings, which the student's kernel has.", mend=IN_KERNEL)
    reckons = bool(tree.body) and isinstance(tree.body[-1], ast.Expr) and _reckons(tree.body[-1].value)
    tree = Gathered().visit(Rewritten().visit(tree))
    flags = {"flags": 0, "dont_inherit": True}  # a test cell is no part of this module
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not _silenced(text):
        last = compile(ast.Expression(tree.body.pop().value), name, "eval", **flags)  # type: ignore[call-overload]
    return Script(compile(tree, name, "exec", **flags), last, reckons and last is not None, text)  # type: ignore[call-overload]


@functools.lru_cache(maxsize=100)
def bundled(tests: tuple[str, ...], preludes: tuple[str, ...]) -> bytes:
    """All that `packed` gives as one text of bytes, which is the same for every submission."""
    return marshal.dumps(packed(tests, preludes))


def unbundled(data: bytes) -> dict[str, bytes]:
    """What `packed` gave, of bytes that must be the supervisor's own."""
    scripts: dict[str, bytes] = marshal.loads(data)  # noqa: S302  (from the trusted parent, never from a candidate)
    return scripts


def packed(tests: Iterable[str], preludes: Iterable[str]) -> dict[str, bytes]:
    """Source → bytecode of all that compiles; tests are named by their order."""
    named = [(source, f"<test {number}>") for number, source in enumerate(tests, 1)]
    named += [(source, "<prelude>") for source in preludes]
    found = ((source, _packed(source, name)) for source, name in named)
    return {source: data for source, data in found if data}


@functools.lru_cache(maxsize=2000)
def _packed(source: str, name: str) -> bytes:
    """Bytecode of one cell; empty when it is not to be had."""
    try:
        with _ONE_AT_A_TIME:
            script = compiled(source, name)
    except (GraderError, SyntaxError, ValueError, RecursionError, MemoryError, SystemError):
        return b""
    return marshal.dumps((script.body, script.last, script.reckons, script.text))


def unpacked(data: bytes) -> Script:
    """The script of those bytes, which must be the supervisor's own."""
    return Script(*marshal.loads(data))  # noqa: S302  (from the trusted parent, never from a candidate)


def _reckons(node: ast.expr) -> bool:
    """Whether an expression's author meant a number of points: arithmetic, or a function that gives a number."""
    if isinstance(node, ast.IfExp):
        return _reckons(node.body) or _reckons(node.orelse)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in NUMBERS
    return isinstance(node, ast.BinOp | ast.UnaryOp)


def _silenced(text: str) -> bool:
    """Whether a semicolon ends the last expression; IPython's own answer costs a walk over all tokens."""
    if ";" not in text:
        return False
    from IPython.core.displayhook import DisplayHook

    return bool(DisplayHook.semicolon_at_end_of_expression(text))


def _transformed(source: str) -> str:
    """The cell without the line magics that mean nothing here; GraderError for any that need the live kernel."""
    lines = []
    for line in source.splitlines():
        bare = line.lstrip()
        if bare.startswith("%") and bare.lstrip("%").split(" ")[0] in _QUIET:
            lines.append(line[: len(line) - len(bare)] + "pass")
        elif bare.startswith(("%", "!")) and not _is_python(source):
            raise GraderError(
                f"The test uses {bare.split()[0]!r}, which needs the student's own kernel.",
                mend=IN_KERNEL,
            )
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def _awaits(tree: ast.AST) -> bool:
    """Whether there is an `await` outside of functions, as Jupyter allows."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
            return True
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef)
        if not inside and _awaits(node):
            return True
    return False


def _runs_docstrings(tree: ast.AST) -> bool:
    """Whether it calls `doctest.testmod()` for whatever the notebook defines."""
    calls = (n for n in ast.walk(tree) if isinstance(n, ast.Call) and not n.args)
    named = (c.func.attr if isinstance(c.func, ast.Attribute) else getattr(c.func, "id", "") for c in calls)
    return "testmod" in named


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True
