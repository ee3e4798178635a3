"""The last table of the demo: each student's deed, the grade, and whether it is the one that had to come.

Rule: it reads the same without colour and at 80 columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from autograder.demo.student import Student, texts
from autograder.reports.terminal import plain
from autograder.reports.words import number
from autograder.values import Grade, Master, Outcome, Status

if TYPE_CHECKING:
    from rich.console import Console

MOST = 150
"""Characters of a reason that the table shows."""


@dataclass(frozen=True, slots=True)
class Met:
    """A student, the grade, and in what it departs from the fate declared."""

    student: Student
    grade: Grade
    departures: tuple[str, ...]


def meet(student: Student, grade: Grade | None, masters: tuple[Master, ...]) -> Met:
    """Compares; a student without a grade departs in everything."""
    if grade is None:
        lost = Grade(student.name, student.assignment, Status.NEEDS_PERSON, (), "There is no grade.")
        return Met(student, lost, ("no grade",))
    return Met(student, grade, tuple(student.expected.departures(grade, masters)))


def show(met: list[Met], headings: Mapping[str, int], console: Console) -> None:
    """Prints the table. `headings`: a heading → the number of students below it."""
    from rich.text import Text

    width = max(len(m.student.name) for m in met)
    rest = iter(met)
    for heading, count in headings.items():
        console.print(Text(f"\n{heading}", style="bold"))
        for one in islice(rest, count):
            _show_one(one, width, console)


def _show_one(met: Met, width: int, console: Console) -> None:
    from rich.text import Text

    student, grade = met.student, met.grade
    right = Text("✓ as expected", style="green") if not met.departures else Text("✗ NOT AS EXPECTED", style="red")
    score = "ungradable" if grade.status is Status.UNGRADABLE else f"{number(grade.score)}/{number(grade.max_score)}"
    line = Text(f"{student.name:{width}}  {student.assignment:11}  {score:>10}  ") + right
    if student.with_nbgrader is not None:
        line += Text(f"  nbgrader: {number(student.with_nbgrader)}")
    console.print(line, no_wrap=True, overflow="ellipsis")
    _paragraph(student.story, console)
    _paragraph("→ " + told(grade, student.expected.word), console)
    for departure in met.departures:
        _paragraph("✗ " + _line(departure), console, "red")


def _paragraph(text: str, console: Console, style: str = "") -> None:
    from rich.text import Text

    for line in Text(text, style=style).wrap(console, console.width - 2):
        line.rstrip()
        console.print(Text("  ") + line)


def told(grade: Grade, word: str) -> str:
    """What the grader said, in one line: the reason or note with that word, else what stands out."""
    found = next((text for text in texts(grade) if word and word in text), "")
    if grade.late_penalty:
        late = f"{grade.late_seconds // 3600} hours late: {number(grade.late_penalty)} points off. "
        found = late + found
    if not found:
        missed = sum(v.outcome in (Outcome.FAILED, Outcome.PARTIAL) for v in grade.verdicts)
        found = f"{missed} tests missed." if missed else "All tests passed."
    if grade.by_hand:
        found += f"{'' if found.endswith('.') else ';'} {grade.by_hand} to mark by hand."
    return _line(found)


def _line(text: str) -> str:
    line = " ".join(plain(text).split())
    return line if len(line) <= MOST else f"{line[: MOST - 1]}…"
