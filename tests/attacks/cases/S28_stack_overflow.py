"""A stack that overflows ends one process, which is told as a crash; later cells keep their marks."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "end", 0, "one-process"
SOURCE = """
import ctypes, sys, threading
def prize(x):
    callback = ctypes.CFUNCTYPE(ctypes.c_int)
    def down():
        return callback(down)()
    sys.setrecursionlimit(10**9)
    threading.stack_size(1 << 16)  # from 3.12 Python counts calls through C: far fewer must be too many
    thread = threading.Thread(target=callback(down))
    thread.start()
    thread.join()
table = divisors = prize
motto = lambda: ""
guess = lambda inputs: []
"""
TELLS = ("crashed",)
NBGRADER = "together"
