"""What runs remember of handed-in files, so that a run without news need not read them: a file beside the ledger.

Rule: whatever is wrong with it, or whether it is there at all, costs time and never a mark. It may be removed at any
time. One file for each assignment, replaced whole; of two runs at once the last one's holds.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

FORMAT = "autograder seen 1"
TICK = 2_000_000_000
"""Nanoseconds of the coarsest clock of a file system: FAT's."""


class Seen:
    """Student → what is remembered of each file, plain values; a line of text until somebody asks."""

    def __init__(self, path: Path, lines: dict[str, str], settled: int, *, believed: bool = True) -> None:
        self.settled = settled
        """Moment in ns since 1970: what changed before it cannot change any more without another time."""
        self._path = path
        self._lines = lines
        self._believed = believed
        self._news = False

    @classmethod
    def open(cls, ledger: Path, assignment: str, *, believed: bool = True) -> Self:
        """What is remembered beside that ledger, believed or only kept for other runs. Raises nothing."""
        path = beside(ledger, assignment)
        return cls(path, _read(path), _now(path.parent) - TICK, believed=believed)

    def of(self, student: str) -> dict[str, Any]:
        """Relative name → what `note` was given for it, in an earlier run or in this one."""
        try:
            found = json.loads(self._lines[student]) if self._believed else {}
            return {name: tuple(told) for name, told in found.items()}
        except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
            return {}

    def note(self, student: str, found: Mapping[str, tuple[int | str, ...]]) -> None:
        """To be remembered of a student, in place of all that was."""
        self._lines[student] = json.dumps(found)
        self._news = True

    def save(self) -> None:
        """Writes it down where there is news; where that cannot be, the next run reads more."""
        if not self._news:
            return
        self._news = False
        fresh = self._path.with_name(f".{self._path.name}.fresh")
        try:
            text = "".join(f"{student}\t{line}\n" for student, line in sorted(self._lines.items()))
            fresh.write_bytes(f"{_head(text.encode())}\n{text}".encode())
            fresh.replace(self._path)
        except (OSError, ValueError):
            with contextlib.suppress(OSError):
                fresh.unlink()


def beside(ledger: Path, assignment: str) -> Path:
    """Where the file lies."""
    return ledger.with_name(f"{ledger.name}-seen-{assignment}")


def _head(text: bytes) -> str:
    return f"{FORMAT} {hashlib.sha256(text).hexdigest()}"


def _read(path: Path) -> dict[str, str]:
    """Student → line; nothing where the file is not as it was written."""
    try:
        head, _, text = path.read_bytes().partition(b"\n")
        if head.decode() != _head(text):
            return {}
        pairs = (line.partition("\t") for line in text.decode().split("\n") if line)
        return {student: line for student, _, line in pairs}
    except (OSError, ValueError):
        return {}


def _now(folder: Path) -> int:
    """The moment, by the clock of a folder's file system; a distant time ago where nothing can be written there."""
    here = time.time_ns()
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            return min(here, os.fstat(file.fileno()).st_mtime_ns)
    except OSError:
        return 0
