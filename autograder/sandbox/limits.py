"""Bounds on what one candidate may use: memory, time, files, threads.

Rule: every bound is the kernel's, hard from the start, and none is above what this process was given itself.

Memory is bounded as data (RLIMIT_DATA), which gives a MemoryError where address space would make numerical
libraries abort; memory that this does not count is refused by `seccomp`. Address space is bounded too, far above,
because page tables of reserved space are memory that nothing else counts.
"""

from __future__ import annotations

import os
import resource
from pathlib import Path

from autograder.sandbox.linux import JailError

THREADS = 64
THREADS_PER_CORE = 4
"""Threads that every candidate may have, in all and for each core: numerical libraries start pools."""
ADDRESS_SPACE = 32 << 30
"""Bytes of address space above the memory limit: room for reserved pages, a bound on page tables."""


def close(
    *, memory: int, cpu: int, file_size: int, processes: int, shared_user: bool, gpu: bool, complete: bool
) -> None:
    """Sets all limits. NPROC counts rightly only after a new user namespace, so this comes late.

    `memory` and `file_size` in bytes, `cpu` in seconds, `processes` besides the candidate's threads. `shared_user`:
    this user runs other things too, in the same user namespace, which the kernel counts with the candidate's. `gpu`:
    leaves address space and locked memory to the driver. `complete`: a limit that Python does not know is an error.
    """
    count = THREADS + THREADS_PER_CORE * (os.cpu_count() or 1) + processes
    if shared_user:
        count += _threads_of(os.geteuid())
    limits = {
        "CORE": 0,
        "CPU": cpu,
        "DATA": memory,
        "FSIZE": file_size,
        "MSGQUEUE": 0,
        "NOFILE": 256,
        "NPROC": count,
        "RTPRIO": 0,
        "STACK": 16 << 20,
    }
    if not gpu:
        limits |= {"AS": memory + ADDRESS_SPACE, "MEMLOCK": 0}
    for name, value in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}", None)
        if kind is not None:
            _set(kind, value, grace=int(name == "CPU"))
        elif complete:
            raise JailError(f"This Python does not know the limit {name}.")


def _set(kind: int, value: int, *, grace: int) -> None:
    """Both bounds to `value`, the hard one `grace` above, neither above the hard one inherited."""
    _, ceiling = resource.getrlimit(kind)
    unbounded = ceiling == resource.RLIM_INFINITY
    soft = value if unbounded else min(value, ceiling)
    hard = value + grace if unbounded else min(value + grace, ceiling)
    resource.setrlimit(kind, (soft, hard))


def _threads_of(uid: int) -> int:
    """Threads that run for `uid` on this machine, now."""
    total = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if process.stat().st_uid == uid:
                total += len(os.listdir(process / "task"))
        except OSError:  # it has ended since
            continue
    return total
