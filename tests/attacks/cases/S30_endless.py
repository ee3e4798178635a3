"""A cell that never ends is ended, whatever it ignores; the cells after it keep their marks."""

from __future__ import annotations

from attacks.case import HONEST

EXPECTED, LEVEL, CONTROL = "end", 0, "one-process"
VARIANTS = {
    "loop": {"SNIPPETS": {"loop": "while True: pass"}, "TELLS": ("took longer than",)},
    "ignores": {
        "SNIPPETS": {
            "ignore": "import signal\nfor s in (2, 14, 15): signal.signal(s, signal.SIG_IGN)\nwhile True: pass"
        },
        "TELLS": ("longer than",),
    },
    "holds": {
        "SNIPPETS": {"hold": "import ctypes; ctypes.PyDLL(None).sleep(100)"},
        "TELLS": ("longer than",),
    },
    "in_a_test": {
        "SOURCE": """
def prize(x):
    while x == 3:
        try:
            while True: pass
        except BaseException:
            pass
    if x < 0:
        raise ValueError
    return x * (x + 1)
""",
        "EARNS": HONEST | {"test_parts": 4.0, "test_error": 1.0},
        "TELLS": ("longer than",),
    },
}
