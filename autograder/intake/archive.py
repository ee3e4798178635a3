"""A zip, or the folder that came out of one, as entries that can be opened one by one.

Rule: nothing is written here, and nothing is believed: the table of contents is measured before it is read, every
entry has a cap, a ratio and a kind, and reading stops where the table said that the file ends.
A zip has no other guard: Python's module knows no cap, and takes a link for a file.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, BinaryIO, cast

from autograder.errors import StudentError, UsageError
from autograder.intake.entries import Entry, Place, place_of
from autograder.intake.opening import FOLDER, held, inside, kind, regular, shown
from autograder.intake.stamp import from_mtime

MAX_ENTRIES = 200_000
"""Files of an archive: a class of 10,000 with 20 files each."""
MAX_RATIO = 200
"""Bytes that one packed byte may become; a notebook's text stays below 30."""
SMALL = 1 << 20
"""Bytes that may come of any ratio: an empty array packs well."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LOCKED = 0x1 | 0x40
_UTF8 = 0x800
_ROW = 46 + 400
"""Bytes of an entry in the table of contents, with a long name."""
_TAIL = 22 + 65535
"""Bytes at the end of an archive in which its end is looked for."""


@contextmanager
def zipped(file: BinaryIO, name: str, zone: tzinfo, most: int = MAX_ENTRIES) -> Iterator[list[Entry]]:
    """The entries of an open zip, junk left out; raises StudentError where it is none, or one that is made to harm.

    `name`: what messages call it; `zone`: of times that the archive tells without one.
    """
    broken = StudentError(f"{name} is no whole zip archive.", mend="Download it again.")
    try:
        archive = zipfile.ZipFile(cast("BinaryIO", _Measured(file, max(most * _ROW, _TAIL))))
    except _TooLong as e:
        raise StudentError(f"{name} has {e}: more than {most:,} files.") from None
    except (zipfile.BadZipFile, struct.error, ValueError, OverflowError, NotImplementedError, EOFError, OSError):
        raise broken from None
    with archive:
        infos = archive.infolist()
        if len(infos) > most:
            raise StudentError(f"{name} holds {len(infos):,} files; {most:,} are allowed.")
        if sum(info.compress_size for info in infos) > os.fstat(file.fileno()).st_size:
            raise StudentError(f"{name} holds files that overlap: it is made to swell.")
        yield [entry for info in infos if (entry := _entry(archive, info, zone)) is not None]


class _Measured:
    """A file of which nobody reads more at once than a table of contents may have.

    Where that table lies and how long it is stands in two places of a zip, and only the reader itself knows which of
    them it believes: so it is stopped when it asks for the table.
    """

    def __init__(self, file: BinaryIO, most: int) -> None:
        self._file, self._most = file, most

    def read(self, size: int = -1) -> bytes:
        if size > self._most:
            raise _TooLong(f"a table of contents of {size:,} bytes")
        return self._file.read(size if size >= 0 else self._most)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class _TooLong(Exception):
    """The archive's table of contents is."""


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, zone: tzinfo) -> Entry | None:
    """None for a folder, and for what systems and editors leave behind."""
    place, fault = place_of(_name(info))
    if not place or (not fault and info.is_dir()):
        return None
    mode = info.external_attr >> 16
    if not fault and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        fault = f"it is {kind(mode)}, not a file"
    if not fault and info.flag_bits & _LOCKED:
        fault = "it is locked with a password"
    if not fault and info.compress_type not in _METHODS:
        fault = f"it is packed by method {info.compress_type}, which is not taken"
    if not fault and info.file_size > SMALL and info.file_size > MAX_RATIO * info.compress_size:
        fault = f"{info.file_size:,} bytes would come of {info.compress_size:,}: it is made to swell"
    return Entry(place, info.file_size, _time(info, zone), lambda: _unpacked(archive, info), fault)


def _name(info: zipfile.ZipInfo) -> str:
    """The name as it was meant: without the mark for UTF-8 it often is UTF-8 all the same."""
    name = info.orig_filename
    if info.flag_bits & _UTF8:
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def _time(info: zipfile.ZipInfo, zone: tzinfo) -> datetime | None:
    """The extended time where there is one, in seconds of UTC; else that of the entry, which has no zone."""
    extra = info.extra
    while len(extra) >= 4:
        tag, size = struct.unpack_from("<HH", extra)
        if tag == 0x5455 and size >= 5 and len(extra) >= 9 and extra[4] & 1:
            return from_mtime(int(struct.unpack_from("<i", extra, 5)[0]))
        extra = extra[4 + size :]
    try:
        at = datetime(*info.date_time, tzinfo=zone)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.year > 1980 else None  # 1980 is what writers give who know no time


@contextmanager
def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[BinaryIO]:
    try:
        with archive.open(info) as file:
            yield cast("BinaryIO", file)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, struct.error):
        raise StudentError(f"{shown(info.filename)} is damaged.", mend="Download the archive again.") from None


@contextmanager
def folder(path: Path, most: int = MAX_ENTRIES) -> Iterator[list[Entry]]:
    """The files of a folder as an archive's; links are neither followed nor opened, only named."""
    try:
        yield list(_walk(path, (), most))
    except OSError as e:
        raise UsageError(f"{path}: cannot be read ({e.strerror}).", mend="Check its name and rights.") from None


def _walk(top: Path, start: Place, most: int) -> Iterator[Entry]:
    waiting: list[Place] = [start]
    left = most
    while waiting:
        below = waiting.pop()
        with _within(top, below) as at:
            names = sorted(os.listdir(at))
            if (left := left - len(names)) < 0:
                raise StudentError(f"{top} holds more than {most:,} files.")
            for name in names:
                place, fault = place_of("/".join((*below, name)))
                if "\\" in name and place:  # which parts names in archives, and is a letter here
                    place, fault = (*below, name), "its name holds a backslash"
                found = os.stat(name, dir_fd=at, follow_symlinks=False)
                if not place:
                    continue
                if stat.S_ISDIR(found.st_mode) and not fault:
                    waiting.append(place)
                    continue
                if not fault and not stat.S_ISREG(found.st_mode):
                    fault = f"it is {kind(found.st_mode)}, not a file"
                yield Entry(place, found.st_size, from_mtime(found.st_mtime), _Opener(top, place), fault)


@contextmanager
def _within(top: Path, place: Place) -> Iterator[int]:
    with held(top, FOLDER) if not place else inside(top, place) as at:
        yield at


class _Opener:
    """Opens a file of a folder, part by part."""

    def __init__(self, top: Path, place: Place) -> None:
        self.top, self.place = top, place

    @contextmanager
    def __call__(self) -> Iterator[BinaryIO]:
        with ExitStack() as stack:
            at = stack.enter_context(_within(self.top, self.place[:-1]))
            yield stack.enter_context(regular(at, self.place[-1], self.top.joinpath(*self.place)))
