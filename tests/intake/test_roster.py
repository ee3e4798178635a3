"""Whose it is: what is clear is taken, every doubt is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.intake.handed import Sender
from autograder.intake.roster import Roster, Student, letters, read, read_said, table

CLASS = [
    Student("ada", "Ada Lovelace", "ada@uni.example", "101"),
    Student("bob", "Bob van Dyke", "bob@uni.example"),
    Student("kim", "김 서연", "kim@uni.example", "103"),
    Student("kl", "Kim Lee"),
    Student("lk", "Lee Kim"),
    Student("jose", "José Núñez"),
    Student("an1", "An Na"),
    Student("an2", "An Na"),
]


def sender(name: str = "", *ids: str, lms: str = "", slug: bool = False) -> Sender:
    return Sender("x", ids, lms, (name,) if name else (), slug)


@pytest.mark.parametrize(
    ("who", "student"),
    [
        (sender("", "ada"), "ada"),
        (sender("", "ADA@Uni.Example"), "ada"),
        (sender("", lms="103"), "kim"),
        (sender("ada lovelace"), "ada"),
        (sender("Lovelace, Ada"), "ada"),
        (sender("lovelaceada", slug=True), "ada"),
        (sender("vandykebob", slug=True), "bob"),
        (sender("김서연"), "kim"),
        (sender("Jose\u0301 Nu\u0301n\u0303ez"), "jose"),
        (sender("Kim Lee"), "kl"),
        (sender("Somebody Else", "ada"), "ada"),
        (sender("Adaline", "x", "ada@uni.example", lms="101"), "ada"),
    ],
)
def test_what_is_exact_is_taken(who: Sender, student: str) -> None:
    """Ids, e-mails and numbers; names without regard to case, spaces and how accents are written."""
    found = Roster(CLASS).find(who)
    assert (student, "") == (found.student, found.doubt)


@pytest.mark.parametrize(
    ("who", "told"),
    [
        (sender("Ada Lovelase"), "near: ada"),
        (sender("Jose Nunez"), "near: jose"),
        (sender("Grace Hopper"), "Nobody"),
        (sender("An Na"), "an1 and an2"),
        (sender("kimlee", slug=True), "kl and lk"),
        (sender("Bob van Dyke", "ada"), "its name that of bob"),
        (sender("", "ada", "bob"), "ada and bob"),
        (sender("김서연", lms="999"), "103"),
        (sender("Somebody Else", lms="101"), "whose name in the roster is Ada Lovelace"),
        (sender(), "Nobody"),
    ],
)
def test_every_doubt_is_told_and_nobody_taken(who: Sender, told: str) -> None:
    """Two candidates, none, one that is merely near, an id against a name, another's number."""
    found = Roster(CLASS).find(who)
    assert "" == found.student
    assert told in found.doubt


def test_a_name_in_another_order_is_taken_with_a_note() -> None:
    """A family's name comes first in some places."""
    found = Roster(CLASS).find(sender("van Dyke Bob"))
    assert ("bob", True) == (found.student, "another order" in found.note)


def test_an_id_under_another_name_is_taken_with_a_note() -> None:
    """People change their names; an e-mail or an id is nobody else's."""
    assert "not that of ada" in Roster(CLASS).find(sender("Somebody Else", "ada")).note


def test_what_a_person_said_stands_above_all() -> None:
    """A decision is a decision."""
    assert "bob" == Roster(CLASS, {"x": "bob"}).find(sender("Ada Lovelace", "ada")).student


def test_marks_of_other_scripts_tell_names_apart() -> None:
    """Vowels that stand as marks are letters of a name."""
    assert letters("कि") != letters("की")


def test_a_roster_is_read(tmp_path: Path) -> None:
    """Ours, and nbgrader's columns; semicolons and a byte order mark, as Excel writes them."""
    path = tmp_path / "roster.csv"
    path.write_text("\ufeffid;first_name;last_name;email;lms_user_id\nada;Ada;Lovelace;a@x;7\n\n", encoding="utf-8")
    assert [Student("ada", "Ada Lovelace", "a@x", "7")] == read(path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name\nAda\n", "line 2: there is no id"),
        ("id\nada\nada\n", "line 3: ada stands there twice"),
        ("id\n../x\n", "line 2"),
    ],
)
def test_a_wrong_roster_names_the_line(tmp_path: Path, text: str, told: str) -> None:
    """Whoever keeps it can mend it."""
    (tmp_path / "r.csv").write_text(text)
    with pytest.raises(UsageError, match=told):
        read(tmp_path / "r.csv")


def test_decisions_are_read_and_must_name_students(tmp_path: Path) -> None:
    """A line without a student is not decided yet; a student who is not there is an error."""
    (tmp_path / "m.csv").write_text("sender,student\nx_1,ada\nx_2,\n")
    assert {"x_1": "ada"} == read_said(tmp_path / "m.csv", ["ada"])
    with pytest.raises(UsageError, match="line 2: 'ada' is not in the roster"):
        read_said(tmp_path / "m.csv", ["bob"])


def test_what_is_no_table_is_told(tmp_path: Path) -> None:
    """Missing files and other encodings."""
    with pytest.raises(UsageError, match="cannot be read"):
        table(tmp_path / "none.csv")
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="UTF-8"):
        table(tmp_path / "x.csv")
