"""Archives as learning management systems make them, and as enemies do."""

from __future__ import annotations

import csv
import io
import stat
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from autograder.intake.handed import Sender

DOWNLOADED = (2026, 3, 20, 9, 30, 0)
"""When the teacher pressed the button."""
UNIX = 3


@dataclass(frozen=True)
class Person:
    """Somebody of the class."""

    id: str
    first: str
    last: str
    number: int = 0

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}".strip()

    @property
    def email(self) -> str:
        return f"{self.id}@uni.example"


ADA = Person("ada", "Ada", "Lovelace", 101)
BOB = Person("bob", "Bob", "van Dyke", 102)
KIM = Person("kim", "서연", "김", 103)
CLASS = (ADA, BOB, KIM)


def roster(people: Iterable[Person] = CLASS) -> str:
    """The class as a CSV file."""
    return "id,name,email,lms_id\n" + "".join(f"{p.id},{p.name},{p.email},{p.number}\n" for p in people)


def archive(path: Path, files: Mapping[str, bytes | str], when: tuple[int, ...] = DOWNLOADED) -> Path:
    """A zip of these files, each stamped with that moment."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in files.items():
            out.writestr(entry(name, when), data)
    return path


def entry(name: str, when: tuple[int, ...] = DOWNLOADED, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    """An entry of any name and kind."""
    info = zipfile.ZipInfo(name, when[:6])  # type: ignore[arg-type]
    info.create_system, info.external_attr, info.compress_type = UNIX, mode << 16, zipfile.ZIP_DEFLATED
    return info


def packed(files: Mapping[str, bytes | str]) -> bytes:
    """The bytes of a zip, as a student makes one."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(entry(name), data)
    return out.getvalue()


def canvas(person: Person, name: str, *, late: bool = False, file: int = 9000) -> str:
    """A name of Canvas's."""
    slug = "".join(c for c in f"{person.last}{person.first}".lower() if c.isalnum())
    return f"{slug}_{'LATE_' if late else ''}{person.number}_{file}_{name}"


def moodle(person: Person, name: str, kind: str = "file") -> str:
    """A name of Moodle's; the participant's number is of this assignment alone."""
    return f"{person.name}_{7000 + person.number}_assignsubmission_{kind}_/{name}"


def worksheet(people: Iterable[Person], times: Mapping[str, str]) -> str:
    """Moodle's grading worksheet."""
    head = 'Identifier,"Full name","ID number","Email address",Status,Grade,"Last modified (submission)"\n'
    row = 'Participant {},"{}",,{},"Submitted for grading",,"{}"\n'
    return (
        "\ufeff" + head + "".join(row.format(7000 + p.number, p.name, p.email, times.get(p.id, "-")) for p in people)
    )


FOREIGN = {
    "German": ("Teilnehmer/in", "Zur Bewertung abgegeben", "{0.day}. März {0.year}, {0:%H:%M}", "Ada Lovelace"),
    "Korean": ("참가자", "채점을 위해 제출됨", "{0.year}년 {0.month}월 {0.day}일(일요일) 오후 {0:%I:%M}", "Ada Lovelace"),
    "French, blind": ("Participant", "Remis pour évaluation", "dimanche {0.day} mars {0.year}, {0:%H:%M}", ""),
}
"""Language → Moodle's words for a participant and a state, its way to write a time in March, who is named."""


def foreign_worksheet(person: Person, at: datetime, language: str, text: str = "") -> str:
    """The same as Moodle writes it in another language; `text` is what the student typed in."""
    word, state, form, named = FOREIGN[language]
    head = ["A", *(["B", "C"] if named else []), "D", "E", "F", "G", "H", "I"]
    who = [named, person.email] if named else []
    cells = [f"{word} {7000 + person.number}", *who, state, "", "100", form.format(at), text, "-"]
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([head, cells])
    return "\ufeff" + out.getvalue()


def blackboard(person: Person, name: str, at: str, assignment: str = "Problem_Set_1") -> str:
    """A name of Blackboard's; without a name that of the text beside."""
    return f"{assignment}_{person.id}_attempt_{at}{'_' + name if name else '.txt'}"


def blackboard_text(person: Person, names: Iterable[str], at: str) -> str:
    """What Blackboard tells of an attempt."""
    told = f"Name: {person.name} ({person.id})\r\nAssignment: Problem Set 1\r\nDate Submitted: {at}\r\n"
    told += "Current Grade: Not Yet Graded\r\n\r\nSubmission Field:\r\nThere is no student submission text data.\r\n\r\nFiles:\r\n"
    return told + "".join(
        f"\tOriginal filename: {n}\r\n\tFilename: {blackboard(person, n, at)}\r\n\r\n" for n in names
    )


def gradescope(submissions: Mapping[int, Iterable[Person]], when: str = "2026-03-01 10:00:00.000000000 Z") -> str:
    """Gradescope's metadata, as Ruby writes them."""
    told = "---\n"
    for number, people in submissions.items():
        told += f"submission_{number}:\n  :submitters:\n"
        told += "".join(f"  - :name: {p.name}\n    :sid: '{p.number}'\n    :email: {p.email}\n" for p in people)
        told += f"  :created_at: !ruby/object:ActiveSupport::TimeWithZone\n    utc: {when}\n"
        told += f"    zone: !ruby/object:ActiveSupport::TimeZone\n      name: Etc/UTC\n    time: {when}\n"
        told += "  :score: 3.0\n  :status: processed\n  :history:\n  - :id: 5\n    :score: 1.0\n"
    return told


def at(*parts: int) -> datetime:
    """A moment in UTC."""
    from datetime import UTC

    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


def sender(label: str) -> Sender:
    """Somebody of whom nothing else is known."""
    return Sender(label)
