"""No new namespace can be made or entered."""

from __future__ import annotations

import os

from attacks.snippets import LIBC

from autograder.sandbox.linux import CLONE

EXPECTED, LEVEL, CONTROL = "stop", 1, "unprotected"
NUMBER = CLONE.get(os.uname().machine, 0)
SNIPPETS = {
    "clone into a user namespace": LIBC
    + f"p = must(l.syscall({NUMBER}, 0x10000011, None, None, None, None))\nif not p: os._exit(0)\nos.waitpid(p, 0)",
    "clone3 into a user namespace": LIBC
    + "a = (c.c_uint64 * 11)(0x10000000, 0, 0, 0, 17)\np = must(l.syscall(435, a, 88))\nif not p: os._exit(0)\nos.waitpid(p, 0)",
    "enter another's": "import ctypes\nfd = os.open(f'/proc/{victim}/ns/net', 0)\nassert ctypes.CDLL(None).setns(fd, 0) == 0",
    "unshare": LIBC + "must(l.unshare(0x10000000))",
}
UNPROVEN = {"enter another's": "needs a capability"}
