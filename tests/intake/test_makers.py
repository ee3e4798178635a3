"""Each system's names are known, and none is taken for another's."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import lmszips as z
import pytest
from lmszips import ADA, BOB, KIM

from autograder.errors import StudentError, UsageError
from autograder.intake import makers
from autograder.intake.entries import Entry
from autograder.intake.handed import Handed, Told
from autograder.intake.lms import worksheet
from autograder.intake.roster import table

A, B = "2026-03-01-12-00-00", "2026-03-02-12-00-00"


def entry(name: str, data: str = "{}", fault: str = "") -> Entry:
    return Entry(
        tuple(name.split("/")), len(data), z.at(2026, 3, 20), lambda: nullcontext(BytesIO(data.encode())), fault
    )


def sort(files: dict[str, str] | list[str], forced: str = "", **told: object) -> tuple[str, list[Handed], list[str]]:
    named = files if isinstance(files, dict) else dict.fromkeys(files, "{}")
    known = Told(told.pop("zone", UTC), told.pop("sheets", ()))  # type: ignore[arg-type]
    return makers.sort([entry(n, d) for n, d in named.items()], known, "x.zip", forced)


def files(one: Handed) -> list[str]:
    return ["/".join(place) for place in one.files]


EXPORTS = {
    "canvas": [z.canvas(ADA, "ps1.ipynb"), z.canvas(BOB, "my_ps1-2.ipynb", late=True)],
    "moodle": [z.moodle(ADA, "ps1.ipynb"), z.moodle(KIM, "ps1.ipynb")],
    "blackboard": [z.blackboard(ADA, "ps1.ipynb", A), z.blackboard(BOB, "ps1.ipynb", B)],
    "google": ["ps1 - Ada Lovelace.ipynb", "ps1 - Bob van Dyke (1).ipynb"],
    "folders": ["ada/ps1.ipynb", "bob/ps1.ipynb", "kim.zip"],
}


@pytest.mark.parametrize("root", ["", "download/"])
@pytest.mark.parametrize("maker", EXPORTS)
def test_names_tell_who_made_an_archive(maker: str, root: str) -> None:
    """Also where all lies in one folder, as a system's unpacker leaves it."""
    name, found, notes = sort([root + name for name in EXPORTS[maker]])
    assert (maker, len(EXPORTS[maker]), []) == (name, len(found), notes)


def test_an_archive_of_nobodys_is_an_error_that_says_so() -> None:
    """The first name is shown, and what --from takes."""
    with pytest.raises(UsageError, match=r"'ps1\.ipynb'") as e:
        sort(["ps1.ipynb", "notes.txt"])
    assert "canvas, moodle" in e.value.mend


def test_an_archive_of_two_makers_is_not_guessed() -> None:
    """Half of each: a person says which."""
    mixed = [*EXPORTS["canvas"], *EXPORTS["blackboard"]]
    with pytest.raises(UsageError, match="blackboard or canvas"):
        sort(mixed)
    name, found, notes = sort(mixed, "canvas")
    assert ("canvas", 2, 2) == (name, len(found), len(notes))


def test_an_empty_archive_is_an_error() -> None:
    """There is nothing to take."""
    with pytest.raises(UsageError, match="no file"):
        sort([])


def test_canvas_tells_user_number_and_lateness() -> None:
    """A file's name may hold underscores; a file more belongs to the same attempt; online text is a file."""
    _, found, _ = sort([*EXPORTS["canvas"], z.canvas(ADA, "lenet.keras", file=7), "김서연_103_text.html"])
    ada, bob, kim = found
    assert (["ps1.ipynb", "lenet.keras"], False) == (files(ada), ada.late)
    assert (["my_ps1-2.ipynb"], True, "102", "vandykebob_102") == (
        files(bob),
        bob.late,
        bob.sender.lms,
        bob.sender.label,
    )
    assert ("103", ["text.html"]) == (kim.sender.lms, files(kim))
    assert [None] * 3 == [one.when for one in found]


def test_canvas_without_names_matches_nobody() -> None:
    """Anonymous grading: a person says who is who."""
    _, (one,), _ = sort(["anon_x9kQ3_LATE_9000_ps1.ipynb"])
    assert ("anon_x9kQ3", (), True, ["ps1.ipynb"]) == (one.sender.label, one.sender.names, one.late, files(one))


