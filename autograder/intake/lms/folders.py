"""A folder a student, whoever made it: `jdoe/ps1.ipynb`, or `jdoe.zip`.

The folder's name is an id, an e-mail or a name of the roster.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograder.intake.entries import Entry, Place
from autograder.intake.handed import Handed, Sender, Told, grouped

NAME, TITLE = "folders", "folders, one a student"


def fits(place: Place) -> bool:
    """Anything that lies in a folder, and zips beside one another."""
    return len(place) > 1 or place[0].lower().endswith(".zip")


def sort(entries: Sequence[Entry], told: Told) -> tuple[list[Handed], list[Entry]]:
    """One attempt a folder."""
    found: dict[str, Handed] = {}
    left = []
    for entry in entries:
        if not fits(entry.place):
            left.append(entry)
            continue
        who = entry.place[0] if len(entry.place) > 1 else entry.place[0][:-4]
        one = grouped(found, who, Sender(who, (who,), names=(who,)))
        one.add(entry.place[1:] or entry.place, entry)
    return list(found.values()), left
