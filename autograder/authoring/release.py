"""One master becomes one student notebook.

Rule: cell for cell and key for key what `nbgrader generate_assignment` makes of the same master with
its defaults; tests/authoring/test_against_nbgrader.py runs both. The master itself is never changed.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

from autograder import notebook
from autograder.authoring import regions
from autograder.authoring.delimiters import Words, words_of
from autograder.authoring.strip import Cut, Stripped, strip
from autograder.values import JSON, Cell, Master

_OUTPUT_METADATA = ("collapsed", "scrolled")  # they describe outputs, and those are gone


@dataclass(frozen=True, slots=True)
class StudentVersion:
    """A student notebook, and what was cut out of its master to make it."""

    master: Master
    raw: JSON = field(repr=False)
    cuts: tuple[tuple[Cell, Cut], ...] = field(repr=False)
    """Every piece that was cut, with the master's cell it came from."""

    @property
    def words(self) -> Words:
        """The course's delimiters."""
        return words_of(self.master.wording.regions)


def make(master: Master) -> JSON:
    """The student version, as nbformat 4 data; raises MasterError with every fault of the master at once."""
    faults = regions.problems(master)
    if faults:
        raise regions.refuse(master.assignment, faults)
    return cut(master).raw


def cut(master: Master) -> StudentVersion:
    """The student version of a master that `regions.problems` found sound."""
    language = regions.language(master)
    cells: list[JSON] = []
    cuts: list[tuple[Cell, Cut]] = []
    for cell in master.cells:
        whole = master.stubs and cell.role in regions.ANSWERS
        stripped = Stripped(cell.source) if whole else strip(cell, language, master.wording)
        cells.append(_student_cell(master.raw["cells"][cell.index], stripped.source))
        cuts += [(cell, piece) for piece in stripped.cuts]
    metadata = copy.deepcopy(master.raw["metadata"])
    metadata.pop("celltoolbar", None)
    rest = {key: value for key, value in master.raw.items() if key not in ("cells", "metadata")}
    return StudentVersion(master, {**copy.deepcopy(rest), "metadata": metadata, "cells": cells}, tuple(cuts))


def _student_cell(original: JSON, source: str) -> JSON:
    code = original["cell_type"] == "code"
    made_anew = ("source", "metadata", "outputs") if code else ("source", "metadata")
    cell: JSON = copy.deepcopy({key: value for key, value in original.items() if key not in made_anew})
    cell["source"] = source
    cell["metadata"] = notebook.restored_metadata(original, source)
    if code:
        cell["outputs"] = []
        cell["execution_count"] = None
        for key in _OUTPUT_METADATA:
            cell["metadata"].pop(key, None)
    return cell
