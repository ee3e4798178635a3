"""Which level of the jail this machine can hold, found by trying, and what is missing for the next one.

Rule: a level counts only when its whole chain of layers closed in a real child and every attack that it
promises to stop was stopped there; knowing the kernel's version proves nothing.

    4  namespaces, own root and /proc, Landlock, seccomp, limits        final marks
    3  as 4, with the machine's /proc behind Landlock                   final marks, on a machine for grading
    2  Landlock, seccomp, limits; an own uid when started as root       final marks, with a warning
    1  seccomp, limits and an own uid                                   only if the instructor confirms
    0  limits                                                           practice only: it protects nothing
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.errors import GraderError
from autograder.sandbox import jail, landlock, linux, mounts, selfcheck, spaces

FIRST_UID = 60000
"""Where the uids begin that candidates get when the grader is started as root."""
STORE = 1 << 20
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """A layer that this machine does not give."""

    layer: str
    """Its name."""
    reason: str
    """What the machine answered."""
    stops: str
    """What the layer would stop."""
    mend: str
    """How to get it."""


@dataclass(frozen=True, slots=True)
class LevelTrial:
    """One level that was tried."""

    level: int
    """Which."""
    error: str
    """Why its layers did not close; empty when they did."""
    broken: tuple[str, ...]
    """Attacks that it should have stopped and did not."""

    @property
    def holds(self) -> bool:
        """Whether the level keeps its promise on this machine."""
        return not self.error and not self.broken


@dataclass(frozen=True, slots=True)
class LevelReport:
    """What this machine can protect."""

    level: int
    """The highest level that held; 0 protects nothing."""
    kernel: str
    """Release of the kernel."""
    machine: str
    """Architecture."""
    as_root: bool
    """Started as root: candidates get a uid of their own."""
    landlock_abi: int
    """Version of Landlock's interface; 0: none."""
    seccomp: bool
    """Whether the kernel filters system calls."""
    namespaces: bool
    """Whether new namespaces with mounts can be made, as root or in a user namespace."""
    tried: tuple[LevelTrial, ...]
    """The levels that were tried, from the top to the first that held."""
    findings: tuple[Finding, ...]
    """Layers that are missing for level 4."""
    unproven: tuple[str, ...]
    """Attacks that do not even work without a jail here, so that stopping them proves nothing."""


def probe(*more: str, top: int = 4) -> LevelReport:
    """Tries the levels from `top` down in a process of its own and reports the first that holds.

    `more`: readable paths besides the interpreter's. Takes some tenths of a second and leaves nothing behind.
    Never raises for a machine that can protect nothing: that is level 0.
    """
    package = str(Path(__file__).resolve().parents[2])
    paths = mounts.libraries(package, *more)
    code = f"import sys; sys.path.insert(0, {package!r}); from autograder.sandbox import levels; levels.main()"
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", code],
            input=json.dumps({"paths": paths, "top": top}),
            env={"PATH": os.defpath},
            cwd="/",
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as e:
        message = f"The self-test of the jail did not end within {SECONDS} s."
        raise GraderError(message, mend="Is the machine overloaded?") from e
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise GraderError(f"The self-test of the jail failed: {last[0]}", mend="Please report this.")
    facts = json.loads(done.stdout)
    return LevelReport(
        **{
            **facts,
            "tried": tuple(LevelTrial(t["level"], t["error"], tuple(t["broken"])) for t in facts["tried"]),
            "findings": tuple(Finding(**f) for f in facts["findings"]),
            "unproven": tuple(facts["unproven"]),
        }
    )


def main() -> None:
    """The process that `probe` starts: one thread, clean environment; job on stdin, report on stdout."""
    job = json.load(sys.stdin)
    json.dump(asdict(report(tuple(job["paths"]), job["top"])), sys.stdout)


def report(paths: tuple[str, ...], top: int) -> LevelReport:
    """Tries the levels in this process, which must have one thread."""
    tried: list[LevelTrial] = []
    for level in range(top, 0, -1):
        tried.append(_try(level, paths))
        if tried[-1].holds:
            break
    control = _try(0, (), control=True)  # what is imported by now need not be readable
    if not any(t.holds for t in tried):
        limited = (a.name for a in selfcheck.ATTACKS if a.level == 0 and a.name in control.broken)
        tried.append(LevelTrial(0, control.error, tuple(limited)))
    findings, proven = tuple(_findings(tried)), {*control.broken, *selfcheck.unlimited()}
    return LevelReport(
        level=next((t.level for t in tried if t.holds), 0),
        kernel=platform.release(),
        machine=platform.machine(),
        as_root=os.geteuid() == 0,
        landlock_abi=linux.landlock_abi(),
        seccomp=not any(f.layer == "seccomp" for f in findings),
        namespaces=not any(f.layer == "namespaces" for f in findings),
        tried=tuple(tried),
        findings=findings,
        unproven=tuple(a.name for a in selfcheck.ATTACKS if a.name not in proven),
    )


