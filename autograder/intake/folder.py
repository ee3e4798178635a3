"""nbgrader's tree `submitted/<student>/<assignment>/` → Submissions.

Rule: everything is opened by opening.py, and sizes, counts and depths are capped before anything is read.
"""

from __future__ import annotations

import fnmatch
import itertools
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from autograder.errors import GraderError, StudentError, Ungradable, UsageError
from autograder.intake.opening import FOLDER, held, inside, kind, name_fault, regular, shown
from autograder.intake.stamp import from_mtime, moment
from autograder.values import Submission

MAX_ENTRIES = 2000
"""Names looked at in one submission."""
MAX_DEPTH = 8
"""Folders inside one another."""
MAX_TOTAL = 4
"""All that is taken of one submission, in sizes of the largest file allowed."""
MAX_STAMP = 200
"""Bytes of `timestamp.txt` that are read."""
MAX_NOTES = 20
"""Things passed over that are told one by one."""
NOTEBOOK, TIMESTAMP = ".ipynb", "timestamp.txt"
_IGNORED = {"__pycache__", "__MACOSX", "Thumbs.db", TIMESTAMP}


def read(
    submitted: Path,
    student: str,
    assignment: str,
    *,
    largest: int,
    ignore: Sequence[str] = (),
    file_time: bool = True,
) -> Submission:
    """What one student handed in; `largest` is the most bytes that one file may have.

    `ignore`: globs of names that are passed over unsaid; `file_time`: without a timestamp the notebook's own time
    counts.
    Raises Ungradable when nothing can be graded, GraderError when the machine cannot read what is there.
    """
    walk = Walk(submitted / student / assignment, largest, tuple(ignore))
    walk.all(submitted, student, assignment)
    return Submission(
        student=student,
        assignment=assignment,
        folder=walk.folder,
        notebooks=walk.notebooks,
        files=walk.files,
        submitted_at=walk.time(file_time=file_time),
        notes=walk.told(),
    )


@contextmanager
def readable(folder: Path) -> Iterator[None]:
    """Turns what the machine says against reading a submission into a GraderError."""
    try:
        yield
    except OSError as e:
        fault = f"{folder}: cannot be read ({e.strerror})."
        raise GraderError(fault, mend="Check its owner and rights.") from e


