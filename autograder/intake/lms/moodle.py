"""Moodle, "Download all submissions": `Jane Doe_1234567_assignsubmission_file_/ps1.ipynb`.

Name, the participant's number in this assignment, the kind of submission; online text lies beside it as
`onlinetext.html`. Without folders the file's name follows in the same name. In a group the group's name and a hyphen
come first; blind marking puts "Participant" in place of the name. The grading worksheet (a CSV file), given with the
archive, tells names, e-mails, id numbers and the times at which work was handed in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.intake.entries import Entry, Place
from autograder.intake.handed import Handed, Sender, Told, grouped
from autograder.intake.lms import worksheet
from autograder.intake.lms.worksheet import Participant

NAME, TITLE = "moodle", "Moodle"
SHEET = "its grading worksheet"
_TOP = re.compile(r"(?P<who>.+)_(?P<number>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?")


def fits(place: Place) -> bool:
    """The kind of submission stands in every name."""
    return _TOP.fullmatch(place[0]) is not None


def sort(entries: Sequence[Entry], told: Told) -> tuple[list[Handed], list[Entry]]:
    """One attempt a participant."""
    found: dict[str, Handed] = {}
    left = []
    rows = worksheet.read(told.sheets)
    for entry in entries:
        match = _TOP.fullmatch(entry.place[0])
        below = ((match["file"],) if match and match["file"] else ()) + entry.place[1:]
        if match is None or not below:
            left.append(entry)
            continue
        row = rows.get(match["number"], Participant())
        one = grouped(found, match["number"], _sender(match, row))
        one.add(below, entry)
        if at := worksheet.moment(row.when, told.zone):
            one.when, one.told_by = at, SHEET
    return list(found.values()), left


def _sender(match: re.Match[str], row: Participant) -> Sender:
    """The worksheet knows more than the name of a folder, and agrees with it or is doubted later."""
    who = match["who"]
    known = row.name if row.english or who.endswith(row.name) else ""  # a hidden participant's second column is none
    hidden = {"", "participant", row.hidden}
    names = dict.fromkeys(name for name in (known, who) if name.strip().lower() not in hidden)
    if not known and "-" in who:  # a group's name may come before
        names |= dict.fromkeys(who.split("-", n)[-1].strip() for n in range(1, who.count("-") + 1))
    return Sender(f"{who}_{match['number']}", row.ids, names=tuple(names))
