"""A folder is replaced by another, whole or not at all.

Rule: at every instant, whatever fails or is killed, either the old folder or the new one stands complete.
Where the kernel can exchange two names in one step (Linux, renameat2) nobody ever sees the place empty.
Elsewhere it is two renames with the old folder kept beside it; `claim` finishes what a crash left between.
Nothing here knows what the folders hold.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_CANNOT = (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EXDEV)


@contextmanager
def claim(target: Path) -> Iterator[None]:
    """Holds the folder's parent against other releases, and mends what a crash of an earlier one left."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(target.parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)  # the kernel lets go of it however this process ends
        _recover(target)
        yield
    finally:
        os.close(handle)


def replace(target: Path, fill: Callable[[Path], None]) -> None:
    """Puts a folder made by `fill` in the place of `target`; call within `claim`.

    On any exception, raised here or by `fill`, the former folder stands as it did.
    """
    fresh, old = _fresh(target), _old(target)
    try:
        fresh.mkdir()
        fill(fresh)
        _settle(fresh)
        undo = _swap(fresh, target, old)
        try:
            _sync(target.parent)
        except BaseException:
            undo()
            raise
    finally:
        # After an exchange this is the former release; after a failure, the unfinished one.
        shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def _swap(fresh: Path, target: Path, old: Path) -> Callable[[], object]:
    """The moment itself; returns what would take it back."""
    if not target.exists():
        fresh.rename(target)
        return lambda: target.rename(fresh)
    if _exchange(fresh, target):
        return lambda: _exchange(fresh, target)
    target.rename(old)
    try:
        fresh.rename(target)
    except BaseException:
        old.rename(target)
        raise
    return lambda: (target.rename(fresh), old.rename(target))


def _recover(target: Path) -> None:
    """A killed release leaves a half-made folder, or the old one moved aside and perhaps not replaced."""
    old = _old(target)
    if old.is_dir():
        if target.exists():
            shutil.rmtree(old)
        else:
            old.rename(target)
    shutil.rmtree(_fresh(target), ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Exchanges two names in one step; False where system or file system cannot."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    names = os.fsencode(one), os.fsencode(other)
    if renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _CANNOT:
        return False
    raise OSError(code, os.strerror(code), str(other))


def _settle(folder: Path) -> None:
    """Every file and folder reaches the disk before any name points to it."""
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            _sync(Path(parent, name))
        _sync(Path(parent))


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _fresh(target: Path) -> Path:
    return target.with_name(f".{target.name}.new")


def _old(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")
