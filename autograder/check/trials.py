"""Trials: notebooks that are handed in for a purpose, and what became of them.

Rule: a trial says what is handed in and on which terms; who runs it, and how, is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from autograder.values import JSON, Master, Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Trial:
    """A notebook, handed in for a purpose."""

    name: str
    """What it is, as people read it."""
    master: Master
    """Whose tests judge it."""
    raw: JSON = field(repr=False)
    """The notebook that is handed in."""
    seed: int = 0
    cell_seconds: float | None = None
    """Seconds a cell or a test may take; None: the assignment's."""
    share: float = 1.0
    """Share of the assignment's memory and file sizes that it may use."""
    models: bool = False
    """Whether the solution's model files are handed in with it."""
    first_loss: bool = False
    """Whether it ends with the first test that does not give all its points."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What the real grading path gave a trial."""

    trial: Trial
    verdicts: tuple[Verdict, ...] = ()
    """Of the tests, in the paper's order."""
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Cell's id → seconds that it took; a test's too."""
    printed: Mapping[str, str] = field(default_factory=dict)
    """nbformat's id of a cell → what it printed."""
    whole: float = 0.0
    """Seconds of the whole notebook."""
    fault: str = ""
    """Why the machine could not run it; empty when it did."""

    @property
    def lost(self) -> Verdict | None:
        """The first test that did not give all its points; where the trial ends with it, none behind it counts."""
        return next((v for v in self.verdicts if not full(v)), None)

    @property
    def earned(self) -> dict[str, float]:
        """Test → points."""
        return {v.test: v.points or 0.0 for v in self.verdicts}


def full(verdict: Verdict) -> bool:
    """Whether a test gave all its points."""
    return verdict.points is not None and verdict.points >= verdict.max_points - 1e-9


def unscored(ran: Ran) -> list[Verdict]:
    """Tests that the grader could not decide: the test itself is at fault."""
    return [v for v in ran.verdicts if v.outcome is Outcome.UNSCORED]


class Bench(Protocol):
    """The real grading path, as far as a check cares."""

    def run(self, trials: Iterable[Trial]) -> Iterator[Ran]:
        """Each trial's outcome, as it comes; raises Interrupted when a person stops it."""

    def learn(self, modules: Sequence[str]) -> bool:
        """Imports those modules before the forks from now on; False, and nothing is changed, where that cannot be."""
