"""Opening what a stranger left in a folder.

Rule: a name is opened relative to the open folder it was found in, one component at a time, with O_NOFOLLOW
and O_NONBLOCK, and what is open must be a regular file. No path is resolved, so neither a link nor a rename
under way leads elsewhere, and neither a FIFO nor a device keeps us waiting.
Not covered: hard links, which the kernel grants to a file's owner alone (`fs.protected_hardlinks`).
"""

from __future__ import annotations

import errno
import os
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from autograder.errors import StudentError, Ungradable
from autograder.values import Submission

MAX_NAME = 240
"""UTF-8 bytes of one name: file systems allow 255, and writers add a suffix."""
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
FOLDER = FILE | os.O_DIRECTORY
# What open says when something else stands there: since just now, or all along.
_CHANGED = (errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENXIO, errno.ENODEV, errno.ENOENT)
_TURNING = set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFSOCK: "a socket",
    stat.S_IFDIR: "a folder",
    stat.S_IFREG: "a file",
}


@contextmanager
def opened(submission: Submission, name: str) -> Iterator[BinaryIO]:
    """A file of a submission, named as in `Submission.files`, open under the rule; raises StudentError."""
    *folders, last = name.split("/")
    if any(part in ("", ".", "..") for part in (*folders, last)):
        raise StudentError(f"{shown(name)} is no file of this submission.")
    submitted, path = submission.folder.parent.parent, submission.folder / name
    names = (submission.student, submission.assignment, *folders)
    with inside(submitted, names) as at, regular(at, last, path) as file:
        yield file


@contextmanager
def inside(submitted: Path, names: Sequence[str]) -> Iterator[int]:
    """The folder that the names lead to from `submitted`, open; raises Ungradable where one is no folder."""
    at = os.open(submitted, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for depth, name in enumerate(names, 1):
            above = at
            try:
                at = os.open(name, FOLDER, dir_fd=above)
            except OSError as e:
                if e.errno not in _CHANGED:
                    raise
                raise _no_folder(above, name, submitted.joinpath(*names[:depth])) from None
            os.close(above)
        yield at
    finally:
        os.close(at)


def _no_folder(at: int, name: str, path: Path) -> Ungradable:
    """What stands in a folder's place."""
    try:
        found = os.stat(name, dir_fd=at, follow_symlinks=False)
    except FileNotFoundError:
        return Ungradable(f"{path} is not there.", mend="Hand in your work again.")
    return Ungradable(f"{path} is {kind(found.st_mode)}, not a folder.", mend="Hand in the files themselves.")


@contextmanager
def regular(at: int, name: str, path: Path | str) -> Iterator[BinaryIO]:
    """A regular file, open; raises StudentError for any other thing, OSError for a fault of the machine.

    `path`: what messages call it.
    """
    # A look before the leap: opening a device can wind a tape, and a message should say what was found.
    found = os.stat(name, dir_fd=at, follow_symlinks=False)
    if not stat.S_ISREG(found.st_mode):
        raise StudentError(f"{path} is {kind(found.st_mode)}, not a file.")
    try:
        descriptor = os.open(name, FILE, dir_fd=at)
    except OSError as e:
        if e.errno not in _CHANGED:
            raise
        raise StudentError(f"{path} is not the file that it was a moment ago.") from None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise StudentError(f"{path} is not the file that it was a moment ago.")
        yield file


@contextmanager
def held(name: str | Path, flags: int, at: int | None = None) -> Iterator[int]:
    """A descriptor, closed at the end."""
    descriptor = os.open(name, flags, dir_fd=at)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def kind(mode: int) -> str:
    """What `st_mode` says a thing is, for a message."""
    return _KINDS.get(stat.S_IFMT(mode), "a device")


@lru_cache(maxsize=4096)  # a class hands in the same few names
def name_fault(name: str) -> str:
    """Why neither a file nor a student can have this name, as the end of a sentence; empty when they can."""
    try:
        size = len(name.encode("utf-8"))
    except UnicodeEncodeError:
        return "is not UTF-8"
    if not name or name.startswith(".") or "/" in name:
        return "is empty, begins with a dot or holds a slash"
    plain = name.isascii() and name.isprintable()  # a class has many names, most of them so
    if not plain and any(unicodedata.category(c) in ("Cc", "Zl", "Zp") or c in _TURNING for c in name):
        return "holds control characters"
    return f"is longer than {MAX_NAME} bytes" if size > MAX_NAME else ""


def shown(text: str) -> str:
    """A student's word as a message may show it: in quotes, controls escaped, not too long."""
    return repr(text if len(text) <= 60 else text[:59] + "…")
