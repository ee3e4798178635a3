"""One test cell, run: what it left decides the verdict.

Rule: only what happens in this process counts: an exception, or the value of the last expression.
"""

from __future__ import annotations

import ast
import contextlib
import io
import linecache
import signal
import time
from collections.abc import Iterator
from types import CodeType
from typing import Any

from autograder.errors import GraderError, StudentError
from autograder.exam import figures
from autograder.exam.conversation import Conversation, TookTooLong
from autograder.exam.desk import Desk
from autograder.exam.findings import Finding, clean_text, gather, in_words, sentence, take_result, trace
from autograder.exam.line import CandidateLost
from autograder.exam.models import Models
from autograder.exam.syllabus import Lesson
from autograder.exam.types import make_type

MAX_PRINTED = 1 << 20
"""Characters of a test's own printing that are kept."""
_QUIET = ("matplotlib", "load_ext", "reload_ext", "autoreload", "config", "precision")
"""Line magics that mean nothing to a test and are passed over."""


NUMBERS = ("round", "float", "int", "min", "max", "sum", "len")
"""Functions whose value is a number of points where a test ends in one."""


class TestTimeout(BaseException):
    """The test's seconds are over while its own code runs."""


class _Printed(io.StringIO):
    """Keeps the first MAX_PRINTED characters."""

    def write(self, text: str) -> int:
        if self.tell() < MAX_PRINTED:
            super().write(text[:MAX_PRINTED])
        return len(text)


class Marker:
    """Runs test cells one after the other on one desk."""

    def __init__(self, conversation: Conversation, models: Models | None = None) -> None:
        self._talk = conversation
        self._models = models or Models(conversation)
        self.desk = Desk(conversation)
        self.desk.furnish({"type": make_type(conversation), "display": _display})
        self._count = 0
        self._rang = False
        """The running test's seconds are over."""

    def mark(self, source: str, lesson: Lesson, seconds: float, *, trust_operators: bool) -> Finding:
        """Runs the cell; raises CandidateLost when the student's process is gone."""
        self._count += 1
        finding = Finding()
        out, err = _Printed(), _Printed()
        began = time.monotonic()
        talk = self._talk
        talk.exchange.begin_test()
        talk.trust_operators, talk.share_chance = trust_operators, lesson.seeds
        talk.own_methods = frozenset(lesson.methods)
        talk.words.clear()
        self._models.begin_test()
        talk.begin(seconds)
        asked = talk.questions
        figures.connect(talk)
        self.desk.attend(lesson)
        self._rang = False
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), self._alarm(seconds):
                self._prelude(lesson)
                self._run(source, finding)
        except BaseException as e:
            self._failed(finding, e, asked=talk.questions > asked)
        over = TookTooLong() if talk.stopped else TestTimeout() if self._rang else None
        if over is not None and finding.error is None and not finding.fault:  # swallowed by the test
            self._failed(finding, over, asked=talk.questions > asked)
        talk.end()
        talk.share_chance = talk.trust_operators = False
        if talk.lost is not None:
            raise talk.lost
        finding.seconds = time.monotonic() - began
        finding.stderr = err.getvalue()
        gather(finding, out.getvalue())
        finding.remarks, finding.reports = tuple(self._models.remarks), tuple(self._models.reports)
        if talk.words:
            finding.labels = ("own-word",)
            finding.detail += f"\nIt took the word of {', '.join(sorted(talk.words)[:20])}."
        return finding

    def _prelude(self, lesson: Lesson) -> None:
        """Runs the instructor's imports, helpers and constants; what fails here is asked of the student instead."""
        for statement in lesson.prelude:
            try:
                exec(compile(statement, "<prelude>", "exec", dont_inherit=True), self.desk)  # noqa: S102  (the master's own code)
            except (ImportError, NameError, AttributeError):
                continue

    def _run(self, source: str, finding: Finding) -> None:
        name = f"<test {self._count}>"
        body, last, reckons = _compiled(source, name)
        exec(body, self.desk)  # noqa: S102  (the master's own code, in a process that holds nothing else)
        if last is not None:
            value = eval(last, self.desk)  # noqa: S307
            self.desk.push()
            if reckons and getattr(value, "shape", ()) != ():
                raise StudentError("The test comes to a number of points, and an answer made that an array.")
            take_result(finding, value, self._count)
            return
        self.desk.push()

    def _failed(self, finding: Finding, error: BaseException, *, asked: bool) -> None:
        """Says why the test did not run through, and whose fault it is."""
        limit = in_words(self._talk.limit)
        finding.detail = trace(error)
        text = clean_text(str(error) if not isinstance(error, CandidateLost) else "")
        if isinstance(error, GraderError):
            finding.fault = text
        elif isinstance(error, TookTooLong):
            finding.error = text = f"The code that this test called took longer than {limit}."
        elif isinstance(error, TestTimeout):
            text = f"The test took longer than {limit}."
            finding.error = text if asked else None
            finding.fault = "" if asked else f"{text} It had asked the submission nothing."
        elif isinstance(error, StudentError):
            finding.error = text
        elif isinstance(error, SyntaxError) and (error.filename or "").startswith("<test"):
            finding.fault = f"The test is not Python: {error.msg}."
        else:
            finding.error = sentence(error)
        name = type(error).__name__
        lines = finding.detail.splitlines()
        finding.outputs.append({"output_type": "error", "ename": name, "evalue": text, "traceback": lines})

    @contextlib.contextmanager
    def _alarm(self, seconds: float) -> Iterator[None]:
        """Ends the test's own code at its deadline; an open question has a deadline of its own."""

        def ring(*_: Any) -> None:
            self._rang = True
            if not self._talk.waiting:
                raise TestTimeout

        before = signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, before)


def _display(*objects: Any, **_: Any) -> None:
    """`display` of a test cell: prints; what tests show goes to the instructor's record."""
    for shown in objects:
        print(repr(shown))


def _compiled(source: str, name: str) -> tuple[CodeType, CodeType | None, bool]:
    """The cell's statements and, apart, its last expression if Jupyter would show its value; whether that reckons."""
    text = _transformed(source)
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    tree = ast.parse(text, name)
    last, reckons = None, False
    flags = {"flags": 0, "dont_inherit": True}  # a test cell is no part of this module
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not _silenced(text):
        reckons = _reckons(tree.body[-1].value)
        last = compile(ast.Expression(tree.body.pop().value), name, "eval", **flags)  # type: ignore[attr-defined, call-overload]
    return compile(tree, name, "exec", **flags), last, reckons  # type: ignore[call-overload]


def _reckons(node: ast.expr) -> bool:
    """Whether an expression's author meant a number of points: arithmetic, or a function that gives a number."""
    if isinstance(node, ast.IfExp):
        return _reckons(node.body) or _reckons(node.orelse)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in NUMBERS
    return isinstance(node, ast.BinOp | ast.UnaryOp)


def _silenced(text: str) -> bool:
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
                mend='Mark the cell metadata.autograder.examine = "in-kernel".',
            )
        else:
            lines.append(line)
    return "\n".join(lines) + "\n"


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True
