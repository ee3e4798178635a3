"""Packages cannot be installed; the cell says so and the rest goes on."""

from __future__ import annotations

from builders import cell

EXPECTED, LEVEL, CONTROL = "safe", 1, "none"
WHY = "the tests need no network"
NBGRADER = "none"


def CONTENT(book):
    book["cells"].insert(1, cell("code", "!pip install nothing-of-that-name") | {"id": "e0"})
    book["cells"].insert(1, cell("code", "%pip install nothing-of-that-name") | {"id": "e1"})
    book["cells"].insert(
        1,
        cell("code", "import urllib.request\nurllib.request.urlopen('http://127.0.0.1:9/mnist.npz')") | {"id": "e2"},
    )
    return book
