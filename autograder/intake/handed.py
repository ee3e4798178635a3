"""What an archive says somebody handed in.

Rule: who that is stands here in the archive's own words; the roster decides later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import PurePosixPath
from typing import Protocol

from autograder.intake.entries import Entry, Place

MAX_WORDS = 1 << 20
"""Bytes of a file in which a system tells of a submission."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody, as an archive names him or her."""

    label: str
    """What a person reads, and what a line of `--map` names."""
    ids: tuple[str, ...] = ()
    """Words that may be a student's id, e-mail or user name; each is one on its own."""
    lms: str = ""
    """The number that the system itself keeps for the person."""
    names: tuple[str, ...] = ()
    """Names of a person; where there are several, one of them is meant."""
    slug: bool = False
    """The names are letters alone: where one word ends and which is the family's, they do not tell."""


@dataclass(slots=True)
class Handed:
    """One attempt of one sender."""

    sender: Sender
    when: datetime | None = None
    """In UTC, where the system tells it."""
    told_by: str = ""
    """Who tells the time; empty where nobody does, and the files' own counts."""
    late: bool | None = None
    """Whether the system marks it late; None where it marks nothing."""
    files: dict[Place, Entry] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    part: str = ""
    """What one student handed in under the same word here is one attempt."""
    fault: str = ""
    """Why it is left out whoever sent it; empty where it is not."""
    settled: Callable[[], str] | None = None
    """Asked once all is read: why it is not what it was, or nothing."""
    title: Callable[[str, str], str] | None = None
    """A file's name, and the sender's name in it → the name that the student gave it."""

    def add(self, place: Place, entry: Entry) -> None:
        """One more file; a second of the same name gets a number, as browsers give it."""
        path, number = PurePosixPath(place[-1]), 1
        name = place
        while name in self.files:
            number += 1
            name = (*place[:-1], f"{path.stem} ({number}){path.suffix}")
        if number > 1:
            self.notes.append(f"{entry.path!r} is in the archive {number} times; each was kept.")
        self.files[name] = entry

    def by_files(self) -> datetime | None:
        """The last time of its files."""
        return max((e.time for e in self.files.values() if e.time is not None and not e.fault), default=None)


@dataclass(frozen=True, slots=True)
class Told:
    """What is known beside the entries."""

    zone: tzinfo
    """Of times without one."""
    sheets: Sequence[Mapping[str, str]] = ()
    """Rows of the grading worksheets that were given, column → text."""


class Maker(Protocol):
    """A system's way of naming things: a module of `lms/`."""

    NAME: str
    TITLE: str

    def fits(self, place: Place) -> bool:
        """Whether it could have named a file so."""

    def sort(self, entries: Sequence[Entry], told: Told) -> tuple[list[Handed], list[Entry]]:
        """Who handed in what, and what is nobody's."""


def grouped(into: dict[str, Handed], key: str, sender: Sender) -> Handed:
    """The attempt of that key, begun where it is new."""
    return into.setdefault(key, Handed(sender))


def words(entry: Entry) -> str:
    """A short text of the system's own; empty where it cannot be taken. Raises StudentError."""
    if entry.fault or entry.size > MAX_WORDS:
        return ""
    with entry.open() as file:
        return file.read(MAX_WORDS).decode("utf-8-sig", "replace")
