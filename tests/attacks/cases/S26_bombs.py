"""Processes cannot be multiplied, and threads only so far."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 1, "one-process"
SNIPPETS = {
    "threads": """
import threading
stop = threading.Event()
made = []
try:
    for n in range(300):
        made.append(threading.Thread(target=stop.wait, daemon=True))
        made[-1].start()
except RuntimeError:
    made.pop()
finally:
    stop.set()
    for one in made:
        one.join()
assert len(made) == 300, len(made)
""",
    "processes": """
children = []
try:
    for n in range(30):
        pid = os.fork()
        if not pid:
            os._exit(0)
        children.append(pid)
finally:
    for pid in children:
        os.waitpid(pid, 0)
""",
}
