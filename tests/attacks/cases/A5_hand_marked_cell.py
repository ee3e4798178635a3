"""A hand-marked cell that claims to be a test still waits for a person."""

from __future__ import annotations

import copy

EXPECTED, LEVEL, CONTROL = "safe", 0, "none"
WHY = "a plain kernel has no marks by hand; the table shows nbgrader"
TELLS = ("restored",)


def CONTENT(book):
    made = copy.deepcopy(book)
    made["cells"][-1]["metadata"]["nbgrader"]["solution"] = False
    made["cells"][-1]["metadata"]["nbgrader"]["locked"] = True
    return made
