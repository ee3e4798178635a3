"""What a check found out, as one value.

Rule: an assignment passes when nothing in its report is a fault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.check.mutation import KILLED, LEFT_OUT, SURVIVED, WAIVED, Fate, score
from autograder.check.remarks import Remark
from autograder.check.written import Written

FORMAT = 1
"""Raised whenever a check comes to other findings from the same things."""


@dataclass(frozen=True, slots=True)
class TestLine:
    """One test, as the check met it."""

    notebook: str
    test: str
    points: float
    hidden: bool
    """It has hidden tests."""
    seconds: float
    """Median of the solution's runs."""
    killed: int
    """Mutants from which it took the first point."""
    missed: int
    """Mutants of the cells that it asks for, which live."""

    def as_json(self) -> dict[str, Any]:
        told = {"notebook": self.notebook, "id": self.test, "points": self.points, "hidden": self.hidden}
        return {**told, "seconds": round(self.seconds, 4), "killed": self.killed, "missed": self.missed}


@dataclass(frozen=True, slots=True)
class Marked:
    """One of the author's papers, marked."""

    paper: Written
    got: Mapping[str, float]
    """Test → points."""
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def astray(self) -> dict[str, tuple[float, float]]:
        """Test → (points it must give, points it gave), where they differ."""
        wanted = self.paper.marks
        return {t: (p, self.got.get(t, 0.0)) for t, p in wanted.items() if abs(p - self.got.get(t, 0.0)) > 1e-6}

    def as_json(self) -> dict[str, Any]:
        paper = self.paper
        told = {"file": paper.path.name, "notebook": paper.notebook, "story": paper.story, "right": not self.astray}
        told["points"] = round(sum(self.got.values()), 4)
        told["astray"] = {
            test: {"wanted": wanted, "got": got, "reason": self.reasons.get(test, "")}
            for test, (wanted, got) in self.astray.items()
        }
        return told


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything that a check found out of one assignment."""

    assignment: str
    remarks: tuple[Remark, ...]
    tests: tuple[TestLine, ...] = ()
    fates: tuple[Fate, ...] = ()
    papers: tuple[Marked, ...] = ()
    preload: tuple[str, ...] = ()
    threshold: float = 0.0
    """Least mutation score that passes."""
    solution_seconds: float = 0.0
    seconds: float = 0.0
    jail: int = 0
    complete: bool = True
    """Whether all of it was tried; what only was read passes nothing."""

    @property
    def passed(self) -> bool:
        return self.complete and not any(r.fault for r in self.remarks)

    def as_json(self) -> dict[str, Any]:
        """The report for programs and pages."""
        number_of = {
            word: sum(f.outcome == word for f in self.fates) for word in (KILLED, SURVIVED, WAIVED, LEFT_OUT)
        }
        mutation: dict[str, float] = {"made": len(self.fates)}
        mutation |= {word.replace(" ", "_"): number for word, number in number_of.items()}
        mutation |= {"score": round(score(self.fates), 4), "threshold": self.threshold}
        return {
            "assignment": self.assignment,
            "passed": self.passed,
            "complete": self.complete,
            "jail": self.jail,
            "seconds": round(self.seconds, 1),
            "solution_seconds": round(self.solution_seconds, 3),
            "faults": [r.as_json() for r in self.remarks if r.fault],
            "notes": [r.as_json() for r in self.remarks if not r.fault],
            "tests": [t.as_json() for t in self.tests],
            "mutation": mutation,
            "mutants": [f.as_json() for f in self.fates],
            "papers": [p.as_json() for p in self.papers],
            "preload": list(self.preload),
        }
