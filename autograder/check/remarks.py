"""What a check has to say: a place, what is wrong there, and the mend.

Rule: a fault keeps an assignment from being released; a note does not, and says why it might matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from autograder.values import Cell, Master


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that was found."""

    rule: str
    """The kind of finding, a word or two with hyphens; docs/check.md lists them."""
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


def at(master: Master, cell: Cell, rule: str, what: str, mend: str, *, line: int = 0, fault: bool = True) -> Remark:
    """A finding in a cell of a master."""
    return Remark(rule, what, mend, master.path.name, cell.index + 1, cell.grade_id, line, fault)


def in_order(remarks: Iterable[Remark]) -> list[Remark]:
    """Faults first, then by notebook, cell and line; each thing once."""
    return sorted(dict.fromkeys(remarks), key=lambda r: (not r.fault, r.notebook, r.cell, r.line, r.rule, r.what))
