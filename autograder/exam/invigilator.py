"""The supervisor's side of an exam: seats a candidate and an examiner, watches the clock, notes what happens.

Rule: whatever a candidate does costs it at most the tests that break on it. When its process is lost, the notebook
is begun again in a fresh one without the cell that lost it; a verdict once reached stays.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from autograder.errors import GraderError, WireError
from autograder.exam.marking import Finding
from autograder.exam.outputs import checked_outputs
from autograder.exam.syllabus import Lesson
from autograder.values import JSON, CellRecord, Paper, Step
from autograder.wire import Channel, Codec

MAX_RESTARTS = 12
SLACK = 10.0
"""Seconds beyond a cell's own after which the examiner itself is taken for stuck."""
SIGNALS = {6: "aborted", 7: "crashed (bus error)", 8: "crashed (arithmetic)", 11: "crashed (segmentation fault)",
           9: "was ended by the system, most likely for its memory", 24: "used up its processor time",
           25: "wrote a file larger than allowed", 31: "used a system call that is not allowed"}  # fmt: skip


class Process(Protocol):
    """A forked process, as far as an invigilator cares."""

    def kill(self) -> None: ...
    def wait(self, seconds: float) -> int | None: ...
    def close(self) -> None: ...


class Hall(Protocol):
    """Where processes come from; the sandbox provides it."""

    def candidate(self, wire: int) -> Process: ...
    def examiner(self, control: int, wire: int) -> Process: ...


@dataclass(slots=True)
class Sitting:
    """What examining one notebook left."""

    records: dict[int, CellRecord] = field(default_factory=dict)
    """Cell's index in the paper → what running it left; tests too."""
    findings: dict[int, Finding] = field(default_factory=dict)
    """Test's index → what it found."""
    restarts: int = 0
    cell_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class _Loss:
    index: int
    reason: str
    fault: bool = False
    """The examiner, not the submission, is to blame."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The conditions of an exam."""

    cell_seconds: float
    submission_seconds: float
    path: Sequence[str] = ()
    """Folders from which test cells may import the instructor's own modules."""
    seed: int = 0


class Invigilator:
    """Examines one notebook of one submission after another in a hall."""

    def __init__(self, hall: Hall, terms: Terms) -> None:
        self._hall = hall
        self._terms = terms
        self._codec = Codec()

    def examine(self, paper: Paper, lessons: Mapping[str, Lesson]) -> Sitting:
        """Runs the paper to its end, however often it must be begun again; raises GraderError only."""
        sitting = Sitting()
        deadline = time.monotonic() + self._terms.submission_seconds
        lost: dict[int, _Loss] = {}
        while True:
            loss = self._sit(paper, lessons, sitting, lost, deadline)
            if loss is None:
                break
            lost[loss.index] = loss
            if time.monotonic() >= deadline or sitting.restarts >= MAX_RESTARTS:
                break
            sitting.restarts += 1
        self._close(paper, sitting, lost, time.monotonic() >= deadline)
        return sitting

    def _sit(
        self,
        paper: Paper,
        lessons: Mapping[str, Lesson],
        sitting: Sitting,
        lost: Mapping[int, _Loss],
        deadline: float,
    ) -> _Loss | None:
        """One run through the paper in fresh processes; what was lost, or None at the end."""
        ours, theirs = socket.socketpair()
        asks, answers = socket.socketpair()
        people: list[Process] = []
        try:
            with ours, theirs, asks, answers:
                candidate = self._hall.candidate(answers.fileno())
                people.append(candidate)
                people.append(self._hall.examiner(theirs.fileno(), asks.fileno()))
                for end in (theirs, asks, answers):
                    end.close()
                channel = Channel(ours.fileno())
                channel.send(self._task(paper, lessons, lost))
                return self._watch(channel, paper, sitting, candidate, people[-1], deadline)
        except (EOFError, OSError) as e:
            raise GraderError(
                f"The examination could not be held ({e}).", mend="Run the command again."
            ) from e
        finally:
            for person in people:
                person.close()

    def _task(self, paper: Paper, lessons: Mapping[str, Lesson], lost: Mapping[int, _Loss]) -> bytes:
        cells = [
            [index, _cell_task(cell)]
            for index, cell in enumerate(paper.cells)
            if cell.step is not Step.NOBODY and index not in lost
        ]
        return self._codec.dumps(
            {
                "cells": cells,
                "lessons": {name: asdict(lesson) for name, lesson in lessons.items()},
                "cell_seconds": self._terms.cell_seconds,
                "path": [str(p) for p in self._terms.path],
                "seed": self._terms.seed,
            }
        )

    def _watch(
        self,
        channel: Channel,
        paper: Paper,
        sitting: Sitting,
        candidate: Process,
        examiner: Process,
        deadline: float,
    ) -> _Loss | None:
        """Takes events until the end, a loss, or the submission's last second."""
        current = next((i for i, c in enumerate(paper.cells) if c.step is not Step.NOBODY), 0)
        begun = False
        while True:
            stuck = time.monotonic() + self._terms.cell_seconds + SLACK
            try:
                event = self._codec.loads(channel.receive(min(deadline, stuck)))
            except TimeoutError:
                if time.monotonic() >= deadline:
                    return _Loss(current, self._too_long())
                return _Loss(current, "The test itself hangs.", fault=True)
            except (EOFError, WireError):
                if not begun:  # no cell of the student's has run yet
                    code = examiner.wait(1.0)
                    raise GraderError(
                        f"The examiner could not begin (exit code {code}).",
                        mend="Run with AUTOGRADER_DEBUG=1 to see why.",
                    ) from None
                return self._examiner_lost(paper, current, examiner)
            begun = True
            word, *rest = event
            if word == "unready":
                raise GraderError(str(rest[1]), mend="`autograder doctor` says what this machine lacks.")
            if word == "end":
                sitting.cell_seconds += float(rest[0])
                return None
            current = int(rest[0])
            if word == "lost":
                return _Loss(current, self._why(candidate, *rest[1:]))
            _note(sitting, word, current, rest[1:])

    def _examiner_lost(self, paper: Paper, index: int, examiner: Process) -> _Loss:
        code = examiner.wait(1.0)
        if paper.cells[index].step is Step.EXAMINER:
            return _Loss(index, f"The test ended the examiner's process (exit code {code}).", fault=True)
        return _Loss(index, "What this cell left was more than the examiner could take.")

    def _too_long(self) -> str:
        return f"The notebook used all of its {self._terms.submission_seconds:g} seconds."

    def _why(self, candidate: Process, cause: str, detail: str) -> str:
        """One sentence for the student on how the process was lost."""
        if cause == "late":
            return (
                f"It took longer than {self._terms.cell_seconds:g} seconds and did not stop when interrupted."
            )
        if cause == "mangled":
            return f"It interfered with the grader's connection: {detail}"
        code = candidate.wait(1.0)
        if code is None:
            return "It closed the grader's connection."
        if code < 0:
            return f"The process {SIGNALS.get(-code, f'was ended by signal {-code}')}."
        return f"It ended its own process (exit code {code})."

    def _close(self, paper: Paper, sitting: Sitting, lost: Mapping[int, _Loss], over: bool) -> None:
        """Fills in what was never reached."""
        for index, loss in lost.items():
            _fill(paper, sitting, index, loss)
        why = self._too_long() if over else "The notebook ended its process too often."
        for index, cell in enumerate(paper.cells):
            unreached = cell.step is Step.EXAMINER and index not in sitting.findings
            if unreached:
                sitting.findings[index] = Finding(error=why)


