"""A stack that overflows ends one process, which is told as a crash; later cells keep their marks."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "end", 0, "one-process"
SOURCE = """
import ctypes
def prize(x):
    callback = ctypes.CFUNCTYPE(ctypes.c_int)
    def down():
        return callback(down)()
    import sys
    sys.setrecursionlimit(10**9)
    return callback(down)()
table = divisors = prize
motto = lambda: ""
guess = lambda inputs: []
"""
TELLS = ("crashed",)
NBGRADER = "together"
