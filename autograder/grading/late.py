"""What lateness costs.

Rule: a penalty is never below 0, never above what was earned, and never above the course's cap.
"""

from __future__ import annotations

import math
from datetime import datetime

from autograder.course import Late

_DAY = 24 * 60 * 60


def seconds_late(submitted_at: datetime | None, due: datetime | None) -> int:
    """Whole seconds past the deadline, rounded up; 0 when in time or when either moment is unknown."""
    if submitted_at is None or due is None:
        return 0
    return max(0, math.ceil((submitted_at - due).total_seconds()))


def penalty(points: float, max_score: float, seconds: float, late: Late) -> float:
    """Points to take off `points` (of `max_score`) for being `seconds` late.

    Days are counted from the end of the grace, and a day that has begun counts whole.
    """
    over = seconds - late.grace
    if seconds <= 0 or over <= 0 or late.method == "none" or points <= 0:
        return 0.0
    share = 1.0 if late.method == "zero" else late.per_day * math.ceil(over / _DAY)
    share = min(share, late.cap)
    # A whole share takes everything, also what extra credit lifted above the maximum.
    return points if share >= 1 else min(points, share * max_score)
