"""What a terminal shows while a batch runs.

Rule: people's output goes to stderr, one JSON line a submission to stdout and nothing else there; both are readable
without colour and in 80 columns.
"""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any, Self

from autograder.reports.jsonl import as_json
from autograder.values import Grade, Outcome, Status


class Progress:
    """A bar for people where there is a terminal, a line a submission where there is none; JSON on request."""

    def __init__(self, title: str, *, json: bool = False) -> None:
        from rich.console import Console

        self.console = Console(stderr=True, highlight=False, soft_wrap=False)
        self._title = title
        self._json = json
        self._bar: Any = None
        self._task: Any = None
        self._total = 0
        self._done = 0
        self.counts = dict.fromkeys(Status, 0)
        self.fresh: set[str] = set()
        """Students whose submissions were run just now."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def began(self, total: int) -> None:
        """The batch knows its size."""
        self._total = total
        if not self.console.is_terminal:
            self.console.print(f"{self._title}: {total} submissions")
            return
        from rich import progress

        columns = (
            progress.TextColumn("{task.description}"),
            progress.BarColumn(bar_width=None),
            progress.MofNCompleteColumn(),
            progress.TimeElapsedColumn(),
            progress.TextColumn("left"),
            progress.TimeRemainingColumn(),
        )
        self._bar = progress.Progress(*columns, console=self.console)
        self._task = self._bar.add_task(self._title, total=total)
        self._bar.start()

    def done(self, grade: Grade, *, fresh: bool) -> None:
        """One submission is graded."""
        self._done += 1
        self.counts[grade.status] += 1
        if fresh:
            self.fresh.add(grade.student)
        if self._json:
            sys.stdout.write(as_json(grade) + "\n")
            sys.stdout.flush()
        if self._bar is not None:
            self._bar.update(self._task, advance=1)
        elif not self._json:
            told = f"  {self._done}/{self._total} {line(grade)}"
            self.console.print(told, markup=False, overflow="ellipsis", no_wrap=True)

    @property
    def exit_code(self) -> int:
        """0 when all were graded, 1 when something needs a person."""
        return int(self.counts[Status.NEEDS_PERSON] + self.counts[Status.UNGRADABLE] > 0)


def line(grade: Grade) -> str:
    """A submission's fate in one line."""
    if grade.status is Status.UNGRADABLE:
        return f"{grade.student}: ungradable: {grade.reason}"
    missed = sum(v.outcome in (Outcome.FAILED, Outcome.PARTIAL) for v in grade.verdicts)
    told = f"{grade.student}: {grade.score:g} of {grade.max_score:g}"
    told += f", {missed} test{'s' * (missed > 1)} missed" if missed else ""
    told += f", {grade.by_hand} to mark by hand" if grade.by_hand else ""
    return told + (f", needs a person: {grade.reason}" if grade.status is Status.NEEDS_PERSON else "")
