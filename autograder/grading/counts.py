"""Which of a student's attempts counts.

Rule: every attempt is kept; which one counts follows from times and marks alone, never from the order of grading.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from autograder.values import Grade, Status

IN_TIME, LAST, BEST = "last_in_time", "last", "best"
POLICIES = (IN_TIME, LAST, BEST)
"""Values of `attempts` in course.toml."""
_NEVER = datetime.min.replace(tzinfo=UTC)


def preference(times: Sequence[datetime | None], due: datetime | None, grace: int, policy: str) -> list[int]:
    """Positions in `times`, the one that counts first; those behind it count only where it cannot be graded.

    `last_in_time`: the last before the deadline and its grace (seconds), and where all are late the last. `last`
    (and, before there are marks, `best`): the last. An unknown time comes before all others; of equal times the one
    behind is the later.
    """
    ranked = [(_moment(time), position) for position, time in enumerate(times)]
    late = {position for moment, position in ranked if due is not None and moment > due + timedelta(seconds=grace)}
    if policy != IN_TIME:
        late = set()
    return [p for _, p in sorted(ranked, key=lambda one: (one[1] not in late, *one), reverse=True)]


def best(grades: Sequence[Grade]) -> int:
    """Position of the grade that counts where the best does: the highest score, of equal ones the later."""
    ranked = [(g.status is not Status.UNGRADABLE, g.score, _moment(g.submitted_at), n) for n, g in enumerate(grades)]
    return max(ranked)[-1]


def reason(counting: datetime | None, number: int, policy: str) -> str:
    """One sentence for the grade: which of several attempts counts, and why."""
    when = f"that of {counting.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if counting is not None else "one of them"
    word = {IN_TIME: "the last in time, or the last if none was", LAST: "the last", BEST: "the best"}[policy]
    return f"{number} attempts were handed in; {when} counts ({word})."


def _moment(time: datetime | None) -> datetime:
    return time if time is not None else _NEVER
