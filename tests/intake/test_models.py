"""Which handed-in file is the model that a training cell asks for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.intake import folder, models
from autograder.values import Submission, Trained

NET = Trained("model", "net.keras")


def submission(*names: str, notes: tuple[str, ...] = ()) -> Submission:
    """A submission with files of those names."""
    return Submission("ada", "ps", Path("submitted/ada/ps"), {}, {name: Path(name) for name in names}, notes=notes)


def chosen(*names: str) -> Trained:
    """What the one training cell gets of those files."""
    return models.chosen({"train": NET}, submission(*names))[0]["train"]


@pytest.mark.parametrize(
    ("names", "path"),
    [
        (("net.keras",), "net.keras"),
        (("net.keras", "net (1).keras", "other.keras", "net.h5"), "net.keras"),
        (("net (1).keras", "data.csv"), "net (1).keras"),
        (("Copy of Net.KERAS",), "Copy of Net.KERAS"),
        (("net - Copy.keras",), "net - Copy.keras"),
        (("net.h5", "another.keras"), "net.h5"),
        (("net.weights.h5",), "net.weights.h5"),
        (("models/net.keras",), "models/net.keras"),
        (("my_model.keras", "notes.txt"), "my_model.keras"),
    ],
)  # fmt: skip
def test_the_file_is_found_by_its_name(names: tuple[str, ...], path: str) -> None:
    """The master's own name first, then another format or a copy, then the only one there is."""
    found = chosen(*names)
    assert (path, "") == (found.path, found.fault)


@pytest.mark.parametrize(
    ("names", "says"),
    [
        ((), r"net\.keras was not handed in\. Save the model with model\.save\('net\.keras'\)"),
        (("net (1).keras", "net (2).keras"), r"several files could be meant: 'net \(1\)\.keras', 'net \(2\)\.keras'"),
        (("a.keras", "b.h5"), "several files could be meant"),
        (("net.pkl",), r"'net\.pkl': a pickle can run code"),
        (("net.pt",), "a pickle can run code"),
        (("net.keras/saved_model.pb", "net.keras/variables/variables.index"), "a SavedModel folder"),
        (("net.onnx",), r"'net\.onnx', a format that is not taken"),
        (("net.keras.txt",), "was not handed in"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_named(names: tuple[str, ...], says: str) -> None:
    """One sentence: what was handed in, why it is not opened, what to do."""
    import re

    found = chosen(*names)
    assert "" == found.path and re.search(says, found.fault), found.fault


def test_each_cell_takes_its_own_file() -> None:
    """A file that one cell is named for serves no other, and where two are wanted nothing is guessed."""
    wanted = {"one": NET, "two": Trained("better", "better.keras")}
    found, notes = models.chosen(wanted, submission("better (1).keras", "net.keras"))
    assert ("net.keras", "better (1).keras") == (found["one"].path, found["two"].path)
    assert ("'better (1).keras' was taken for better.keras.",) == notes
    guessed, _ = models.chosen(wanted, submission("something.keras"))
    assert ("", "") == (guessed["one"].path, guessed["two"].path)


def large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(5000)


def linked(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def piped(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("make", "says"), [(large, "5,000 bytes are too many"), (linked, "a link"), (piped, "a FIFO")]
)
def test_a_file_that_was_passed_over_is_told_as_that(tmp_path: Path, make: object, says: str) -> None:
    """Not as missing: the student did hand it in."""
    place = tmp_path / "ada" / "ps"
    place.mkdir(parents=True)
    (place / "ps.ipynb").write_text("{}")
    make(place / "net.keras")  # type: ignore[operator]
    handed = folder.read(tmp_path, "ada", "ps", largest=4000)
    found = models.chosen({"train": NET}, handed)[0]["train"]
    assert (
        found.path == "" and found.fault.startswith("net.keras was handed in and not taken: ") and says in found.fault
    )