def test_moodle_takes_files_with_and_without_folders() -> None:
    """Texts typed in lie beside the files; folders inside stay."""
    number = 7000 + ADA.number
    _, (one,), _ = sort(
        [
            z.moodle(ADA, "ps1.ipynb"),
            z.moodle(ADA, "onlinetext.html", "onlinetext"),
            f"Ada Lovelace_{number}_assignsubmission_file/data/x.csv",
            f"Ada Lovelace_{number}_assignsubmission_file_flat.py",
        ]
    )
    assert ["ps1.ipynb", "onlinetext.html", "data/x.csv", "flat.py"] == files(one)
    assert ("Ada Lovelace",) == one.sender.names


def test_moodle_groups_and_blind_marking() -> None:
    """A group's name comes first; a participant has none."""
    _, (team, blind), _ = sort(
        [
            z.moodle(z.Person("x", "Team 1-Ada", "Lovelace", 1), "a.ipynb"),
            z.moodle(z.Person("x", "Participant", "", 2), "a.ipynb"),
        ]
    )
    assert "Ada Lovelace" in team.sender.names
    assert () == blind.sender.names


def test_moodles_worksheet_tells_times_and_e_mails(tmp_path: object) -> None:
    """In the reader's zone, to the minute; blind participants become people."""
    from pathlib import Path

    path = Path(str(tmp_path)) / "g.csv"
    path.write_text(z.worksheet([ADA, KIM], {"ada": "Sunday, 1 March 2026, 11:58 PM", "kim": "2026년 3월 1일"}))
    _, (ada, kim), _ = sort(EXPORTS["moodle"], sheets=table(path), zone=ZoneInfo("Asia/Seoul"))
    assert (z.at(2026, 3, 1, 14, 58), "its grading worksheet") == (ada.when, ada.told_by)
    assert ("ada@uni.example",) == ada.sender.ids
    assert kim.when is None  # a language that is not known is no time


@pytest.mark.parametrize("language", z.FOREIGN)
def test_moodles_worksheet_in_other_languages(tmp_path: Path, language: str) -> None:
    """Participant, name and time by place and form; what a student typed in behind them is nothing."""
    (word, _, _, named), path = z.FOREIGN[language], tmp_path / "g.csv"
    path.write_text(z.foreign_worksheet(ADA, datetime(2026, 3, 1, 23, 58), language, "2020-01-01 00:00 kim@uni.example"))
    who = named or word
    archive = [f"{who}_{7000 + ADA.number}_assignsubmission_file/ps1.ipynb"]
    _, (one,), _ = sort(archive, sheets=table(path), zone=ZoneInfo("Asia/Seoul"))
    assert (z.at(2026, 3, 1, 14, 58), "its grading worksheet") == (one.when, one.told_by)
    assert ((named,), (ADA.email,)) == (one.sender.names, one.sender.ids) if named else ((), ()) == (one.sender.names, one.sender.ids)


def test_a_month_of_two_languages_is_no_time() -> None:
    """`listopad` is November in Polish and October in Croatian: nobody guesses."""
    assert worksheet.moment("wtorek, 10 listopada 2026, 21:30", UTC) is None
    assert z.at(2026, 3, 10, 21, 30) == worksheet.moment("wtorek, 10 marca 2026, 21:30", UTC)


def test_blackboard_tells_attempts_and_the_text_who_it_is() -> None:
    """Every time is an attempt; one text tells of all attempts of a user; names of files are the student's."""
    named = dict.fromkeys(
        [z.blackboard(ADA, "ps1.ipynb", A), z.blackboard(ADA, "ps1.ipynb", B), z.blackboard(BOB, "p.ipynb", B)], "{}"
    )
    told = z.blackboard_text(ADA, ["ps1.ipynb"], A).replace("filename: ps1.ipynb", "filename: my ps1.ipynb")
    _, found, _ = sort({**named, z.blackboard(ADA, "", A): told}, zone=ZoneInfo("Asia/Seoul"))
    first, second, bob = found
    assert (("ada",), ("Ada Lovelace",), "ada") == (first.sender.ids, first.sender.names, first.sender.label)
    assert first.sender == second.sender
    assert ([z.at(2026, 3, 1, 3), z.at(2026, 3, 2, 3)], "Blackboard") == ([first.when, second.when], first.told_by)
    assert (["my ps1.ipynb"], ["ps1.ipynb"]) == (files(first), files(second))
    assert "bob" in bob.sender.ids  # without a text each ending may be the user


