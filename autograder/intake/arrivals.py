"""What arrives in a folder, told once it has settled.

Rule: a thing is new when its names, sizes or times are others than when it was last told, and it has settled when
they have stayed the same for a while: a file that is still being written is not told.

The folder is looked at again and again, which costs a millisecond for a hundred submissions and works on folders that
other machines write to; the kernel's own notices do not reach those.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Collection
from pathlib import Path

from autograder.intake import attendance
from autograder.intake.folder import MAX_DEPTH, MAX_ENTRIES

SETTLE = 2.0
"""Seconds without a change after which a thing is taken to be whole."""

Signature = int
"""A hash of names, sizes and times."""


class Settling:
    """Tells of each thing once, whenever it has changed and come to rest."""

    def __init__(self, settle: float = SETTLE, clock: Callable[[], float] = time.monotonic) -> None:
        self._settle = settle
        self._clock = clock
        self._told: dict[str, Signature] = {}
        self._seen: dict[str, tuple[Signature, float]] = {}

    def rested(self, name: str, signature: Signature) -> bool:
        """Whether this thing is to be told now."""
        if self._told.get(name) == signature:
            self._seen.pop(name, None)
            return False
        seen, since = self._seen.get(name, (None, 0.0))
        if seen != signature:
            self._seen[name] = (signature, self._clock())
            return False
        if self._clock() - since < self._settle:
            return False
        self._told[name] = signature
        del self._seen[name]
        return True


def signature(*paths: Path) -> Signature:
    """Of files, and of all that lies in folders; links are not followed, and what is gone is nothing."""
    left = MAX_ENTRIES
    found: list[tuple[str, int, int, int, int]] = []
    waiting = [(str(path), 0) for path in paths]
    while waiting and left > 0:
        path, depth = waiting.pop()
        left -= 1
        try:
            about = os.lstat(path)
            found.append((path, about.st_mode, about.st_size, about.st_mtime_ns, about.st_ino))
            if depth <= MAX_DEPTH and stat.S_ISDIR(about.st_mode):
                waiting += [(entry.path, depth + 1) for entry in os.scandir(path)]
        except OSError:
            continue
    return hash(tuple(sorted(found)))


class Arrivals:
    """The submissions of one assignment as they arrive."""

    def __init__(
        self, submitted: Path, assignment: str, pattern: str, settling: Settling, exclude: Collection[str] = ()
    ) -> None:
        self._submitted = submitted
        self._assignment = assignment
        self._pattern = pattern
        self._settling = settling
        self._exclude = exclude

    def new(self) -> list[str]:
        """Students who handed in something new that has settled; raises UsageError where the folder is gone."""
        names = attendance.students(self._submitted, self._assignment, self._pattern, self._exclude)
        return [s for s in names if self._settling.rested(s, signature(self._submitted / s / self._assignment))]
