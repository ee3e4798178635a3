"""Names inside an archive, before anything is made of them.

Rule: a name becomes folders and a file only where every part of it could be one: no way out of the folder, no drive,
no control character, nothing that another system would open as a device.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from autograder.intake.opening import name_fault, shown

Place = tuple[str, ...]
"""A relative path, part by part."""

MAX_PARTS = 24
"""Folders inside one another, those of the archive included."""
_DRIVE = re.compile(r"[A-Za-z]:")
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_JUNK = {"__macosx", "__pycache__", "thumbs.db", "desktop.ini"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in an archive or a folder: named and measured, not yet read."""

    place: Place
    size: int
    """Bytes, as the archive says."""
    time: datetime | None
    """When it was last changed, in UTC, as the archive says."""
    open: Callable[[], AbstractContextManager[BinaryIO]]
    """Opens it; raises StudentError or OSError."""
    fault: str = ""
    """Why it cannot be taken, as the end of a sentence; then it is never opened."""

    @property
    def path(self) -> str:
        """Its name for a message."""
        return "/".join(self.place)


def place_of(name: str) -> tuple[Place, str]:
    """The parts of an entry's name, and why it cannot be taken, as the end of a sentence; no parts for junk.

    A backslash parts names as a slash does: archives made on Windows have it.
    """
    if "\0" in name:
        return (name,), "its name holds control characters"
    plain = name.replace("\\", "/")
    parts = tuple(part for part in plain.split("/") if part not in ("", "."))
    if plain.startswith("/") or _DRIVE.match(plain):
        return (name,), "its name is that of a place on a machine"
    if ".." in parts:
        return (name,), "its name leads out of the archive"
    if any(part.startswith(".") or part.lower() in _JUNK for part in parts):
        return (), ""
    fault = next((f"its name {why}" for part in parts if (why := name_fault(part))), "")
    if not fault and len(parts) > MAX_PARTS:
        fault = f"it lies more than {MAX_PARTS} folders deep"
    return parts, fault or windows_fault(parts)


def windows_fault(parts: Iterable[str]) -> str:
    """Why Windows would not keep these as names, as the end of a sentence; a course may be graded there."""
    for part in parts:
        if _DEVICE.fullmatch(part):
            return f"{shown(part)} is a device on Windows"
        if ":" in part:
            return "its name holds a colon, which is a stream on Windows"
    return ""


def folded(place: Place) -> Place:
    """What names have in common that some file system takes for one: case, and how accents are written."""
    return tuple(unicodedata.normalize("NFC", part).casefold() for part in place)


def twins(places: Iterable[Place]) -> list[tuple[Place, Place]]:
    """Pairs of names that some file system takes for one."""
    seen: dict[Place, Place] = {}
    found = []
    for place in places:
        first = seen.setdefault(folded(place), place)
        if first != place:
            found.append((first, place))
    return found


def common_root(places: Iterable[Place]) -> int:
    """1 where all lie in one folder, else 0."""
    tops = {place[:1] if len(place) > 1 else () for place in places}
    return int(len(tops) == 1 and tops != {()})
