"""Names in an archive lead nowhere but into the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.intake.entries import common_root, folded, place_of, twins

WAYS_OUT = [
    "../out.ipynb",
    "a/../../out.ipynb",
    "/etc/out.ipynb",
    "..\\out.ipynb",
    "\\\\host\\share\\out.ipynb",
    "C:\\out.ipynb",
    "c:out.ipynb",
    "a/..",
]


@pytest.mark.parametrize("name", WAYS_OUT)
def test_no_name_leads_out(name: str) -> None:
    """Steps upward, absolute names, drives and hosts are faults."""
    assert "" != place_of(name)[1]


def test_a_name_taken_as_it_is_leads_out(tmp_path: Path) -> None:
    """The control: who joins such a name to the folder writes beside it."""
    (inside := tmp_path / "inside").mkdir()
    (inside / WAYS_OUT[0]).write_text("x")
    assert (tmp_path / "out.ipynb").exists()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a\0b.ipynb", "control"),
        ("a\nb.ipynb", "control"),
        ("a\u202eb.ipynb", "control"),
        ("x" * 300 + ".ipynb", "longer"),
        ("/".join("x" * 30), "deep"),
        ("NUL.ipynb", "Windows"),
        ("a/com1", "Windows"),
        ("ps1.ipynb:hidden", "Windows"),
        ("\ud800.ipynb", "UTF-8"),
    ],
)
def test_a_name_that_some_system_cannot_keep_is_a_fault(name: str, told: str) -> None:
    """Controls, turned text, long and deep names, devices and streams of Windows."""
    assert told in place_of(name)[1]


@pytest.mark.parametrize("name", ["__MACOSX/._ps1.ipynb", ".DS_Store", "a/.git/config", "Thumbs.db", "./"])
def test_what_systems_leave_behind_is_nothing(name: str) -> None:
    """Junk has no place and no fault."""
    assert ((), "") == place_of(name)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("a/b.ipynb", ("a", "b.ipynb")),
        ("a\\b.ipynb", ("a", "b.ipynb")),
        ("./과제.ipynb", ("과제.ipynb",)),
        ("console.py", ("console.py",)),
    ],
)
def test_honest_names_are_taken(name: str, place: tuple[str, ...]) -> None:
    """Folders, Windows' separator, any script."""
    assert (place, "") == place_of(name)


def test_twins_differ_by_case_or_accents_alone() -> None:
    """NFC and NFD, and letters of another size, are one name to some systems."""
    assert folded(("É.ipynb",)) == folded(("e\u0301.IPYNB",))
    assert [(("A.py",), ("a.py",))] == twins([("A.py",), ("b.py",), ("a.py",)])
    assert [] == twins([("a.py",), ("a", "a.py")])


def test_a_common_folder_is_found() -> None:
    """Only where all lie in it."""
    assert 1 == common_root([("a", "b"), ("a", "c", "d")])
    assert 0 == common_root([("a", "b"), ("c",)])
    assert 0 == common_root([("a",), ("a",)])
