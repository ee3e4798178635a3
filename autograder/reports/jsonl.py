"""One grade as one line of JSON, for programs.

Rule: equal grades give equal bytes; keys stand in a fixed order, and only `seconds` may differ between two runs.
"""

from __future__ import annotations

import json
from typing import Any

from autograder.values import Grade, Verdict

# JSON allows these within a text, but many readers take them for the end of a line.
_BREAKS = {ord(c): f"\\u{ord(c):04x}" for c in "\x7f\x85\u2028\u2029"}


def as_json(grade: Grade) -> str:
    """The line, without its newline; points have at most 4 decimals and seconds 3.

    `reason`, `late_penalty` and `notes`, and `labels` of a test, are there when they say something.
    """
    told: dict[str, Any] = {
        "student": grade.student,
        "assignment": grade.assignment,
        "score": points(grade.score),
        "max_score": points(grade.max_score),
        "status": grade.status.value,
        "late_seconds": grade.late_seconds,
        "jail": grade.jail,
        "fingerprint": grade.fingerprint,
        "seconds": round(grade.seconds, 3),
        "tests": [_test(v) for v in grade.verdicts],
    }
    extra = {"reason": grade.reason, "late_penalty": points(grade.late_penalty), "notes": list(grade.notes)}
    told |= {name: value for name, value in extra.items() if value}
    return line(told)


def line(told: dict[str, Any]) -> str:
    """An object as one line, whatever characters it holds."""
    text = json.dumps(told, ensure_ascii=False, allow_nan=False).translate(_BREAKS)
    return text.encode("utf-8", "backslashreplace").decode()  # a lone surrogate becomes JSON's escape of it


def _test(verdict: Verdict) -> dict[str, Any]:
    told = {
        "notebook": verdict.notebook,
        "id": verdict.test,
        "verdict": verdict.outcome.value,
        "points": points(verdict.points),
        "max_points": points(verdict.max_points),
        "reason": verdict.reason,
    }
    return told | ({"labels": list(verdict.labels)} if verdict.labels else {})


def points(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4) + 0.0  # + 0.0: no minus before a zero
