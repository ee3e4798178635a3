"""What all processes of one candidate hold together, where an assignment lets it start some.

Rule: no candidate that may start processes runs unwatched: its sum is bounded by the kernel where this process may
make control groups, else by looking every `PERIOD` seconds; which of them is told with every grade.

What counts: private memory, pages shared among several processes once, and all that the work folder and scratch
hold. Pages that are still the warm parent's count in part when looked at, and not in a control group.

Looking finds an excess only after it has been there: a process fills a gigabyte or two in a second, so a sum may
exceed the bound by some 0.2 GB for each core before it is noticed, and by more where a hundred processes make a look
take longer. A candidate may hide the exact figures (PR_SET_DUMPABLE); then all its pages count, shared ones as often
as they are held.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from autograder.errors import GraderError
from autograder.sandbox import cgroups, limits, mounts
from autograder.sandbox.launch import Child

PERIOD = 0.1
"""Seconds between two looks."""
LEAST_LEVEL = 3
"""Below, nothing would end the processes that a candidate leaves behind."""
PROC = Path("/proc")
PAGE = os.sysconf("SC_PAGE_SIZE")
KEPT = ("Pss_Anon", "SwapPss")
"""What counts of a process: files of libraries can be read again, and files in memory count with the work folder."""


class Watch(Protocol):
    """One candidate's bound."""

    def reason(self) -> str:
        """One sentence for the student if the bound ended the candidate, else nothing."""

    def close(self) -> None:
        """Ends the watch, before the candidate's descriptors are given back."""


@dataclass(frozen=True, slots=True)
class Bound:
    """How sums are bounded on this machine."""

    place: cgroups.Place | None
    """Where control groups can be made; None: by looking."""
    why_not: str = ""
    """Why there is no control group."""

    @property
    def note(self) -> str:
        """One sentence for the grade."""
        if self.place is not None:
            return "Processes were allowed; their memory was bounded by a control group."
        return f"Processes were allowed; their memory was bounded by polling every {PERIOD:g} s."

    def watch(self, child: Child, *, memory: int, processes: int) -> Watch:
        """Bounds `child` and all that it will start to `memory` bytes; before any line of a student's runs.

        Raises GraderError when that cannot be; then the child must not be given anything to run.
        """
        if self.place is None:
            return Poller(child, memory)
        tasks = limits.THREADS + limits.THREADS_PER_CORE * (os.cpu_count() or 1) + processes
        try:
            return _InGroup(self.place, child, memory, tasks)
        except OSError as e:
            raise GraderError(f"The control group of a candidate failed ({e}).", mend="Run the command again.") from e


def bound() -> Bound:
    """The best bound that this machine has, made ready; must come before anything is started.

    Raises GraderError when there is none.
    """
    place = cgroups.find()
    why = place if isinstance(place, str) else cgroups.prepare(place)
    if not why and isinstance(place, cgroups.Place):
        return Bound(place)
    if not (PROC / "self/smaps_rollup").is_file():
        raise GraderError(
            "The memory of several processes cannot be bounded here: no control group, no /proc/self/smaps_rollup.",
            mend="Grade on Linux 4.14 or later, or set processes = 0 for the assignment.",
        )
    return Bound(None, why)


def too_much(memory: int) -> str:
    """The sentence for the student; `memory` in bytes."""
    unit, size = next(((u, s) for u, s in (("GiB", 2**30), ("MiB", 2**20)) if memory >= s), ("KiB", 2**10))
    return f"Its processes together used more than {round(memory / size, 1):g} {unit}."


class _InGroup:
    """Bounded by the kernel."""

    def __init__(self, place: cgroups.Place, child: Child, memory: int, tasks: int) -> None:
        self._child, self._memory = child, memory
        self._group = cgroups.Group(place, memory=memory, tasks=tasks)
        try:
            self._group.add(child.pid)
        except OSError:
            child.kill()
            self._group.close()
            raise

    def reason(self) -> str:
        return too_much(self._memory) if self._group.exhausted() else ""

    def close(self) -> None:
        self._child.kill()
        self._group.close()


