"""Item analysis: what a real class says of the tests.

Rule: numbers are those of classical test theory. Difficulty is the mean share of a test's points; discrimination
is the correlation of a test's share with the score in all *other* tests (corrected point-biserial, Pearson's where a
test gives parts of its points), so that a test does not speak for itself.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.check.remarks import Remark, Rule
from autograder.values import Grade, Outcome, Status

FEWEST = 8
"""Students below whom nothing is concluded."""
AGAINST = -0.1
"""Discrimination from which on the better students fail more often than the others."""


@dataclass(frozen=True, slots=True)
class Item:
    """One test, as a class met it."""

    notebook: str
    test: str
    points: float
    students: int
    difficulty: float
    """Mean share of its points, 0 to 1: the higher, the easier."""
    discrimination: float
    """-1 to 1; NaN where all earned the same."""

    def as_json(self) -> dict[str, Any]:
        """The item for programs."""
        sharp = None if math.isnan(self.discrimination) else round(self.discrimination, 3)
        told = {"notebook": self.notebook, "id": self.test, "points": self.points, "students": self.students}
        return {**told, "difficulty": round(self.difficulty, 3), "discrimination": sharp}


def items(grades: Iterable[Grade]) -> list[Item]:
    """Every test of an assignment, and what a person has marked for everybody.

    Submissions that could not be graded say nothing of the tests.
    """
    graded = [g for g in grades if g.status is not Status.UNGRADABLE]
    waiting = {
        (v.notebook, v.test) for g in graded for v in g.verdicts if v.outcome is Outcome.BY_HAND and v.points is None
    }
    rows = [
        {(v.notebook, v.test): v for v in g.verdicts if v.points is not None and v.max_points > 0} for g in graded
    ]
    keys = dict.fromkeys(key for row in rows for key in row if key not in waiting)
    return [_item(key, rows) for key in keys]


def _item(key: tuple[str, str], rows: Sequence[Any]) -> Item:
    met = [row for row in rows if key in row]
    shares = [row[key].points / row[key].max_points for row in met]
    others = [sum(v.points for other, v in row.items() if other != key) for row in met]
    points = met[0][key].max_points
    return Item(key[0], key[1], points, len(met), statistics.fmean(shares), _correlation(shares, others))


def _correlation(one: Sequence[float], other: Sequence[float]) -> float:
    try:
        return statistics.correlation(one, other)
    except statistics.StatisticsError:  # all alike, or fewer than two
        return math.nan


def remarks(found: Iterable[Item]) -> list[Remark]:
    """Tests that tell nobody from anybody, or the wrong ones."""
    return [r for item in found if item.students >= FEWEST for r in _of(item)]


def _of(item: Item) -> Iterable[Remark]:
    numbers = f"difficulty {item.difficulty:.2f}, {item.students} students"
    if item.difficulty == 1:
        yield _remark(
            item, "everybody-passes", f"everybody passes ({numbers})", "If it is no first step, ask for more."
        )
    elif item.difficulty == 0:
        mend = "Read what it asks for beside what the text asks for."
        yield _remark(item, "nobody-passes", f"nobody passes ({numbers})", mend)
    elif item.discrimination <= AGAINST:
        told = f"the better students fail more often (discrimination {item.discrimination:.2f}, {numbers})"
        yield _remark(item, "against-the-best", told, "Look for a right answer that it refuses.")


def _remark(item: Item, rule: Rule, what: str, mend: str) -> Remark:
    return Remark(rule, f"{item.test}: {what}", mend, f"{item.notebook}.ipynb", grade_id=item.test, fault=False)
