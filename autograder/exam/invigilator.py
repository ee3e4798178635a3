"""The supervisor's side of an exam: seats a candidate and an examiner, watches the clock, notes what happens.

Rule: whatever a candidate does costs it at most the tests that break on it. When its process is lost, the notebook
is begun again in a fresh one without the cell that lost it; a verdict once reached stays. When the machine is at
fault, the notebook is begun again once, and then left to a person.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from autograder.errors import GraderError, WireError
from autograder.exam import script, syllabus
from autograder.exam.alone import is_alone
from autograder.exam.findings import Finding, in_words
from autograder.exam.line import READY_SECONDS
from autograder.exam.sitting import Loss, Sitting
from autograder.exam.syllabus import Lesson
from autograder.values import JSON, Paper, PaperCell, Step
from autograder.wire import Channel, Codec
from autograder.wire import tray as trays

__all__ = ["Hall", "Invigilator", "Process", "Sitting", "Terms"]

MAX_RESTARTS = 12
MAX_SPARED = 4
"""Cells of a notebook whose process may be killed once without their being blamed."""
SLACK = 10.0
"""Seconds beyond a cell's own after which the examiner itself is taken for stuck."""
DOZE = 0.05
"""Seconds for which events may gather: nobody waits for them but a person who looks at the progress."""
SIGNALS = {6: "aborted", 7: "crashed (bus error)", 8: "crashed (arithmetic)", 11: "crashed (segmentation fault)",
           9: "was ended by the system, most likely for its memory", 24: "used up its processor time",
           25: "wrote a file larger than allowed", 31: "used a system call that is not allowed"}  # fmt: skip


class Process(Protocol):
    """A forked process, as far as an invigilator cares."""

    def kill(self) -> None: ...
    def wait(self, seconds: float) -> int | None: ...
    def reason(self) -> str: ...
    def close(self) -> None: ...


class Hall(Protocol):
    """Where processes come from; the sandbox provides it."""

    def candidate(self, wire: int, tray: int | None) -> Process: ...
    def witness(self, wire: int, tray: int, names: Collection[str]) -> Process: ...
    def examiner(self, control: int, wire: int, tray: int | None, witness: int | None) -> Process: ...


@dataclass(frozen=True, slots=True)
class Terms:
    """The conditions of an exam."""

    cell_seconds: float
    submission_seconds: float
    path: Sequence[str] = ()
    """Folders from which test cells may import the instructor's own modules, and read the course's files."""
    seed: int = 0
    output: int = 1 << 20
    """Bytes of output that a cell may leave."""
    training_seconds: float = 0.0
    """Seconds of a training cell that is run."""
    gap: float = 1.0
    """How far a model's accuracy may fall on shifted images before it is reported."""
    handed: Sequence[str] = ()
    """Top-level modules among the files that the student handed in."""
    kept: Sequence[str] = ()
    """Those of them that stand above the course's own of the same name."""


class Invigilator:
    """Examines one notebook of one submission after another in a hall."""

    def __init__(self, hall: Hall, terms: Terms) -> None:
        self._hall = hall
        self._terms = terms
        self.seen: Callable[[int], None] = lambda index: None
        """Told which cell of the paper begins."""
        self.enough: Callable[[int, Finding], bool] | None = None
        """Whether, with what a test has just found, no more need be known; the tests behind it are not run then."""
        self.turn: contextlib.AbstractContextManager[object] = contextlib.nullcontext()
        """Held while cells run; waiting for it costs the submission no time of its own."""

    def examine(self, paper: Paper, lessons: Mapping[str, Lesson]) -> Sitting:
        """Runs the paper to its end, however often it must be begun again; raises GraderError only."""
        sitting = Sitting(seen=self.seen, enough=self.enough)
        deadline = time.monotonic() + self._terms.submission_seconds
        losses: dict[int, Loss] = {}
        spared: set[int] = set()
        retried = False
        while time.monotonic() < deadline and sitting.restarts <= MAX_RESTARTS:
            try:
                run = _Run(self._hall, self._terms, paper, sitting, deadline, spared)
                run.turn = self.turn
                try:
                    loss = run.sit(lessons, losses)
                finally:
                    deadline = run.deadline
            except GraderError:
                if retried or time.monotonic() >= deadline:  # else the notebook would seem to have used its seconds
                    raise
                retried = True
                continue
            except _Killed as at:
                spared.add(at.index)
                continue
            if loss is None:
                break
            losses[loss.index] = loss
            sitting.restarts += 1
        over = time.monotonic() >= deadline
        sitting.close(paper, losses, self._too_long() if over else "The notebook ended its process too often.")
        return sitting

    def _too_long(self) -> str:
        return too_long(self._terms)


