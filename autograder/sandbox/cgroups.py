"""Control groups, version 2: the kernel's own bound on what several processes hold together.

Rule: a group of the kernel's is used only where this process was given the right to make groups, and every group
made here is removed again; what cannot be had is said with the reason, never passed over.

A process may make groups in one of two places. Beside its own group, when the group above is its owner's and has
the controllers on; so it is below a user's service manager. Or below its own group, when that one is its owner's: a
group whose members use a controller may hold no process itself ("no internal processes"), so this process first
moves into a leaf of its own, which only succeeds when no other process shares its group.

Source: Linux, Documentation/admin-guide/cgroup-v2.rst; systemd's rules of delegation, systemd.io/CGROUP_DELEGATION.
"""

from __future__ import annotations

import itertools
import os
import select
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import GraderError

WANTED = ("memory", "pids")
"""The controllers without which a group bounds nothing."""
MEND = (
    "On a machine with control groups of version 2, start it as `systemd-run --user --scope -p Delegate=yes "
    "autograder ...` (as root without --user), or in a container with a writable /sys/fs/cgroup of its own."
)
SYSTEMD = Path("/run/systemd/system")
"""There where systemd rules, which alone says what root may use."""
SELF = Path("/proc/self")
LEAF = "autograder"
EMPTY_SECONDS = 5.0
"""How long killed processes may take to leave their group."""
_NUMBERS = itertools.count()


@dataclass(frozen=True, slots=True)
class Place:
    """Where groups can be made."""

    folder: Path
    """The group that is to hold them."""
    leave: bool
    """This process is in `folder` itself, and must move into a leaf first."""


class Group:
    """One group, with bounds; its processes are those put into it and all that they start."""

    def __init__(self, place: Place, *, memory: int, tasks: int) -> None:
        """`memory` in bytes, files in memory included; `tasks` counts processes and threads. Raises OSError."""
        self.folder = place.folder / f"{LEAF}-{os.getpid()}-{next(_NUMBERS)}"
        make(self.folder)
        try:
            write(self.folder / "memory.max", memory)
            write(self.folder / "pids.max", tasks)
            for name, value in (("memory.swap.max", 0), ("memory.oom.group", 1)):
                if (self.folder / name).exists():  # a kernel without swap has no bound on it
                    write(self.folder / name, value)
        except OSError:
            remove(self.folder)
            raise

    def add(self, pid: int) -> None:
        """Puts a process and all that it has started in; memory that it holds already stays counted elsewhere."""
        waiting, moved = [pid], set()
        while waiting:
            moved.add(one := waiting.pop())
            write(self.folder / "cgroup.procs", one)
            waiting += [child for child in _children(one) if child not in moved]

    def exhausted(self) -> bool:
        """Whether the kernel has ended its processes because they held too much."""
        events = facts(self.folder / "memory.events")
        return events.get("oom_kill", 0) > 0 or events.get("oom_group_kill", 0) > 0

    def close(self) -> None:
        """Ends what is in it and removes it; raises GraderError when something in it cannot be ended."""
        if (self.folder / "cgroup.kill").exists():  # Linux 5.14
            write(self.folder / "cgroup.kill", 1)
        if not self._emptied():
            raise GraderError(f"Processes in {self.folder} do not end.", mend="Look there for who they are.")
        remove(self.folder)

    def _emptied(self) -> bool:
        """Waits until nothing is left in the group, as long as that may take."""
        path = self.folder / "cgroup.events"
        end = time.monotonic() + EMPTY_SECONDS
        with path.open("rb") as events:
            poll = select.poll()
            poll.register(events, select.POLLPRI)
            while facts(path).get("populated", 0):
                if time.monotonic() > end:
                    return False
                poll.poll(50)
        return True


def find() -> Place | str:
    """Where groups can be made, or why nowhere; changes nothing."""
    mount, own = _mount(), _own()
    if mount is None or own is None:
        return "there are no control groups of version 2"
    folder = mount / own
    if not folder.is_dir():
        return "its own control group cannot be seen"
    missing = [name for name in WANTED if name not in words(folder / "cgroup.controllers")]
    if missing:
        return f"control groups of version 2 do not bound {' and '.join(missing)} here"
    above = folder.parent
    if folder != mount and _ours(above) and set(WANTED) <= words(above / "cgroup.subtree_control"):
        return Place(above, leave=False)
    if _ours(folder):
        return Place(folder, leave=True)
    return "its control group belongs to somebody else"


def prepare(place: Place) -> str:
    """Makes the place ready; returns why that cannot be, or nothing.

    Must come before anything is started: children that there are already stay behind.
    """
    if not place.leave or set(WANTED) <= words(place.folder / "cgroup.subtree_control"):
        return ""
    leaf = place.folder / LEAF
    try:
        if not leaf.exists():
            make(leaf)
        write(leaf / "cgroup.procs", os.getpid())
        write(place.folder / "cgroup.subtree_control", " ".join(f"+{name}" for name in WANTED))
    except OSError as e:
        return _went_back(place.folder, leaf, e)
    return ""


def _went_back(folder: Path, leaf: Path, why: OSError) -> str:
    others = len((folder / "cgroup.procs").read_text().split())
    try:
        write(folder / "cgroup.procs", os.getpid())
        remove(leaf)
    except OSError:  # it stays in the leaf, which bounds nothing and does no harm
        pass
    if others:
        return f"{others} other processes share its control group"
    return f"its control group cannot be divided: {why.strerror}"


def make(folder: Path) -> None:
    """A new group; the kernel puts its files there."""
    folder.mkdir()


def remove(folder: Path) -> None:
    """Removes a group without members; the kernel takes its files with it."""
    folder.rmdir()


def write(path: Path, value: object) -> None:
    """One value in one call, as the kernel wants it; never makes a file."""
    handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(handle, f"{value}\n".encode())
    finally:
        os.close(handle)


def words(path: Path) -> set[str]:
    """The words of a file; none when it is not there."""
    try:
        return set(path.read_text().split())
    except OSError:
        return set()


def facts(path: Path) -> dict[str, int]:
    """A file of lines `name number`."""
    pairs = (line.split() for line in path.read_text().splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2}


def _children(pid: int) -> Iterator[int]:
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            yield from map(int, listing.read_text().split())
        except OSError:  # the thread has ended
            continue


def _mount() -> Path | None:
    """Where the tree of version 2 is seen; the path of a group counts from there."""
    for line in (SELF / "mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        if after.startswith("cgroup2 ") and before.split()[3] == "/":
            return Path(before.split()[4])
    return None


def _own() -> str | None:
    """The group of this process, relative to the tree."""
    for line in (SELF / "cgroup").read_text().splitlines():
        if line.startswith("0::/"):
            return line.removeprefix("0::/")
    return None


def _ours(folder: Path) -> bool:
    """Whether groups may be made in `folder`, and processes moved there."""
    if not all(os.access(path, os.W_OK) for path in (folder, folder / "cgroup.procs")):
        return False
    if os.geteuid() != 0 or not SYSTEMD.is_dir():
        return True
    return any(_attribute(folder, f"{kind}.delegate") == b"1" for kind in ("trusted", "user"))


def _attribute(folder: Path, name: str) -> bytes:
    try:
        return os.getxattr(folder, name)
    except OSError:
        return b""
