"""What lateness costs.

Rule: a penalty is never below 0, never above what was earned, and never above the course's cap.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from autograder.course import Late
from autograder.grading.plugin import Penalty
from autograder.values import Deadline, Grade, Status

_DAY = 24 * 60 * 60


def seconds_late(submitted_at: datetime | None, due: datetime | None) -> int:
    """Whole seconds past the deadline, rounded up; 0 when in time or when either moment is unknown."""
    return math.ceil(_over(submitted_at, due))


def _over(submitted_at: datetime | None, due: datetime | None) -> float:
    if submitted_at is None or due is None:
        return 0.0
    return max(0.0, (submitted_at - due).total_seconds())


def penalty(points: float, max_score: float, seconds: float, late: Late) -> float:
    """Points to take off `points` (of `max_score`) for being `seconds` late, by a policy that is no plugin.

    Days are counted from the end of the grace, and a day that has begun counts whole.
    """
    over = seconds - late.grace
    if seconds <= 0 or over <= 0 or late.method in ("none", "plugin") or points <= 0:
        return 0.0
    share = 1.0 if late.method == "zero" else late.per_day * math.ceil(over / _DAY)
    share = min(share, late.cap)
    # A whole share takes everything, also what extra credit lifted above the maximum.
    return points if share >= 1 else min(points, share * max_score)


def shares(grade: Grade, deadline: Deadline, late: Late, plugin: Penalty | None = None) -> dict[str, float]:
    """Notebook → points to take off it; empty where nothing is reckoned, as with a policy of `none`.

    A policy for the whole assignment is shared out by what each notebook earned; a plugin is asked for each.
    """
    seconds = _over(grade.submitted_at, deadline.of(grade.student))
    if costs_nothing(grade.submitted_at, deadline.of(grade.student), late):
        return {}
    earned = _earned(grade)
    if plugin is not None:
        asked = {name: plugin(grade.student, points, seconds) for name, points in earned.items()}
        return {name: min(max(float(p), 0.0), earned[name]) for name, p in asked.items() if p is not None}
    whole = sum(earned.values())
    taken = penalty(whole, grade.max_score, seconds, late)
    return {name: taken * points / whole if whole > 0 else 0.0 for name, points in earned.items()}


def costs_nothing(submitted_at: datetime | None, due: datetime | None, late: Late) -> bool:
    """Whether nothing can be taken off, whatever was earned."""
    return late.method == "none" or _over(submitted_at, due) <= 0


def _earned(grade: Grade) -> Mapping[str, float]:
    earned: dict[str, float] = {}
    for verdict in grade.verdicts:
        earned[verdict.notebook] = earned.get(verdict.notebook, 0.0) + (verdict.points or 0.0)
    return earned


def assessed(grade: Grade, deadline: Deadline, late: Late, plugin: Penalty | None = None) -> Grade:
    """The grade with its lateness reckoned anew; a plugin that fails leaves it to a person."""
    over = seconds_late(grade.submitted_at, deadline.of(grade.student))
    try:
        taken = sum(shares(grade, deadline, late, plugin).values())
    except Exception as e:  # an instructor's code may raise anything
        told = f"The late-submission plugin failed ({type(e).__name__}: {e}), so nothing was taken off."
        return replace(grade, late_seconds=over, late_penalty=0.0, status=Status.NEEDS_PERSON, reason=told)
    return replace(grade, late_seconds=over, late_penalty=taken)
