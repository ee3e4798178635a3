"""Moodle, "Download all submissions": `Jane Doe_1234567_assignsubmission_file_/ps1.ipynb`.

Name, the participant's number in this assignment, the kind of submission; online text lies beside it as
`onlinetext.html`. Without folders the file's name follows in the same name. In a group the group's name and a hyphen
come first; blind marking puts "Participant" in place of the name. The grading worksheet (a CSV file), given with the
archive, tells names, e-mails, id numbers and the times at which work was handed in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from autograder.intake.entries import Entry, Place
from autograder.intake.handed import Handed, Sender, Told, grouped

NAME, TITLE = "moodle", "Moodle"
SHEET = "its grading worksheet"
_TOP = re.compile(r"(?P<who>.+)_(?P<number>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?")
_NUMBER = re.compile(r"\D*(\d+)\s*")
_TIMES = (
    "%A, %d %B %Y, %I:%M %p",
    "%A, %B %d, %Y, %I:%M %p",
    "%A, %d %B %Y, %H:%M",
    "%d %B %Y, %I:%M %p",
    "%d %B %Y, %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
)


def fits(place: Place) -> bool:
    """The kind of submission stands in every name."""
    return _TOP.fullmatch(place[0]) is not None


def sort(entries: Sequence[Entry], told: Told) -> tuple[list[Handed], list[Entry]]:
    """One attempt a participant."""
    found: dict[str, Handed] = {}
    left = []
    rows = {match[1]: row for row in told.sheets if (match := _NUMBER.fullmatch(row.get("identifier", "")))}
    for entry in entries:
        match = _TOP.fullmatch(entry.place[0])
        below = ((match["file"],) if match and match["file"] else ()) + entry.place[1:]
        if match is None or not below:
            left.append(entry)
            continue
        one = grouped(found, match["number"], _sender(match, rows.get(match["number"], {})))
        one.add(below, entry)
        row = rows.get(match["number"], {})
        if at := _moment(row.get("last modified (submission)", ""), told.zone):
            one.when, one.told_by = at, SHEET
    return list(found.values()), left


def _sender(match: re.Match[str], row: Mapping[str, str]) -> Sender:
    """The worksheet knows more than the name of a folder, and agrees with it or is doubted later."""
    who = match["who"]
    names = dict.fromkeys(name for name in (row.get("full name", ""), who) if name and name.lower() != "participant")
    if "full name" not in row and "-" in who:  # a group's name may come before
        names |= dict.fromkeys(who.split("-", n)[-1].strip() for n in range(1, who.count("-") + 1))
    ids = tuple(word for key in ("id number", "username", "email address") if (word := row.get(key, "").strip()))
    return Sender(f"{who}_{match['number']}", ids, names=tuple(names))


def _moment(text: str, zone: tzinfo) -> datetime | None:
    """A worksheet's time, to the minute; None where its language is not known."""
    for form in _TIMES:
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=zone).astimezone(UTC)
        except ValueError:
            continue
    return None
