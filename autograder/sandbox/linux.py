"""The few kernel calls that Python's standard library lacks, each as a typed function.

Rule: no other module of the project calls the kernel through ctypes, and every call here either does what it
says or raises `OSError` with the name of the step; no result is dropped.

Numbers are those of Linux's headers for x86-64 and aarch64. Load the C library before any layer closes
(`load`): a confined process may no longer find it.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import platform
import signal
import socket
import struct
from functools import cache
from pathlib import Path
from typing import Any

from autograder.errors import GraderError

NEWNS, NEWCGROUP, NEWUTS, NEWIPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
NEWUSER, NEWPID, NEWNET = 0x10000000, 0x20000000, 0x40000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
MNT_DETACH = 2
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV = 1, 2, 4
AT_FDCWD, AT_RECURSIVE = -100, 0x8000

CAP_SYS_ADMIN = 21
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 24, 38
SECCOMP_MODE_FILTER = 2
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
CAPABILITY_VERSION_3 = 0x20080522

PR_GET_TID_ADDRESS = 40
CLONE_CHILD_CLEARTID, CLONE_CHILD_SETTID = 0x00200000, 0x01000000

CLONE = {"x86_64": 56, "aarch64": 220}
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
MOUNT_SETATTR = 442
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446


class JailError(GraderError):
    """A layer of the jail could not be raised; nothing of the submission was run."""


@cache
def load() -> Any:
    """The C library, with `errno` kept per call."""
    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library


@cache
def machine() -> str:
    """`x86_64` or `aarch64`; raises `JailError` where the jail has no table of system calls."""
    name = {"arm64": "aarch64", "amd64": "x86_64"}.get(platform.machine().lower(), platform.machine())
    if os.name != "posix" or platform.system() != "Linux" or name not in PIVOT_ROOT:
        raise JailError(
            f"No jail is known for {platform.system()} on {name}.",
            mend="Grade on Linux on x86-64 or aarch64; a virtual machine will do.",
        )
    return name


def _check(result: int, step: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), step)
    return int(result)


def _syscall(step: str, number: int, *arguments: int | bytes) -> int:
    raw = [ctypes.c_long(a) if isinstance(a, int) else ctypes.c_char_p(a) for a in arguments]
    return _check(load().syscall(ctypes.c_long(number), *raw), step)


def prctl(step: str, option: int, value: int) -> None:
    """`prctl(option, value)` for options of one argument."""
    zero = ctypes.c_ulong(0)
    _check(load().prctl(option, ctypes.c_ulong(value), zero, zero, zero), step)


def die_with_parent() -> None:
    """SIGKILL when the parent ends; the kernel forgets this at every change of uid."""
    prctl("die with parent", PR_SET_PDEATHSIG, 9)


def be_dumpable() -> None:
    """Gives `/proc/self` back to this process after a change of uid took it away."""
    prctl("dumpable", PR_SET_DUMPABLE, 1)


def no_new_privileges() -> None:
    """From here on no setuid bit and no file capability takes effect, for ever."""
    prctl("no_new_privs", PR_SET_NO_NEW_PRIVS, 1)


def has_capability(number: int) -> bool:
    """Whether capability `number` is effective in this process."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> number & 1)
    return False


def drop_bounding_set() -> None:
    """Takes every capability out of the bounding set; needs the capabilities still to be there."""
    drop, zero = load().prctl, ctypes.c_ulong(0)
    for capability in range(last_capability() + 1):
        result = drop(PR_CAPBSET_DROP, ctypes.c_ulong(capability), zero, zero, zero)
        if result < 0:
            _check(result, f"drop capability {capability}")


@cache
def last_capability() -> int:
    """The number of the kernel's last capability."""
    return int(Path("/proc/sys/kernel/cap_last_cap").read_text())


def drop_capabilities(*, keep: int | None = None) -> None:
    """Empties the effective, permitted and inheritable sets, but for the capability `keep` where it is there."""
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    kept = 1 << keep if keep is not None and has_capability(keep) else 0
    sets = struct.pack("6I", kept, kept, 0, 0, 0, 0)
    _check(load().capset(ctypes.c_char_p(header), ctypes.c_char_p(sets)), "drop capabilities")


def become(uid: int) -> None:
    """Changes uid and gid to `uid` for good, without supplementary groups."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    be_dumpable()
    die_with_parent()


@cache
def _holding() -> Any:
    """The C library, called without letting go of Python's lock, which a child inherits."""
    library = ctypes.PyDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library


