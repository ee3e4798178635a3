"""How many items this machine can run at once.

Rule: what all of them may use together fits; a container's bounds count, not the machine's around it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

GROUP = Path("/sys/fs/cgroup")
"""Bounds of the control group (version 2) as a container sees them."""
MEMORY = Path("/proc/meminfo")


@dataclass(frozen=True, slots=True)
class Jobs:
    """A number of items at once."""

    number: int
    reason: str = ""
    """One sentence, where it is fewer than the cores."""


def cores(group: Path = GROUP) -> int:
    """Processors that this process may use, a container's share rounded up."""
    found = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota, _, period = _text(group / "cpu.max").partition(" ")
    if quota.isdigit() and period.strip().isdigit():
        found = min(found, -(-int(quota) // int(period)))
    return max(1, found)


def memory(group: Path = GROUP, machine: Path = MEMORY) -> int | None:
    """Bytes that are free for use; None where nobody says."""
    free: list[int] = []
    for line in _text(machine).splitlines():
        name, _, told = line.partition(":")
        if name == "MemAvailable":
            free.append(int(told.split()[0]) * 1024)
    most, held = _text(group / "memory.max").strip(), _text(group / "memory.current").strip()
    if most.isdigit() and held.isdigit():
        free.append(max(0, int(most) - int(held)))
    return min(free, default=None)


def fitting(each: int, free: int | None, processors: int) -> Jobs:
    """As many as there are processors, as long as all together fit if each takes `each` bytes; at least one."""
    if free is None or free // each >= processors:
        return Jobs(processors)
    number = max(1, free // each)
    many = f"{number} submission{'s' if number > 1 else ''} at once, not {processors}"
    told = f"{many}: {free / 2**30:.1f} GiB of memory are free, and each may use {each / 2**30:.1f}."
    return Jobs(number, f"{told} --jobs says otherwise." if number < processors else "")


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
