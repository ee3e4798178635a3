"""Every key of `course.toml`, with the check that its value must pass.

Rule: a check gives the value as the course holds it, or raises ValueError with what should stand there instead.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from autograder.course.values import Limits

_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}

Check = Callable[[Any], Any]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text in quotes")  # noqa: TRY004 - what `check` raises is the mend, whatever is wrong
    return value


def _number(low: float, high: float = math.inf) -> Check:
    def check(value: Any) -> float:
        number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not number or not low <= value <= high:
            above = f"a number of at least {low:g}"
            raise ValueError(above if high == math.inf else f"a number from {low:g} to {high:g}")
        return float(value)

    return check


def _whole(low: int, high: int) -> Check:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return check


def _size(value: Any) -> int:
    """Bytes, or a text such as "2 GiB"."""
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*", value) if isinstance(value, str) else None
    if match is None or match[2].lower() not in _UNITS or float(match[1]) <= 0:
        raise ValueError('a size such as "2 GiB", "512 MiB" or a number of bytes')
    return int(float(match[1]) * _UNITS[match[2].lower()])


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")  # noqa: TRY004
    return value


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, 23, 59, 59, tzinfo=UTC)
    raise ValueError("a date and time without quotes, such as 2026-12-01T23:59:00+09:00")


def _zone(value: Any) -> str:
    try:
        return ZoneInfo(value).key
    except (KeyError, ValueError, TypeError, OSError):
        raise ValueError('the name of a time zone, such as "Asia/Seoul" or "UTC"') from None


def _one_of(*names: str) -> Check:
    def check(value: Any) -> str:
        if value not in names:
            raise ValueError("one of " + ", ".join(f'"{n}"' for n in names))
        return str(value)

    return check


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")  # noqa: TRY004
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
        raise ValueError('a list of texts, such as ["*.bak"]')
    return tuple(value)


def _pair(value: Any) -> tuple[str, str]:
    if len(pair := _texts(value)) != 2 or pair[0] in pair[1] or pair[1] in pair[0]:
        raise ValueError('two texts, neither within the other, such as ["BEGIN SOLUTION", "END SOLUTION"]')
    return pair[0], pair[1]


def _waivers(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(v, str) and v.strip() for v in value.values()):
        raise ValueError('a table of hashes with the reason of each, such as 3f2a9c1b04 = "5.0 is right as well"')
    return value


def _table(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise ValueError('a table of texts, such as {python = "raise NotImplementedError()"}')
    return value


LIMITS: dict[str, Check] = {
    "cell_seconds": _number(0.1),
    "submission_seconds": _number(0.1),
    "memory": _size,
    "output": _size,
    "file": _size,
    "processes": _whole(0, 1000),
    "training_seconds": _number(0.1),
    "gpu": _truth,
}
SCHEMA: dict[str, dict[str, Check]] = {
    "course": {
        "name": _text,
        "title": _text,
        "header": _text,
        "footer": _text,
        "ignore": _texts,
        "exclude": _texts,
        "roster": _text,
        "timezone": _zone,
        "exchange": _text,
    },
    "folders": dict.fromkeys(
        ("source", "release", "submitted", "autograded", "feedback", "reports", "ledger", "grades"), _text
    ),
    "data": {"dir": _text, "hidden": _text},
    "limits": LIMITS,
    "grading": {
        "scoring": _one_of("autograder", "nbgrader"),
        "attempts": _one_of("last_in_time", "last", "best"),
        "late": _one_of("none", "zero", "per_day", "plugin"),
        "late_per_day": _number(0, 1),
        "late_grace_minutes": _number(0),
        "late_cap": _number(0, 1),
        "late_plugin": _text,
        "file_time": _flag,
        "gradebook": _text,
        "shift_tolerance": _number(0, 1),
    },
    "format": {
        "solution": _pair,
        "hidden_tests": _pair,
        "mark_scheme": _pair,
        "text_stub": _text,
        "code_stubs": _table,
    },
    "jail": {"level": _whole(0, 5)},
    "batch": {"cluster": _text},
    "check": {"mutation_score": _number(0, 1)},
}
ASSIGNMENT: dict[str, Check] = {
    "title": _text,
    "due": _moment,
    "keep": _texts,
    "train": _one_of("artefact", "run", "either"),
    "waived": _waivers,
}

KEYS = {
    **{f"{s}.{k}": None for s, keys in SCHEMA.items() for k in keys},
    **{f"assignments.NAME.{k}": None for k in ASSIGNMENT},
}
"""Every key of course.toml, dotted; the manual is tested against it."""
assert {f.name for f in fields(Limits)} == set(LIMITS)
