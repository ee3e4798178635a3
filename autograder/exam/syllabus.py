"""What a master's own cells say about names: which are the tests', which the student's, which both share.

Rule: only the master is read here. What a student's notebook does cannot change where a test's name comes from.

In nbgrader all cells share one namespace. Here the tests have one and the student another, so for each test this
module finds, from the syntax trees of the master's cells:

* the prelude: imports, helper functions and constants of the instructor's own cells that the tests must have
  themselves, lest a student's forged helper judge the student;
* the pushes: names that a test binds and that student code reads, so the student's side must be told;
* the returns: globals that student functions assign, so that the tests' own copy is out of date after a question;
* whether the test seeds the random generators, so that their state must travel.
"""

from __future__ import annotations

import ast
import collections.abc
import functools
import marshal
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeGuard

from autograder.notebook.code import Names, clean
from autograder.notebook.code import names as names_of
from autograder.values import Cell, Master, Role

MOST_FILES = 50
"""Names of a test's text that are looked for before it runs."""
_FILE = re.compile(r"[\w\-. /]{1,200}\.[a-zA-Z]\w{0,9}")
_LOOKING = re.compile(r"exists|is_?file|is_?dir|stat\b|getsize|glob|iterdir|listdir|scandir|walk")
PLACES = ("builtins", "random", "time", "math", "datetime", "getpass", "os", "os.path", "sys", "json", "csv",
          "statistics", "string", "webbrowser", "urllib.request", "requests", "numpy", "numpy.random",
          "matplotlib.pyplot")  # fmt: skip
"""Modules in which tests replace names."""
_PATCHES = re.compile(r"patch|setattr|\b(?:{})\.\w+\s*=[^=]".format("|".join(map(re.escape, PLACES))))
_SEEDERS = ("seed", "set_seed", "set_state", "setstate", "set_random_seed")


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one test cell needs to know of the names around it."""

    prelude: tuple[str, ...] = ()
    """Statements to run in the tests' namespace before the test."""
    fresh: tuple[str, ...] = ()
    """Names that student-side cells have bound since the last test: the tests' own copies are out of date."""
    pushes: tuple[str, ...] = ()
    """Names that tests bind and student code reads."""
    returns: tuple[str, ...] = ()
    """Names that student functions assign as globals."""
    owned: tuple[str, ...] = ()
    """Every name that student-side cells of the master bind at the top level; wins over a builtin."""
    methods: tuple[str, ...] = ()
    """Attributes that classes of the master's define: methods of these names are the student's task."""
    seeds: bool = False
    """The test seeds the global random generators."""
    reads: tuple[str, ...] = ()
    """Names of the student's that the test reads."""
    files: tuple[str, ...] = ()
    """Texts of the test that look like names of files, in order."""
    looks: bool = False
    """The test looks for files without opening them, of which no audit event tells."""
    patches: bool = False
    """The test may put something in the place of a library's names."""


def packed(lessons: Mapping[str, Lesson]) -> bytes:
    """The lessons' bytes, which are the same for every submission."""
    return _packed(tuple(lessons.items()))


@functools.lru_cache(maxsize=100)
def _packed(lessons: tuple[tuple[str, Lesson], ...]) -> bytes:
    return marshal.dumps([(name, tuple(getattr(lesson, s) for s in Lesson.__slots__)) for name, lesson in lessons])


def unpacked(data: bytes) -> dict[str, Lesson]:
    """The lessons of those bytes, which must be the supervisor's own."""
    return {name: Lesson(*told) for name, told in marshal.loads(data)}  # noqa: S302  (from the trusted parent)


def lessons(master: Master) -> dict[str, Lesson]:
    """grade_id of each test → its lesson."""
    code = [c for c in master.cells if c.kind == "code"]
    names = {c.index: names_of(c.source) for c in code}
    mine = [c for c in code if c.role is not Role.TEST]
    owned = set().union(*(names[c.index].bound for c in mine)) if mine else set()
    tests = [c for c in code if c.role is Role.TEST]
    methods = tuple(sorted(set().union(*(_methods(c.source) for c in code))))
    given = {name for c in tests for name in names[c.index].bound}
    pushes = _pushes(mine, names) & given
    returns = set().union(*(names[c.index].assigned_in_functions for c in mine)) if mine else set()
    constant = _constants(code, names)
    out: dict[str, Lesson] = {}
    prelude: list[str] = []
    fresh: set[str] = set()
    kept: set[str] = set()
    for cell in code:
        if cell.role is not Role.TEST:
            shared = _prelude(cell, constant)
            prelude += shared
            bound = {name for statement in shared for name in names_of(statement).bound}
            pushes -= bound
            kept |= bound
            fresh |= names[cell.index].bound
            continue
        out[cell.grade_id] = Lesson(
            prelude=tuple(prelude),
            fresh=tuple(sorted(fresh)),
            pushes=tuple(sorted(pushes)),
            returns=tuple(sorted(returns)),
            owned=tuple(sorted(owned)),
            methods=methods,
            seeds=_seeds(cell.source),
            reads=tuple(sorted(_reads(names[cell.index]) & owned - kept)),
            files=_files(cell.source),
            looks=_LOOKING.search(cell.source) is not None,
            patches=_PATCHES.search(cell.source) is not None,
        )
        prelude, fresh = [], set()
    return out


