"""Memory is bounded, however it is asked for."""

from __future__ import annotations

from attacks.snippets import LIBC

EXPECTED, LEVEL, CONTROL = "stop", 1, "one-process"
SNIPPETS = {
    "bytes": "bytearray(560 << 20)",
    "an array": "import numpy; numpy.ones(560 << 17)",
    "shared anonymous": "import mmap; m = mmap.mmap(-1, 560 << 20)",
    "a file in memory": "os.ftruncate(os.memfd_create('x'), 560 << 20)",
    "System V": LIBC + "must(l.shmctl(must(l.shmget(0, 4096, 0o1600)), 0, None))",
    "a zero device": "import mmap; f = os.open('/dev/zero', os.O_RDWR); mmap.mmap(f, 560 << 20)",
    "memory behind a growing stack": LIBC + "must(l.mmap(0, 560 << 20, 3, 0x122, -1, 0))",
    "write what cannot be written": """
import ctypes, mmap
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
at = libc.mmap(0, 4096, 1, 0x22, -1, 0)
with open("/proc/self/mem", "r+b", buffering=0) as memory:
    memory.seek(at)
    memory.write(b"x")
""",
    "files in memory": "for n in range(12): open(f'/dev/shm/S27-{os.getuid()}-{n}', 'wb').write(bytes(3 << 20))",
}
LEVELS = {"bytes": 0, "an array": 0, "a zero device": 2, "write what cannot be written": 2,
          "files in memory": 2}  # fmt: skip
UNPROVEN = {"memory behind a growing stack": "kernels differ in what they let grow"}
