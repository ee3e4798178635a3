"""A submission as bytes: read once, hashed, kept in the ledger, sent to another machine, laid out to be graded.

Rule: what is graded is what was hashed, whatever happens to the student's folder in the meantime.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.course import Course
from autograder.errors import GraderError
from autograder.gradebook.fingerprint import Content, of_bytes
from autograder.intake import folder, looking, opening, receipt
from autograder.intake.folder import NOTEBOOK
from autograder.intake.sight import Sight
from autograder.sandbox import folders
from autograder.values import Submission


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one student handed in for one assignment."""

    student: str
    assignment: str
    files: Mapping[str, bytes]
    """Relative name → bytes, notebooks with their ending."""
    submitted_at: datetime | None
    notes: tuple[str, ...] = ()
    """What was passed over while reading."""

    @property
    def notebooks(self) -> dict[str, bytes]:
        """Notebook's name → bytes."""
        return {name.removesuffix(NOTEBOOK): data for name, data in self.files.items() if is_notebook(name)}

    @property
    def content(self) -> Content:
        """Hashes of all this."""
        return _content({name: of_bytes(data) for name, data in self.files.items()})


def is_notebook(name: str) -> bool:
    """Whether a relative name is that of a submission's notebook: those in folders are files like any other."""
    return name.endswith(NOTEBOOK) and "/" not in name


def _content(hashes: Mapping[str, str]) -> Content:
    notebooks = {name.removesuffix(NOTEBOOK): mark for name, mark in hashes.items() if is_notebook(name)}
    return Content(notebooks, {name: mark for name, mark in hashes.items() if not is_notebook(name)})


@dataclass(frozen=True, slots=True)
class Looked:
    """What lies in `submitted/`, without the bytes."""

    content: Content
    submitted_at: datetime | None
    sights: Mapping[str, Sight]
    """For the next look."""


def look(
    course: Course,
    student: str,
    name: str,
    largest: int,
    *,
    known: Mapping[str, Sight] = looking.NOTHING,
    settled: int = 0,
) -> Looked:
    """Hashes of what lies in `submitted/`, and its time; raises StudentError or GraderError.

    `known`: sights of an earlier look, whose files are not read while they are the same; `settled`: see `Sights`.
    """
    rules: dict[str, Any] = {"largest": largest, "ignore": course.ignore, "file_time": course.file_time}
    found = looking.look(course.submitted, student, name, **rules, known=known, settled=settled)
    return Looked(_content(found.hashes), found.submitted_at, found.sights)


def pack(course: Course, student: str, name: str, largest: int) -> Parcel:
    """What lies in `submitted/`, read once; raises StudentError or GraderError."""
    ignore, file_time = course.ignore, course.file_time
    handed = folder.read(course.submitted, student, name, largest=largest, ignore=ignore, file_time=file_time)
    files = {f"{book}{NOTEBOOK}": data for book, data in handed.notebooks.items()}
    with folder.readable(handed.folder):
        for other in handed.files:
            with opening.opened(handed, other) as file:
                files[other] = file.read(largest + 1)
    return Parcel(student, name, files, handed.submitted_at, (*handed.notes, *receipt.remarks(files, name)))


@contextlib.contextmanager
def laid_out(parcel: Parcel, shown: Path) -> Iterator[Submission]:
    """The submission, its files in a folder of their own for as long as it lasts; `shown`: its folder in messages."""
    others = {name: data for name, data in parcel.files.items() if not is_notebook(name)}
    with contextlib.ExitStack() as stack:
        files: dict[str, Path] = {}
        try:
            if others:
                where = folders.make()
                stack.callback(shutil.rmtree, where, ignore_errors=True)
                files = {name: _put(where / name, data) for name, data in others.items()}
        except OSError as e:
            raise GraderError(f"The files of {shown} could not be laid out ({e}).", mend="Is the disk full?") from e
        when, notes = parcel.submitted_at, parcel.notes
        yield Submission(parcel.student, parcel.assignment, shown, parcel.notebooks, files, when, notes)


def _put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
