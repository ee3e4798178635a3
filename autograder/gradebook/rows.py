"""Grades and verdicts as rows of the ledger, and back.

Rule: `to_grade` of what `attempt_row` and `verdict_row` made is equal to the grade that went in.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from functools import cache
from typing import Any

from autograder.values import Grade, Outcome, Status, Verdict


def attempt_row(grade: Grade) -> dict[str, Any]:
    """Columns of `attempt` that a grade fills."""
    when = grade.submitted_at
    return {
        "student": grade.student,
        "assignment": grade.assignment,
        "fingerprint": grade.fingerprint,
        "status": grade.status.value,
        "reason": grade.reason,
        "score": grade.score,
        "max_score": grade.max_score,
        "late_seconds": grade.late_seconds,
        "late_penalty": grade.late_penalty,
        "jail": grade.jail,
        "seconds": grade.seconds,
        "cell_seconds": grade.cell_seconds,
        "submitted_at": when.isoformat() if when is not None else None,
    }


def verdict_row(verdict: Verdict) -> dict[str, Any]:
    """Columns of `verdict` that a verdict fills."""
    return {
        "notebook": verdict.notebook,
        "test": verdict.test,
        "outcome": verdict.outcome.value,
        "points": verdict.points,
        "max_points": verdict.max_points,
        "reason": verdict.reason,
        "detail": verdict.detail,
        "labels": packed_json(list(verdict.labels)),
        "seconds": verdict.seconds,
    }


def to_verdict(row: sqlite3.Row) -> Verdict:
    """The verdict that a row of `verdict` holds."""
    # Read by position: a class of 10,000 has some 150,000 of them.
    _, _, notebook, test, outcome, points, max_points, reason, detail, labels, seconds = row
    told = _labels(labels)
    return Verdict(notebook, test, _OUTCOMES[outcome], points, max_points, reason, detail, told, seconds)


_OUTCOMES = {outcome.value: outcome for outcome in Outcome}


@cache
def _labels(told: str) -> tuple[str, ...]:
    return tuple(json.loads(told))


def to_grade(row: sqlite3.Row, verdicts: tuple[Verdict, ...], notes: tuple[str, ...]) -> Grade:
    """The grade that a row of `attempt` holds, with its verdicts and notes."""
    same = (
        "student",
        "assignment",
        "reason",
        "late_seconds",
        "late_penalty",
        "jail",
        "fingerprint",
        "seconds",
    )
    return Grade(
        **{name: row[name] for name in same},
        status=Status(row["status"]),
        verdicts=verdicts,
        cell_seconds=row["cell_seconds"],
        notes=notes,
        submitted_at=moment(row["submitted_at"]),
    )


def moment(told: str | None) -> datetime | None:
    """The moment that a row tells, or that it tells none."""
    return datetime.fromisoformat(told) if told is not None else None


def plain(value: Any) -> Any:
    r"""What SQLite can hold: a lone surrogate, which is no character, is kept as its escape (`\ud800`)."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def packed_json(value: Any) -> str:
    """JSON text of a small value, keys sorted."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
