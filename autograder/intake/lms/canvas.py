"""Canvas, "Download submissions": `doejane_LATE_12345_67890_ps1.ipynb`, all in one folder.

Name (last name first, letters alone), `LATE` where Canvas marks it so, the user's number, the file's number, the
file's name. Anonymous grading puts `anon_` and five letters in place of name and number. Of several attempts Canvas
gives the last. It stamps every entry with the moment of the download, so that no entry tells when it was handed in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.intake.entries import Entry, Place
from autograder.intake.handed import Handed, Sender, Told, grouped

NAME, TITLE = "canvas", "Canvas"
_NAMED = re.compile(
    r"(?P<who>[^\W_][\w\-.' ]*?)_(?:(?P<late>late)_)?(?P<user>\d+)_"
    r"(?:\d+_(?P<name>.+)|(?P<text>(?:text|link)\.html))",
    re.IGNORECASE,
)
_HIDDEN = re.compile(
    r"(?P<who>anon_[A-Za-z0-9]{5})_(?:(?P<late>late)_)?(?:\d+_(?P<name>.+)|(?P<text>(?:text|link)\.html))",
    re.IGNORECASE,
)


def fits(place: Place) -> bool:
    """Files lie side by side, and each names a user."""
    return len(place) == 1 and _match(place[0]) is not None


def _match(name: str) -> re.Match[str] | None:
    return _HIDDEN.fullmatch(name) or _NAMED.fullmatch(name)


def sort(entries: Sequence[Entry], told: Told) -> tuple[list[Handed], list[Entry]]:
    """One attempt a user; without the mark LATE it was in time, as Canvas says."""
    found: dict[str, Handed] = {}
    left = []
    for entry in entries:
        match = _match(entry.place[0]) if len(entry.place) == 1 else None
        if match is None:
            left.append(entry)
            continue
        groups = match.groupdict()
        user = groups.get("user") or ""
        label = f"{groups['who']}_{user}" if user else groups["who"]
        names = (groups["who"],) if user else ()
        one = grouped(found, label, Sender(label, lms=user, names=names, slug=True))
        one.late = bool(one.late or groups["late"])
        one.add((groups["name"] or groups["text"],), entry)
    return list(found.values()), left
