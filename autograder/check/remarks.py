"""What a check has to say: a place, what is wrong there, and the mend.

Rule: a fault keeps an assignment from being released; a note does not, and says why it might matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from autograder.values import Cell, Master

Rule = Literal[
    "unreadable", "metadata", "release", "no-tests", "points-without-test", "test-without-points",
    "answer-without-test", "test-before-answer", "nothing-hidden", "solution-shown", "hidden-shown", "machine-path",
    "secret", "chance-in-test", "needs-network", "solution-loses", "unstable", "near-limits", "blank-earns",
    "liar-earns", "empty-earns", "hidden-cannot-fail", "in-kernel", "not-in-kernel", "needless-mark",
    "mutation-score", "needless-waiver", "paper-astray", "test-breaks", "not-run", "everybody-passes",
    "nobody-passes", "against-the-best", "no-data",
]  # fmt: skip
"""The kinds of findings; docs/check.md says what each means."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that was found."""

    rule: Rule
    what: str
    """One sentence without its full stop."""
    mend: str
    """One sentence: what to do about it."""
    notebook: str = ""
    """File name; empty when the whole assignment is meant."""
    cell: int = 0
    """Number of the cell, from 1; 0 when no cell is meant."""
    grade_id: str = ""
    line: int = 0
    """Line of the cell, from 1; 0 when all of it is meant."""
    fault: bool = True
    """Whether it keeps the assignment from being released."""

    @property
    def place(self) -> str:
        """Where it is, as people say it."""
        parts = [self.notebook] if self.notebook else []
        if self.cell:
            parts.append(f"cell {self.cell}" + (f" ({self.grade_id})" if self.grade_id else ""))
        if self.line:
            parts.append(f"line {self.line}")
        return ", ".join(parts)

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        return f"{place}{self.what}. {self.mend}"

    def as_json(self) -> dict[str, Any]:
        """The finding for programs."""
        told = {"rule": self.rule, "fault": self.fault, "what": self.what, "mend": self.mend}
        place = {"notebook": self.notebook, "cell": self.cell, "id": self.grade_id, "line": self.line}
        return {**told, **{name: value for name, value in place.items() if value}}


def at(master: Master, cell: Cell, rule: Rule, what: str, mend: str, *, line: int = 0, fault: bool = True) -> Remark:
    """A finding in a cell of a master."""
    return Remark(rule, what, mend, master.path.name, cell.index + 1, cell.grade_id, line, fault)


def in_order(remarks: Iterable[Remark]) -> list[Remark]:
    """Faults first, then by notebook, cell and line; each thing once."""
    return sorted(dict.fromkeys(remarks), key=lambda r: (not r.fault, r.notebook, r.cell, r.line, r.rule, r.what))
