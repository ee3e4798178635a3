"""Lines of solutions and hidden tests that students can read all the same: elsewhere, in comments, in words.

Rule: what is looked for is what a release cuts out; a line that visible code repeats as its own is no secret, unless
nothing of a hidden test is one.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Collection, Iterator, Mapping

from autograder.check.remarks import Remark, at
from autograder.values import Cell, Master, Role

Lines = Mapping[str, Collection[int]]
"""A cell's id → some of its lines, from 1."""
Line = tuple[Cell, int, str]
"""A cell, the line's number from 1, its text with single blanks."""
TELLING = 24
"""Letters and digits from which on a line of a solution that stands elsewhere too is no coincidence."""
SAYING = 12
"""The same for a line within a comment or a text, where no line of code stands by chance."""


def remarks(master: Master, solutions: Lines, hidden: Lines) -> Iterator[Remark]:
    """Everything of this kind in a master, given the lines that are cut out."""
    asked = [line for line in _lines(master, hidden, cut=True) if line[0].role is Role.TEST]
    answers = [line for line in _lines(master, solutions, cut=True) if line[0].kind == "code"]
    shown = [line for line in _lines(master, hidden, cut=False) if line[1] not in solutions.get(line[0].grade_id, ())]
    code = {text for cell, number, text in shown if cell.kind == "code" and (number, text) not in _words(cell)}
    yield from _repeated(master, answers, shown)
    yield from _said(master, asked, answers, shown, code)
    yield from _nothing_kept(master, asked, code)


def _lines(master: Master, chosen: Lines, *, cut: bool) -> list[Line]:
    """The lines of all cells that are among the chosen, or are not."""
    return [
        (cell, number, " ".join(line.split()))
        for cell in master.cells
        for number, line in enumerate(cell.source.split("\n"), 1)
        if (number in chosen.get(cell.grade_id, ()) if cell.grade_id else False) == cut
    ]


def _repeated(master: Master, answers: Collection[Line], shown: Collection[Line]) -> Iterator[Remark]:
    """Whole lines of a solution that stand in the open elsewhere."""
    owners = {text: cell for cell, _, text in answers if _tells(text, TELLING)}
    for cell, number, text in shown:
        owner = owners.get(text)
        if owner is not None:
            told = f"`{text[:60]}` is a line of the solution in cell {owner.index + 1} ({owner.grade_id})"
            mend = "Take it out, or put it into a solution region."
            yield at(master, cell, "solution-shown", told, mend, line=number, fault=False)


def _said(
    master: Master, asked: Collection[Line], answers: Collection[Line], shown: Collection[Line], code: set[str]
) -> Iterator[Remark]:
    """Hidden tests that a comment or a text repeats, and lines of a solution that are merely commented out."""
    tests = {text: cell for cell, _, text in asked if _tells(text, SAYING) and text not in code}
    lines = {text: cell for cell, _, text in answers if _tells(text, SAYING) and text not in code}
    open_lines = {(cell.index, number) for cell, number, _ in shown}
    for cell in master.cells:
        for number, words in _words(cell):
            if (cell.index, number) not in open_lines:
                continue
            bare = words.lstrip("# ") if words.startswith("#") else ""
            owner = next((tests[text] for text in tests if text in words), lines.get(bare))
            if owner is not None:
                part = "the hidden tests" if owner.role is Role.TEST else "the solution"
                told = f"`{words[:60]}` repeats a line of {part} in cell {owner.index + 1} ({owner.grade_id})"
                mend = "Take it out: comments and texts are handed out as they are."
                yield at(master, cell, "hidden-shown", told, mend, line=number)


def _nothing_kept(master: Master, asked: Collection[Line], code: set[str]) -> Iterator[Remark]:
    """Hidden tests of which every line stands in visible code as well."""
    for cell in {cell.index: cell for cell, _, _ in asked}.values():
        lines = {text for owner, _, text in asked if owner is cell and text and not text.startswith("#")}
        if lines and lines <= code:
            told = "students can read every line of its hidden tests in visible code"
            yield at(master, cell, "hidden-shown", told, "Ask for something else there, or hide the other place.")


def _words(cell: Cell) -> list[tuple[int, str]]:
    """(line from 1, text with single blanks) of the comments and strings of code, or of all of a text."""
    if cell.kind != "code":
        return [(number, " ".join(line.split())) for number, line in enumerate(cell.source.split("\n"), 1)]
    found: list[tuple[int, str]] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(cell.source).readline):
            if token.type == tokenize.COMMENT or "STRING" in tokenize.tok_name[token.type]:
                found += [(token.start[0] + i, " ".join(s.split())) for i, s in enumerate(token.string.split("\n"))]
    except (tokenize.TokenError, SyntaxError):
        pass  # magics, or another language: what was read until there counts
    return found


def _tells(line: str, least: int) -> bool:
    return sum(c.isalnum() for c in line) >= least and not line.startswith(("#", "import ", "from "))
