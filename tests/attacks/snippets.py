"""Lines that several attacks begin with."""

from __future__ import annotations

LIBC = """
import ctypes as c, os
l = c.CDLL(None, use_errno=True)
l.mmap.restype = c.c_void_p
l.mmap.argtypes = [c.c_void_p, c.c_size_t, c.c_int, c.c_int, c.c_int, c.c_long]
def must(r):
    if r is None or r < 0 or r == 2**64 - 1:
        raise OSError(c.get_errno(), os.strerror(c.get_errno()))
    return r
"""
"""`l`: the C library; `must`: an error of the call is an exception."""
WIRE = """
import os, socket, stat, struct
def wire():
    for name in sorted(map(int, os.listdir("/proc/self/fd"))):
        try:
            if name > 2 and stat.S_ISSOCK(os.fstat(name).st_mode):
                return name
        except OSError:
            pass
    raise OSError("no wire")
"""
"""`wire()`: the first socket of this process."""
