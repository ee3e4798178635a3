"""The candidate's view of the disk: a new root, built from read-only paths and one small disk in memory.

Rule: what is not put here does not exist for the candidate, so no path of the host has to be forbidden.

    /submission       the work folder   ┐ one tmpfs: its size and number of files bound all that
    /tmp  /dev/shm    scratch           ┘ the candidate can store
    /proc             its own processes only (levels below 4: the machine's, seen through Landlock)
    /dev              null, random, urandom; no zero: a shared map of it is memory that no limit counts
    /dev/pts          where a kernel of another language is to run: terminals of its own
    read-only paths   under the names that they have outside

All of it lives in the candidate's mount namespace and vanishes with it; the host has nothing to clean up.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from autograder.sandbox import linux
from autograder.sandbox.linux import JailError

WORK = "/submission"
SCRATCH = "/tmp"  # noqa: S108 - the candidate's own, not the host's
MEMORY_FILES = "/dev/shm"  # noqa: S108 - likewise
DEVICES = ("/dev/null", "/dev/random", "/dev/urandom")
CPU_FACTS = "/sys/devices/system/cpu"
TERMINALS = "/dev/pts"
FILE_SHARE = 4096
"""Bytes of the disk's size for each file or folder that it may hold, empty or not."""

_BASE = "/tmp"  # noqa: S108 - covered by the new root; any folder that surely exists would do
_BOX = "/.box"
"""Where the candidate's disk is mounted until its folders are shown elsewhere."""
_OLD = _BOX + "/old"
"""Where the host's tree hangs meanwhile: inside the disk's mount, so that both are detached at once."""
_QUIET = linux.MS_NOSUID | linux.MS_NODEV
_RESERVED = ("/proc", "/sys", "/dev", WORK)


@dataclass(frozen=True, slots=True)
class Entry:
    """One readable path as it will appear in the new root."""

    path: str
    """Absolute, the same inside as outside."""
    source: str
    """The path without links, which is what is mounted; for a link, its target as written."""
    kind: str
    """`folder`, `file` or `link`."""


def libraries(*more: str) -> tuple[str, ...]:
    """The paths that this interpreter needs to run and to import, those that exist, and `more`.

    `more`: what else a candidate may read, such as the folder of an editable install or a data cache.
    """
    system = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")
    facts = ("/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", "/etc/mime.types")
    packages = [p for p in sys.path if Path(p).name in ("site-packages", "dist-packages")]
    wanted = [sys.prefix, sys.base_prefix, sys.exec_prefix, *packages, *system, *facts]
    return tuple(dict.fromkeys(p for p in [*wanted, *more] if os.path.lexists(p)))


@lru_cache(maxsize=8)
def layout(read_only: tuple[str, ...]) -> tuple[Entry, ...]:
    """How the readable paths appear inside, outer ones first; raises `JailError` for one that cannot."""
    entries: dict[str, Entry] = {}
    waiting = list(read_only)
    while waiting:
        path = waiting.pop()
        entry = _entry(os.path.normpath(path))
        entries[entry.path] = entry
        if entry.kind == "link":
            waiting.append(str(Path(entry.path).resolve()))
    kept: list[Entry] = []
    for path in sorted(entries):
        if not any(e.kind == "folder" and path.startswith(e.path + "/") for e in kept):
            kept.append(entries[path])
    return tuple(kept)


def _entry(path: str) -> Entry:
    if not path.startswith("/") or path == "/":
        raise JailError(f"{path!r} cannot be a readable path.", mend="Name folders by absolute paths, below /.")
    if any(path == r or path.startswith(r + "/") for r in _RESERVED):
        raise JailError(f"{path} is a place of the jail's own.", mend="Choose another folder for libraries and data.")
    try:
        mode = os.lstat(path).st_mode
    except OSError as e:
        mend = "Make the folders above it readable, or install elsewhere, such as below /opt."
        raise JailError(f"The readable path {path} cannot be reached: {e.strerror}.", mend=mend) from e
    if stat.S_ISLNK(mode):
        return Entry(path, str(Path(path).readlink()), "link")
    # A parent folder may be a link; what is mounted must be named without any.
    return Entry(path, str(Path(path).resolve()), "folder" if stat.S_ISDIR(mode) else "file")


