"""A forked process becomes a candidate: it can reach its work folder, the readable paths and the wire, no more.

Rule: layers close in one order, each is checked, and a layer that does not close ends the attempt: `enter`
returns with every layer of its level or raises `JailError`; it never steps down.

What holds and what does not is listed in docs/security.md, each promise with its test. The order:

    caller's fork A   signals, death with the parent, foreign descriptors closed
      A stays, waits  new user, pid, mount, network, ipc, uts and cgroup namespaces; passes the end of C on
      C goes on       first process of its namespaces: own session, new root, capabilities and root dropped,
                      limits, no_new_privs, Landlock, seccomp, proof; returns to the caller

Below level 3 there are no namespaces and A itself is C. When the caller is root and may mount, the new root is
built as root and no user namespace is needed: libraries below a folder that the candidate's uid could not enter
are mounted all the same. Otherwise a user namespace gives the right to mount.
"""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import multiprocessing.context
import multiprocessing.heap
import os
import signal
import stat
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.sandbox import landlock, limits, linux, mounts, seccomp, spaces
from autograder.sandbox.linux import JailError
from autograder.sandbox.spaces import ended_as, fork

__all__ = ["JailError", "Plan", "ended_as", "enter", "fork", "prepare"]

CANNOT = "Level {level} of the jail cannot be raised:"
ASK_DOCTOR = "`autograder doctor` says what this machine lacks."
PROC_FACTS = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems")
GPU_FACTS = ("/proc/driver/nvidia", "/proc/devices")


@dataclass(frozen=True, slots=True)
class Plan:
    """All that one candidate may reach and use."""

    level: int
    """4: everything; 3: as 4 with the machine's /proc behind Landlock; 2: no namespaces; 1: seccomp, limits and an
    own uid, for a start as root; 0: limits only, protects nothing."""
    read_only: tuple[str, ...]
    """Absolute paths that may be read, with all below them; see `mounts.libraries`. Must exist."""
    stage: str | None
    """Host folder whose regular files are copied into the work folder. Below level 3 the work folder lies beside
    it (`<parent>/work`, and `<parent>/tmp` for scratch), so the stage must be given, in a parent folder made
    for this candidate alone, which the candidate's uid may enter and the caller removes afterwards."""
    memory: int
    """Bytes of data that a process may allocate; what the work folder holds comes on top, from level 3."""
    cpu: int
    """Seconds of processor time, all threads together; then the candidate ends by SIGXCPU."""
    file_size: int
    """Bytes of the largest file."""
    work_size: int
    """Bytes that the work folder and scratch may hold together; bounded from level 3."""
    processes: int
    """Processes that may be started; 0: none, and no program may be run either. Threads are always allowed."""
    uid: int | None
    """The uid and gid to become when started as root, one that runs nothing else; ignored otherwise."""
    gpu: bool = False
    """Lets the candidate open the NVIDIA devices, and lifts the limits that the driver does not bear."""
    kernel: bool = False
    """A Jupyter kernel and its client run here: they may talk to each other over TCP, in a network namespace that
    holds nobody else, and open terminals of their own. From level 3, where processes are allowed."""


OWN_SPACES = 3
"""The first level at which a candidate has namespaces of its own."""
FIRST = 1
"""What a candidate's pid is in a namespace of its own."""


def prepare(read_only: tuple[str, ...], *, processes: bool, kernel: bool = False) -> None:
    """Finds out beforehand what every child of `fork` with spaces of its own would: it is kept, and inherited.

    What cannot be found out is left to `enter`, which says why.
    """
    with contextlib.suppress(OSError, JailError):
        linux.last_capability()
        mounts.layout(read_only)
        _program(processes, True, FIRST, kernel)


def enter(plan: Plan, keep_fds: Sequence[int]) -> str:
    """Confines this process, which must be a fresh fork with one thread, for ever; returns the work folder.

    The working directory is the work folder, TMPDIR and HOME are set, descriptors from 3 on are closed but
    `keep_fds`; 0, 1 and 2 are the caller's. From level 3, unless it comes from `fork` of this module, the calling
    process itself does not return: it waits for its child, in which the call returns, and ends as that ends, with
    its exit code or by its signal; SIGKILL to it ends all that runs in the jail. (A candidate that aborts ends by
    SIGSEGV: SIGABRT cannot end the first process of a namespace.) Raises `JailError` if any layer fails; then
    nothing may be run.
    """
    try:
        return _enter(plan, tuple(keep_fds))
    except OSError as e:
        raise JailError(
            f"{CANNOT.format(level=plan.level)} {e.filename or 'a system call'}: {e.strerror}.", mend=ASK_DOCTOR
        ) from e


