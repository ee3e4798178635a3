"""Two candidates at the same time, or one after the other, cannot find each other."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 2, "unprotected"
LOOK = """
import socket, time
mine = f"S37-{os.getpid()}"
met = []
until = time.monotonic() + 0.5
for place in ("/tmp", "/dev/shm", "/var/tmp"):
    try:
        open(f"{place}/S37_neighbours-{os.getpid()}-{os.getuid()}", "w").close()
    except OSError:
        pass
while time.monotonic() < until and not met:
    for place in ("/tmp", "/dev/shm", "/var/tmp"):
        try:
            met += [n for n in os.listdir(place) if n.startswith(("S08_", "S37_")) and f"-{os.getpid()}-" not in n]
        except OSError:
            pass
    time.sleep(0.02)
assert met
"""
VARIANTS = {"one": {"SNIPPETS": {"meet": LOOK}}, "two": {"SNIPPETS": {"meet": LOOK}}}
