"""Cell ids that are doubled, missing, endless or paths change no mark and name no file."""

from __future__ import annotations

import copy
import json

EXPECTED, LEVEL, CONTROL = "safe", 0, "none"
WHY = "ids mean nothing to a kernel; whether one became a path shows in the canaries"


def each(change):
    def content(book):
        made = copy.deepcopy(book)
        for number, cell in enumerate(made["cells"]):
            change(cell, number)
        return json.dumps(made).encode()

    return content


VARIANTS = {
    "same": {"CONTENT": each(lambda cell, n: cell.update(id="x"))},
    "missing": {"CONTENT": each(lambda cell, n: cell.pop("id"))},
    "path": {"CONTENT": each(lambda cell, n: cell.update(id=f"../../../canaries/{n}"))},
    "long": {"CONTENT": each(lambda cell, n: cell.update(id="x" * 10_000 + str(n)))},
    "number": {"CONTENT": each(lambda cell, n: cell.update(id=n))},
    "odd": {"CONTENT": each(lambda cell, n: cell.update(id=f"\x00\ud800{n}\u202e"))},
}
