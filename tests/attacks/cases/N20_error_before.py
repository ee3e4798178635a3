"""An error before the answers costs nothing but itself."""

from __future__ import annotations

from builders import cell

EXPECTED, LEVEL, CONTROL = "safe", 0, "none"
WHY = "nothing is attacked"


def CONTENT(book):
    book["cells"].insert(1, cell("code", "1 / 0") | {"id": "e0"})
    book["cells"].insert(4, cell("code", "import nothing_of_that_name") | {"id": "e1"})
    return book
