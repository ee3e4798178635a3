"""The student's file does not choose the kernel."""

from __future__ import annotations

import copy

EXPECTED, LEVEL, CONTROL = "safe", 0, "none"
WHY = "the plain kernel has no choice either; the table shows nbgrader"


def with_metadata(**changes):
    def content(book):
        made = copy.deepcopy(book)
        made["metadata"] = changes
        return made

    return content


VARIANTS = {
    "path": {"CONTENT": with_metadata(kernelspec={"name": "../../evil", "display_name": "x"})},
    "language": {
        "CONTENT": with_metadata(kernelspec={"name": "bash", "language": "bash"}, language_info={"name": "bash"})
    },
    "list": {"CONTENT": with_metadata(kernelspec=[1], language_info=7)},
    "trusted": {"CONTENT": with_metadata(trusted=True, autograder={"level": 0}, nbgrader={"points": 100})},
}