def _try(level: int, paths: tuple[str, ...], *, control: bool = False) -> LevelTrial:
    uid = FIRST_UID if os.geteuid() == 0 else None
    with canaries(uid) as (parent, names):
        plan = jail.Plan(level, paths, str(parent / "stage"), 256 << 20, 10, 64 << 20, STORE, 0, uid)
        attacks = {a.name: a for a in selfcheck.ATTACKS if control or a.level <= level}
        found = selfcheck.trial(plan, {n: a.source for n, a in attacks.items()}, names)
    worked = [n for n in attacks if found.outcomes.get(n, "worked").startswith("worked")]
    return LevelTrial(level, found.error, tuple(worked) if not found.error else ())


@contextmanager
def canaries(uid: int | None) -> Iterator[tuple[Path, Mapping[str, object]]]:
    """What attacks aim at, owned by `uid` and open to all, so that only the jail stands before it.

    Yields a folder for a candidate (with an empty `stage`) and the names that snippets use.
    """
    root = Path(tempfile.mkdtemp(prefix="autograder-probe-"))
    owner = os.geteuid() if uid is None else uid
    listeners = [socket.socket(socket.AF_INET), socket.socket(socket.AF_UNIX)]
    groups = None if uid is None else [uid]
    victim = subprocess.Popen(
        ["/bin/sh", "-c", "read _"], stdin=subprocess.PIPE, user=uid, group=uid, extra_groups=groups
    )
    try:
        folder, parent = root / "other", root / "own"
        for made, mode in ((root, 0o711), (folder, 0o777), (parent, 0o711), (parent / "stage", 0o755)):
            made.mkdir(exist_ok=True)
            made.chmod(mode)
        (folder / "secret").write_text("canary")
        listeners[0].bind(("127.0.0.1", 0))
        listeners[1].bind(str(folder / "door"))
        for listener in listeners:
            listener.listen(8)
        for path in (folder, folder / "secret", folder / "door"):
            os.chown(path, owner, -1)
            path.chmod(0o777 if path.is_dir() else 0o666)
        names = {"folder": str(folder), "port": listeners[0].getsockname()[1], "victim": victim.pid, "store": STORE}
        yield parent, names
    finally:
        for listener in listeners:
            listener.close()
        victim.send_signal(signal.SIGKILL)
        victim.communicate()
        shutil.rmtree(root, ignore_errors=True)


def _findings(tried: list[LevelTrial]) -> Iterator[Finding]:
    """Layers that fail by themselves, and levels that closed and still leaked."""
    chain = next((t.error for t in tried if t.level == 4 and t.error), "")
    refused = selfcheck.attempt(_new_namespaces)
    if refused:
        yield Finding(
            "namespaces",
            refused,
            "seeing names, sizes and times of other files, filling the disk, stray processes, all of the network",
            "Allow user namespaces (sysctl user.max_user_namespaces above 0, kernel.unprivileged_userns_clone=1, on"
            " Ubuntu kernel.apparmor_restrict_unprivileged_userns=0), or start as root; in a container also"
            " --cap-add SYS_ADMIN --security-opt seccomp=unconfined.",
        )
    abi = linux.landlock_abi()
    if abi < landlock.FULL_SINCE:
        yield Finding(
            "Landlock",
            f"the kernel has interface {abi}" if abi else "the kernel has none, or it is not in lsm=",
            "opening files outside the work folder" if not abi else "emptying files of the same owner at level 2",
            "Use Linux 6.2 or newer (5.13 for level 4) with landlock among the kernel's lsm= modules.",
        )
    unfiltered = selfcheck.attempt(lambda: linux.install_filter(bytes(4)))
    if "Invalid argument" not in unfiltered and "Permission" not in unfiltered and unfiltered:
        yield Finding("seccomp", unfiltered, "all calls into the kernel", "Use a kernel with CONFIG_SECCOMP_FILTER.")
    if not refused and chain and "proc" in chain:
        yield Finding(
            "own /proc",
            chain,
            "seeing which processes run on the machine",
            "Show the container an unmasked /proc (--security-opt systempaths=unconfined).",
        )


def _new_namespaces() -> None:
    ids, may_mount = (os.geteuid(), os.getegid()), spaces.root_may_mount()
    linux.unshare(spaces.SPACES if may_mount else spaces.SPACES | linux.NEWUSER)
    if not may_mount:
        linux.map_own_user(*ids)
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("tmpfs", "/tmp", "tmpfs")  # noqa: S108 - in a mount namespace of its own
