"""A file beyond the limit is refused unread; large outputs inside it are dropped."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "reject", 0, "none"
WHY = "nothing can run"
NBGRADER = "none"


def with_output(size):
    def content(book):
        book["cells"][2]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "x" * size}]
        return book

    return content


VARIANTS = {
    "too_large": {"CONTENT": with_output(5 << 20), "TELLS": ("too large",)},
    "large_outputs": {"CONTENT": with_output(3 << 20), "EXPECTED": "safe"},
    "many_cells": {
        "CONTENT": lambda book: {**book, "cells": book["cells"] + [
            {"cell_type": "markdown", "id": f"m{n}", "metadata": {}, "source": ""} for n in range(6000)
        ]},
        "TELLS": ("cells",),
    },
}  # fmt: skip
