"""Fingerprints: whatever may change a mark goes in, and what only people read stays out."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from builders import SQUARE, answered, cell

from autograder import notebook
from autograder.gradebook import fingerprint
from autograder.values import Master

SHARED = {"limits": {"cell_seconds": 3}}
LATE = {"due": "2026-03-01"}


def master(raw: dict[str, Any], tmp_path: Path) -> Master:
    """The master of a notebook."""
    path = tmp_path / "squares.ipynb"
    path.write_text(notebook.dumps(raw))
    return notebook.read_master(path, "squares")


def mark(raw: dict[str, Any], tmp_path: Path, released: dict[str, str] | None = None) -> str:
    """Hash of the terms that a master makes."""
    cells = fingerprint.of_master(master(raw, tmp_path), released or {})
    return fingerprint.terms(SHARED, LATE, {"squares": cells}).hash


def with_metadata(changes: dict[str, Any]) -> dict[str, Any]:
    """The master with other settings on its first test."""
    raw = copy.deepcopy(SQUARE)
    raw["cells"][2]["metadata"]["nbgrader"] |= changes
    return raw


def edited(**changes: Any) -> dict[str, Any]:
    """The master with its first test cell changed."""
    raw = copy.deepcopy(SQUARE)
    raw["cells"][2] |= changes
    return raw


@pytest.mark.parametrize(
    "raw",
    [
        answered(SQUARE, {"test_square": "assert square(3) == 9"}),
        answered(SQUARE, {"square": "def square(x):\n    return x ** 2"}),
        answered(SQUARE, {"why": "Why not?"}),
        with_metadata({"points": 3}),
        {**SQUARE, "cells": [*SQUARE["cells"], cell("code", "import math")]},
        {**SQUARE, "cells": [SQUARE["cells"][i] for i in (0, 1, 3, 2, 4, 5)]},
        {**SQUARE, "metadata": {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}},
        edited(metadata={**SQUARE["cells"][2]["metadata"], "autograder": {"examine": "in-kernel"}}),
    ],
    ids=["test", "solution", "question", "points", "new cell", "order", "kernel", "own key"],
)
def test_what_can_change_a_mark_changes_the_fingerprint(tmp_path: Path, raw: dict[str, Any]) -> None:
    """Tests, answers, points, order, kernel and the author's own marks on a cell."""
    assert mark(SQUARE, tmp_path) != mark(raw, tmp_path)


@pytest.mark.parametrize(
    "raw",
    [
        {**SQUARE, "cells": [cell("markdown", "# Other words"), *SQUARE["cells"][1:]]},
        {**SQUARE, "cells": SQUARE["cells"][1:]},
        edited(outputs=[{"output_type": "stream", "name": "stdout", "text": "1"}], execution_count=7),
        {**SQUARE, "metadata": {**SQUARE["metadata"], "language_info": {"name": "python", "version": "3.14"}}},
    ],
    ids=["words", "no words", "outputs", "version of the editor"],
)
def test_what_only_people_read_leaves_it(tmp_path: Path, raw: dict[str, Any]) -> None:
    """An instructor may mend a text and run the notebook without a class being graded anew."""
    assert mark(SQUARE, tmp_path) == mark(raw, tmp_path)


def test_the_stub_that_was_given_out_is_part_of_it(tmp_path: Path) -> None:
    """It tells an answer from an untouched cell."""
    assert mark(SQUARE, tmp_path, {"why": "Why?"}) != mark(SQUARE, tmp_path, {"why": "Your answer here."})


def test_lateness_concerns_the_grade_but_no_notebook(tmp_path: Path) -> None:
    """A moved deadline makes another fingerprint, and leaves that of each notebook as it was."""
    cells = {"squares": fingerprint.of_master(master(SQUARE, tmp_path), {})}
    one, other = (fingerprint.terms(SHARED, {"due": day}, cells) for day in ("2026-03-01", "2026-03-02"))
    marks = [fingerprint.of_submission(terms, "content", None) for terms in (one, other)]
    parts = [fingerprint.of_part(terms, "squares", "content", {}) for terms in (one, other)]
    assert (False, True) == (marks[0] == marks[1], parts[0] == parts[1])


def test_a_notebook_does_not_depend_on_the_other_masters(tmp_path: Path) -> None:
    """A test changed in one notebook leaves the fingerprint of the other as it was."""
    same = fingerprint.of_master(master(SQUARE, tmp_path), {})
    other = fingerprint.of_master(master(answered(SQUARE, {"test_half": "1"}), tmp_path), {})
    terms = [fingerprint.terms(SHARED, LATE, {"a": same, "b": cells}) for cells in (same, other)]
    assert 1 == len({fingerprint.of_part(one, "a", "content", {}) for one in terms})
    assert 2 == len({fingerprint.of_part(one, "b", "content", {}) for one in terms})


def test_a_file_beside_a_notebook_is_part_of_it(tmp_path: Path) -> None:
    """Names and bytes of all other files count, for the submission and for each notebook."""
    cells = {"squares": fingerprint.of_master(master(SQUARE, tmp_path), {})}
    terms = fingerprint.terms(SHARED, LATE, cells)
    contents = [
        fingerprint.Content({"squares": "1"}, files) for files in ({}, {"a.py": "1"}, {"a.py": "2"}, {"b.py": "1"})
    ]
    assert 4 == len({fingerprint.of_submission(terms, content.hash, None) for content in contents})
    assert 4 == len({fingerprint.of_part(terms, "squares", "1", content.files) for content in contents})
