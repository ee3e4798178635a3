"""What was found of each graded cell becomes its verdict.

Rule: every graded cell of the paper gets exactly one verdict; a fault of the test or of the machine is unscored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from autograder.grading.score import Found, manual, score
from autograder.values import Outcome, Paper, PaperCell, Role, Verdict

UNTOLD = "A test failed."
"""Where a kernel's own error might quote a hidden test; the executed notebook has all of it."""


class Finding(Protocol):
    """What running one test left."""

    error: str | None
    fault: str
    has_result: bool
    result: Any
    result_text: str
    stderr: str
    detail: str
    seconds: float
    labels: tuple[str, ...]
    remarks: tuple[str, ...]


def judge(paper: Paper, findings: Mapping[int, Finding], scoring: str) -> tuple[Verdict, ...]:
    """One verdict for each graded cell, in the paper's order."""
    return tuple(
        _verdict(paper, cell, findings.get(index), scoring)
        for index, cell in enumerate(paper.cells)
        if cell.role in (Role.TEST, Role.MANUAL, Role.TASK)
    )


def _verdict(paper: Paper, cell: PaperCell, finding: Finding | None, scoring: str) -> Verdict:
    notebook = paper.notebook
    if cell.role is not Role.TEST:
        points, outcome, reason = manual(cell.answered)
        return Verdict(notebook, cell.grade_id, outcome, points, cell.points, reason)
    if finding is None:
        return Verdict(notebook, cell.grade_id, Outcome.UNSCORED, None, cell.points, "The test was never run.")
    if finding.fault:
        return _of(notebook, cell, finding, (None, Outcome.UNSCORED, finding.fault))
    error = UNTOLD if finding.error and cell.hidden and paper.kernel else finding.error
    found = Found(error, finding.has_result, finding.result, finding.result_text, finding.stderr)
    return _of(notebook, cell, finding, score(found, cell.points, scoring))


def _measured(remarks: tuple[str, ...]) -> str:
    """What the test measured on the way, as a sentence."""
    text = "; ".join(dict.fromkeys(remarks))
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _of(notebook: str, cell: PaperCell, finding: Finding, scored: tuple[float | None, Outcome, str]) -> Verdict:
    points, outcome, reason = scored
    reason = " ".join(filter(None, (reason, _measured(finding.remarks))))
    labels = ("in-kernel",) * cell.in_kernel + ("operators",) * cell.trust_operators + tuple(finding.labels)
    return Verdict(
        notebook, cell.grade_id, outcome, points, cell.points, reason, finding.detail, labels, finding.seconds
    )