def build(
    read_only: tuple[str, ...],
    *,
    size: int,
    owner: int,
    own_proc: bool,
    stage: str | None,
    devices: Iterable[str],
    terminals: bool = False,
) -> str:
    """Leaves the host's tree for the new root; returns the work folder. `size`: bytes that may be stored.

    The process must have its own mount namespace (and for `own_proc` be in its own pid namespace) and the right to
    mount. `owner` owns the work folder and what is copied into it from `stage`.
    """
    entries = layout(read_only)
    linux.mount("none", "/", None, linux.MS_REC | linux.MS_PRIVATE)
    linux.mount("tmpfs", _BASE, "tmpfs", _QUIET, "size=1m,mode=755")
    os.mkdir(_BASE + _BOX)
    linux.mount(
        "tmpfs", _BASE + _BOX, "tmpfs", _QUIET, f"size={size},nr_inodes={max(256, size // FILE_SHARE)},mode=755"
    )
    os.mkdir(_BASE + _OLD)
    linux.pivot_root(_BASE, _BASE + _OLD)
    os.chdir("/")
    _writable(owner)
    for entry in entries:
        _show(entry)
    for device in devices:
        _bind(_OLD + device, device, folder=False)
    if terminals:
        _open_terminals()
    if os.path.isdir(_OLD + CPU_FACTS):
        _bind(_OLD + CPU_FACTS, CPU_FACTS, folder=True)
    os.mkdir("/proc")
    if own_proc:
        linux.mount("proc", "/proc", "proc", _QUIET | linux.MS_NOEXEC | linux.MS_RDONLY)
    else:
        _bind(_OLD + "/proc", "/proc", folder=True)
    if stage is not None:
        copy_stage(_OLD + stage, WORK, owner)
    linux.detach(_BOX)
    os.rmdir(_BOX)
    linux.restrict_mount("/", recursive=False)
    return WORK


def _writable(owner: int) -> None:
    """One file system in memory, seen in three places."""
    for place, mode in ((WORK, 0o700), (SCRATCH, 0o1777), (MEMORY_FILES, 0o1777)):
        inner = f"{_BOX}/{place.strip('/').replace('/', '-')}"
        os.mkdir(inner)
        os.chmod(inner, mode)
        _make_folder(place)
        linux.mount(inner, place, None, linux.MS_BIND)
    if os.geteuid() == 0:
        os.chown(WORK, owner, owner)


def _open_terminals() -> None:
    """Terminals that exist for this candidate alone; the machine's are not among them."""
    Path(TERMINALS).mkdir()
    linux.mount("devpts", TERMINALS, "devpts", linux.MS_NOSUID | linux.MS_NOEXEC, "newinstance,ptmxmode=0666")
    Path("/dev/ptmx").symlink_to("pts/ptmx")


def _show(entry: Entry) -> None:
    if entry.kind == "link":
        _make_folder(os.path.dirname(entry.path))
        os.symlink(entry.source, entry.path)
    else:
        _bind(_OLD + entry.source, entry.path, folder=entry.kind == "folder")


def _make_folder(path: str) -> None:
    """The folder and those above it, as far as they are missing; `pathlib` takes a millisecond for all of them."""
    try:
        os.mkdir(path)
    except FileExistsError:
        return
    except FileNotFoundError:
        _make_folder(os.path.dirname(path))
        os.mkdir(path)


def _bind(source: str, target: str, *, folder: bool) -> None:
    if folder:
        _make_folder(target)
    else:
        _make_folder(os.path.dirname(target))
        os.close(os.open(target, os.O_CREAT | os.O_CLOEXEC, 0o666))
    linux.mount(source, target, None, linux.MS_BIND | linux.MS_REC)
    if not source.startswith(_OLD + "/dev/"):  # a device stays a device, and null must be writable
        linux.restrict_mount(target, recursive=True)


def copy_stage(stage: str, work: str, owner: int) -> None:
    """Copies the regular files below `stage` into `work`; links, pipes and devices are left behind.

    Files arrive readable and writable for `owner` alone. Raises `OSError` (no space) when they do not fit.
    """
    pending = [(stage, work)]
    while pending:
        source, target = pending.pop()
        for item in os.scandir(source):
            place = os.path.join(target, item.name)
            if item.is_dir(follow_symlinks=False):
                os.mkdir(place, 0o700)
                pending.append((item.path, place))
            elif item.is_file(follow_symlinks=False):
                _copy_file(item.path, place)
            else:
                continue
            if os.geteuid() == 0:
                os.chown(place, owner, owner, follow_symlinks=False)


def _copy_file(source: str, target: str) -> None:
    reading = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(reading, "rb") as read:
        if not stat.S_ISREG(os.fstat(reading).st_mode):
            return
        writing = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(writing, "wb") as write:
            shutil.copyfileobj(read, write, 1 << 20)