def fork_into(flags: int) -> int:
    """`os.fork`, with the child as first process of the new namespaces in `flags`; for a parent of one thread.

    The C library's fork takes no flags, so its one necessary step, noting the child's thread id, is left to the
    kernel, at the address that the kernel itself was told at start-up. Handlers of `pthread_atfork` do not run,
    Python's own do. Raises `OSError` where the kernel does not tell the address or refuses the namespaces.
    """
    address = ctypes.c_ulong(0)
    _check(load().prctl(PR_GET_TID_ADDRESS, ctypes.byref(address)), "thread id address")
    flags |= CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | signal.SIGCHLD
    # The last two arguments, thread storage and child's thread id, stand in an order of the architecture's own.
    last = (address.value, 0) if machine() == "x86_64" else (0, address.value)
    raw = [ctypes.c_long(number) for number in (CLONE[machine()], flags, 0, 0, *last)]
    call = _holding().syscall
    ctypes.pythonapi.PyOS_BeforeFork()
    child = call(*raw)
    number = ctypes.get_errno()
    (ctypes.pythonapi.PyOS_AfterFork_Child if child == 0 else ctypes.pythonapi.PyOS_AfterFork_Parent)()
    if child < 0:
        raise OSError(number, os.strerror(number), "fork into namespaces")
    return int(child)


def unshare(flags: int) -> None:
    """Leaves the namespaces named in `flags`; with NEWUSER the process must have one thread."""
    _check(load().unshare(ctypes.c_int(flags)), "unshare namespaces")


def raise_loopback() -> None:
    """Turns on the one network device of a network namespace just made, through which it talks to itself."""
    wanted = struct.pack("16sh14x", b"lo", IFF_UP)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            fcntl.ioctl(any_socket, SIOCSIFFLAGS, wanted)
    except OSError as e:
        raise OSError(e.errno, e.strerror, "loopback") from None


def map_own_user(uid: int, gid: int) -> None:
    """In a user namespace just made: this user and group keep their numbers, no other exists."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        Path("/proc/self", name).write_text(text)


def mount(source: str, target: str, kind: str | None = None, flags: int = 0, data: str | None = None) -> None:
    """Mounts `source` at `target`; `kind` is the file system, or None for a bind."""
    raw = [ctypes.c_char_p(os.fsencode(t) if t is not None else None) for t in (source, target, kind, data)]
    result = load().mount(raw[0], raw[1], raw[2], ctypes.c_ulong(flags), raw[3])
    _check(result, f"mount {kind or source} on {target}")


def detach(target: str) -> None:
    """Takes a mount and all below it out of the tree, even while in use."""
    _check(load().umount2(ctypes.c_char_p(os.fsencode(target)), MNT_DETACH), f"unmount {target}")


def restrict_mount(path: str, *, recursive: bool) -> None:
    """Read-only, no setuid, no devices; `recursive` for all mounts below `path` too."""
    attributes = struct.pack("QQQQ", ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV, 0, 0, 0)
    flags = AT_RECURSIVE if recursive else 0
    _syscall(f"read-only {path}", MOUNT_SETATTR, AT_FDCWD, os.fsencode(path), flags, attributes, 32)


def pivot_root(new: str, old: str) -> None:
    """Makes the mount at `new` the root and puts the former root at `old`, below it."""
    _syscall("pivot_root", PIVOT_ROOT[machine()], os.fsencode(new), os.fsencode(old))


def landlock_abi() -> int:
    """The version of Landlock's interface in the kernel; 0 where there is none."""
    if platform.system() != "Linux":
        return 0
    try:
        return _syscall("landlock", LANDLOCK_CREATE_RULESET, 0, 0, 1)
    except OSError:
        return 0


def landlock_ruleset(attributes: bytes) -> int:
    """A new ruleset; returns its file descriptor. `attributes` is struct landlock_ruleset_attr."""
    return _syscall("landlock ruleset", LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0)


def landlock_add_path(ruleset: int, rights: int, folder: int) -> None:
    """Grants `rights` beneath the open descriptor `folder`."""
    rule = struct.pack("=Qi", rights, folder)
    _syscall("landlock rule", LANDLOCK_ADD_RULE, ruleset, 1, rule, 0)


def landlock_restrict(ruleset: int) -> None:
    """Puts this thread, and all that it starts, under the ruleset."""
    _syscall("landlock restrict", LANDLOCK_RESTRICT_SELF, ruleset, 0)


def install_filter(program: bytes) -> None:
    """Installs a seccomp program (8 bytes an instruction) for this thread and all that it starts."""
    buffer = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer)))
    zero = ctypes.c_ulong(0)
    address = ctypes.c_ulong(ctypes.addressof(header))
    _check(load().prctl(PR_SET_SECCOMP, ctypes.c_ulong(SECCOMP_MODE_FILTER), address, zero, zero), "seccomp filter")
