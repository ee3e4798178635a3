"""Regions of a master: where they begin and end, and everything that is wrong with them.

Rule: a master with a single fault yields no release; all faults of all its cells are told at once.
Accepts no cell that nbgrader's ClearSolutions, ClearHiddenTests and ClearMarkScheme refuse; refuses
more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder import notebook
from autograder.authoring import delimiters
from autograder.authoring.delimiters import HOLDERS, NBGRADER, Kind, Words
from autograder.errors import MasterError
from autograder.values import Cell, Master

ANSWERS = HOLDERS[Kind.SOLUTION]
"""Roles whose cells the student writes: without a region the whole cell is the solution."""
Fault = tuple[int, str, str]
"""(line of the cell from 1, or 0 for all of it; what is wrong; the mend)"""
_ATTACHED = re.compile(r"!\[.*\]\(attachment:.+?\)")
_HOLDER_NAMES = {
    Kind.SOLUTION: "an answer (autograded or manually graded)",
    Kind.HIDDEN: "an autograder test",
    Kind.SCHEME: "a manually graded task",
}


@dataclass(frozen=True, slots=True)
class Region:
    """What lies between two delimiters."""

    kind: Kind
    begin: int
    """Line of the opening delimiter, from 0."""
    end: int
    """Line of the closing delimiter; regions reach over both."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why an assignment cannot be released."""

    notebook: str
    """File name."""
    what: str
    """What is wrong, without a full stop."""
    mend: str
    """One sentence."""
    cell: int = 0
    """Number of the cell, from 1; 0 when the whole file is meant."""
    grade_id: str = ""
    line: int = 0
    """Number of the line in the cell, from 1; 0 when the whole cell is meant."""

    def __str__(self) -> str:
        place = [self.notebook]
        if self.cell:
            place.append(f"cell {self.cell}" + (f" ({self.grade_id})" if self.grade_id else ""))
        if self.line:
            place.append(f"line {self.line}")
        return f"{', '.join(place)}: {self.what}. {self.mend}"


def refuse(assignment: str, problems: Sequence[Problem]) -> MasterError:
    """All problems of an assignment as the one error to be raised."""
    told = "".join(f"\n  {problem}" for problem in problems)
    count = "One fault keeps" if len(problems) == 1 else f"{len(problems)} faults keep"
    mend = "\nNothing was written; mend the source and release again."
    return MasterError(f"{count} {assignment!r} from being released:{told}", mend=mend)


def problems(master: Master) -> list[Problem]:
    """Everything in a master that must be mended before it is released."""
    found = list(_notebook_problems(master))
    words = delimiters.words_of(master.wording.regions)
    for cell in master.cells:
        regions, faults = find(cell, words)
        faults += _format(master, cell)
        faults += misplaced(cell, regions, words)
        faults += _mistyped(cell, regions, words)
        found += [
            Problem(master.path.name, what, mend, cell.index + 1, cell.grade_id, line)
            for line, what, mend in sorted(faults)
        ]
    return found


def find(cell: Cell, words: Words = NBGRADER) -> tuple[list[Region], list[Fault]]:
    """The regions of a cell in their order, and what is wrong with its delimiters."""
    regions: list[Region] = []
    faults: list[Fault] = []
    kind: Kind | None = None
    begin = 0
    for number, line in enumerate(cell.source.split("\n")):
        marks = delimiters.exact(line, words)
        if not marks:
            if kind is Kind.SCHEME and _ATTACHED.search(line):
                faults.append((number + 1, *_attached()))
            continue
        said, opens = marks[0]
        if len(marks) > 1:
            faults.append((number + 1, *_crowded(line)))
        elif opens and kind is not None:
            faults.append((number + 1, *_nested(said, kind, begin, words)))
        elif opens:
            kind, begin = said, number
        elif kind is not said:
            faults.append((number + 1, *_unopened(said, kind, begin, words)))
        else:
            regions.append(Region(said, begin, number))
            kind = None
    if kind is not None:
        faults.append((begin + 1, *_unclosed(kind, words)))
    return regions, faults


def misplaced(cell: Cell, regions: Sequence[Region], words: Words = NBGRADER) -> Iterator[Fault]:
    """Regions that stand in a cell whose role has no such thing; harmless where the whole cell goes."""
    if cell.role in ANSWERS and not any(region.kind is Kind.SOLUTION for region in regions):
        return
    for region in regions:
        if cell.role not in HOLDERS[region.kind]:
            what = f"{words.begin[region.kind]} stands in a cell that is not {_HOLDER_NAMES[region.kind]}"
            yield (
                region.begin + 1,
                what,
                "Move it, or give the cell that type (Create Assignment in Jupyter).",
            )


def _mistyped(cell: Cell, regions: Sequence[Region], words: Words) -> Iterator[Fault]:
    inside = {line for region in regions for line in range(region.begin, region.end)}
    for number, text in delimiters.comments(cell.source, cell.kind):
        if delimiters.exact(text, words):
            meant = delimiters.glued(text, words)
        else:
            heading = cell.kind != "code"
            meant = delimiters.lookalike(text, words, heading=heading, hidden=number in inside)
        if meant:
            what = f"`{text.strip()}` looks like {meant}, mistyped"
            yield number + 1, what, f"Write {meant}, in capitals with single spaces, or reword the line."


def _format(master: Master, cell: Cell) -> Iterator[Fault]:
    for what in notebook.format_faults(master.raw["cells"][cell.index]):
        yield 0, what, "Mend it in Jupyter (Create Assignment), or run `nbgrader update` on the course."


def _notebook_problems(master: Master) -> Iterator[Problem]:
    name = language(master)
    if name not in master.wording.code_stubs:
        known = ", ".join(master.wording.code_stubs)
        yield Problem(master.path.name, f"its kernelspec names the language {name!r}", f"Known: {known}.")


def language(master: Master) -> str:
    """The language that the kernelspec names, on which the stub depends; Python where it names none."""
    return notebook.language_of(master.raw)


def _crowded(line: str) -> tuple[str, str]:
    return f"`{line.strip()}` holds two delimiters", "Give each a line of its own."


def _nested(said: Kind, kind: Kind, begin: int, words: Words) -> tuple[str, str]:
    what = f"{words.begin[said]} stands within the {kind.value} begun on line {begin + 1}"
    return what, f"Close that region first with {words.end[kind]}."


def _unopened(said: Kind, kind: Kind | None, begin: int, words: Words) -> tuple[str, str]:
    if kind is None:
        return (
            f"{words.end[said]} without {words.begin[said]}",
            f"Put {words.begin[said]} before it, or take the line out.",
        )
    what = f"{words.end[said]} stands within the {kind.value} begun on line {begin + 1}"
    return what, f"Close that region first with {words.end[kind]}."


def _unclosed(kind: Kind, words: Words) -> tuple[str, str]:
    return (
        f"{words.begin[kind]} without {words.end[kind]}",
        f"Put {words.end[kind]} after the last line to be hidden.",
    )


def _attached() -> tuple[str, str]:
    what = "a picture attached to the cell is shown in its marking scheme, and would be handed out with the cell"
    return what, "Embed it in the text instead (a `data:` address), or describe it."
