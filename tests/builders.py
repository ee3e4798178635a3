"""Small courses made of real notebooks, for several test folders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from autograder import notebook

ROOT = Path(__file__).parents[1]
Course = Callable[..., Path]


def cell(kind: str, source: str, grade_id: str = "", **flags: Any) -> dict[str, Any]:
    """A cell of an nbformat 4.5 notebook; `solution`, `grade`, `locked`, `points` as nbgrader has them."""
    metadata: dict[str, Any] = {}
    if grade_id:
        known = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
        metadata["nbgrader"] = known | {"grade_id": grade_id} | flags
    out = {"cell_type": kind, "id": (grade_id or f"c{abs(hash(source)) % 10**8}")[:64], "metadata": metadata, "source": source}
    return out | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def solution(grade_id: str, source: str) -> dict[str, Any]:
    """An answer cell with its solution region."""
    return cell("code", source, grade_id, solution=True)


def exam(grade_id: str, source: str, points: float = 1) -> dict[str, Any]:
    """A test cell."""
    return cell("code", source, grade_id, grade=True, locked=True, points=points)


def book(*cells: dict[str, Any]) -> dict[str, Any]:
    """A notebook of these cells."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": list(cells), "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


SQUARE = book(
    cell("markdown", "# Squares"),
    solution("square", "def square(x):\n    ### BEGIN SOLUTION\n    return x * x\n    ### END SOLUTION"),
    exam(
        "test_square",
        'assert square(2) == 4, "the square of 2 is 4"\n### BEGIN HIDDEN TESTS\nassert square(-3) == 9\n### END HIDDEN TESTS',
        2,
    ),
    solution("half", "def half(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION"),
    exam("test_half", "right = sum(half(x) == x / 2 for x in (1, 2, 3, 4))\nright / 4 * 3", 3),
    cell(
        "markdown",
        "Why?\n=== BEGIN MARK SCHEME ===\nBecause.\n=== END MARK SCHEME ===",
        "why",
        grade=True,
        solution=True,
        points=2,
    ),
)
"""A master: 2 points for squares, 3 by parts for halves, 2 by hand."""


def answered(master: Mapping[str, Any], answers: Mapping[str, str]) -> dict[str, Any]:
    """The master's notebook with the text of some cells, by grade_id, replaced; the rest is the solution."""
    cells = []
    for one in master["cells"]:
        name = one["metadata"].get("nbgrader", {}).get("grade_id", "")
        cells.append({**one, "source": answers.get(name, one["source"])})
    return {**master, "cells": cells}


def hand_in(root: Path, student: str, content: Any) -> None:
    """Puts a notebook (or bytes) where a student's submission lies."""
    folder = root / "submitted" / student / "squares"
    folder.mkdir(parents=True, exist_ok=True)
    data = content if isinstance(content, bytes) else notebook.dumps(content).encode()
    (folder / "squares.ipynb").write_bytes(data)
    (folder / "timestamp.txt").write_text("2026-11-01 12:00:00.000000 UTC\n")
