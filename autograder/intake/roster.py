"""Who is in the class, and which of them an archive means.

Rule: only what is exact and the only one of its kind is taken; everything else is a doubt, with those who could be
meant, and a person decides.
"""

from __future__ import annotations

import csv
import difflib
import io
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError
from autograder.intake.handed import Sender
from autograder.intake.opening import name_fault, shown

COLUMNS = ("id", "name", "first_name", "last_name", "email", "lms_id")
"""Columns of a roster; `lms_user_id`, as nbgrader calls it, is `lms_id`."""
ALIKE = 0.75
"""How much two names have in common, 0 to 1, before one is offered for the other."""
OFFERED = 3
MAX_SEARCHES = 200
"""Senders for whom somebody near is looked for: with the wrong roster that would be the whole class."""


@dataclass(frozen=True, slots=True)
class Student:
    """One line of the roster."""

    id: str
    """The name of the folder in `submitted/`."""
    name: str = ""
    """The whole name, first name first."""
    email: str = ""
    lms_id: str = ""
    """The number that the learning management system keeps."""


@dataclass(frozen=True, slots=True)
class Match:
    """Which student is meant, or why nobody knows."""

    student: str = ""
    name: str = ""
    """Under which of the sender's names; empty where an id told it."""
    doubt: str = ""
    """Why nobody is taken, as a sentence; empty where somebody is."""
    note: str = ""
    """What a person may want to look at, though it is clear enough."""


class Roster:
    """The class, and what a person has said of single senders."""

    def __init__(self, students: Iterable[Student], said: Mapping[str, str] | None = None) -> None:
        self.students = {student.id: student for student in students}
        self.said = said or {}
        self._searches = 0
        """Sender's label → student's id."""
        self._ids: dict[str, set[str]] = {}
        self._lms: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        self._turned: dict[str, set[str]] = {}
        for one in self.students.values():
            for word in filter(None, (one.id, one.email, one.lms_id)):
                self._ids.setdefault(_word(word), set()).add(one.id)
            if one.lms_id:
                self._lms.setdefault(one.lms_id, set()).add(one.id)
            if key := letters(one.name):
                self._names.setdefault(key, set()).add(one.id)
            for key in _turns(one.name):
                self._turned.setdefault(key, set()).add(one.id)

    def find(self, sender: Sender) -> Match:
        """The student whom a sender is; ids stand above names, and where they disagree it is a doubt."""
        if sender.label in self.said:
            return Match(self.said[sender.label])
        by_id = set().union(*(self._ids.get(_word(word), set()) for word in sender.ids))
        by_name, name, turned = self._named(sender)
        if by_id | self._lms.get(sender.lms, set()):
            return self._known(sender, by_id, by_name, name)
        if len(by_name) > 1:
            return Match(doubt=f"Its name could be that of {_listed(by_name)}.")
        if not by_name:
            return Match(doubt=self._unknown(sender))
        student = self.students[next(iter(by_name))]
        if sender.lms and student.lms_id and sender.lms != student.lms_id:
            return Match(
                doubt=f"Its name is that of {student.id}, who has the number {student.lms_id} in the roster."
            )
        return Match(student.id, name, note=f"Taken for {student.name}, in another order." if turned else "")

    def _known(self, sender: Sender, by_id: set[str], by_name: set[str], name: str) -> Match:
        """An id or a number is known; a number may be another system's, so that the name must not be another."""
        found = by_id | self._lms.get(sender.lms, set())
        if len(found) > 1:
            return Match(doubt=f"Its ids are those of {_listed(found)}.")
        if by_name and not found & by_name:
            return Match(doubt=f"Its id is that of {_listed(found)}, its name that of {_listed(by_name)}.")
        student = self.students[next(iter(found))]
        if by_name or not sender.names or not student.name:
            return Match(student.id, name)
        if not by_id:
            return Match(doubt=f"Its number is that of {student.id}, whose name in the roster is {student.name}.")
        return Match(student.id, note=f"Its name is not that of {student.id} in the roster, {student.name}.")

    def _named(self, sender: Sender) -> tuple[set[str], str, bool]:
        """All whose name is one of the sender's, the name that told it, and whether its words are turned round."""
        straight, turned = self._whose(self._names, sender), self._whose(self._turned, sender)
        if sender.slug:  # the order of words is not to be seen, so that any may be meant
            straight = {name: straight.get(name, set()) | turned.get(name, set()) for name in {**straight, **turned}}
        found = straight or turned
        return set().union(*found.values()), next(iter(found), ""), not straight

    @staticmethod
    def _whose(known: Mapping[str, set[str]], sender: Sender) -> dict[str, set[str]]:
        return {name: students for name in sender.names if (students := known.get(letters(name), set()))}

    def _unknown(self, sender: Sender) -> str:
        """Nobody fits: who comes nearest."""
        forms = {
            _bare(word): one.id for one in self.students.values() for word in (one.id, one.name, *_turns(one.name))
        }
        forms.pop("", None)
        near: dict[str, None] = {}
        self._searches += 1
        for word in (*sender.names, *sender.ids) if self._searches <= MAX_SEARCHES else ():
            for form in difflib.get_close_matches(_bare(word), forms, OFFERED, ALIKE):
                near[forms[form]] = None
        if not near:
            return "Nobody in the roster has this name or id."
        return f"Nobody in the roster is just that; near: {', '.join(list(near)[:OFFERED])}."


