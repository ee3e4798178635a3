"""Which files the kernel lets a candidate open, whatever their owner and mode.

Rule: all rights that the kernel knows are handled, so what is not granted here is refused; nothing but the
work folders may be written, and nothing in them may be run.

Source: Linux, Documentation/userspace-api/landlock.rst. Interfaces after 7 are treated as 7, which they must
go on to support. Landlock never covers stat, chmod, utime and their kin: mounts or seccomp do (docs/security.md).
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Sequence

from autograder.sandbox import linux

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
MAKE_CHAR, MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK = 1 << 6, 1 << 9, 1 << 10, 1 << 11
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
"""The rights that make sense on a file; the kernel refuses a rule that grants others on one."""

NEWEST_KNOWN = 7
FULL_SINCE = 3
"""From interface 3 (Linux 6.2) truncation is covered; before it, a file of the same owner can be emptied."""


def handled(abi: int) -> tuple[int, int, int]:
    """The rights on files, on TCP and across domains that a kernel of interface `abi` can refuse."""
    abi = min(abi, NEWEST_KNOWN)
    files = (1 << 13) - 1
    files |= (1 << 13 if abi >= 2 else 0) | (TRUNCATE if abi >= 3 else 0) | (IOCTL_DEV if abi >= 5 else 0)
    return files, 3 if abi >= 4 else 0, 3 if abi >= 6 else 0


def attributes(abi: int, *, loopback: bool = False) -> bytes:
    """Landlock's struct landlock_ruleset_attr in the size that interface `abi` accepts: 8, 16 or 24 bytes.

    `loopback`: TCP is left to the network namespace, in which there is nobody else.
    """
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    files, tcp, domains = handled(abi)
    return struct.pack("QQQ", files, 0 if loopback else tcp, domains)[:size]


def rights(abi: int) -> tuple[int, int, int]:
    """What is granted: on readable paths, in work folders, on devices."""
    files = handled(abi)[0]
    unsafe = EXECUTE | MAKE_CHAR | MAKE_BLOCK | MAKE_SOCK | MAKE_FIFO | IOCTL_DEV
    readable = EXECUTE | READ_FILE | READ_DIR
    return readable & files, files & ~unsafe, (READ_FILE | WRITE_FILE) & files


def close(
    read_only: Sequence[str],
    work: Sequence[str],
    devices: Sequence[str],
    drivers: Sequence[str] = (),
    *,
    loopback: bool = False,
) -> int:
    """Restricts this process to the paths given and returns the interface's version.

    `drivers` are devices whose ioctl calls are needed too; `loopback` is as in `attributes`. Must be called by the
    very process that will be confined: a rule on `/proc/self` means the folder of its caller. Raises `OSError` at any
    failure and where the kernel has no Landlock; paths that are missing are left out, which grants less.
    """
    abi = linux.landlock_abi()
    if abi < 1:
        raise OSError(95, "the kernel has no Landlock", "landlock")
    readable, writable, device = rights(abi)
    driver = device | IOCTL_DEV & handled(abi)[0]
    granted = ((read_only, readable), (work, writable), (devices, device), (drivers, driver))
    _restrict(attributes(abi, loopback=loopback), granted)
    return abi


def fence(work: Sequence[str], devices: Sequence[str]) -> None:
    """Restricts this process to writing below `work` and to `devices`; all may be read and run, and TCP be used.

    From interface 6 it signals nobody outside either. Raises as `close` does.
    """
    abi = linux.landlock_abi()
    if abi < 1:
        raise OSError(95, "the kernel has no Landlock", "landlock")
    readable, _, device = rights(abi)
    everything = handled(abi)[0] & ~(MAKE_CHAR | MAKE_BLOCK | IOCTL_DEV)
    _restrict(attributes(abi, loopback=True), ((("/",), readable), (work, everything), (devices, device)))


def _restrict(told: bytes, granted: Sequence[tuple[Sequence[str], int]]) -> None:
    ruleset = linux.landlock_ruleset(told)
    try:
        for paths, right in granted:
            for path in paths:
                _grant(ruleset, path, right)
        linux.no_new_privileges()
        linux.landlock_restrict(ruleset)
    finally:
        os.close(ruleset)


def _grant(ruleset: int, path: str, granted: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        is_folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        linux.landlock_add_path(ruleset, granted if is_folder else granted & ON_FILES, handle)
    finally:
        os.close(handle)
