"""What is no JSON text is refused, and told so; a byte-order mark is accepted."""

from __future__ import annotations

import json

EXPECTED, LEVEL, CONTROL = "reject", 0, "none"
WHY = "nothing can run; the honest notebooks of the same class show that files are read"
TELLS = ("ps.ipynb",)
VARIANTS = {
    "not_json": {"CONTENT": b"print('hello')"},
    "breaks_off": {"CONTENT": lambda book: json.dumps(book).encode()[:-200]},
    "empty": {"CONTENT": b""},
    "blank": {"CONTENT": b" \n\t"},
    "utf16": {"CONTENT": lambda book: json.dumps(book).encode("utf-16")},
    "invalid_utf8": {"CONTENT": b'{"cells": ["\xff\xfe"]}'},
    "long_number": {"CONTENT": b'{"cells": [], "nbformat": 4, "x": ' + b"9" * 5000 + b"}"},
    "zeros": {"CONTENT": bytes(10_000)},
    "constant": {"CONTENT": b'{"cells": NaN, "nbformat": Infinity}'},
    "mark": {"CONTENT": lambda book: b"\xef\xbb\xbf" + json.dumps(book).encode(), "EXPECTED": "safe", "TELLS": ()},
}
