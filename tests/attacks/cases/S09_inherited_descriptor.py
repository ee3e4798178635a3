"""No descriptor that the grader had open is open inside, but the wire."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 0, "one-process"
SNIPPETS = {
    "use a folder left open": """
import stat
found = []
for fd in range(3, 1024):
    try:
        about = os.fstat(fd)
    except OSError:
        continue
    if stat.S_ISDIR(about.st_mode) or (stat.S_ISREG(about.st_mode) and about.st_nlink):
        found.append(fd)
assert found, "only sockets and unnamed files"
""",
}