def _reads(test: Names) -> set[str]:
    """Names that a test has from elsewhere."""
    return (test.read | test.read_in_functions) - test.bound


def _pushes(mine: Iterable[Cell], names: dict[int, Names]) -> set[str]:
    """Names that student code reads from outside itself: inside functions, or without binding them anywhere."""
    inside: set[str] = set()
    outside: set[str] = set()
    bound: set[str] = set()
    for cell in mine:
        inside |= names[cell.index].read_in_functions | names[cell.index].assigned_in_functions
        outside |= names[cell.index].read
        bound |= names[cell.index].bound
    return inside | (outside - bound)


def _constants(code: list[Cell], names: dict[int, Names]) -> set[str]:
    """Names bound once in the whole master, and never from within a function."""
    seen: dict[str, int] = {}
    for cell in code:
        for name in names[cell.index].bound:
            seen[name] = seen.get(name, 0) + 1 + (name in names[cell.index].assigned_in_functions)
    return {name for name, times in seen.items() if times == 1}


def _prelude(cell: Cell, constant: set[str]) -> list[str]:
    """Source of the statements of a non-test cell that the tests' namespace gets too."""
    text = clean(cell.source)
    if not text:
        return []
    return [ast.unparse(s) for s in ast.parse(text).body if _is_shared(s, cell.role is Role.READONLY, constant)]


def _is_shared(statement: ast.stmt, instructors: bool, constant: set[str]) -> bool:
    if isinstance(statement, ast.Import | ast.ImportFrom) or _tries(statement):
        return True
    if not instructors:
        return False
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) or _is_test_case(statement):
        return statement.name in constant
    if isinstance(statement, ast.Assign) and all(isinstance(t, ast.Name) for t in statement.targets):
        known = all(t.id in constant for t in statement.targets if isinstance(t, ast.Name))
        return known and _is_immutable(statement.value)
    return False


def _is_test_case(statement: ast.stmt) -> TypeGuard[ast.ClassDef]:
    """Whether it is a class of tests, as `unittest` has them."""
    bases = statement.bases if isinstance(statement, ast.ClassDef) else ()
    return any((b.attr if isinstance(b, ast.Attribute) else getattr(b, "id", "")) == "TestCase" for b in bases)


def _tries(statement: ast.stmt) -> bool:
    """Whether it imports a library that may not be there: else the student's side would say what a library is."""
    if not isinstance(statement, ast.Try):
        return False
    inner = [*statement.body, *statement.orelse, *(s for handler in statement.handlers for s in handler.body)]
    plain = (isinstance(s, ast.Import | ast.ImportFrom | ast.Pass) or _binds_literals(s) for s in inner)
    imports = any(isinstance(s, ast.Import | ast.ImportFrom) for s in statement.body)
    return imports and not statement.finalbody and all(plain)


def _binds_literals(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign) and _is_immutable(statement.value)


def _is_immutable(node: ast.expr) -> bool:
    """A literal number, text or tuple of such: it cannot change under anybody's hands."""
    if isinstance(node, ast.Tuple):
        return all(_is_immutable(e) for e in node.elts)
    if isinstance(node, ast.UnaryOp | ast.BinOp):
        return all(_is_immutable(e) for e in ast.iter_child_nodes(node) if isinstance(e, ast.expr))
    return isinstance(node, ast.Constant)


def _seeds(source: str) -> bool:
    text = clean(source)
    calls = (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)) if text else ()
    return any(isinstance(c.func, ast.Attribute) and c.func.attr in _SEEDERS for c in calls)


def _files(source: str) -> tuple[str, ...]:
    text = clean(source)
    nodes = ast.walk(ast.parse(text)) if text else ()
    found = (n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str))
    looks = (text for text in found if _FILE.fullmatch(text) and not text.startswith("/") and ".." not in text)
    return tuple(dict.fromkeys(looks))[:MOST_FILES]


_COLLECTIONS = {n: frozenset(dir(getattr(m, n))) for m in (collections, collections.abc) for n in m.__all__}
"""Class of `collections` → what those that inherit from it need not define."""


def _methods(source: str) -> set[str]:
    """Names that the cell's classes bind or inherit of `collections`, and attributes that the cell sets."""
    text = clean(source)
    out: set[str] = set()
    for node in ast.walk(ast.parse(text)) if text else ():
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            out.add(node.attr)
        elif isinstance(node, ast.ClassDef):
            out |= {s.name for s in node.body if isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef)}
            targets = (t for s in node.body if isinstance(s, ast.Assign) for t in s.targets)
            out |= {t.id for t in targets if isinstance(t, ast.Name)}
            bases = (b.attr if isinstance(b, ast.Attribute) else getattr(b, "id", "") for b in node.bases)
            out |= {name for b in bases for name in _COLLECTIONS.get(b, ())}
    return out


def imports(masters: Iterable[Master]) -> list[str]:
    """Dotted names of all modules that any code cell of the masters imports, in order of first mention."""
    found: dict[str, None] = {}
    for master in masters:
        for cell in master.cells:
            text = clean(cell.source) if cell.kind == "code" else ""
            for node in ast.walk(ast.parse(text)) if text else ():
                if isinstance(node, ast.Import):
                    found.update(dict.fromkeys(a.name for a in node.names))
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    found[node.module] = None
    return list(found)