def _listed(students: Iterable[str]) -> str:
    return " and ".join(sorted(students)[:OFFERED])


def _word(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def _words(name: str) -> list[str]:
    """The words of a name in the order in which it is spoken: `Doe, Jane` is Jane Doe."""
    last, comma, first = name.partition(",")
    spoken = f"{first} {last}" if comma else name
    return [word for word in map(letters, spoken.split()) if word]


def letters(text: str) -> str:
    """What is left of a name where spaces, hyphens and case do not count; accents do."""
    last, comma, first = text.partition(",")
    spoken = unicodedata.normalize("NFKC", f"{first}{last}" if comma else text)
    plain = unicodedata.normalize("NFC", spoken.casefold())
    return "".join(c for c in plain if c.isalnum() or unicodedata.category(c)[0] == "M")


def _bare(text: str) -> str:
    """Letters without accents: by these a name is offered, and never taken."""
    return "".join(c for c in unicodedata.normalize("NFD", letters(text)) if unicodedata.category(c) != "Mn")


def _turns(name: str) -> set[str]:
    """All ways to begin a name at another of its words: the family's name first, say."""
    parts = _words(name)
    return {"".join(parts[n:] + parts[:n]) for n in range(1, len(parts))}


def read(path: Path) -> list[Student]:
    """The students of a CSV file with a line of column names; raises UsageError with the line."""
    students: dict[str, Student] = {}
    for number, row in enumerate(table(path), 2):
        one = row.get("id", "")
        if not one:
            mend = f"Give every student an id; columns are {', '.join(COLUMNS)}."
            raise UsageError(f"{path}, line {number}: there is no id.", mend=mend)
        if fault := name_fault(one):
            raise UsageError(f"{path}, line {number}: {shown(one)} cannot be an id: it {fault}.", mend="Mend it.")
        if one in students:
            raise UsageError(f"{path}, line {number}: {one} stands there twice.", mend="Take one of them out.")
        name = row.get("name") or f"{row.get('first_name', '')} {row.get('last_name', '')}".strip()
        students[one] = Student(one, name, row.get("email", ""), row.get("lms_id") or row.get("lms_user_id", ""))
    return list(students.values())


def read_said(path: Path, roster: Iterable[str]) -> dict[str, str]:
    """A person's decisions, columns `sender` and `student`; a student who is not in the roster is a UsageError."""
    known = set(roster)
    said: dict[str, str] = {}
    for number, row in enumerate(table(path), 2):
        sender, student = row.get("sender", ""), row.get("student", "")
        if not student:
            continue
        if student not in known:
            raise UsageError(f"{path}, line {number}: {shown(student)} is not in the roster.", mend="Mend it.")
        said[sender] = student
    return said


def table(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file, column names in small letters; commas, semicolons and tabs part them."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as e:
        raise UsageError(f"{path}: cannot be read ({e.strerror}).", mend="Check its name and rights.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not UTF-8 text.", mend="Save it as CSV UTF-8.") from None
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as e:
        raise UsageError(f"{path}: is no CSV file ({e}).", mend="Save it as CSV.") from None
    keys = [key.strip().lower() for key in rows[0]] if rows else []
    return [dict(zip(keys, map(str.strip, row), strict=False)) for row in rows[1:] if any(map(str.strip, row))]
