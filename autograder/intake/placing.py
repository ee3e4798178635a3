"""Attempts take their places in `submitted/`.

Rule: all of them or none: whatever is laid out beside is moved in at the end, by renaming, and moved back where one
move fails. What a student handed in before is moved aside and stays, in `submitted/.attempts/`.
A leading dot keeps both from nbgrader's globs and from ours.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import signal
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from autograder.errors import GraderError, UsageError

ATTEMPTS = ".attempts"
"""Folder of `submitted/` with what was handed in before: `<student>/<assignment>/<time>/`."""
_STAGING = ".collecting-"


@contextmanager
def staging(submitted: Path, *, dry: bool = False) -> Iterator[Path]:
    """A folder for what will be moved in, on the same disk; nothing is left of it. One collects at a time.

    `dry`: somewhere else, as nothing will be moved in. Raises GraderError.
    """
    if dry:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
        return
    try:
        submitted.mkdir(parents=True, exist_ok=True)
        at = os.open(submitted, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as e:
        raise GraderError(f"{submitted} cannot be written ({e.strerror}).", mend="Check its owner and rights.") from e
    try:
        try:
            fcntl.flock(at, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError(f"Somebody else is collecting into {submitted}.", mend="Wait for its end.") from None
        for left in submitted.glob(f"{_STAGING}*"):  # of one that was killed
            shutil.rmtree(left, ignore_errors=True)
        folder = tempfile.mkdtemp(prefix=_STAGING, dir=submitted)
        try:
            yield Path(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(at)


def former(submitted: Path, student: str, assignment: str) -> list[Path]:
    """Folders of what a student handed in before, the oldest first."""
    try:
        return sorted(path for path in (submitted / ATTEMPTS / student / assignment).iterdir() if path.is_dir())
    except OSError:
        return []


def aside(submitted: Path, student: str, assignment: str, when: datetime | None, taken: set[Path]) -> Path:
    """A free name for a former attempt; `taken`: names that are given away already, to which this one is added."""
    stem = f"{when:%Y-%m-%dT%H%M%S.%f}" if when is not None else "unknown-time"
    folder = submitted / ATTEMPTS / student / assignment
    number, path = 1, folder / stem
    while path in taken or os.path.lexists(path):
        number += 1
        path = folder / f"{stem}-{number}"
    taken.add(path)
    return path


@contextmanager
def moved(moves: Sequence[tuple[Path, Path]]) -> Iterator[None]:
    """Renames all, in this order, and all back where one cannot be, or where what follows fails. Raises GraderError.

    Ctrl-C waits for the end of the renaming, which is near.
    """
    done: list[tuple[Path, Path]] = []
    made: list[Path] = []
    try:
        with _undisturbed():
            for origin, target in moves:
                _make(target.parent, made)
                if os.path.lexists(target):
                    raise FileExistsError(errno.EEXIST, "it is there already", str(target))
                origin.rename(target)
                done.append((origin, target))
        yield
    except BaseException as e:
        with _undisturbed():
            _back(done, made)
        if isinstance(e, OSError):
            told = f"{e.filename or 'A submission'} cannot be moved ({e.strerror}); everything is as it was."
            raise GraderError(told, mend="Check the folder's rights and that the disk has room.") from e
        raise


@contextmanager
def _undisturbed() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _back(done: Sequence[tuple[Path, Path]], made: Sequence[Path]) -> None:
    for origin, target in reversed(done):
        with suppress(OSError):
            target.rename(origin)
    for folder in reversed(made):
        with suppress(OSError):
            folder.rmdir()


def _make(folder: Path, made: list[Path]) -> None:
    """Makes a folder and those above it, and notes which were not there."""
    missing = []
    while not os.path.lexists(folder):
        missing.append(folder)
        folder = folder.parent
    if not stat.S_ISDIR(folder.lstat().st_mode):
        raise NotADirectoryError(errno.ENOTDIR, "a folder on the way is none", str(folder))
    for one in reversed(missing):
        one.mkdir()
        made.append(one)
