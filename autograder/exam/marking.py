"""One test cell, run: what it left decides the verdict.

Rule: only what happens in this process counts: an exception, or the value of the last expression.
"""

from __future__ import annotations

import contextlib
import io
import signal
import time
from collections.abc import Iterator, Mapping
from typing import Any

from autograder.errors import GraderError, StudentError
from autograder.exam import figures
from autograder.exam.conversation import Conversation, TookTooLong
from autograder.exam.desk import Desk
from autograder.exam.evaluating import Evaluating
from autograder.exam.files import Files
from autograder.exam.findings import Finding, clean_text, gather, in_words, sentence, take_result, text_of, trace
from autograder.exam.line import CandidateLost
from autograder.exam.models import Models
from autograder.exam.modules import failing
from autograder.exam.patched import Patches
from autograder.exam.raising import MAX_TEXT
from autograder.exam.script import Script, compiled, unpacked
from autograder.exam.syllabus import Lesson
from autograder.exam.types import make_type


class TestTimeout(BaseException):
    """The test's seconds are over while its own code runs."""


class _Printed(io.StringIO):
    """Keeps the first so many characters."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._left = most

    def write(self, text: str) -> int:
        super().write(text[: self._left])
        self._left -= min(len(text), self._left)
        return len(text)


class Marker:
    """Runs test cells one after the other on one desk."""

    def __init__(
        self,
        conversation: Conversation,
        models: Models | None = None,
        scripts: Mapping[str, bytes] | None = None,
        output: int = 1 << 20,
    ) -> None:
        self._talk = conversation
        self._models = models or Models(conversation)
        self._scripts = scripts or {}
        """Source → the same, compiled before."""
        self._output = output
        """Characters that a test may print, with what the student's code prints meanwhile."""
        self.desk = Desk(conversation)
        self.desk.found, self.desk.held = self._models.named, self._models.later.get
        self.desk.furnish({"type": make_type(conversation), "display": _display})
        self._files = Files(conversation)
        self._patches = Patches(conversation)
        self.desk.before_push = self._patches.push
        self.evaluating = Evaluating()
        self._count = 0
        self._rang = False
        """The running test's seconds are over."""

    def mark(self, source: str, lesson: Lesson, seconds: float, *, trust_operators: bool) -> Finding:
        """Runs the cell; raises CandidateLost when the student's process is gone."""
        self._count += 1
        finding = Finding()
        out, err = _Printed(self._output), _Printed(self._output)
        began = time.monotonic()
        talk = self._talk
        talk.exchange.begin_test()
        talk.trust_operators, talk.share_chance = trust_operators, lesson.seeds
        talk.own_methods = frozenset(lesson.methods)
        talk.words.clear()
        self._models.begin_test()
        talk.begin(seconds)
        figures.connect(talk)
        self.desk.attend(lesson)
        self._rang = False
        asked = talk.questions
        try:
            self._files.begin_test(lesson.files, looks=lesson.looks)
            if lesson.patches:
                self._patches.begin_test(source)
            self.desk.foresee()
            self.evaluating.testing = True
            asked = talk.questions
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), self._alarm(seconds):
                self._prelude(lesson)
                self._run(source, finding)
        except BaseException as e:
            self._failed(finding, e, asked=talk.questions > asked)
        finally:
            self._files.end_test()
            self.evaluating.testing = False
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
                exec(self._script(statement, "<prelude>").body, self.desk)  # noqa: S102  (the master's own code)
            except (ImportError, NameError, AttributeError) as e:
                if failing(e):
                    raise

    def _run(self, source: str, finding: Finding) -> None:
        script = self._script(source, f"<test {self._count}>")
        exec(script.body, self.desk)  # noqa: S102  (the master's own code, in a process that holds nothing else)
        if script.last is not None:
            value = eval(script.last, self.desk)  # noqa: S307
            self.desk.push()
            if script.reckons and getattr(value, "shape", ()) != ():
                raise StudentError("The test comes to a number of points, and an answer made that an array.")
            take_result(finding, value, self._count)
            return
        self.desk.push()

    def _script(self, source: str, name: str) -> Script:
        packed = self._scripts.get(source)
        script = compiled(source, name) if packed is None else unpacked(packed)
        script.show()
        return script

    def _failed(self, finding: Finding, error: BaseException, *, asked: bool) -> None:
        """Says why the test did not run through, and whose fault it is."""
        limit = in_words(self._talk.limit)
        finding.detail = trace(error)
        text = "" if isinstance(error, CandidateLost) else clean_text(text_of(error)[:MAX_TEXT])
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
        elif module := failing(error):
            finding.fault = f"The course's own module {module} cannot be imported ({sentence(error).rstrip('.')})."
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
            if not self._talk.waiting and not self._models.waiting:
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
