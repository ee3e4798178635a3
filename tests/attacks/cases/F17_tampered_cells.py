"""Tests edited, deleted, moved, doubled or disguised in the student's file are the master's again."""

from __future__ import annotations

import copy

EXPECTED, LEVEL, CONTROL = "zero", 0, "as-handed-in"
SOURCE = "prize = table = divisors = lambda *a: 0\nmotto = lambda: ''\nguess = lambda inputs: []\n"


def each(change):
    def content(book):
        made = copy.deepcopy(book)
        out = []
        for cell in made["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
            out += change(cell) if name.startswith("test_") and name not in ("test_honest", "test_after") else [cell]
        return {**made, "cells": out}

    return content


def edited(cell):
    cell["source"] = "print(4.0)" if "parts" in str(cell["metadata"]) else "pass"
    return [cell]


def doubled(cell):
    other = copy.deepcopy(cell) | {"source": "pass", "id": "copy" + cell["id"]}
    return [other, cell, copy.deepcopy(other) | {"id": "third" + cell["id"]}]


def worth(cell):
    cell["metadata"]["nbgrader"]["points"] = 1000
    return [*edited(cell)]


def markdown(cell):
    return [{"cell_type": "markdown", "id": cell["id"], "metadata": cell["metadata"], "source": "passed"}]


def solution(cell):
    cell["metadata"]["nbgrader"] |= {"solution": True, "grade": False, "locked": False}
    return edited(cell)


def moved(book):
    tests = [c for c in book["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id", "").startswith("test_")]
    return {**book, "cells": [*tests, *[c for c in book["cells"] if c not in tests]]}


def foreign(book):
    made = copy.deepcopy(book)
    for number in range(5):
        settings = {
            "grade_id": f"bonus{number}",
            "grade": True,
            "solution": False,
            "locked": True,
            "points": 50,
            "schema_version": 3,
            "task": False,
        }
        made["cells"].append(
            {
                "cell_type": "code",
                "id": f"b{number}",
                "metadata": {"nbgrader": settings},
                "source": "pass",
                "outputs": [],
                "execution_count": None,
            }
        )
    return made


def trusting(cell):
    cell["metadata"]["autograder"] = {"examine": "in-kernel", "trust": "operators"}
    return edited(cell)


NONE = {"CONTROL": "none", "WHY": "it earns nothing in one process either"}
VARIANTS = {
    "edited": {"CONTENT": each(edited), "TELLS": ("had been edited",)},
    "doubled": {"CONTENT": each(doubled), "TELLS": ("stands 3 times",), "NBGRADER": "alone"},
    "worth_more": {"CONTENT": each(worth), "TELLS": ("restored",)},
    "deleted": {"CONTENT": each(lambda cell: []), "TELLS": ("put back",), **NONE},
    "markdown": {"CONTENT": each(markdown), **NONE},
    "solution": {"CONTENT": each(solution), "TELLS": ("restored",)},
    "moved": {"CONTENT": moved, "TELLS": ("put back in its place",), **NONE},
    "foreign": {"CONTENT": foreign, "TELLS": ("unknown here",)},
    "in_kernel": {"CONTENT": each(trusting), "TELLS": ("had been edited",)},
}
