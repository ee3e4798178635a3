"""Other processes cannot be seen."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 2, "unprotected"
SNIPPETS = {
    "list processes": "assert len([name for name in os.listdir('/proc') if name.isdigit()]) > 3",
    "read a command line": "assert open(f'/proc/{victim}/cmdline').read()",
    "try all numbers": """
found = []
for pid in range(1, 40000):
    try:
        found.append(open(f"/proc/{pid}/cmdline").read())
    except OSError:
        pass
assert len(found) > 3, len(found)
""",
}