def test_blackboards_user_names_are_not_cut_short() -> None:
    """The assignment is what all names share: `x_101` is not the user 101."""
    _, found, _ = sort([f"Set_1_{user}_attempt_{A}_ps1.ipynb" for user in ("x_101", "ada")])
    assert [("Set_1_x_101", "1_x_101", "x_101"), ("Set_1_ada", "1_ada", "ada")] == [one.sender.ids for one in found]


def test_a_blackboard_text_leads_nowhere() -> None:
    """A name that it gives for a file is a name and no path."""
    told = z.blackboard_text(ADA, ["ps1.ipynb"], A).replace("filename: ps1.ipynb", "filename: ../../x")
    _, (one,), _ = sort({z.blackboard(ADA, "ps1.ipynb", A): "{}", z.blackboard(ADA, "", A): told})
    assert ["ps1.ipynb"] == files(one)


def test_gradescope_tells_submitters_and_times() -> None:
    """A group's work is each member's."""
    _, found, _ = sort(
        {
            "submission_metadata.yml": z.gradescope({1: [ADA, BOB], 2: [KIM]}),
            "submission_1/ps1.ipynb": "{}",
            "submission_2/a/b.py": "",
        }
    )
    assert [("101", "ada@uni.example"), ("102", "bob@uni.example"), ("103", "kim@uni.example")] == [
        one.sender.ids for one in found
    ]
    assert {z.at(2026, 3, 1, 10)} == {one.when for one in found}
    assert [["ps1.ipynb"], ["ps1.ipynb"], ["a/b.py"]] == [files(one) for one in found]


@pytest.mark.parametrize("metadata", ["", "[1, 2]", "a: [", "!!python/object/apply:os.system [echo]", "&a [*a]"])
def test_gradescope_without_metadata_is_an_error(metadata: str) -> None:
    """Also where they are not Gradescope's; nothing in them is run."""
    with pytest.raises(StudentError, match="nobody knows"):
        sort({"submission_metadata.yml": metadata, "submission_1/ps1.ipynb": "{}"})


def test_a_yaml_that_is_believed_runs_code() -> None:
    """The control: the loader that makes objects calls what the text names."""
    import yaml

    assert 3 == yaml.load("!!python/object/apply:builtins.len ['abc']", Loader=yaml.UnsafeLoader)


def test_gradescope_with_people_of_any_kind() -> None:
    """A submission of nobody's, and people who are no mappings, have no sender and are doubted later."""
    text = "submission_1:\n  :submitters: []\nsubmission_2:\n  :submitters:\n  - 7\n"
    _, found, _ = sort({"submission_metadata.yml": text, "submission_1/a": "", "submission_2/a": ""})
    assert [("submission_1", ()), ("submission_2", ())] == [(one.sender.label, one.sender.ids) for one in found]


def test_google_names_person_first_or_last() -> None:
    """Both are offered to the roster; a number is another attempt; the file gets its own name back."""
    _, (one, two), _ = sort(
        ["Form (File responses)/Q/ps1 - Ada Lovelace.ipynb", "Form (File responses)/Q/Bob van Dyke - ps1 (1).ipynb"]
    )
    assert ("Ada Lovelace", "ps1") == one.sender.names
    assert "Bob van Dyke" in two.sender.names
    assert one.title is not None
    assert "ps1.ipynb" == one.title("ps1 - Ada Lovelace.ipynb", "Ada Lovelace")
    assert "ps1.ipynb" == one.title("Bob van Dyke - ps1 (1).ipynb", "Bob van Dyke")
    assert ("0", "1") == (one.part, two.part)


def test_the_same_name_twice_is_kept_twice() -> None:
    """Neither is written over the other."""
    one = Handed(z.sender("x"))
    for data in ("1", "2", "3"):
        one.add(("a.py",), entry("a.py", data))
    assert ["a.py", "a (2).py", "a (3).py"] == files(one)
    assert any("3 times" in note for note in one.notes)


def test_times_of_files_are_the_last() -> None:
    """Of those that are taken."""
    one = Handed(
        z.sender("x"),
        files={("a",): entry("a"), ("b",): Entry(("b",), 1, datetime(2030, 1, 1, tzinfo=UTC), nullcontext, "no")},
    )  # type: ignore[arg-type]
    assert z.at(2026, 3, 20) == one.by_files()
