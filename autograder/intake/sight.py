"""What was read of a file once, and when it need not be read again: git's index, in small.

Rule: a file is the same only where its size, both of its times, its inode and its device are. Whoever writes to a
file can restore its mtime, but not its ctime, which the kernel sets; a copy in its place is another inode. What
changed so lately that it could change once more within the same tick of the file system's clock is not remembered.
Not covered: a file system that keeps no ctime, one whose clock lags behind that of the grader's file system, and
writing through a map of memory that has stayed open since.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

Sight = tuple[int, int, int, int, int, str]
"""Size, mtime and ctime in ns, inode and device of a file; and what was read of it."""


def _of(about: os.stat_result) -> tuple[int, int, int, int, int]:
    return about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino, about.st_dev


@dataclass(slots=True)
class Sights:
    """The files of one submission, by their relative names."""

    known: Mapping[str, Sight] = field(default_factory=dict)
    """Of an earlier look."""
    settled: int = 0
    """Moment in ns since 1970: what changed before it cannot change any more without another time."""
    found: dict[str, Sight] = field(default_factory=dict)
    """To be remembered."""

    def told(self, name: str, about: os.stat_result) -> str | None:
        """What was read of a file that is still the same; None where it must be read."""
        one = self.known.get(name)
        if one is None or one[:5] != _of(about) or len(one) != 6:
            return None
        self.found[name] = one
        return one[5]

    def keep(self, name: str, before: os.stat_result, after: os.stat_result, told: str) -> None:
        """Remembers what was read, if nothing happened to the file meanwhile or just before."""
        same = _of(before)
        if same == _of(after) and max(before.st_mtime_ns, before.st_ctime_ns) < self.settled:
            self.found[name] = (*same, told)
