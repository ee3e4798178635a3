"""Words and signs for outcomes, numbers and times, the same in every report.

Rule: nothing is told by colour alone; every outcome has a sign and a word.
"""

from __future__ import annotations

from autograder.values import Outcome, Verdict

OUTCOMES = {
    Outcome.PASSED: ("✓", "passed"),
    Outcome.PARTIAL: ("◐", "partly"),
    Outcome.FAILED: ("✗", "failed"),
    Outcome.UNSCORED: ("?", "not scored yet"),
    Outcome.BY_HAND: ("✎", "waits for a person"),
}


def outcome_of(verdict: Verdict) -> tuple[str, str]:
    """Sign and word of a verdict."""
    if verdict.outcome is Outcome.BY_HAND and verdict.points is not None:
        return "✎", "marked by hand"
    return OUTCOMES[verdict.outcome]


def number(value: float) -> str:
    """Points with two decimals at most, and none that say nothing."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def points(value: float) -> str:
    """As `number`, with its word."""
    told = number(value)
    return f"{told} point{'' if told == '1' else 's'}"


def duration(seconds: float) -> str:
    """A time in its two largest units."""
    if seconds < 60:
        return count(round(seconds), "second")
    minutes = round(seconds) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    told = [count(n, unit) for n, unit in parts if n]
    return " ".join(told[:2])


def count(n: int, unit: str) -> str:
    """A number with its unit, in the plural where it is not one."""
    return f"{n} {unit}{'' if n == 1 else 's'}"