class Poller:
    """Looks at a candidate every `PERIOD` seconds, from a thread, and ends it when it holds too much."""

    def __init__(self, child: Child, memory: int) -> None:
        self._child, self._memory = child, memory
        self._family = Family(child.pid)
        self._over = threading.Event()
        self._reason = ""
        self._fault: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="memory", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            while not self._over.wait(PERIOD) and not self._exceeds():
                pass
        except Exception as e:  # a candidate that cannot be watched must not run
            self._fault = e
            self._child.kill()

    def _exceeds(self) -> bool:
        """Looks once, and acts."""
        if self._family.held(self._memory) <= self._memory:
            return False
        self._reason = too_much(self._memory)
        self._child.kill()
        return True

    def reason(self) -> str:
        if self._fault is not None:
            raise GraderError(
                f"A candidate's memory could not be watched ({self._fault}).", mend="Run the command again."
            ) from self._fault
        return self._reason

    def close(self) -> None:
        self._over.set()
        self._thread.join()


class Family:
    """A process and all that descends from it.

    A candidate is the first process of its namespace, so what loses its parent becomes its child. Between two looks
    members are remembered, for one whose parent is just ending has none for a moment.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._known: dict[int, int] = {}

    def members(self) -> list[int]:
        """Their pids, now; none when the first has ended."""
        running = processes()
        if self.pid not in running:
            return []
        inside = {p for p, began in self._known.items() if running.get(p, (0, -1))[1] == began} | {self.pid}
        was = {*self._known, *inside}
        before = 0
        while len(inside) > before:
            before = len(inside)
            inside |= {p for p, (parent, _) in running.items() if parent in was or parent in inside}
        self._known = {p: running[p][1] for p in inside}
        return sorted(inside)

    def held(self, enough: int) -> int:
        """Bytes that they hold, files in memory included: at least that where it is more than `enough`, else at most.

        Exact figures cost the kernel a walk through all pages, so nobody is looked at more closely than it takes to
        know, the largest first.
        """
        members = self.members()
        files = max(map(stored, members), default=0)
        at_most = {pid: resident(pid) for pid in members}
        if files + sum(at_most.values()) <= enough:
            return files + sum(at_most.values())
        sure = files
        for pid in sorted(members, key=at_most.__getitem__, reverse=True):
            sure += private(pid)
            if sure > enough:
                break
        return sure


def processes() -> Mapping[int, tuple[int, int]]:
    """pid → its parent's pid, and when it began in ticks since the machine did."""
    found = {}
    for name in os.listdir(PROC):
        if name.isdigit():
            try:
                facts = (PROC / name / "stat").read_bytes()
            except OSError:  # it has ended since
                continue
            fields = facts[facts.rindex(b")") + 2 :].split()  # the name before may hold anything
            found[int(name)] = int(fields[1]), int(fields[19])
    return found


def private(pid: int) -> int:
    """Bytes that a process holds for itself, and its share of those that it has in common with others."""
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return 0
    except PermissionError:
        return resident(pid)
    rows = (line.split() for line in lines[1:])
    return sum(int(row[1]) << 10 for row in rows if row[0].rstrip(":") in KEPT)


def resident(pid: int) -> int:
    """Bytes of its pages that are no file's, as everybody may read; those shared with others count whole."""
    try:
        fields = (PROC / str(pid) / "statm").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return (int(fields[1]) - int(fields[2])) * PAGE


def stored(pid: int) -> int:
    """Bytes in the work folder and scratch of a candidate, one file system in memory; 0 when they cannot be seen.

    They are bounded all the same, by the size that the file system was given.
    """
    root = PROC / str(pid) / "root"
    try:
        if root.stat().st_dev == Path("/").stat().st_dev:  # not yet in the jail
            return 0
        facts = os.statvfs(root / mounts.WORK.strip("/"))
    except OSError:
        return 0
    return (facts.f_blocks - facts.f_bfree) * facts.f_frsize
