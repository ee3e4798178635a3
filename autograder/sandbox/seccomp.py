"""Which system calls a candidate may make: one table of names, one list of rules, one small compiler.

Rule: a call is refused by name here or not at all, and calls that are not in the tables of their architecture's
first generation are answered "no such call", so that what a new kernel adds stays shut until it is wanted.

A rule looks at one argument at most. The program is classic BPF over struct seccomp_data (number at offset 0,
architecture at 4, arguments of 8 bytes from 16, low word first); tests run it for both architectures in an
interpreter of their own. Sources: Linux, Documentation/userspace-api/seccomp_filter.rst; asm/unistd_64.h;
asm-generic/unistd.h.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autograder.sandbox.syscalls import FIRST_UNKNOWN, LATE, NUMBERS

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_BIT = 0x40000000

ALLOW, KILL = 0x7FFF0000, 0x80000000

LOAD, AND, RETURN, JUMP_EQUAL, JUMP_AT_LEAST = 0x20, 0x54, 0x06, 0x15, 0x35
WORD = 0xFFFFFFFF

Instruction = tuple[int, int, int, int]
"""Code, distance if true, distance if false, constant."""


def answer(number: int) -> int:
    """The verdict "do nothing and report error `number`"; 0 reports a success that did not happen."""
    return 0x00050000 | number


DENY, UNKNOWN, FULL = answer(errno.EPERM), answer(errno.ENOSYS), answer(errno.ENOMEM)


@dataclass(frozen=True, slots=True)
class Rule:
    """When `call` is made (and its argument fits), answer `verdict`."""

    call: str
    """The system call's name, a key of the table."""
    verdict: int = DENY
    """What the kernel does instead of the call."""
    argument: int | None = None
    """Which argument is looked at, from 0; None: none, the rule always applies."""
    mask: int = WORD
    """The bits of the argument's low word that are looked at."""
    values: tuple[int, ...] = ()
    """The masked values that the rule speaks of."""
    inside: bool = True
    """True: applies when the value is one of `values`; False: when it is none of them."""


def _words(names: str) -> tuple[str, ...]:
    return tuple(names.split())


KERNEL = _words(
    "ptrace process_vm_readv process_vm_writev kcmp mount umount2 pivot_root chroot unshare setns keyctl add_key "
    "request_key bpf perf_event_open userfaultfd kexec_load kexec_file_load init_module finit_module "
    "delete_module personality name_to_handle_at open_by_handle_at swapon swapoff reboot acct quotactl syslog "
    "settimeofday clock_settime adjtimex clock_adjtime iopl ioperm vhangup nfsservctl uselib ustat sysfs "
    "sethostname setdomainname move_pages migrate_pages mbind lookup_dcookie vmsplice modify_ldt "
    "remap_file_pages fanotify_init fanotify_mark seccomp"
)
"""Ways into the kernel, or into other processes, that no lesson needs."""
NODES = _words("mknod mknodat inotify_init inotify_init1 inotify_add_watch")
"""Pipes and devices planted for whoever collects files; watching folders that cannot be read."""
NETWORK = _words("socket connect bind listen accept accept4")
UNCOUNTED = _words(
    "memfd_create shmget shmat shmctl msgget msgsnd msgrcv msgctl semget semop semtimedop semctl mq_open mq_unlink"
)
"""Memory that no limit of the process counts, or that outlives it."""
PROGRAMS = _words("execve execveat fork vfork")
ATTRIBUTES = _words("chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes futimesat utimensat")
EXTENDED = _words("setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr")

CLONE_THREAD, CLONE_NEW_ANYTHING = 0x00010000, 0x7E020000
AF_UNIX, AF_INET, SOCK_STREAM = 1, 2, 1
SHARED_ANONYMOUS, GROWS_OR_HUGE = 0x21, 0x00040100
OWNER_COMMANDS = (8, 10, 15, 1024, 1026)  # F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY
TERMINAL_REQUESTS = (0x5412, 0x541C, 0x8901, 0x8902)  # TIOCSTI, TIOCLINUX, FIOSETOWN, SIOCSPGRP
PR_SET_PDEATHSIG = 1


