"""Attacks that every jail must stop, and the means to try them: a confined child runs snippets and reports.

Rule: an attack aims at canaries that were made for it, never at anything that exists; it has worked when its
snippet ends without an exception. One that does not work at level 0 either proves nothing.

`levels.probe` runs `ATTACKS` before each batch; the tests bring many more of their own. Names that a snippet may
use: `folder` (canaries that any uid may read and write: `secret`, `door`, a unix socket), `port` (a TCP listener on
this machine), `victim` (the pid of a process of the candidate's own uid), `store` (bytes that the work folder holds).
"""

from __future__ import annotations

import functools
import importlib
import json
import mmap
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NoReturn

from autograder.sandbox import jail, mounts

LINGER = 2.0
"""Seconds within which all that a killed child started must be gone."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One thing that a candidate must not be able to do."""

    name: str
    """What it tries, in a few words."""
    level: int
    """The lowest level at which it must fail; 0: everywhere, so that its control is a fork without any limit."""
    source: str
    """Python that ends without an exception when the attack has worked."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one confined child."""

    error: str = ""
    """Why the jail did not close; empty when it did."""
    outcomes: Mapping[str, str] = field(default_factory=dict)
    """Snippet → "worked", "worked: <its result>", or the exception that stopped it; snippets that the child did
    not live to finish are missing."""
    code: int | None = None
    """Exit code of the child, or minus its signal; None: it had to be killed at the end of its time."""
    seconds: float = 0.0
    """From the fork until the jail was closed."""
    gone: bool = True
    """Whether nothing that the child started outlived it: nobody held its pipe any more."""


ATTACKS = (
    Attack("read another's file", 2, "open(folder + '/secret').read()"),
    Attack("list another's folder", 2, "import os; os.listdir(folder)"),
    Attack("write into another's folder", 2, "open(folder + '/planted', 'w').write('x')"),
    Attack("follow a link to another's file", 2, "import os; os.symlink(folder + '/secret', 'l'); open('l').read()"),
    Attack("see another's file", 3, "import os; os.stat(folder + '/secret')"),
    Attack(
        "change another's file mode",
        1,
        "import os; p = folder + '/secret'; os.chmod(p, 0o601); assert os.stat(p).st_mode & 1; os.chmod(p, 0o666)",
    ),
    Attack("connect over TCP", 1, "import socket; socket.socket().connect(('127.0.0.1', port))"),
    Attack("connect to a unix socket", 1, "import socket; socket.socket(socket.AF_UNIX).connect(folder + '/door')"),
    Attack("signal another process", 1, "import os; os.kill(victim, 0)"),
    Attack("read another process", 2, "open(f'/proc/{victim}/status').read()"),
    Attack("read the kernel's command line", 2, "open('/proc/cmdline').read()"),
    Attack("start a process", 1, "import os\nif not os.fork(): os._exit(0)"),
    Attack("run a program", 1, "import subprocess; subprocess.run(['/bin/sh', '-c', ':'], check=True)"),
    Attack("use memory that no limit counts", 1, f"import mmap; mmap.mmap(-1, {mmap.PAGESIZE})"),
    Attack("hold memory as a file", 1, "import os; os.memfd_create('x')"),
    Attack("store more than allowed", 3, "for n in range(5): open(f'f{n}', 'wb').write(bytes(store // 4))"),
    Attack("make a user namespace", 1, "from autograder.sandbox import linux; linux.unshare(linux.NEWUSER)"),
    Attack("use a descriptor left open", 0, "import os; os.fstat(left_open)"),
    Attack("allocate more than allowed", 0, "bytes(1 << 29)"),
    Attack("become root", 0, "import os; os.setuid(0)"),
)


def trial(
    plan: jail.Plan,
    snippets: Mapping[str, str],
    names: Mapping[str, object],
    *,
    seconds: float = 10.0,
    broken: Sequence[str] = (),
    skipped: Sequence[str] = (),
    relay: bool = False,
    keep_folder: bool = False,
) -> Trial:
    """Forks a child, confines it by `plan`, runs the snippets in it one by one, and waits for its end.

    The calling process must have one thread. `broken` names functions of this room (`linux.mount`) that fail in the
    child, `skipped` such that do nothing there, to see what the jail does then. `relay`: fork as a caller does that
    does not know `jail.fork`. `keep_folder`: keep the descriptor of a folder, which must be refused.
    """
    read, write = os.pipe()
    left_open = os.open("/", os.O_RDONLY)
    began = time.perf_counter()
    pid = os.fork() if relay else jail.fork(plan.level)
    if pid == 0:
        _switch_off(broken, _fail)
        _switch_off(skipped, _do_nothing)
        _confined(plan, snippets, {**names, "left_open": left_open}, write, [left_open] if keep_folder else [])
    os.close(left_open)
    os.close(write)
    lines, finished = _collect(read, began + seconds)
    if not finished:
        os.kill(pid, signal.SIGKILL)
    _, status, used = os.wait4(pid, 0)
    gone = finished or _collect(read, time.perf_counter() + LINGER)[1]
    os.close(read)
    events = [json.loads(line) for line in lines.decode(errors="replace").splitlines()]
    closed = [e["closed"] for e in events if "closed" in e]
    silent = "" if closed else "the child died before the jail closed"
    error = next((e["error"] for e in events if "error" in e), silent)
    return Trial(
        error=error,
        outcomes={e["name"]: e["outcome"] for e in events if "name" in e},
        code=jail.ended_as(status, used, plan.cpu) if finished else None,
        seconds=closed[0] - began if closed else 0.0,
        gone=gone,
    )


