"""The memory, descriptors and folders of other processes of the same uid are out of reach."""

from __future__ import annotations

from attacks.snippets import LIBC

EXPECTED, LEVEL, CONTROL = "stop", 1, "unprotected"
SNIPPETS = {
    "open its memory": "open(f'/proc/{victim}/mem', 'rb')",
    "read its status": "open(f'/proc/{victim}/status').read()",
    "read its environment": "open(f'/proc/{victim}/environ').read()",
    "its root folder": "os.listdir(f'/proc/{victim}/root')",
    "read it by call": LIBC + "v = (c.c_void_p * 2)(4096, 8); w = (c.c_void_p * 2)(c.addressof(v), 8)\n"
    "l.process_vm_readv(victim, w, 1, v, 1, 0); e = c.get_errno(); assert e == 14, e",
    "trace it": LIBC + "must(l.ptrace(0x4206, victim, None, None)); l.ptrace(17, victim, None, None)",
    "take its descriptor": LIBC + "must(l.syscall(438, os.pidfd_open(victim), 0, 0))",
    "read the parent": "open(f'/proc/{os.getppid()}/environ').read()",
    "write the parent": "open(f'/proc/{os.getppid()}/mem', 'r+b')",
}
LEVELS = dict.fromkeys(("open its memory", "read its status", "read its environment", "its root folder"), 2)
UNPROVEN = dict.fromkeys(("read the parent", "write the parent"), "started as root, the parent is another user's")
