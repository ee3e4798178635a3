"""When a submission was handed in.

Rule: a time without a zone is UTC, as in nbgrader; a time that is not understood is no time.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_ZONES = {"": 0, "UTC": 0, "GMT": 0, "Z": 0, "KST": 9, "JST": 9}
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)\s*([A-Z]*|[+-]\d\d:?\d\d)", re.ASCII)


def moment(text: str) -> datetime | None:
    """The time that `timestamp.txt` names, in UTC; None when it is no time or its zone is not known.

    Formats: nbgrader's `2026-03-01 12:00:00.000000 UTC`, the same with an offset, and ISO 8601.
    """
    found = _MOMENT.fullmatch(text.strip())
    minutes = _offset(found[3]) if found else None
    if found is None or minutes is None:
        return None
    try:
        local = datetime.fromisoformat(f"{found[1]}T{found[2]}")
        return local.replace(tzinfo=timezone(timedelta(minutes=minutes))).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _offset(zone: str) -> int | None:
    """Minutes east of Greenwich."""
    if zone[:1] in ("+", "-") and zone:
        digits = zone[1:].replace(":", "")
        return int(zone[0] + "1") * (60 * int(digits[:2]) + int(digits[2:]))
    return 60 * _ZONES[zone] if zone in _ZONES else None


def from_mtime(seconds: float) -> datetime | None:
    """A file's own time in UTC; None when no calendar has it."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
