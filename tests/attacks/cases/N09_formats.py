"""Other formats are upgraded or refused."""

from __future__ import annotations

import copy
import json

EXPECTED, LEVEL, CONTROL = "reject", 0, "none"
WHY = "a kernel never sees the file"


def with_format(**changes):
    return lambda book: json.dumps({**copy.deepcopy(book), **changes}).encode()


def third(book):
    cells = [
        {
            "cell_type": c["cell_type"],
            "metadata": c["metadata"],
            **(
                {"input": c["source"], "language": "python", "outputs": [], "prompt_number": 1}
                if c["cell_type"] == "code"
                else {"source": c["source"]}
            ),
        }
        for c in book["cells"]
    ]
    return json.dumps(
        {
            "nbformat": 3,
            "nbformat_minor": 0,
            "metadata": {"name": ""},
            "worksheets": [{"cells": cells, "metadata": {}}],
        }
    ).encode()


VARIANTS = {
    "text": {"CONTENT": with_format(nbformat="4")},
    "future": {"CONTENT": with_format(nbformat=99)},
    "negative": {"CONTENT": with_format(nbformat=-1)},
    "list": {"CONTENT": with_format(nbformat=[4])},
    "minor": {"CONTENT": with_format(nbformat_minor=99), "EXPECTED": "safe"},
    "minor_text": {"CONTENT": with_format(nbformat_minor="x"), "EXPECTED": "safe"},
    "third": {"CONTENT": third, "EXPECTED": "safe"},
    "third_mangled": {"CONTENT": b'{"nbformat": 3, "worksheets": [{"cells": 5}, null]}'},
    "second": {"CONTENT": b'{"nbformat": 2, "worksheets": [[]]}'},
}
