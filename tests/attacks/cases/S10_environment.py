"""No variable of the grader's own environment is inside, neither in os.environ nor in /proc."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 0, "one-process"
SNIPPETS = {
    "read os.environ": "print(os.environ['ATTACKS_CANARY'])",
    "read /proc/self/environ": "text = open('/proc/self/environ').read(); assert 'ATTACKS_CANARY' in text; print(text)",
    "read the first environment": """
import ctypes
block = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
text, n = b"", 0
while block[n]:
    text += block[n]; n += 1
assert b"ATTACKS_CANARY" in text
""",
}
