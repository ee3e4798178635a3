"""The filter's programs, run for both architectures by an interpreter that knows nothing of their maker."""

from __future__ import annotations

import errno
import re
import struct
from pathlib import Path

import pytest

from autograder.sandbox import seccomp
from autograder.sandbox.syscalls import FIRST_UNKNOWN, LATE, NUMBERS

MACHINES = ("x86_64", "aarch64")
ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOWED, KILLED = "allowed", "killed"
STRICT = {"processes": False, "own_pids": True, "own_mounts": True, "pid": 1}
THREAD = 0x3D0F00  # the flags with which the C library starts a thread
FORK = 0x1200011

# Calls that any Python needs, with their numbers on both architectures.
ORDINARY = {
    "read": (0, 63), "write": (1, 64), "close": (3, 57), "poll/ppoll": (271, 73), "brk": (12, 214),
    "munmap": (11, 215), "sendmsg": (46, 211), "recvmsg": (47, 212), "futex": (202, 98), "openat": (257, 56),
    "getdents64": (217, 61), "epoll_create1": (291, 20), "eventfd2": (290, 19), "pipe2": (293, 59),
    "clock_gettime": (228, 113), "getrandom": (318, 278), "exit_group": (231, 94), "rt_sigaction": (13, 134),
    "getsockname": (51, 204), "sched_getaffinity": (204, 123), "madvise": (28, 233), "mprotect": (10, 226),
    "statx": (332, 291), "rseq": (334, 293), "ftruncate": (77, 46), "wait4": (61, 260),
}  # fmt: skip


def run(code: bytes, machine: str, number: int, *arguments: int, arch: int | None = None) -> object:
    """What the kernel would do: classic BPF over struct seccomp_data."""
    words = list(arguments) + [0] * (6 - len(arguments))
    data = struct.pack("<iIQ6Q", number, ARCH[machine] if arch is None else arch, 0, *(w & 2**64 - 1 for w in words))
    steps = list(struct.iter_unpack("<HBBI", code))
    accumulator, place = 0, 0
    while True:
        operation, true, false, k = steps[place]
        place += 1
        match operation:
            case 0x20:
                accumulator = struct.unpack_from("<I", data, k)[0]
            case 0x54:
                accumulator &= k
            case 0x15:
                place += true if accumulator == k else false
            case 0x35:
                place += true if accumulator >= k else false
            case 0x06:
                break
            case _:
                raise AssertionError(f"operation {operation:#x}")
    if k == 0x7FFF0000:
        return ALLOWED
    return KILLED if k == 0x80000000 else errno.errorcode.get(k & 0xFFFF, k & 0xFFFF) if k >> 16 == 5 else hex(k)


def made(machine: str, **changes: object) -> bytes:
    return seccomp.encode(seccomp.compile_rules(machine, seccomp.rules(**{**STRICT, **changes})))


def call(machine: str, name: str, *arguments: int, **changes: object) -> object:
    number = NUMBERS[name][MACHINES.index(machine)]
    if number is None:
        pytest.skip(f"{machine} has no {name}")
    return run(made(machine, **changes), machine, number, *arguments)


@pytest.mark.parametrize("machine", MACHINES)
def test_the_kernel_can_load_the_program(machine):
    """The program is a multiple of 8 bytes, under the kernel's 4,096 instructions, and every jump lands inside."""
    steps = seccomp.compile_rules(machine, seccomp.rules(processes=False, own_pids=False, own_mounts=False, pid=7))
    assert len(steps) < 4096
    assert 8 * len(steps) == len(seccomp.encode(steps))
    assert all(place + 1 + max(step[1], step[2]) < len(steps) for place, step in enumerate(steps) if step[0] & 7 == 5)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_calls_pass(machine, name):
    """What every Python program does is allowed, whatever its arguments."""
    number = ORDINARY[name][MACHINES.index(machine)]
    for level in ({}, {"own_pids": False, "own_mounts": False}):
        assert ALLOWED == run(made(machine, **level), machine, number, *[2**64 - 1] * 6)
        assert ALLOWED == run(made(machine, **level), machine, number)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    "name", [*seccomp.KERNEL, *seccomp.NODES, *seccomp.NETWORK, *seccomp.UNCOUNTED, *seccomp.PROGRAMS]
)
def test_refused_calls_are_refused(machine, name):
    """Every call of the lists gives EPERM, whatever its arguments."""
    assert "EPERM" == call(machine, name)
    assert "EPERM" == call(machine, name, *[2**64 - 1] * 6)