@dataclass
class Walk:
    """One submission while it is read."""

    folder: Path
    largest: int
    ignore: tuple[str, ...] = ()
    notebooks: dict[str, bytes] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    """Why a notebook could not be taken, one sentence each."""
    notes: list[str] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    """When each notebook was last changed, seconds since 1970."""
    stamp: datetime | None = None
    entries: int = 0
    taken: int = 0
    """Bytes so far."""

    @property
    def room(self) -> int:
        """Bytes that the next file may have."""
        return min(self.largest, MAX_TOTAL * self.largest - self.taken)

    def all(self, submitted: Path, student: str, assignment: str) -> None:
        """Walks through it; raises as `read` does."""
        for name in (student, assignment):
            if fault := name_fault(name):
                raise UsageError(f"{shown(name)} cannot be a folder of a submission: its name {fault}.")
        with readable(self.folder), inside(submitted, (student, assignment)) as at:
            self.top(at)
        if not self.times:
            why = self.faults[0] if self.faults else f"{self.folder} holds no notebook."
            raise Ungradable(why, mend="Hand in the .ipynb file itself.")

    def time(self, *, file_time: bool) -> datetime | None:
        """When it was handed in; `file_time`: without a timestamp the newest notebook's own time counts."""
        return self.stamp or (from_mtime(max(self.times)) if file_time else None)

    def told(self) -> tuple[str, ...]:
        """All notes, the notebooks' faults first, or the first of them."""
        notes = [*self.faults, *self.notes]
        if len(notes) > MAX_NOTES:
            notes[MAX_NOTES:] = [f"{len(notes) - MAX_NOTES} further things were passed over."]
        return tuple(notes)

    def top(self, at: int) -> None:
        """Reads the notebooks and the time, then notes down all other files."""
        names = self._names(at, "")
        if names is None:
            fault = f"{self.folder} holds more than {MAX_ENTRIES} files."
            raise Ungradable(fault, mend="Hand in the notebook and what it needs, no more.")
        notebooks = [n for n in names if n.endswith(NOTEBOOK)]
        for name in notebooks:
            self._notebook(at, name)
        self._time(at)
        self._others(at, "", [n for n in names if n not in notebooks])

    def _names(self, at: int, prefix: str) -> list[str] | None:
        """Names in an open folder that may be taken, sorted; None where there are too many in all."""
        with os.scandir(at) as entries:
            found = [e.name for e in itertools.islice(entries, MAX_ENTRIES + 1 - self.entries)]
        if self.entries + len(found) > MAX_ENTRIES:
            return None
        self.entries += len(found)
        names = []
        for name in sorted(found):
            fault = name_fault(name)
            if name.startswith(".") or name in _IGNORED or self._ignored(name):
                continue
            if fault:
                self.notes.append(f"{shown(prefix + name)} was passed over: its name {fault}.")
            else:
                names.append(name)
        return names

    def _ignored(self, name: str) -> bool:
        return not name.endswith(NOTEBOOK) and any(fnmatch.fnmatchcase(name, glob) for glob in self.ignore)

    def _notebook(self, at: int, name: str) -> None:
        path = f"{self.folder}/{name}"
        try:
            with regular(at, name, path) as file:
                about = os.fstat(file.fileno())
                data = _all(file, about.st_size, self.room) if about.st_size <= self.room else None
                if data is None or len(data) > self.room:
                    size = max(about.st_size, len(data or b""))
                    raise StudentError(f"{path} is too large: {size:,} bytes, {self.room:,} are allowed.")
                self._has_read(name, data, about, os.fstat(file.fileno()))
        except StudentError as e:
            self.faults.append(e.message)
            return
        self.times.append(about.st_mtime)
        self.taken += len(data)

    def _has_read(self, name: str, data: bytes, before: os.stat_result, after: os.stat_result) -> None:
        self.notebooks[name.removesuffix(NOTEBOOK)] = data

    def _time(self, at: int) -> None:
        try:
            self.stamp = moment(self._timestamp(at))
        except FileNotFoundError:
            return
        except (StudentError, OSError):
            self.stamp = None
        if self.stamp is None:
            self.notes.append(f"{TIMESTAMP} is not understood; the notebook's own time counts.")

    def _timestamp(self, at: int) -> str:
        with regular(at, TIMESTAMP, f"{self.folder}/{TIMESTAMP}") as file:
            return file.read(MAX_STAMP).decode("ascii", "replace")

    def _others(self, at: int, prefix: str, names: Sequence[str]) -> None:
        """Notes down all that is no notebook, folder by folder; what cannot be taken is named."""
        for name in names:
            relative = prefix + name
            found = os.stat(name, dir_fd=at, follow_symlinks=False)
            if stat.S_ISDIR(found.st_mode):
                self._below(at, name, relative)
            elif not stat.S_ISREG(found.st_mode):
                self._passed(relative, f"it is {kind(found.st_mode)}, not a file")
            elif found.st_size > self.room:
                self._passed(relative, f"{found.st_size:,} bytes are too many")
            else:
                self.taken += found.st_size
                self._has_found(relative, found)

    def _has_found(self, relative: str, found: os.stat_result) -> None:
        self.files[relative] = self.folder / relative

    def _below(self, at: int, name: str, relative: str) -> None:
        if relative.count("/") >= MAX_DEPTH:
            self._passed(relative, f"it lies more than {MAX_DEPTH} folders deep")
            return
        try:
            with held(name, FOLDER, at) as below:
                names = self._names(below, relative + "/")
                if names is None:
                    self._passed(relative, f"there are more than {MAX_ENTRIES} files")
                else:
                    self._others(below, relative + "/", names)
        except OSError as e:
            self._passed(relative, f"it cannot be opened ({e.strerror})")

    def _passed(self, relative: str, why: str) -> None:
        self.notes.append(f"{shown(relative)} was passed over: {why}.")


def _all(file: BinaryIO, size: int, most: int) -> bytes:
    """A file's bytes, and one more than `most` if it grows beyond while it is read."""
    data = file.read(size + 1)  # not `most + 1`: Python would set that many bytes aside first
    return data if len(data) <= size else data + file.read(max(0, most + 1 - len(data)))