def too_long(terms: Terms) -> str:
    """What the student reads when the submission's time is over."""
    return f"The notebook used all of its {in_words(terms.submission_seconds)} before this could be tested."


class _Run:
    """One run through the paper in fresh processes."""

    def __init__(
        self, hall: Hall, terms: Terms, paper: Paper, sitting: Sitting, deadline: float, spared: Collection[int]
    ) -> None:
        self._spared = spared
        """Cells at which a process was killed before, and the notebook begun again with them."""
        self._hall = hall
        self._terms = terms
        self._paper = paper
        self._sitting = sitting
        self.deadline = deadline
        self._codec = Codec()
        self._current = next((i for i, c in enumerate(paper.cells) if c.step is not Step.NOBODY), 0)
        self.turn: contextlib.AbstractContextManager[object] = contextlib.nullcontext()
        self._asked = False
        """The test that is running has asked the submission something."""

    def sit(self, lessons: Mapping[str, Lesson], losses: Mapping[int, Loss]) -> Loss | None:
        """Goes through the paper; what was lost, or None at the end."""
        ours, theirs = socket.socketpair()
        asks, answers = socket.socketpair()
        with contextlib.ExitStack() as stack:
            for end in (ours, theirs, asks, answers):
                stack.enter_context(end)
            try:
                tray = self._tray(stack)
                candidate = self._hall.candidate(answers.fileno(), tray)
                stack.callback(candidate.close)
                witness = self._witness(stack, tray)
                examiner = self._hall.examiner(theirs.fileno(), asks.fileno(), tray, witness)
                stack.callback(examiner.close)
                for end in (theirs, asks, answers):
                    end.close()
                channel, task = Channel(ours.fileno()), self._task(lessons, losses)
                ready = time.monotonic()
                with self.turn:
                    self.deadline += time.monotonic() - ready
                    with contextlib.suppress(EOFError):  # it is gone: `_watch` finds out why
                        channel.send(task, self.deadline)
                        channel.send(self._scripts(lessons), self.deadline)
                    return self._watch(channel, candidate, examiner)
            except OSError as e:
                raise GraderError(f"The examination could not be held ({e}).", mend="Run the command again.") from e

    def _tray(self, stack: contextlib.ExitStack) -> int | None:
        """Memory for the images that a model is shown, where the notebook has one."""
        fd = trays.make() if any(c.training or c.trained for c in self._paper.cells) else None
        if fd is not None:
            stack.callback(os.close, fd)
        return fd

    def _witness(self, stack: contextlib.ExitStack, tray: int | None) -> int | None:
        """The examiner's wire to a process that holds the model files and runs no cell; None without files."""
        names = {c.trained.path for c in self._paper.cells if c.trained is not None and c.trained.path}
        if not names or tray is None:
            return None
        asks, answers = socket.socketpair()
        stack.enter_context(asks)
        with answers:
            stack.callback(self._hall.witness(answers.fileno(), tray, names).close)
        return asks.fileno()

    def _task(self, lessons: Mapping[str, Lesson], losses: Mapping[int, Loss]) -> bytes:
        alone = not self._terms.handed  # a module may look for anything
        cells = [
            [index, self._cell_task(cell, losses.get(index), alone and is_alone(self._paper, index))]
            for index, cell in enumerate(self._paper.cells)
            if cell.step is not Step.NOBODY and (index not in losses or cell.trained is not None)
        ]
        return self._codec.dumps(
            {
                "cells": cells,
                "lessons": syllabus.packed(lessons),
                "cell_seconds": self._terms.cell_seconds,
                "path": [str(p) for p in self._terms.path],
                "seed": self._terms.seed,
                "output": self._terms.output,
                "gap": self._terms.gap,
                "handed": list(self._terms.handed),
                "kept": list(self._terms.kept),
            }
        )

    def _seconds(self, cell: PaperCell) -> float:
        """Seconds that a cell may take."""
        trains = cell.training and cell.trained is None
        return max(self._terms.cell_seconds, self._terms.training_seconds if trains else 0.0)

    def _cell_task(self, cell: PaperCell, loss: Loss | None, alone: bool) -> JSON:
        trained = cell.trained
        if trained is not None and loss is not None:  # tests of the model are told
            trained = replace(trained, path="", fault=loss.reason)
        return {
            "step": cell.step.value,
            "source": cell.source,
            "grade_id": cell.grade_id,
            "cell_id": cell.raw.get("id"),
            "in_kernel": cell.in_kernel,
            "trust_operators": cell.trust_operators,
            "trained": {**asdict(trained), "alone": alone} if trained is not None else None,
            "seconds": self._seconds(cell),
        }

    def _scripts(self, lessons: Mapping[str, Lesson]) -> bytes:
        """The tests' bytecode."""
        tests = (c.source for c in self._paper.cells if c.step is Step.EXAMINER and not c.in_kernel)
        return script.bundled(tuple(tests), tuple(s for lesson in lessons.values() for s in lesson.prelude))

    def _watch(self, channel: Channel, candidate: Process, examiner: Process) -> Loss | None:
        """Takes events until the end, a loss, or the submission's last second."""
        events = self._first(channel, examiner)
        while True:
            word, *rest = events.pop(0)
            if word == "unready":
                raise GraderError(str(rest[1]), mend="`autograder doctor` says what this machine lacks.")
            if word == "end":
                self._sitting.cell_seconds += float(rest[0])
                return None
            self._current = int(rest[0])
            self._asked = word == "asked" or (self._asked and word != "begin")
            if word == "lost":
                if rest[1] == "closed" and not candidate.reason():
                    self._spare(candidate)
                return Loss(self._current, self._why(candidate, *rest[1:]))
            self._sitting.note(word, self._current, rest[1:])
            if self._sitting.over:
                return None
            if not events and self._sitting.enough is None:
                channel.doze(DOZE)
            stuck = time.monotonic() + self._seconds(self._paper.cells[self._current]) + SLACK
            try:
                events = events or self._codec.loads(channel.receive(min(self.deadline, stuck)))
            except TimeoutError:
                return self._stuck()
            except (EOFError, WireError):
                return self._examiner_lost(examiner)

    def _first(self, channel: Channel, examiner: Process) -> list[list[Any]]:
        """The first events: no line of the student's has run before, so that their seconds are not the notebook's."""
        since = time.monotonic()
        try:
            events: list[list[Any]] = self._codec.loads(channel.receive(since + READY_SECONDS + SLACK))
        except TimeoutError:
            why = f"The processes for this notebook were not ready within {in_words(READY_SECONDS)}."
            raise GraderError(why, mend="Is the machine overloaded? Run the command again.") from None
        except (EOFError, WireError):
            why = f"The examiner could not begin ({_ending(examiner.wait(1.0))})."
            raise GraderError(why, mend="Run with AUTOGRADER_DEBUG=1 to see why.") from None
        finally:
            self.deadline += time.monotonic() - since
        return events

    @property
    def _is_test(self) -> bool:
        cell = self._paper.cells[self._current]
        return cell.step is Step.EXAMINER and not cell.in_kernel

    def _stuck(self) -> Loss:
        if time.monotonic() >= self.deadline:
            return Loss(self._current, too_long(self._terms))
        if self._is_test and not self._asked:
            return Loss(self._current, "The test itself hangs.", fault=True)
        if self._is_test:
            return Loss(self._current, "The test could not be finished in time with what the submission gave it.")
        return Loss(self._current, "What this cell sent kept the grader busy for too long.")

    def _examiner_lost(self, examiner: Process) -> Loss:
        """The trusted process is gone: by the test's doing, or by the weight of what a cell sent."""
        code = examiner.wait(1.0)
        self._spare(examiner)
        if self._is_test:
            return Loss(self._current, f"The test ended the examiner's process ({_ending(code)}).", fault=True)
        return Loss(self._current, "What this cell left was more than the grader could take.")

    def _spare(self, lost: Process) -> None:
        """Begins again, with the cell, where nobody knows who killed a process; the second time it was the cell.

        A machine that ran out of memory, or a person, may have sent the signal; a cell that does it does it again.
        """
        unknown = lost.wait(1.0) in (-signal.SIGKILL, None)
        if unknown and self._current not in self._spared and len(self._spared) < MAX_SPARED:
            raise _Killed(self._current)

    def _why(self, candidate: Process, cause: str, detail: str) -> str:
        """One sentence for the student on how the process was lost."""
        subject = "The code that this test called" if self._is_test else "This cell"
        if cause == "late":
            limit = in_words(self._seconds(self._paper.cells[self._current]))
            return f"{subject} took longer than {limit} and did not stop when interrupted."
        if cause == "mangled":
            return f"{subject} interfered with the grader's connection: {detail}"
        code = candidate.wait(1.0)
        if reason := candidate.reason():
            return reason
        if code is None:
            return f"{subject} closed the grader's connection."
        if code < 0:
            return f"{subject} {_ending(code)}."
        return f"{subject} ended its own process (exit code {code})."


class _Killed(Exception):
    """A process was killed at a cell, and may not have been to blame."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


def _ending(code: int | None) -> str:
    if code is None:
        return "it is gone"
    return f"exit code {code}" if code >= 0 else SIGNALS.get(-code, f"was ended by signal {-code}")
