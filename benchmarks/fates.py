"""What became of an attack, in a word; and where the attacks are.

Rule: the attacks are those of the test suite, file by file; nothing is made for the table.
"""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
case_module: Any = importlib.import_module("attacks.case")
scene_module: Any = importlib.import_module("attacks.scene")


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an attack in one column."""

    word: str
    """`worked`, `held`, `open` (below the level that promises it), `no grade`, `class lost` (nbgrader came to its end
    and the honest student behind has no grade), `hangs` (its run had to be ended) or `-`."""
    damage: tuple[str, ...] = ()


def of_fork(case: Any, outcome: Any) -> Fate:
    """Where a file is to be refused, a fork has no say: it runs what it is given."""
    told = outcome.told
    if case.expected == "reject" or told.get("code") is None:
        return Fate("-")
    if outcome.damage:
        return Fate("worked", tuple(outcome.damage))
    return Fate("no grade" if told.get("silent") else "held")


def of_level(case: Any, outcome: Any, level: int) -> Fate:
    """At a level of the jail: points too few are a fault as well."""
    if outcome.damage:
        return Fate("worked", tuple(outcome.damage))
    due = {test: points for test, points in case.points().items() if points}
    lost = [test for test, points in due.items() if outcome.told["points"].get(test) != points]
    if lost:
        return Fate("marks lost", (outcome.told["reason"] or outcome.told["reasons"].get(lost[0], ""), *lost))
    beaten = [line for line in outcome.told["text"].splitlines() if line.startswith("PWNED")]
    return Fate("open" if beaten and level < 4 else "held", tuple(beaten))
