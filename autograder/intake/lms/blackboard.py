"""Blackboard, "Download assignment": `ps1_jdoe_attempt_2026-01-31-12-00-00_ps1.ipynb`.

Assignment, user name, the moment of the attempt on the server's clock, the file's name. Beside each attempt lies
a text of the same beginning, `..._attempt_2026-01-31-12-00-00.txt`, which tells name, user name and files.
Both assignment and user name may hold underscores: without that text every ending of what stands there is tried.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from autograder.intake.entries import Entry, Place, place_of
from autograder.intake.handed import Handed, Sender, Told, grouped, words

NAME, TITLE = "blackboard", "Blackboard"
_NAMED = re.compile(r"(?P<before>.+)_attempt_(?P<at>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|(?P<text>\.txt))")
_NAME = re.compile(r"^Name:[ \t]*(.*?)[ \t]*\(([^()]+)\)[ \t]*\r?$", re.MULTILINE)
_FILE = re.compile(r"^\s*Original filename:[ \t]*(.+?)[ \t]*\r?\n\s*Filename:[ \t]*(.+?)[ \t]*\r?$", re.MULTILINE)


def fits(place: Place) -> bool:
    """Every name tells of an attempt."""
    return len(place) == 1 and _NAMED.fullmatch(place[0]) is not None


def sort(entries: Sequence[Entry], told: Told) -> tuple[list[Handed], list[Entry]]:
    """An attempt for every time of every user; the texts tell who it is and are not handed on."""
    found: dict[str, Handed] = {}
    texts: dict[str, str] = {}
    left = []
    for entry in entries:
        match = _NAMED.fullmatch(entry.place[0]) if len(entry.place) == 1 else None
        if match is None:
            left.append(entry)
            continue
        key = f"{match['before']}_attempt_{match['at']}"
        one = grouped(found, key, Sender(match["before"]))
        one.when, one.told_by = _moment(match["at"], told.zone), TITLE
        if match["text"]:
            texts[key] = words(entry)
        else:
            one.add((match["file"],), entry)
    for key, text in texts.items():
        _named(found[key], text)
    shared = _shared({key.rpartition("_attempt_")[0] for key in found})
    known = {key.rpartition("_attempt_")[0]: found[key].sender for key in texts}
    for key, one in found.items():
        before = key.rpartition("_attempt_")[0]  # one text tells of all attempts of its user
        one.sender = known.get(before) or Sender(before, tuple(_endings(before, shared)))
    return list(found.values()), left


def _shared(befores: Collection[str]) -> int:
    """Letters that all have in common: the assignment is no longer than that."""
    alike = os.path.commonprefix(list(befores))  # noqa: RUF071 -- letter by letter is what is wanted
    return alike.rfind("_") + 1 if len(befores) > 1 else 1 << 16


def _endings(before: str, shared: int) -> Iterator[str]:
    """What may be the user's name: it begins after the assignment, and that is shared by all."""
    parts = before.split("_")
    for n in range(len(parts)):
        if len("_".join(parts[:n])) < shared:
            yield "_".join(parts[n:])


def _named(one: Handed, text: str) -> None:
    """What the text says of an attempt: who, and the files' names as the student gave them."""
    if match := _NAME.search(text):
        one.sender = replace(one.sender, label=match[2], ids=(match[2],), names=(match[1],) if match[1] else ())
    originals = {last: first for first, last in _FILE.findall(text)}
    for place, entry in list(one.files.items()):
        first = originals.get(entry.place[-1], "")
        if first and (first,) not in one.files and place_of(first) == ((first,), ""):
            one.files[(first,)] = one.files.pop(place)


def _moment(text: str, zone: tzinfo) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d-%H-%M-%S").replace(tzinfo=zone).astimezone(UTC)
    except ValueError:
        return None
