"""An answer after the bell is no answer."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "zero", 0, "none"
WHY = "the other process has no clock for a single test"
SOURCE = """
import time
def prize(x):
    until = time.monotonic() + 1.6
    while time.monotonic() < until:
        try:
            time.sleep(until - time.monotonic())
        except BaseException:
            pass
    if x < 0:
        raise ValueError
    return x * (x + 1)
"""