@pytest.mark.parametrize("machine", MACHINES)
def test_without_rules_everything_passes(machine):
    """The control: a program of no rules lets the refused calls pass."""
    empty = seccomp.encode(seccomp.compile_rules(machine, ()))
    numbers = [NUMBERS[name][MACHINES.index(machine)] for name in (*seccomp.KERNEL, *seccomp.NETWORK)]
    assert {ALLOWED} == {run(empty, machine, n) for n in numbers if n is not None}


@pytest.mark.parametrize("machine", MACHINES)
def test_other_architectures_are_killed(machine):
    """A call made by the 32-bit or another entry ends the process, whatever its number."""
    for arch in (0x40000003, 0x40000028, ARCH["aarch64" if machine == "x86_64" else "x86_64"]):
        assert KILLED == run(made(machine), machine, 0, arch=arch)
    if machine == "x86_64":
        assert KILLED == run(made(machine), machine, 0x40000000)  # x32


@pytest.mark.parametrize("machine", MACHINES)
def test_new_calls_do_not_exist(machine):
    """Numbers beyond the first table answer ENOSYS, but for the few that libraries need."""
    program = made(machine)
    for number in {FIRST_UNKNOWN[machine], 424, 425, 426, 427, 434, 435, 447, 463, 500, 9999}:
        assert "ENOSYS" == run(program, machine, number)
    assert {ALLOWED} == {run(program, machine, n) for n in LATE.values()}


