"""What runs at the end of a process, or when an object dies, changes nothing."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "zero", 2, "one-process"
SOURCE = """
import atexit, gc, weakref

def write(*a):
    for name in (folder + "/secret", course + "/grades.csv", "results.json"):
        try:
            open(name, "w").write("full marks")
        except OSError:
            pass

class Dying:
    def __del__(self):
        write()

atexit.register(write)
thing = Dying()
weakref.finalize(thing, write)
del thing
gc.collect()
"""
