"""Folders of submissions, honest and otherwise."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.errors import GraderError, Ungradable, UsageError
from autograder.intake import folder as module
from autograder.intake.folder import MAX_DEPTH, MAX_NOTES, read
from autograder.values import Submission

LARGEST = 1000


@pytest.fixture
def submitted(tmp_path: Path) -> Path:
    """A class with one honest student."""
    path = tmp_path / "submitted"
    put(path, "ada/ps/nb.ipynb", "{}")
    return path


def put(root: Path, name: str, text: str | bytes = "") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def taken(submitted: Path, student: str = "ada") -> Submission:
    return read(submitted, student, "ps", largest=LARGEST)


@pytest.mark.parametrize("student", ["..", "a/../../b", "", "-\n"])
def test_impossible_student(submitted: Path, student: str) -> None:
    """A student's name cannot lead out of the folder."""
    with pytest.raises(UsageError, match="cannot be a folder of a submission"):
        taken(submitted, student)


# --- what was handed in -----------------------------------------------------------------------------------


def test_honest(submitted: Path) -> None:
    """Notebooks at the top as bytes, all else by name and path; leftovers of tools left out."""
    put(submitted, "ada/ps/model.keras", "weights")
    put(submitted, "ada/ps/src/helper.py", "x = 1")
    put(submitted, "ada/ps/src/deep.ipynb", "{}")
    for name in (".ipynb_checkpoints/nb.ipynb", ".hidden", "__pycache__/a.pyc", "timestamp.txt"):
        put(submitted, f"ada/ps/{name}", "2026-03-01 12:00:00.000000 UTC")
    ada = taken(submitted)
    home = submitted / "ada" / "ps"
    assert {"nb": b"{}"} == ada.notebooks
    assert {n: home / n for n in ("model.keras", "src/deep.ipynb", "src/helper.py")} == ada.files
    assert ("ada", "ps", home, ()) == (ada.student, ada.assignment, ada.folder, ada.notes)
    assert datetime(2026, 3, 1, 12, tzinfo=UTC) == ada.submitted_at


def test_time_of_the_newest_notebook(submitted: Path) -> None:
    """Without timestamp.txt the newest notebook's own time counts."""
    for name, time in (("a", 1_000_000_000), ("nb", 1_100_000_000)):
        os.utime(put(submitted, f"ada/ps/{name}.ipynb", "{}"), (time, time))
    assert datetime.fromtimestamp(1_100_000_000, UTC) == taken(submitted).submitted_at


@pytest.mark.parametrize("what", ["nonsense", "a link", "a FIFO", "a folder"])
def test_bad_time(submitted: Path, what: str) -> None:
    """A timestamp.txt that tells no time is passed over with a note; it is never waited for."""
    path = submitted / "ada/ps/timestamp.txt"
    if what == "a link":
        path.symlink_to("/dev/zero")
    elif what == "a FIFO":
        os.mkfifo(path)
    elif what == "a folder":
        path.mkdir()
    else:
        path.write_bytes(b"\xff" * 100_000)
    ada = taken(submitted)
    assert ("timestamp.txt is not understood; the notebook's own time counts.",) == ada.notes
    assert ada.submitted_at is not None


# --- what cannot be graded --------------------------------------------------------------------------------


def odd(what: str, path: Path) -> None:
    path.unlink(missing_ok=True)
    if what == "a link":
        path.symlink_to(put(path.parents[3], "source/nb.ipynb", "solution"))
    elif what == "a FIFO":
        os.mkfifo(path)
    elif what == "a folder":
        path.mkdir()
    else:
        with path.open("wb") as file:
            file.truncate(200 * 2**20)


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("a link", "is a link, not a file"),
        ("a FIFO", "is a FIFO, not a file"),
        ("a folder", "is a folder, not a file"),
        ("200 MB", "is too large: 209,715,200 bytes, 1,000 are allowed"),
    ],
)
def test_ungradable(submitted: Path, what: str, why: str) -> None:
    """A notebook that is no file, or too large a one, is refused in a sentence; beside a good one it is a note."""
    odd(what, submitted / "ada/ps/nb.ipynb")
    with pytest.raises(Ungradable, match=f"ada/ps/nb.ipynb {why}") as refused:
        taken(submitted)
    assert "Hand in the .ipynb file itself." == refused.value.mend
    put(submitted, "ada/ps/other.ipynb", "{}")
    ada = taken(submitted)
    assert {"other": b"{}"} == ada.notebooks
    assert 1 == len(ada.notes) and why in ada.notes[0]


@pytest.mark.parametrize("name", ["ada/ps/answer.docx", "ada/ps/.nb.ipynb", "ada/ps/sub/nb.ipynb"])
def test_no_notebook(submitted: Path, name: str) -> None:
    """A submission without a notebook at its top is refused."""
    (submitted / "ada/ps/nb.ipynb").unlink()
    put(submitted, name)
    with pytest.raises(Ungradable, match="ada/ps holds no notebook"):
        taken(submitted)


def test_no_folder(submitted: Path) -> None:
    """A student who handed in nothing for this assignment is told so."""
    for student in ("ada", "nobody"):
        with pytest.raises(Ungradable, match="is not there"):
            read(submitted, student, "other", largest=LARGEST)