CASES = [
    # call, arguments, answer, changes of the plan
    ("clone", (THREAD,), ALLOWED, {}),
    ("clone", (FORK,), "EPERM", {}),
    ("clone", (FORK,), ALLOWED, {"processes": True}),
    ("execve", (), ALLOWED, {"processes": True}),
    ("clone", (THREAD | 0x10000000,), "EPERM", {"processes": True}),
    ("clone", (FORK | 0x20000,), "EPERM", {"processes": True}),
    ("socketpair", (1, 1), ALLOWED, {}),
    ("socketpair", (1, 1 | 0x80800), ALLOWED, {}),
    ("socketpair", (1, 2), "EPERM", {}),
    ("socketpair", (1, 5), "EPERM", {}),
    ("socketpair", (2, 1), "EPERM", {}),
    ("mmap", (0, 4096, 3, 0x22), ALLOWED, {}),
    ("mmap", (0, 4096, 3, 0x20022), ALLOWED, {}),
    ("mmap", (0, 4096, 3, 0x01, 5), ALLOWED, {}),
    ("mmap", (0, 4096, 3, 0x21), "ENOMEM", {}),
    ("mmap", (0, 4096, 3, 0x23), "ENOMEM", {}),
    ("mmap", (0, 4096, 3, 0x122), "ENOMEM", {}),
    ("mmap", (0, 4096, 3, 0x40022), "ENOMEM", {}),
    ("prctl", (15,), ALLOWED, {}),
    ("prctl", (1, 0), "EPERM", {}),
    ("fcntl", (0, 2, 1), ALLOWED, {}),
    ("fcntl", (0, 8, 1), "EPERM", {}),
    ("fcntl", (0, 10, 9), "EPERM", {}),
    ("fcntl", (0, 15, 1), "EPERM", {}),
    ("ioctl", (0, 0x5413), ALLOWED, {}),
    ("ioctl", (0, 0x5412), "EPERM", {}),
    ("ioctl", (0, 0xFFFFFFFF00005412), "EPERM", {}),
    ("ioctl", (0, 0x8901), "EPERM", {}),
    ("prlimit64", (0,), ALLOWED, {}),
    ("prlimit64", (7,), ALLOWED, {"pid": 7}),
    ("prlimit64", (8,), "EPERM", {"pid": 7}),
    ("kill", (8, 9), ALLOWED, {"pid": 7}),
    ("kill", (7, 9), ALLOWED, {"pid": 7, "own_pids": False}),
    ("kill", (8, 9), "EPERM", {"pid": 7, "own_pids": False}),
    ("kill", (0, 9), "EPERM", {"pid": 7, "own_pids": False}),
    ("kill", (-1, 9), "EPERM", {"pid": 7, "own_pids": False}),
    ("kill", (-8, 9), "EPERM", {"pid": 7, "own_pids": False}),
    ("tgkill", (7, 8, 9), ALLOWED, {"pid": 7, "own_pids": False}),
    ("tgkill", (8, 8, 9), "EPERM", {"pid": 7, "own_pids": False}),
    ("tkill", (7, 9), "EPERM", {"pid": 7, "own_pids": False}),
    ("setpriority", (0, 0, 5), ALLOWED, {"pid": 7, "own_pids": False}),
    ("setpriority", (0, 8, 5), "EPERM", {"pid": 7, "own_pids": False}),
    ("setpriority", (2, 0, 5), "EPERM", {"pid": 7, "own_pids": False}),
    ("sched_setscheduler", (8,), "EPERM", {"pid": 7, "own_pids": False}),
    ("fchmodat", (), ALLOWED, {}),
    ("fchmodat", (), 0, {"own_mounts": False}),
    ("fchmodat2", (), 0, {"own_mounts": False}),
    ("utimensat", (), 0, {"own_mounts": False}),
    ("setxattr", (), "EOPNOTSUPP", {"own_mounts": False}),
]


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(("name", "arguments", "answer", "changes"), CASES)
def test_arguments_decide(machine, name, arguments, answer, changes):
    """Threads but no processes, streams but no datagrams, private memory, oneself and nobody else."""
    said = call(machine, name, *arguments, **changes)
    assert answer == ("EOPNOTSUPP" if said == "ENOTSUP" else said)


@pytest.mark.parametrize(
    ("header", "column"),
    [("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", 0), ("/usr/include/asm-generic/unistd.h", 1)],
)
def test_the_table_agrees_with_the_headers(header, column):
    """Every number of the table is that of the kernel's headers, where these are installed."""
    if not Path(header).exists():
        pytest.skip(f"no {header}")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", Path(header).read_text())
    numbers = {name: int(number) for name, number in found}
    newer = {"fchmodat2"} - numbers.keys()  # headers may be older than the call
    assert {n: NUMBERS[n][column] for n in NUMBERS.keys() - newer} == {
        n: numbers.get(n) for n in NUMBERS.keys() - newer
    }


@pytest.mark.parametrize("machine", MACHINES)
def test_a_kernel_may_open_tcp_sockets_and_no_others(machine):
    """With `loopback` TCP over IPv4; every other family and type is refused, and without it TCP is too."""
    inet, inet6, unix, netlink, stream, datagram, cloexec = 2, 10, 1, 16, 1, 2, 0o2000000
    assert ALLOWED == call(machine, "socket", inet, stream | cloexec, loopback=True)
    assert ALLOWED == call(machine, "bind", 3, loopback=True)
    assert "EPERM" == call(machine, "socket", inet, datagram, loopback=True)
    for family in (inet6, unix, netlink):
        assert "ENOTSUP" == call(machine, "socket", family, stream, loopback=True)
    assert "EPERM" == call(machine, "socket", inet, stream)
    assert "EPERM" == call(machine, "bind", 3)
