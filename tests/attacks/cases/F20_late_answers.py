"""An answer after the bell is no answer."""

from __future__ import annotations

from attacks.case import HONEST

EXPECTED, LEVEL, CONTROL = "zero", 0, "none"
WHY = "the other process has no clock for a single test"
EARNS = HONEST | {"test_parts": 4.0, "test_error": 1.0}
SOURCE = """
import time
def prize(x):
    until = time.monotonic() + 1.6 * (x == 3)
    while time.monotonic() < until:
        try:
            time.sleep(until - time.monotonic())
        except BaseException:
            pass
    if x < 0:
        raise ValueError
    return x * (x + 1)
"""