def _collect(read: int, deadline: float) -> tuple[bytes, bool]:
    """All that the child wrote until it closed the pipe; False when the time was over first."""
    data = b""
    while (left := deadline - time.perf_counter()) > 0:
        if not select.select([read], [], [], left)[0]:
            break
        piece = os.read(read, 1 << 16)
        if not piece:
            return data, True
        data += piece
    return data, False


def _confined(
    plan: jail.Plan, snippets: Mapping[str, str], names: Mapping[str, object], write: int, keep: Sequence[int]
) -> NoReturn:
    def say(**event: object) -> None:
        os.write(write, json.dumps(event).encode() + b"\n")

    try:
        jail.enter(plan, [write, *keep])
        say(closed=time.perf_counter())
        for name, source in snippets.items():
            say(name=name, outcome=outcome_of(source, {**names, "wire": write}))
        os._exit(0)
    except BaseException as e:  # the parent decides what it means
        say(error=f"{e}" if isinstance(e, jail.JailError) else f"{type(e).__name__}: {e}")
    finally:
        os._exit(71)


def _switch_off(names: Sequence[str], instead: Callable[..., Any]) -> None:
    for name in names:
        module, function = name.split(".")
        setattr(importlib.import_module(f"autograder.sandbox.{module}"), function, instead)


def _do_nothing(*_: object, **__: object) -> int:
    return 0


def _fail(*_: object, **__: object) -> Any:
    raise OSError(1, "Operation not permitted", "a layer switched off for a test")


def outcome_of(source: str, names: Mapping[str, object]) -> str:
    """Runs a snippet; what it binds to `result` is reported."""
    space: dict[str, object] = dict(names)
    try:
        exec(compile(source, "<attack>", "exec"), space)  # noqa: S102 - that is what this module is for
    except BaseException as e:  # SystemExit too: a snippet must not end the series
        return f"{type(e).__name__}: {e}"[:500]
    return f"worked: {space['result']}" if "result" in space else "worked"


def attempt(action: Callable[[], object]) -> str:
    """Calls `action` in a forked child; the error that it raised there, or nothing."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            action()
        except BaseException as e:
            os.write(write, _said(e).encode()[:4000])
        finally:
            os._exit(0)
    os.close(write)
    said = os.read(read, 4096).decode(errors="replace")
    os.close(read)
    os.waitpid(pid, 0)
    return said


def _said(e: BaseException) -> str:
    """The error as people read it: what was tried, and what the kernel answered."""
    if isinstance(e, OSError) and e.filename and e.strerror:
        return f"{e.filename}: {e.strerror}"
    return str(e) or type(e).__name__


def unlimited() -> tuple[str, ...]:
    """The attacks that even limits stop, of those the ones that work in a fork without any."""
    left_open = os.open("/", os.O_RDONLY)
    found = tuple(
        attack.name
        for attack in ATTACKS
        if not attack.level and not attempt(functools.partial(_run, attack.source, {"left_open": left_open}))
    )
    os.close(left_open)
    return found


def _run(source: str, names: Mapping[str, object]) -> None:
    exec(compile(source, "<attack>", "exec"), dict(names))  # noqa: S102 - that is what this module is for


def serve() -> None:
    """Reads one job as JSON from standard input, runs its trials in this process, prints their results as JSON.

    A job: `{"imports": [module], "trials": [{"plan": {...}, "snippets": {...}, "names": {...}, ...}]}`; the readable
    paths of a plan come besides this interpreter's own.
    """
    job = json.load(sys.stdin)
    for name in job.get("imports", ()):
        importlib.import_module(name)
    results = []
    for given in job["trials"]:
        facts = given.pop("plan")
        plan = jail.Plan(**{**facts, "read_only": mounts.libraries(*facts["read_only"])})
        results.append(asdict(trial(plan, given.pop("snippets"), given.pop("names"), **given)))
    json.dump(results, sys.stdout)
