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
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

from autograder.errors import GraderError, StudentError
from autograder.exam import figures
from autograder.exam.conversation import CandidateLost, Conversation, TookTooLong
from autograder.exam.desk import Desk
from autograder.exam.proxy import class_name, isinstance_proxy, plain
from autograder.exam.syllabus import Lesson
from autograder.exam.types import make_type
from autograder.values import JSON

MAX_PRINTED = 1 << 20
"""Characters of a test's own printing that are kept."""
MAX_SHOWN = 10_000
"""Characters of the last value that are kept."""
_QUIET = ("matplotlib", "load_ext", "reload_ext", "autoreload", "config", "precision")
"""Line magics that mean nothing to a test and are passed over."""


class TestTimeout(BaseException):
    """The test's seconds are over while its own code runs."""


@dataclass(slots=True)
class Finding:
    """What running one test cell left; plain data, sent to the supervisor."""

    error: str | None = None
    """One sentence for the student when the test did not run through."""
    fault: str = ""
    """Why the test itself is to blame; it stays unscored."""
    has_result: bool = False
    result: Any = None
    """Value of the last expression when it is a plain number, text or truth value."""
    result_text: str = ""
    stderr: str = ""
    outputs: list[JSON] = field(default_factory=list)
    """nbformat outputs, as the executed notebook shows them."""
    detail: str = ""
    """Traceback and printing, for the instructor."""
    seconds: float = 0.0


class _Printed(io.StringIO):
    """Keeps the first MAX_PRINTED characters."""

    def write(self, text: str) -> int:
        if self.tell() < MAX_PRINTED:
            super().write(text[:MAX_PRINTED])
        return len(text)


class Marker:
    """Runs test cells one after the other on one desk."""

    def __init__(self, conversation: Conversation) -> None:
        self._talk = conversation
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
        if over is not None and finding.error is None and not finding.fault:  # a test's bare except may have caught it
            self._failed(finding, over, asked=talk.questions > asked)
        talk.end()
        talk.share_chance = talk.trust_operators = False
        if talk.lost is not None:
            raise talk.lost
        finding.seconds = time.monotonic() - began
        finding.stderr = err.getvalue()
        _gather(finding, out.getvalue())
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
        body, last = _compiled(source, name)
        exec(body, self.desk)  # noqa: S102  (the master's own code, in a process that holds nothing else)
        if last is not None:
            value = eval(last, self.desk)  # noqa: S307
            self.desk.push()
            _result(finding, value, self._count)
            return
        self.desk.push()

    def _failed(self, finding: Finding, error: BaseException, *, asked: bool) -> None:
        """Says why the test did not run through, and whose fault it is."""
        limit = in_words(self._talk.limit)
        finding.detail = _trace(error)
        text = clean_text(str(error) if not isinstance(error, CandidateLost) else "")
        if isinstance(error, GraderError):
            finding.fault = text
        elif isinstance(error, TookTooLong):
            finding.error = text = f"The code that this test called took longer than {limit}."
        elif isinstance(error, TestTimeout):
            text = f"The test took longer than {limit}."
            finding.error, finding.fault = (text, "") if asked else (None, f"{text} It had asked the submission nothing.")
        elif isinstance(error, StudentError):
            finding.error = text
        elif isinstance(error, SyntaxError) and (error.filename or "").startswith("<test"):
            finding.fault = f"The test is not Python: {error.msg}."
        else:
            finding.error = _sentence(error)
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


def _compiled(source: str, name: str) -> tuple[CodeType, CodeType | None]:
    """The cell's statements and, apart, its last expression if Jupyter would show its value."""
    text = _transformed(source)
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    tree = ast.parse(text, name)
    last = None
    flags = {"flags": 0, "dont_inherit": True}  # a test cell is no part of this module
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not _silenced(text):
        last = compile(ast.Expression(tree.body.pop().value), name, "eval", **flags)  # type: ignore[attr-defined, call-overload]
    return compile(tree, name, "exec", **flags), last  # type: ignore[call-overload]


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


def _result(finding: Finding, value: Any, count: int) -> None:
    """Takes down the last expression's value: a number, a text or a truth value counts, anything else is shown."""
    if value is None:
        return
    finding.has_result = True
    if isinstance_proxy(value):
        with contextlib.suppress(StudentError):
            value = plain(value)
    finding.result_text = _shown(value)
    if not isinstance_proxy(value):
        if type(value).__name__ == "EagerTensor":
            value = value.numpy()
        if getattr(value, "shape", None) == () and hasattr(value, "item"):
            value = value.item()
    finding.result = value if type(value) in (bool, int, float, str) else None
    shown = {"text/plain": finding.result_text}
    finding.outputs.append(
        {"output_type": "execute_result", "data": shown, "metadata": {}, "execution_count": count}
    )


def _shown(value: Any) -> str:
    """The value as a notebook shows it; a student's object by its class alone, for its own word might be a number."""
    from IPython.lib.pretty import pretty

    if isinstance_proxy(value):
        return f"<{class_name(value)} object>"
    try:
        return clean_text(pretty(value))[:MAX_SHOWN]
    except Exception as e:
        return f"<{type(value).__name__} that cannot be shown: {type(e).__name__}>"


def in_words(seconds: float) -> str:
    """`1 second`, `2.5 seconds`."""
    return f"{seconds:g} second{'' if seconds == 1 else 's'}"


def clean_text(text: str) -> str:
    """Text that any file and any terminal can bear: no half characters, no control characters but line ends."""
    text = text.encode("utf-8", "replace").decode()
    return "".join(c if c in "\n\t" or c.isprintable() else "\ufffd" for c in text)


def _sentence(error: BaseException) -> str:
    """One line that a student may read: the test's own message, or the error's name and text."""
    text = clean_text(" ".join(_text_of(error).split()))[:300]
    if isinstance(error, AssertionError):
        return text or "The answer is not right."
    if isinstance(error, MemoryError):
        return f"The code wanted more memory than it may have{f' ({text})' if text else ''}."
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return ""


def _trace(error: BaseException) -> str:
    """The test's own frames, and the student's where the error came from there."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith("<test")]
    lines = ["Traceback (most recent call last):\n", *traceback.format_list(frames)]
    lines += traceback.format_exception_only(type(error), error)
    theirs = getattr(error, "autograder_trace", "")
    return clean_text("".join(lines) + (f"\nIn the submission:\n{theirs}" if theirs else ""))[:20_000]


def _gather(finding: Finding, printed: str) -> None:
    streams = [("stdout", printed), ("stderr", finding.stderr)]
    finding.outputs[:0] = [{"output_type": "stream", "name": n, "text": t} for n, t in streams if t]
    finding.detail = "\n".join(filter(None, (finding.detail, printed[:5000])))
