"""What a terminal shows while a batch runs.

Rule: people's output goes to stderr, one JSON line a submission to stdout and nothing else there; both are readable
without colour and in 80 columns. Where there is no terminal, each line is whole and final.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from autograder.reports.jsonl import as_json
from autograder.reports.terminal import plain
from autograder.reports.words import number
from autograder.values import Grade, Outcome, Status

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

SHOWN = 8
"""Submissions that are shown running; a cluster may run hundreds."""


class Doing(Protocol):
    """One submission that runs."""

    @property
    def name(self) -> str: ...
    @property
    def step(self) -> str: ...
    @property
    def seconds(self) -> float: ...


class Watched(Protocol):
    """What runs now."""

    stopping: bool

    def now(self) -> Sequence[Doing]: ...


class Progress:
    """A display for people where there is a terminal, a line a submission where there is none; JSON on request."""

    def __init__(self, title: str, *, json: bool = False, running: Watched | None = None) -> None:
        from rich.console import Console

        self.console: Console = Console(stderr=True, highlight=False, soft_wrap=False)
        self._title = title
        self._json = json
        self._running = running
        self._live: Any = None
        self._total = 0
        self._began = self._first = time.monotonic()
        self.known = 0
        """Submissions whose grades stand from before."""
        self.fresh = 0
        """Submissions run just now."""
        self.counts = dict.fromkeys(Status, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
        elif kind is None and self.known and not self.fresh:
            self._say_known()

    def began(self, total: int) -> None:
        """The batch knows its size; once more when more has arrived."""
        self._total += total
        if not self.console.is_terminal or (self._json and sys.stdout.isatty()):
            self.console.print(f"{plain(self._title)}: {_submissions(self._total)}", markup=False)
        elif self._live is None:
            from rich.live import Live

            self._live = Live(self, console=self.console, refresh_per_second=4, transient=True, redirect_stdout=False)
            self._live.start()

    def done(self, grade: Grade, *, fresh: bool) -> None:
        """One submission is graded."""
        self.counts[grade.status] += 1
        if self._json:
            sys.stdout.write(as_json(grade) + "\n")
            sys.stdout.flush()
        if not fresh:
            self.known += 1
            self._first = time.monotonic()
            return
        self.fresh += 1
        if self._live is None and not self._json:
            if self.fresh == 1 and self.known:
                self._say_known()
            self.say(f"  {self.known + self.fresh}/{self._total} {line(grade)}")
        elif grade.status is not Status.GRADED:
            self.say(line(grade))

    def say(self, sentence: str) -> None:
        """A line that stays, above what moves."""
        self.console.print(plain(sentence), markup=False, overflow="ellipsis", no_wrap=True)

    def remark(self, sentence: str) -> None:
        """A sentence for a person, whole, on as many lines as it takes."""
        self.console.print(plain(sentence), markup=False, highlight=False)

    def _say_known(self) -> None:
        self.say(f"  {_submissions(self.known)} unchanged, not run again")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.text import Text

        for told in self.lines():
            yield Text(told, no_wrap=True, overflow="ellipsis")

    def lines(self) -> list[str]:
        """What is shown while it runs: how far, how long, who is at which cell."""
        done = self.known + self.fresh
        width = 24
        full = width * done // self._total if self._total else 0
        told = f"{plain(self._title)} {'━' * full}{'─' * (width - full)} {done}/{self._total}"
        told += f", {self.known} known" if self.known else ""
        told += f", {_clock(time.monotonic() - self._began)}"
        left = self._left()
        told += f", about {_clock(left)} left" if left is not None else ""
        running = list(self._running.now()) if self._running is not None else []
        lines = [told + (", stopping: finishing what runs" if self._stopping else "")]
        lines += [f"  {plain(one.name)}  {one.step}  {one.seconds:.0f} s" for one in running[:SHOWN]]
        return lines + ([f"  and {len(running) - SHOWN} more"] if len(running) > SHOWN else [])

    @property
    def _stopping(self) -> bool:
        return self._running is not None and self._running.stopping

    def _left(self) -> float | None:
        """Seconds until the end, as fast as it has gone so far; None before there is anything to judge by."""
        if self.fresh < 2:
            return None
        return (time.monotonic() - self._first) / self.fresh * (self._total - self.known - self.fresh)

    @property
    def exit_code(self) -> int:
        """0 when all were graded, 1 when something needs a person."""
        return int(self.counts[Status.NEEDS_PERSON] + self.counts[Status.UNGRADABLE] > 0)


def _submissions(count: int) -> str:
    return f"{count:,} submission{'' if count == 1 else 's'}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def line(grade: Grade) -> str:
    """A submission's fate in one line."""
    if grade.status is Status.UNGRADABLE:
        return f"{grade.student}: ungradable: {grade.reason}"
    missed = sum(v.outcome in (Outcome.FAILED, Outcome.PARTIAL) for v in grade.verdicts)
    told = f"{grade.student}: {number(grade.score)} of {number(grade.max_score)}"
    told += f", {missed} test{'s' * (missed > 1)} missed" if missed else ""
    told += f", {grade.by_hand} to mark by hand" if grade.by_hand else ""
    return told + (f", needs a person: {grade.reason}" if grade.status is Status.NEEDS_PERSON else "")
