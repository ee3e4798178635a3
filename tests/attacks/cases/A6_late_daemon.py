"""A process that waits for the marks to be written is gone before."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 1, "unprotected"
SNIPPETS = {
    "wait and write": """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        import time
        time.sleep(0.2)
        open(folder + "/late", "w").write("full marks")
    os._exit(0)
os.wait()
""",
}
