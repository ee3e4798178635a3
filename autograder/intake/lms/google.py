"""Google Forms and Classroom, downloaded from Drive: `ps1 - Jane Doe.ipynb` or `Jane Doe - ps1.ipynb`.

Forms put the person last, Classroom's copies first; which of the two is a name, the roster says. Drive numbers files
of the same name, ` (1)`, in the order in which they came, and splits large downloads into several archives.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.intake.entries import Entry, Place
from autograder.intake.handed import Handed, Sender, Told, grouped

NAME, TITLE = "google", "Google Classroom"
_NAMED = re.compile(r"(?P<stem>.+? - .+?)(?: \((?P<number>\d+)\))?(?P<ending>\.[A-Za-z0-9.]{1,12})?")


def fits(place: Place) -> bool:
    """A hyphen between two names; folders of Drive may come before."""
    return _NAMED.fullmatch(place[-1]) is not None


def sort(entries: Sequence[Entry], told: Told) -> tuple[list[Handed], list[Entry]]:
    """An attempt for every file: only the roster can say which of them are the same person's."""
    found: dict[str, Handed] = {}
    left = []
    for entry in entries:
        match = _NAMED.fullmatch(entry.place[-1])
        if match is None:
            left.append(entry)
            continue
        stem = match["stem"]
        splits = [(stem[: m.start()].strip(), stem[m.end() :].strip()) for m in re.finditer(" - ", stem)]
        first, last = splits[0][0], splits[-1][1]
        one = grouped(found, entry.path, Sender(entry.place[-1], names=(last, first)))
        one.part, one.title = match["number"] or "0", _title
        one.add((entry.place[-1],), entry)
    return list(found.values()), left


def _title(name: str, person: str) -> str:
    """A file's name without the person's, and without the number of a later one of the same name."""
    match = _NAMED.fullmatch(name)
    if match is None:
        return name
    stem, ending = match["stem"], match["ending"] or ""
    stem = stem.removesuffix(f" - {person}") if stem.endswith(f" - {person}") else stem.removeprefix(f"{person} - ")
    return stem if stem.endswith(ending) else stem + ending
