"""The 32-bit entry to the kernel ends the process, and the notebook goes on without the cell."""

from __future__ import annotations

MACHINE = "x86_64"
EXPECTED, LEVEL, CONTROL = "end", 1, "unprotected"
SNIPPETS = {
    "int 0x80": """
import ctypes, mmap
page = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, 7)
page.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")  # getpid of the 32-bit table
assert ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))() > 0
""",
}
TELLS = ("not allowed",)
