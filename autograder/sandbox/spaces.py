"""Namespaces of a candidate's own: other processes, networks, users and mounts do not exist for it.

Rule: the candidate is the first process of its pid namespace, so the kernel ends all that it started when it ends,
and it ends when the process that waits for it does.

The caller of `fork` gets the candidate's own pid. After a plain `os.fork` a process stays behind and waits, which
costs a second copy of a large parent's page tables.
"""

from __future__ import annotations

import os
import resource
import select
import signal
from functools import cache
from typing import NoReturn

from autograder.sandbox import linux

SPACES = linux.NEWNS | linux.NEWPID | linux.NEWNET | linux.NEWIPC | linux.NEWUTS | linux.NEWCGROUP

born_inside: tuple[int, int] | None = None
"""In a child of `fork` that is the first of its namespaces: its uid and gid outside; they are not mapped yet."""


def fork(level: int) -> int:
    """`os.fork` for a parent of one thread that has grown large: a child of it need not be copied twice.

    From level 3 the child is born as the first process of its namespaces, so that in it `enter` returns at once
    and no process waits between: the pid is the candidate's own. Where that cannot be had this is `os.fork`, and
    `enter` does the rest. Either way the child must call `enter` with the same level.
    """
    global born_inside  # noqa: PLW0603 - what the child knows of its birth
    ids = os.geteuid(), os.getegid()
    may_mount = root_may_mount()
    if level < 3 or (ids[0] == 0 and not may_mount):
        return os.fork()
    linux.load()
    try:
        pid = linux.fork_into(linux.NEWPID if may_mount else linux.NEWPID | linux.NEWUSER)
    except OSError:
        return os.fork()
    if pid == 0:
        born_inside = ids
    return pid


def root_may_mount() -> bool:
    """Whether this process is a root that can make mounts, and so needs no user namespace for them."""
    return os.geteuid() == 0 and _may_mount(os.getpid())


@cache
def _may_mount(pid: int) -> bool:  # the warm parent asks before each fork
    return linux.has_capability(linux.CAP_SYS_ADMIN)


def own_namespaces(uid: int | None, cpu: int, keep: tuple[int, ...]) -> None:
    """Returns in the first process of new namespaces; unless it is that already, the calling process waits for it.

    `uid`: the one to become first when started as root in a container that gives root no right to mount.
    """
    if born_inside is not None:
        if born_inside[0] != 0:
            linux.map_own_user(*born_inside)
        linux.unshare(SPACES & ~linux.NEWPID)
        return
    may_mount = root_may_mount()
    if os.geteuid() == 0 and not may_mount:
        assert uid is not None
        linux.become(uid)
    ids = os.geteuid(), os.getegid()
    linux.unshare(SPACES if may_mount else SPACES | linux.NEWUSER)
    if not may_mount:
        linux.map_own_user(*ids)
    _leave_waiting(cpu, keep)


def _leave_waiting(cpu: int, keep: tuple[int, ...]) -> None:
    """Returns in a child, the first of the new pid namespace, which dies with this process."""
    alive, held = os.pipe()
    child = os.fork()
    if child:
        os.close(alive)
        _pass_on(child, cpu, keep)
    os.close(held)
    linux.die_with_parent()
    if select.select([alive], [], [], 0)[0]:  # the parent was gone before the line above
        os._exit(70)
    os.close(alive)


def _pass_on(child: int, cpu: int, keep: tuple[int, ...]) -> NoReturn:
    """Waits for the candidate and ends as it did; the descriptors kept are its alone."""
    try:
        for fd in keep:
            os.close(fd)
        _, status, used = os.wait4(child, 0)
        code = ended_as(status, used, cpu)
        if code >= 0:
            os._exit(code)
        number = -code
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    finally:
        os._exit(70)


def ended_as(status: int, used: resource.struct_rusage, cpu: int) -> int:
    """The exit code, or minus the signal, that `os.wait4` reported; running out of `cpu` seconds is SIGXCPU.

    The first process of a namespace does not hear SIGXCPU; the kernel kills it a second later.
    """
    code = os.waitstatus_to_exitcode(status)
    out_of_time = code == -signal.SIGKILL and used.ru_utime + used.ru_stime >= cpu
    return -signal.SIGXCPU if out_of_time else code