def _enter(plan: Plan, keep: tuple[int, ...]) -> str:
    _check(plan)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    if sys.platform == "linux":
        linux.load()
        linux.die_with_parent()
    _close_all_but(keep)
    if plan.level >= 3:
        spaces.own_namespaces(plan.uid, plan.cpu, keep)
        if plan.kernel:
            linux.raise_loopback()
    if os.getsid(0) != os.getpid():
        os.setsid()  # inside: else the process group of the parent, outside, could be signalled
    if plan.level >= 3:
        owner = plan.uid if os.geteuid() == 0 and plan.uid is not None else os.geteuid()
        work = mounts.build(
            plan.read_only,
            size=plan.work_size,
            owner=owner,
            own_proc=plan.level >= 4,
            stage=plan.stage,
            devices=(*mounts.DEVICES, *_drivers(plan)),
            terminals=plan.kernel,
        )
        scratch = mounts.SCRATCH
    else:
        work, scratch = _folders_beside(plan)
    _give_up_root(plan)
    limits.close(
        memory=plan.memory,
        cpu=plan.cpu,
        file_size=plan.file_size,
        processes=plan.processes,
        shared_user=plan.level < 3 and plan.uid != os.geteuid(),
        gpu=plan.gpu,
        complete=plan.level > 0,
    )
    os.umask(0o077)
    os.chdir(work)
    os.environ.update(TMPDIR=scratch, HOME=work, MPLCONFIGDIR=f"{scratch}/matplotlib")  # no file of the student's
    tempfile.tempdir = None  # what the parent may have found out is no longer true
    if plan.level == 2:
        _share_plain_locks()
    if plan.level >= 1:
        _close_layers(plan, work, scratch)
    return work


def _check(plan: Plan) -> None:
    """Refuses plans that cannot hold their promise, before anything is done."""
    if not 0 <= plan.level <= 4:
        raise JailError(f"There is no level {plan.level} of the jail.")
    if spaces.born_inside is not None and plan.level < 3:
        raise JailError(f"This process was forked for level 3 or 4 of the jail, not for {plan.level}.")
    if os.geteuid() == 0 and not plan.uid:
        raise JailError("A candidate never runs as root.", mend="Give it a uid of its own, above 0.")
    if plan.level == 1 and os.geteuid() != 0:
        raise JailError("Level 1 of the jail needs a start as root: an own uid is all that guards files there.")
    if plan.level < 3 and plan.stage is None:
        raise JailError("Below level 3 a candidate needs a stage: its work folder lies beside it.")
    if plan.level in (1, 2) and plan.processes:
        raise JailError(
            f"At level {plan.level} candidates cannot start processes: nothing would end strays.",
            mend="Use a machine with user namespaces, or set processes = 0 for the assignment.",
        )
    if plan.kernel and (plan.level < 3 or not plan.processes):
        raise JailError("A Jupyter kernel needs level 3 of the jail and processes: sockets are nobody else's there.")
    if plan.level == 2 and os.geteuid() != 0 and 0 < linux.landlock_abi() < landlock.FULL_SINCE:
        raise JailError(
            "Level 2 of the jail needs Linux 6.2 or a start as root: this Landlock does not guard against truncation."
        )
    if plan.level >= 1:
        linux.machine()


def _close_all_but(keep: tuple[int, ...]) -> None:
    """Closes what was inherited: a descriptor is a right that no later layer takes back.

    A folder must not be kept: from it the whole tree of the machine could be walked.
    """
    listing = "/proc/self/fd" if sys.platform == "linux" else "/dev/fd"
    for number in map(int, os.listdir(listing)):
        try:
            if number >= 3 and number not in keep:
                os.close(number)
            elif stat.S_ISDIR(os.fstat(number).st_mode):
                raise JailError(f"Descriptor {number}, which the candidate would keep, is a folder.")
        except OSError:  # the descriptor of the listing itself, closed by now
            continue


