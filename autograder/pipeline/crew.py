"""Who grades a class, what a person asked of them, and who is told.

Rule: a run does not know where its submissions are graded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from autograder.batch.running import Running
from autograder.gradebook.history import Change
from autograder.pipeline.attempts import Work
from autograder.pipeline.plan import Plan
from autograder.pipeline.run import Done


@dataclass(frozen=True, slots=True)
class Listener:
    """Whom a run tells what; by default nobody."""

    began: Callable[[int], None] = lambda total: None
    """The number of submissions."""
    remark: Callable[[str], None] = lambda sentence: None
    """A sentence for a person."""
    moved: Callable[[Change], None] = lambda change: None
    """Verdicts that moved though neither the submission nor the test had changed."""
    running: Running = field(default_factory=Running)
    """What runs at the moment."""

    def stopping(self) -> None:
        """A person asked for the end."""
        self.running.stopping = True
        self.remark("Stopping: what runs is finished, nothing new is begun. Ctrl-C once more stops at once.")


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asked for."""

    students: str = "*"
    """Glob of the names of those who are graded."""
    jobs: int = 0
    """Submissions at once, on a cluster at each worker; 0: as many as fit."""
    force: bool = False
    """Run again what is known already."""
    level: int = 0
    """Level of the jail on this machine."""
    command: str = ""
    """As it was typed."""
    brief: bool = False
    """Known grades are given without verdicts, to those who only count them."""
    cluster: str = ""
    """Address of the Dask cluster that grades; empty: this machine."""
    weak: bool = False
    """Workers may be below the jail's level that the course asks for."""


@dataclass(frozen=True, slots=True)
class Crew:
    """Who grades, ready to begin."""

    plan: Plan
    batch: Callable[[Iterator[Work]], Iterator[tuple[Work, Done]]]
    """Runs works, some at a time, and gives each with what came of it."""
    needed: Callable[[], None]
    """Called when it is clear that something must be run, long before it is; more than once."""


def step(notebook: str, cell: int, cells: int) -> str:
    """Where a submission is, for those who watch."""
    return f"{notebook}, cell {cell} of {cells}"
