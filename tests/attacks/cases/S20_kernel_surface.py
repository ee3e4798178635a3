"""Calls that an honest lesson never makes are refused."""

from __future__ import annotations

import os

from attacks.snippets import LIBC

EXPECTED, LEVEL, CONTROL = "stop", 1, "unprotected"
ARM = os.uname().machine == "aarch64"
SNIPPETS = {
    "io_uring": LIBC + "assert l.syscall(425, 1, (c.c_char * 120)()) > 0 or c.get_errno() == 12, c.get_errno()",
    "userfaultfd": LIBC + f"must(l.syscall({282 if ARM else 323}, 1))",
    "key ring": LIBC + f"must(l.syscall({219 if ARM else 250}, 0, -3, 0))",
    "personality": LIBC + "must(l.personality(0xFFFFFFFF))",
    "file handle": LIBC
    + "h = (c.c_int * 34)(128); must(l.name_to_handle_at(-100, b'/usr', h, c.byref(c.c_int()), 0))",
    "watch a folder": LIBC + "must(l.inotify_add_watch(must(l.inotify_init()), folder.encode(), 0x100))",
    "bpf": LIBC + f"must(l.syscall({280 if ARM else 321}, 0, (c.c_char * 128)(), 128))",
    "perf": LIBC + f"must(l.syscall({241 if ARM else 298}, (c.c_char * 128)(), 0, -1, -1, 0))",
    "mount": LIBC + "must(l.mount(b'none', b'/tmp', b'tmpfs', 0, None))",
    "open by handle": LIBC + "h = (c.c_int * 34)(128); must(l.open_by_handle_at(3, h, 0))",
    "a call that nobody knows yet": LIBC + "l.syscall(999, 0); assert c.get_errno() != 38",
}
UNPROVEN = dict.fromkeys(
    ("bpf", "perf", "mount", "open by handle", "a call that nobody knows yet"),
    "needs a capability, or a newer kernel",
) | dict.fromkeys(("userfaultfd", "io_uring"), "a setting may reserve it for root")