def rules(*, processes: bool, own_pids: bool, own_mounts: bool, pid: int, loopback: bool = False) -> Iterator[Rule]:
    """The rules for one candidate, whose own process id is `pid`.

    `processes`: programs may be started. `own_pids`: a pid namespace hides all other processes.
    `own_mounts`: read-only mounts keep modes and times of foreign files; without them, changing these
    answers success and does nothing, so that copying a file still works. `loopback`: TCP may be spoken, in a
    network namespace that holds nobody else.
    """
    yield from map(Rule, [*KERNEL, *NODES, *UNCOUNTED])
    if loopback:
        # ZeroMQ asks for a list of network devices; this very answer tells it that there is none to be had.
        yield Rule("socket", answer(errno.EOPNOTSUPP), argument=0, values=(AF_INET,), inside=False)
        yield Rule("socket", argument=1, mask=0xF, values=(SOCK_STREAM,), inside=False)
    else:
        yield from map(Rule, NETWORK)
    yield Rule("clone", argument=0, mask=CLONE_NEW_ANYTHING, values=(0,), inside=False)
    yield Rule("socketpair", argument=0, values=(AF_UNIX,), inside=False)
    yield Rule("socketpair", argument=1, mask=0xF, values=(SOCK_STREAM,), inside=False)
    yield Rule("mmap", FULL, argument=3, mask=SHARED_ANONYMOUS, values=(SHARED_ANONYMOUS,))
    yield Rule("mmap", FULL, argument=3, mask=GROWS_OR_HUGE, values=(0,), inside=False)
    yield Rule("prctl", argument=0, values=(PR_SET_PDEATHSIG,))
    yield Rule("fcntl", argument=1, values=OWNER_COMMANDS)
    yield Rule("ioctl", argument=1, values=TERMINAL_REQUESTS)
    yield Rule("prlimit64", argument=0, values=(0, pid), inside=False)
    if not processes:
        yield from map(Rule, PROGRAMS)
        yield Rule("clone", argument=0, mask=CLONE_THREAD, values=(0,))
    if not own_pids:
        yield from _only_self(pid)
    if not own_mounts:
        yield from (Rule(name, answer(0)) for name in ATTRIBUTES)
        yield from (Rule(name, answer(errno.ENOTSUP)) for name in EXTENDED)


def _only_self(pid: int) -> Iterator[Rule]:
    """Signals and priorities reach the candidate itself and nobody else of the same owner."""
    for name in ("kill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo"):
        yield Rule(name, argument=0, values=(pid,), inside=False)
    yield Rule("tkill")
    for name in ("sched_setscheduler", "sched_setparam", "sched_setaffinity", "sched_setattr"):
        yield Rule(name, argument=0, values=(0, pid), inside=False)
    yield Rule("setpriority", argument=0, values=(0,), inside=False)  # PRIO_PROCESS
    yield Rule("setpriority", argument=1, values=(0, pid), inside=False)
    yield Rule("ioprio_set", argument=0, values=(1,), inside=False)  # IOPRIO_WHO_PROCESS
    yield Rule("ioprio_set", argument=1, values=(0, pid), inside=False)


def compile_rules(machine: str, given: Iterable[Rule]) -> tuple[Instruction, ...]:
    """The program for `machine` ("x86_64" or "aarch64"); rules for calls that it lacks are left out."""
    program: list[Instruction] = [
        (LOAD, 0, 0, 4),
        (JUMP_EQUAL, 1, 0, AUDIT_ARCH[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, 0),
    ]
    if machine == "x86_64":
        program += [(JUMP_AT_LEAST, 0, 1, X32_BIT), (RETURN, 0, 0, KILL)]
    for rule in given:
        number = NUMBERS[rule.call][machine == "aarch64"]
        if number is not None:
            program += _compile(rule, number)
    for number in LATE.values():
        program += [(JUMP_EQUAL, 0, 1, number), (RETURN, 0, 0, ALLOW)]
    program += [(JUMP_AT_LEAST, 0, 1, FIRST_UNKNOWN[machine]), (RETURN, 0, 0, UNKNOWN), (RETURN, 0, 0, ALLOW)]
    return tuple(program)


def _compile(rule: Rule, number: int) -> list[Instruction]:
    if rule.argument is None:
        return [(JUMP_EQUAL, 0, 1, number), (RETURN, 0, 0, rule.verdict)]
    body: list[Instruction] = [(LOAD, 0, 0, 16 + 8 * rule.argument)]
    if rule.mask != WORD:
        body.append((AND, 0, 0, rule.mask))
    count = len(rule.values)
    for place, value in enumerate(rule.values):
        onward = count - place - 1  # how many comparisons follow; behind them stands the verdict
        hit = onward if rule.inside else onward + 1
        miss = 0 if onward else (1 if rule.inside else 0)
        body.append((JUMP_EQUAL, hit, miss, value & WORD))
    body += [(RETURN, 0, 0, rule.verdict), (LOAD, 0, 0, 0)]
    return [(JUMP_EQUAL, 0, len(body), number), *body]


def encode(program: Iterable[Instruction]) -> bytes:
    """The program as the kernel reads it: 8 bytes an instruction, native order."""
    return b"".join(struct.pack("HBBI", *step) for step in program)
