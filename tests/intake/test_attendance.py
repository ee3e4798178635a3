"""Who handed in, and what is said of things that lie where nothing is graded."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.errors import Ungradable, UsageError
from autograder.intake.attendance import fitting, strays, students
from autograder.intake.folder import read


@pytest.fixture
def submitted(tmp_path: Path) -> Path:
    """A class with one honest student."""
    path = tmp_path / "submitted"
    put(path, "ada/ps/nb.ipynb", "{}")
    return path


def put(root: Path, name: str, text: str = "") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_students(submitted: Path) -> None:
    """Those with something for the assignment, sorted; names of any script."""
    put(submitted, "김철수/ps/nb.ipynb")
    put(submitted, "bob/other/nb.ipynb")
    put(submitted, "Zoe/ps/notes.txt")
    assert ["Zoe", "ada", "김철수"] == students(submitted, "ps")
    assert ["ada"] == students(submitted, "ps", "a*")
    assert ["Zoe", "김철수"] == students(submitted, "ps", exclude=("ada", "nobody"))
    assert [] == students(submitted, "nothing")


def test_odd_students(submitted: Path) -> None:
    """A student's folder that is a link or a FIFO is named, not followed; each is then refused with the reason."""
    (submitted / "eve").symlink_to("ada")
    os.mkfifo(submitted / "mal")
    assert ["ada", "eve", "mal"] == students(submitted, "ps")
    for name, what in (("eve", "a link"), ("mal", "a FIFO")):
        with pytest.raises(Ungradable, match=f"{name} is {what}, not a folder"):
            read(submitted, name, "ps", largest=1000)


def test_strays(submitted: Path) -> None:
    """Files beside the students' folders, and impossible names, are told; hidden files are not."""
    put(submitted, "roster.csv")
    put(submitted, ".DS_Store")
    put(submitted, "a\tb/ps/nb.ipynb")
    assert ["ada"] == students(submitted, "ps")
    assert [
        f"'a\\tb' in {submitted} was passed over: its name holds control characters.",
        f"{submitted}/roster.csv was passed over: it is a file, not a student's folder.",
    ] == list(strays(submitted, "ps"))
    assert 1 == len(strays(submitted, "ps", "roster*"))


@pytest.mark.parametrize("place", ["class.zip", "bob/work.zip", "bob/ps/Work.ZIP"])
def test_an_archive_put_there_by_hand_is_named_with_the_mend(submitted: Path, place: str) -> None:
    """Among the students, in a student's folder or in the assignment's; not where notebooks lie beside it."""
    put(submitted, place)
    put(submitted, "ada/ps/data.zip")
    (note,) = strays(submitted, "ps")
    assert note.startswith(f"{submitted / place} was")
    assert f"`autograder collect ps {submitted}" in note


def test_no_class(tmp_path: Path) -> None:
    """Without a folder of submissions the mistake is the instructor's."""
    for call in (lambda: students(tmp_path / "none", "ps"), lambda: strays(tmp_path / "none", "ps")):
        with pytest.raises(UsageError, match="none: cannot be read"):
            call()


def test_a_file_in_the_place_of_a_folder_is_handed_in_as_well(submitted: Path) -> None:
    """So that its student reads what is wrong; a student's own file, or a link that leads nowhere, alike."""
    put(submitted, "bob/ps", "my answers")
    put(submitted, "notes")
    (submitted / "eve").symlink_to("nobody")
    assert ["ada", "bob", "eve"] == students(submitted, "ps")
    assert ["ada", "bob", "eve", "notes"] == fitting(submitted, "*")
