"""Cells that want a person, another shell or another folder are errors of their own, and the rest goes on."""

from __future__ import annotations

from builders import cell

EXPECTED, LEVEL, CONTROL = "safe", 0, "none"
WHY = "they earn nothing anywhere"


def CONTENT(book):
    texts = (
        "input('your name?')",
        "%debug",
        "import getpass; getpass.getpass()",
        "%%bash\necho hello",
        "%cd /",
        "%autoreload 2",
        "%load_ext nothing",
        "!ls",
        "%reset -f",
        "breakpoint()",
        "1 +",
        "\tx = 1\n  y = 2",
        "%run nothing.py",
        "await nothing()",
        "import asyncio; asyncio.get_event_loop().stop()",
        "%%writefile ps.ipynb\n{}",
        "%history -g",
        "%%html\n<script>1</script>",
    )
    book["cells"][1:1] = [cell("code", text) | {"id": f"t{n}"} for n, text in enumerate(texts)]
    return book
