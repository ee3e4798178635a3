"""What examining one notebook has left so far.

Rule: a verdict once reached stands; what was shown of a cell is replaced by what is known of it later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.exam.findings import Finding
from autograder.values import JSON, CellRecord, Paper, Step


@dataclass(frozen=True, slots=True)
class Loss:
    """A run of the notebook that did not come to its end."""

    index: int
    """The cell at which it was lost."""
    reason: str
    """One sentence for the student."""
    fault: bool = False
    """The test itself, not the submission, is to blame."""


@dataclass(slots=True)
class Sitting:
    """What examining one notebook left."""

    records: dict[int, CellRecord] = field(default_factory=dict)
    """Cell's index in the paper → what running it left; tests too."""
    findings: dict[int, Finding] = field(default_factory=dict)
    """Test's index → what it found."""
    left_out: list[str] = field(default_factory=list)
    """One sentence for each of the student's cells that ended its process and was left out afterwards."""
    restarts: int = 0
    weights: dict[str, str] = field(default_factory=dict)
    """Model file, as the master names it → hash of its weights."""
    cell_seconds: float = 0.0
    """Seconds that the student's code and the tests' own took, in the run that came to its end."""
    seen: Callable[[int], None] = lambda index: None
    """Told which cell begins."""
    enough: Callable[[int, Finding], bool] | None = None
    """Whether, with what a test has just found, no more need be known; None: all is to be known."""
    over: bool = False
    """Enough was known before the end."""

    def note(self, word: str, index: int, rest: list[Any]) -> None:
        """Enters an event of the examiner's."""
        if word == "begin":
            self.seen(index)
        elif word == "partial":
            held = self.records[index].outputs if index in self.records else ()
            event = rest[0]
            self.records[index] = CellRecord(outputs=(*held[: event["keep"]], *event["outputs"]))
        elif word == "cell":
            self.records[index] = _record(rest[0])
            for update in rest[0]["updates"]:
                self._update(update)
        elif word == "model" and rest[1]:
            self.weights[rest[0]] = rest[1]
        elif word == "found" and index not in self.findings:
            finding = self.findings[index] = Finding(**rest[0])
            self.over = self.enough is not None and self.enough(index, finding)
            self.records[index] = CellRecord(outputs=tuple(finding.outputs), seconds=finding.seconds)

    def _update(self, update: JSON) -> None:
        """A display of an earlier cell that a later cell changed."""
        place = update["index"]
        for index, record in self.records.items():
            if record.execution_count == update["execution_count"] and 0 <= place < len(record.outputs):
                changed = {**record.outputs[place], "data": update["data"], "metadata": update["metadata"]}
                outputs = (*record.outputs[:place], changed, *record.outputs[place + 1 :])
                self.records[index] = replace(record, outputs=outputs)

    def close(self, paper: Paper, losses: Mapping[int, Loss], unreached: str) -> None:
        """Fills in the cells that lost their process, and the tests that were never reached."""
        for index, loss in losses.items():
            self._fill(paper, index, loss)
            cell = paper.cells[index]
            if cell.step is Step.CANDIDATE:
                name = repr(cell.grade_id) if cell.grade_id else str(index + 1)
                self.left_out.append(f"Cell {name} was left out: {loss.reason}")
        for index, cell in enumerate(paper.cells):
            if cell.step is Step.EXAMINER and index not in self.findings:
                self._fill(paper, index, Loss(index, unreached))

    def notes(self, paper: Paper) -> tuple[str, ...]:
        """What a person should know: cells left out, and what tests reported."""
        found = sorted(self.findings.items())
        told = [f"{paper.cells[i].grade_id}: {report}." for i, finding in found for report in finding.reports]
        return (*self.left_out, *dict.fromkeys(told))

    def _fill(self, paper: Paper, index: int, loss: Loss) -> None:
        """An error output for a cell, and for a test its finding."""
        kept = self.records[index].outputs if index in self.records else ()
        error: JSON = {"output_type": "error", "ename": "Ended", "evalue": loss.reason, "traceback": [loss.reason]}
        self.records[index] = CellRecord(outputs=(*kept, error), error=loss.reason)
        if paper.cells[index].step is Step.EXAMINER and index not in self.findings:
            finding = Finding(fault=loss.reason) if loss.fault else Finding(error=loss.reason)
            finding.outputs = [error]
            self.findings[index] = finding


def _record(told: JSON) -> CellRecord:
    count = told["execution_count"]
    return CellRecord(
        outputs=tuple(told["outputs"]),
        execution_count=count if type(count) is int and count > 0 else None,
        seconds=float(told["seconds"]),
        error="" if told["ok"] is True else f"{told['ename']}: {told['evalue']}"[:300],
    )