def _cell_task(cell: Any) -> JSON:
    return {
        "step": cell.step.value,
        "source": cell.source,
        "grade_id": cell.grade_id,
        "cell_id": cell.raw.get("id"),
        "in_kernel": cell.in_kernel,
        "trust_operators": cell.trust_operators,
    }


def _note(sitting: Sitting, word: str, index: int, rest: list[Any]) -> None:
    """Enters an event; a verdict that stands already is not touched."""
    if word == "partial":
        held = list(sitting.records[index].outputs) if index in sitting.records else []
        event = rest[0] if type(rest[0]) is dict else {}
        keep = event.get("keep")
        outputs = checked_outputs(event.get("outputs"))
        sitting.records[index] = CellRecord(outputs=(*held[: keep if type(keep) is int else 0], *outputs))
    elif word == "cell":
        sitting.records[index] = _record(rest[0])
        _update(sitting, rest[0].get("updates"))
    elif word == "found" and index not in sitting.findings:
        finding = Finding(**rest[0])
        finding.outputs = list(checked_outputs(finding.outputs))
        sitting.findings[index] = finding
        sitting.records[index] = CellRecord(outputs=tuple(finding.outputs), seconds=finding.seconds)


def _record(told: JSON) -> CellRecord:
    count = told.get("execution_count")
    failed = not told.get("ok")
    return CellRecord(
        outputs=checked_outputs(told.get("outputs")),
        execution_count=count if type(count) is int and count > 0 else None,
        seconds=float(told.get("seconds", 0.0)),
        error=f"{told.get('ename')}: {told.get('evalue')}"[:300] if failed else "",
    )


def _update(sitting: Sitting, updates: Any) -> None:
    """Displays of earlier cells that a later cell changed; anything odd is passed over."""
    for update in updates if type(updates) is list else ():
        if type(update) is not dict:
            continue
        for index, record in sitting.records.items():
            if record.execution_count is None or record.execution_count != update.get("execution_count"):
                continue
            place = update.get("index")
            if type(place) is int and 0 <= place < len(record.outputs):
                changed = {
                    **record.outputs[place],
                    "data": update.get("data"),
                    "metadata": update.get("metadata"),
                }
                outputs = (*record.outputs[:place], *checked_outputs([changed]), *record.outputs[place + 1 :])
                sitting.records[index] = CellRecord(
                    outputs, record.execution_count, record.seconds, record.error
                )
            break


def _fill(paper: Paper, sitting: Sitting, index: int, loss: _Loss) -> None:
    """The cell that lost its process: an error output, and for a test its finding."""
    cell = paper.cells[index]
    kept = sitting.records.get(index, CellRecord()).outputs
    error: JSON = {
        "output_type": "error",
        "ename": "Ended",
        "evalue": loss.reason,
        "traceback": [loss.reason],
    }
    sitting.records[index] = CellRecord(outputs=(*kept, error), error=loss.reason)
    if cell.step is Step.EXAMINER and index not in sitting.findings:
        blamed = {"fault": loss.reason} if loss.fault else {"error": loss.reason}
        sitting.findings[index] = Finding(**blamed, outputs=[error])  # type: ignore[arg-type]