def test_assignment_is_a_file(submitted: Path) -> None:
    """A file in the place of the assignment's folder is refused."""
    put(submitted, "bob/ps", "my answers")
    with pytest.raises(Ungradable, match="bob/ps is a file, not a folder"):
        taken(submitted, "bob")


def test_empty_notebook_is_left_to_the_parser(submitted: Path) -> None:
    """An empty notebook is taken: that it says nothing is for its reader to tell."""
    put(submitted, "ada/ps/nb.ipynb", "")
    assert {"nb": b""} == taken(submitted).notebooks


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable(submitted: Path) -> None:
    """A notebook that the machine does not let us read costs the student nothing."""
    (submitted / "ada/ps/nb.ipynb").chmod(0)
    with pytest.raises(GraderError, match="cannot be read"):
        taken(submitted)


def test_fault_of_the_machine(submitted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails is the grader's fault, not the student's."""

    def broken(*_: object, **__: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(module.os, "scandir", broken)
    with pytest.raises(GraderError, match=r"cannot be read \(Input/output error\)"):
        taken(submitted)


# --- caps -------------------------------------------------------------------------------------------------


def test_linked_file(submitted: Path, tmp_path: Path) -> None:
    """A link, a FIFO or a linked folder among the other files is passed over, and named."""
    secret = put(tmp_path, "gradebook.db", "marks")
    (submitted / "ada/ps/data.csv").symlink_to(secret)
    (submitted / "ada/ps/lib").symlink_to(tmp_path)
    os.mkfifo(submitted / "ada/ps/pipe")
    ada = taken(submitted)
    assert {} == ada.files
    assert ["'data.csv'", "'lib'", "'pipe'"] == [note.split(" was passed over: it is ")[0] for note in ada.notes]
    assert "marks" == (submitted / "ada/ps/data.csv").read_text(), "positive control: a path leads there"


def test_bad_names(submitted: Path) -> None:
    """Names with controls, or not in UTF-8, or too long are passed over, and shown escaped."""
    home = os.fsencode(submitted / "ada/ps")
    for name in (b"a\nb.txt", b"caf\xe9.txt", b"z" * 250, b"x\x1b.ipynb"):
        Path(os.fsdecode(home + b"/" + name)).touch()
    ada = taken(submitted)
    assert ({}, {"nb": b"{}"}) == (ada.files, ada.notebooks)
    assert ["'a\\nb.txt'", "'caf\\udce9.txt'", "'x\\x1b.ipynb'"] == [n.split(" was")[0] for n in ada.notes[:3]]


def test_large_file(submitted: Path) -> None:
    """A file too large is passed over; many files together have a cap too."""
    put(submitted, "ada/ps/big.bin", b"x" * (LARGEST + 1))
    for i in range(5):
        put(submitted, f"ada/ps/part{i}", b"x" * LARGEST)
    ada = taken(submitted)
    assert ["part0", "part1", "part2"] == list(ada.files)
    assert "'big.bin' was passed over: 1,001 bytes are too many." == ada.notes[0]
    assert 3 == len(ada.notes)


def test_many_notebooks(submitted: Path) -> None:
    """Notebooks together have the same cap, and each that no longer fits is named."""
    for i in range(6):
        put(submitted, f"ada/ps/a{i}.ipynb", b"x" * LARGEST)
    ada = taken(submitted)
    assert ["a0", "a1", "a2", "a3"] == list(ada.notebooks)
    assert ["a4", "a5", "nb"] == [note.split(".ipynb")[0].split("/")[-1] for note in ada.notes]


def test_growing_notebook(submitted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook that grows between being measured and being read is refused."""
    path = put(submitted, "ada/ps/nb.ipynb", b"x" * (LARGEST + 500))
    measure = os.fstat
    smaller = put(submitted, "ada/ps/small.txt", b"x").stat()
    monkeypatch.setattr(
        module.os, "fstat", lambda fd: smaller if measure(fd).st_ino == path.stat().st_ino else measure(fd)
    )
    with pytest.raises(Ungradable, match="is too large: 1,001 bytes"):
        taken(submitted)


def test_depth(submitted: Path) -> None:
    """Folders are followed down to a depth, and no further."""
    for depth in (MAX_DEPTH, MAX_DEPTH + 1):
        put(submitted, "ada/ps/" + "d/" * depth + "x", "1")
    ada = taken(submitted)
    assert ["d/" * MAX_DEPTH + "x"] == list(ada.files)
    assert (f"'{'d/' * MAX_DEPTH}d' was passed over: it lies more than {MAX_DEPTH} folders deep.",) == ada.notes


def test_count(submitted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with too many files is passed over; a submission of too many is refused."""
    monkeypatch.setattr(module, "MAX_ENTRIES", 10)
    for i in range(12):
        put(submitted, f"ada/ps/many/{i}")
    ada = taken(submitted)
    assert ({}, ("'many' was passed over: there are more than 10 files.",)) == (ada.files, ada.notes)
    for i in range(12):
        put(submitted, f"ada/ps/{i}")
    with pytest.raises(Ungradable, match="ada/ps holds more than 10 files"):
        taken(submitted)


def test_notes_are_capped(submitted: Path) -> None:
    """A hundred links are told in a few lines."""
    for i in range(100):
        (submitted / f"ada/ps/l{i}").symlink_to("nb.ipynb")
    notes = taken(submitted).notes
    assert MAX_NOTES + 1 == len(notes)
    assert "80 further things were passed over." == notes[-1]