def _folders_beside(plan: Plan) -> tuple[str, str]:
    """Work and scratch folders beside the stage, for levels without mounts; the caller removes them."""
    assert plan.stage is not None
    parent = Path(plan.stage).resolve().parent
    owner = plan.uid if os.geteuid() == 0 and plan.uid is not None else os.geteuid()
    for folder in (parent / "work", parent / "tmp"):
        folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(folder, owner, owner)
    mounts.copy_stage(plan.stage, str(parent / "work"), owner)
    return str(parent / "work"), str(parent / "tmp")


def _give_up_root(plan: Plan) -> None:
    """No capability is left, and no way back to one; then what may be read must be readable."""
    if plan.level >= 1 and (os.geteuid() == 0 or plan.level >= 3):
        linux.drop_bounding_set()
    if os.geteuid() == 0:
        assert plan.uid is not None
        linux.become(plan.uid)
    if plan.level >= 1:
        linux.drop_capabilities()
        linux.die_with_parent()
    for path in plan.read_only:
        if not os.access(path, os.R_OK):
            raise JailError(
                f"The readable path {path} cannot be read by uid {os.geteuid()}.",
                mend="Make it and the folders above it readable, or install elsewhere, such as below /opt.",
            )


def _drivers(plan: Plan) -> tuple[str, ...]:
    if not plan.gpu:
        return ()
    return tuple(sorted(str(p) for p in Path("/dev").glob("nvidia*") if p.is_char_device()))


def _share_plain_locks() -> None:
    """Gives `multiprocessing` the locks of threads: its own are files in /dev/shm, which a candidate without mounts
    may not touch, and thread pools (of scikit-learn, for one) ask for them. There are no processes to share them.
    """
    for name in ("Lock", "RLock", "Condition", "Semaphore", "BoundedSemaphore", "Event"):
        kind = getattr(threading, name)
        setattr(multiprocessing.context.BaseContext, name, staticmethod(kind))
        setattr(multiprocessing, name, kind)
    multiprocessing.heap.Arena._dir_candidates = []  # type: ignore[attr-defined]  # values lie in TMPDIR then


def _close_layers(plan: Plan, work: str, scratch: str) -> None:
    """no_new_privs, Landlock, seccomp, in this order: the last forbids what the others need."""
    drivers = (*_drivers(plan), *((mounts.TERMINALS,) if plan.kernel else ()))
    own = plan.level >= 3
    program = _program(plan.processes > 0, own, os.getpid(), plan.kernel)
    linux.no_new_privileges()
    if plan.level >= 2:
        processes = "/proc" if plan.level >= 4 and plan.processes else "/proc/self"
        facts = (processes, *PROC_FACTS, mounts.CPU_FACTS, *(GPU_FACTS if plan.gpu else ()))
        writable = (work, scratch, *((mounts.MEMORY_FILES,) if plan.level >= 3 else ()))
        landlock.close((*plan.read_only, *facts), writable, mounts.DEVICES, drivers, loopback=plan.kernel)
    status = os.open("/proc/self/status", os.O_RDONLY | os.O_CLOEXEC)
    linux.install_filter(program)
    _prove(os.read(status, 1 << 16).decode())
    os.close(status)


@functools.lru_cache(maxsize=8)
def _program(processes: bool, own: bool, pid: int, loopback: bool) -> bytes:
    """The filter of system calls; `own`: the candidate has namespaces of its own."""
    rules = seccomp.rules(processes=processes, own_pids=own, own_mounts=own, pid=pid, loopback=loopback)
    return seccomp.encode(seccomp.compile_rules(linux.machine(), rules))


def _prove(status: str) -> None:
    """Asks the kernel whether the layers are on."""
    facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    wanted = {"NoNewPrivs": "1", "Seccomp": "2", "Threads": "1"}
    wanted |= dict.fromkeys(("CapEff", "CapPrm", "CapInh"), "0" * 16)
    for name, value in wanted.items():
        if facts.get(name) != value:
            raise JailError(f"The jail did not close: {name} is {facts.get(name)}, not {value}.")
    if "0" in facts["Uid"].split():
        raise JailError("The jail did not close: the candidate would run as root.")
