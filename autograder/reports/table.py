"""A class in the terminal: a line for each student, and one for all.

Rule: it reads the same without colour and at 80 columns, and what a student wrote cannot steer the terminal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from autograder.reports.terminal import plain
from autograder.reports.words import duration, number
from autograder.values import Grade, Outcome, Status

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

LONG = 200
"""Students of a class that is shown whole."""
HEAD = ("Student", "Score", "Status", "Tests")
STATUS = {
    Status.GRADED: ("graded", "green"),
    Status.NEEDS_PERSON: ("needs a person", "yellow"),
    Status.UNGRADABLE: ("ungradable", "red"),
}


class Counted(Protocol):
    """A grade, or what is to be counted of it."""

    @property
    def student(self) -> str: ...
    @property
    def status(self) -> Status: ...
    @property
    def score(self) -> float: ...
    @property
    def max_score(self) -> float: ...
    @property
    def seconds(self) -> float: ...


Whole = Callable[[Sequence[str]], Iterable[Grade]]
"""Students → their grades with all verdicts."""


def show_grades(grades: Iterable[Counted], whole: Whole, console: Console | None = None) -> None:
    """Prints the table, by default on stderr: stdout belongs to programs; `whole` is asked for those who are listed.

    What happened stands beside the numbers where there is room, else on the line below. Of a class of more than
    LONG only those are listed at whom a person must look, and of those the first LONG.
    """
    from rich.console import Console

    console = console or Console(stderr=True)
    tally = Tally()
    listed: list[str] = []
    urgent: list[str] = []
    for grade in grades:
        tally.add(grade)
        if len(listed) <= LONG:
            listed.append(grade.student)
        if grade.status is not Status.GRADED and len(urgent) < LONG:
            urgent.append(grade.student)
    if len(listed) > LONG:
        looks = f"at whom a person must look{', the first of them' * (len(urgent) == LONG)}"
        told = f"Those {looks}; grades.csv has all." if urgent else "Nobody needs a person; grades.csv has all."
        console.print(told, markup=False)
        listed = urgent
    if listed:
        _show(list(whole(listed)), console)
    console.print(tally.line(), markup=False)


def _show(grades: Sequence[Grade], console: Console) -> None:
    """The lines of these students."""
    from rich.text import Text

    rows = [(_line(g.student), _score(g), STATUS[g.status][0], counts(g)) for g in grades]
    widths = _widths([HEAD, *rows], console.width)
    console.print(Text(_row(HEAD, widths), style="bold"), no_wrap=True, overflow="ellipsis")
    beside = console.width - sum(widths) - 2 * len(widths)
    for grade, row in zip(grades, rows, strict=True):
        line = Text(_row(row, widths))
        line.stylize(STATUS[grade.status][1], len(_row(row[:2], widths)), len(_row(row[:3], widths)))
        told = Text(_line(what_happened(grade)))
        if beside < 40:
            console.print(line, no_wrap=True, overflow="ellipsis")
            console.print(_first_lines(told, console, console.width - 4, "    "))
        else:
            for number_of, part in enumerate(_first_lines(told, console, beside, "").split("\n")):
                console.print((line if number_of == 0 else Text(" " * (console.width - beside))) + part)


def _score(grade: Grade) -> str:
    return f"{number(grade.score)}/{number(grade.max_score)}"


def _widths(rows: Sequence[Sequence[str]], whole: int) -> list[int]:
    """Columns of a terminal that each column needs; the student's name gives way."""
    from rich.cells import cell_len

    needed = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    needed[0] = max(7, min(needed[0], 24, whole - sum(needed[1:]) - 8))
    return needed


def _row(words: Sequence[str], widths: Sequence[int]) -> str:
    from rich.cells import cell_len, set_cell_size

    cut = [w if cell_len(w) <= n else set_cell_size(w, n - 1) + "…" for w, n in zip(words, widths, strict=False)]
    return "".join(set_cell_size(w, n) + "  " for w, n in zip(cut, widths, strict=False))


def _first_lines(text: Text, console: Console, width: int, indent: str) -> Text:
    """The first two lines of a text, broken at words."""
    from rich.text import Text

    lines = [line.plain.rstrip() for line in text.wrap(console, width)]
    if len(lines) > 2:
        lines[1:] = [f"{lines[1][: width - 2]} …"]
    return Text("\n".join(indent + line for line in lines))


def counts(grade: Grade) -> str:
    """Signs and numbers: passed, partly, failed, not scored, by hand; what there is none of is left out."""
    signs = {"✓": 0, "◐": 0, "✗": 0, "?": 0, "✎": 0}
    of = dict(zip(Outcome, ("✓", "◐", "✗", "?", "✎"), strict=True))
    for verdict in grade.verdicts:
        signs[of[verdict.outcome]] += 1
    return " ".join(f"{sign}{n}" for sign, n in signs.items() if n) or "–"


def what_happened(grade: Grade) -> str:
    """One sentence: why it has no mark, what failed first, what was repaired, or that all is well."""
    late = f"{duration(grade.late_seconds)} late. " if grade.late_seconds else ""
    if grade.reason:
        return late + grade.reason
    lost = [v for v in grade.verdicts if v.outcome in (Outcome.FAILED, Outcome.PARTIAL)]
    if lost:
        more = f" (and {len(lost) - 1} more)" if len(lost) > 1 else ""
        note = f" {grade.notes[0]}" if grade.notes else ""
        reason = lost[0].reason or lost[0].outcome.value
        return f"{late}{lost[0].test}: {reason}{more}{note}"
    if grade.notes:
        return late + grade.notes[0]
    waiting = f" {grade.by_hand} to be marked by hand." if grade.by_hand else ""
    return f"{late}All tests passed.{waiting}" if any(v.points for v in grade.verdicts) else (late + waiting).strip()


@dataclass(slots=True)
class Tally:
    """What all grades of a class come to, added up one by one."""

    number_of: dict[Status, int] = field(default_factory=lambda: dict.fromkeys(Status, 0))
    scores: float = 0.0
    most: float = 0.0
    seconds: float = 0.0

    def add(self, grade: Counted) -> None:
        """One more; what is ungradable does not pull the mean down."""
        self.number_of[grade.status] += 1
        self.seconds += grade.seconds
        if grade.status is not Status.UNGRADABLE:
            self.scores += grade.score
            self.most += grade.max_score

    def line(self) -> str:
        """The line under the table."""
        waiting = self.number_of[Status.NEEDS_PERSON]
        told = [
            f"{self.number_of[Status.GRADED]} graded",
            f"{waiting} {'needs' if waiting == 1 else 'need'} a person",
            f"{self.number_of[Status.UNGRADABLE]} ungradable",
        ]
        if scored := self.number_of[Status.GRADED] + waiting:
            told.append(f"mean {number(self.scores / scored)} of {number(self.most / scored)}")
        told.append(f"{self.seconds:.1f} s of work")
        return f"{sum(self.number_of.values())} submissions: {', '.join(told)}."


def totals(grades: Iterable[Counted]) -> str:
    """The line under the table."""
    tally = Tally()
    for grade in grades:
        tally.add(grade)
    return tally.line()


def _line(text: str) -> str:
    """Text as one line that a terminal only shows."""
    return " ".join(plain(re.sub(r"\s", " ", text)).split())
