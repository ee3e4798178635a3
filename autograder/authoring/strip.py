"""The text of a cell as the student gets it.

Rule: given sound regions, the text that comes out is nbgrader's, character for character; what was cut
out is handed back beside it, so that the guard can look for it everywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograder import notebook
from autograder.authoring import delimiters, regions
from autograder.authoring.delimiters import Kind
from autograder.values import Cell, Wording


@dataclass(frozen=True, slots=True)
class Cut:
    """One piece of a master that no student may see."""

    kind: Kind
    lines: tuple[str, ...]
    """The lines within the delimiters, or the whole cell where it has none."""


@dataclass(frozen=True, slots=True)
class Stripped:
    """A cell after the scissors."""

    source: str
    cuts: tuple[Cut, ...] = ()


def strip(cell: Cell, language: str = "python", wording: Wording = notebook.WORDING) -> Stripped:
    """Cuts a cell whose regions are sound; an answer without a solution region becomes all stub."""
    stub = wording.code_stubs[language] if cell.kind == "code" else wording.text_stub
    lines = cell.source.split("\n")
    found, _ = regions.find(cell, delimiters.words_of(wording.regions))
    if cell.role in regions.ANSWERS and not any(region.kind is Kind.SOLUTION for region in found):
        return Stripped(stub, (Cut(Kind.SOLUTION, tuple(lines)),))
    kept: list[str] = []
    cuts: list[Cut] = []
    rest = 0
    for region in found:
        kept += lines[rest : region.begin]
        if region.kind is Kind.SOLUTION:
            kept += [_indent(lines[region.begin]) + line for line in stub.split("\n")]
        cuts.append(Cut(region.kind, tuple(lines[region.begin + 1 : region.end])))
        rest = region.end + 1
    return Stripped("\n".join(kept + lines[rest:]), tuple(cuts))


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
