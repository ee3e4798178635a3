"""Hashes of what one student handed in: what was read before and is still the same is not read again.

Rule: names, kinds, sizes and counts are looked at each time, by the walk that also reads; only bytes are spared.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from autograder.intake.folder import MAX_STAMP, TIMESTAMP, Walk, readable
from autograder.intake.opening import opened, regular
from autograder.intake.sight import Sight, Sights
from autograder.values import Submission

BLOCK = 1 << 20
NOTHING: Mapping[str, Sight] = {}


@dataclass(frozen=True, slots=True)
class Looked:
    """What lies in `submitted/`, without the bytes."""

    hashes: Mapping[str, str]
    """Relative name → SHA-256."""
    submitted_at: datetime | None
    sights: Mapping[str, Sight]
    """For the next look."""


def look(
    submitted: Path,
    student: str,
    assignment: str,
    *,
    largest: int,
    ignore: Sequence[str] = (),
    file_time: bool = True,
    known: Mapping[str, Sight] = NOTHING,
    settled: int = 0,
) -> Looked:
    """As `folder.read`; `known`: an earlier look's sights; `settled`: see `Sights`."""
    walk = _Look(submitted / student / assignment, largest, tuple(ignore), sights=Sights(known, settled))
    walk.all(submitted, student, assignment)
    if walk.unknown:
        walk.hash_others(student, assignment)
    return Looked(walk.hashes, walk.time(file_time=file_time), walk.sights.found)


@dataclass
class _Look(Walk):
    """A walk that keeps hashes in place of bytes."""

    sights: Sights = field(default_factory=Sights)
    hashes: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    """Files beside the notebooks that must be read."""

    def _notebook(self, at: int, name: str) -> None:
        about = os.stat(name, dir_fd=at, follow_symlinks=False)
        told = self.sights.told(name, about) if about.st_size <= self.room else None
        if told is None:
            super()._notebook(at, name)
            return
        self.hashes[name] = told
        self.times.append(about.st_mtime)
        self.taken += about.st_size

    def _has_read(self, name: str, data: bytes, before: os.stat_result, after: os.stat_result) -> None:
        self.hashes[name] = told = hashlib.sha256(data).hexdigest()
        self.sights.keep(name, before, after, told)

    def _timestamp(self, at: int) -> str:
        told = self.sights.told(TIMESTAMP, os.stat(TIMESTAMP, dir_fd=at, follow_symlinks=False))
        if told is not None:
            return told
        with regular(at, TIMESTAMP, f"{self.folder}/{TIMESTAMP}") as file:
            before = os.fstat(file.fileno())
            text = file.read(MAX_STAMP).decode("ascii", "replace")
            self.sights.keep(TIMESTAMP, before, os.fstat(file.fileno()), text)
        return text

    def _has_found(self, relative: str, found: os.stat_result) -> None:
        told = self.sights.told(relative, found)
        if told is None:
            self.unknown.append(relative)
        else:
            self.hashes[relative] = told

    def hash_others(self, student: str, assignment: str) -> None:
        """Reads what is not known; raises StudentError or GraderError."""
        about = Submission(student, assignment, self.folder, {}, {})
        with readable(self.folder):
            for name in self.unknown:
                with opened(about, name) as file:
                    before = os.fstat(file.fileno())
                    digest = hashlib.sha256()
                    while block := file.read(BLOCK):
                        digest.update(block)
                    self.hashes[name] = told = digest.hexdigest()
                    self.sights.keep(name, before, os.fstat(file.fileno()), told)
