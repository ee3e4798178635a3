"""Settings of another version, or none that make sense, stop neither this submission nor the next."""

from __future__ import annotations

import copy

EXPECTED, LEVEL, CONTROL = "safe", 0, "none"
WHY = "a plain kernel reads no settings; the table shows nbgrader"
NBGRADER = "alone"


def each(change):
    def content(book):
        made = copy.deepcopy(book)
        for cell in made["cells"]:
            if "nbgrader" in cell["metadata"]:
                change(cell["metadata"])
        return made

    return content


def lists(metadata):
    metadata["nbgrader"] |= {"points": [1], "locked": {}, "grade": "yes"}


VARIANTS = {
    "old": {"CONTENT": each(lambda m: m["nbgrader"].update(schema_version=2))},
    "future": {"CONTENT": each(lambda m: m["nbgrader"].update(schema_version=99))},
    "no_number": {"CONTENT": each(lambda m: m["nbgrader"].update(schema_version="x"))},
    "lists": {"CONTENT": each(lists)},
}
