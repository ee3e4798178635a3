"""JSON that is no notebook is refused."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "reject", 0, "none"
WHY = "nothing can run"
TELLS = ("ps.ipynb",)
VARIANTS = {
    name: {"CONTENT": content}
    for name, content in {
        "list": b"[1, 2, 3]", "null": b"null", "number": b"1e999", "text": b'"cells"', "object": b"{}", "lists": b"[" * 50 + b"]" * 50,
    }.items()
}  # fmt: skip
