"""All attempts come in, or none."""

from __future__ import annotations

import os
from pathlib import Path

import lmszips as z
import pytest

from autograder.errors import GraderError, UsageError
from autograder.intake.placing import aside, former, moved, staging


def tree(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): p.read_text() if p.is_file() else "" for p in sorted(folder.rglob("*"))}


@pytest.fixture
def submitted(tmp_path: Path) -> Path:
    """One student has handed in, and three attempts lie beside."""
    folder = tmp_path / "submitted"
    for name in ("ada/ps1", "new/1", "new/2", "new/3"):
        (folder / name).mkdir(parents=True)
        (folder / name / "ps1.ipynb").write_text(name)
    return folder


def moves(s: Path) -> list[tuple[Path, Path]]:
    return [(s / "ada/ps1", s / ".attempts/ada/ps1/t"), (s / "new/1", s / "ada/ps1"), (s / "new/2", s / "bob/ps1")]


def test_all_are_moved(submitted: Path) -> None:
    """The former attempt lies beside, the new ones in their places."""
    with moved(moves(submitted)):
        pass
    assert "new/1" == (submitted / "ada/ps1/ps1.ipynb").read_text()
    assert "ada/ps1" == (submitted / ".attempts/ada/ps1/t/ps1.ipynb").read_text()
    assert "new/2" == (submitted / "bob/ps1/ps1.ipynb").read_text()


@pytest.mark.parametrize("why", [KeyboardInterrupt, GraderError("full"), OSError(28, "No space left")])
def test_what_fails_afterwards_undoes_them(submitted: Path, why: type[BaseException] | BaseException) -> None:
    """Ctrl-C and a ledger that cannot be written: everything is as it was, no folder is left."""
    before = tree(submitted)
    with pytest.raises((KeyboardInterrupt, GraderError)), moved(moves(submitted)):
        assert before != tree(submitted)
        raise why
    assert before == tree(submitted)


def test_one_that_fails_undoes_the_others(submitted: Path) -> None:
    """A place that is taken stops all, and says which it was."""
    (submitted / "bob/ps1").mkdir(parents=True)
    before = tree(submitted)
    with pytest.raises(GraderError, match="bob/ps1 cannot be moved"), moved(moves(submitted)):
        pass
    assert before == tree(submitted)


def test_a_students_folder_that_is_a_link_is_not_followed(submitted: Path, tmp_path: Path) -> None:
    """Nothing is written where it leads; the control is that a rename would follow it."""
    (tmp_path / "elsewhere").mkdir()
    (submitted / "bob").symlink_to(tmp_path / "elsewhere")
    before = tree(submitted)
    with pytest.raises(GraderError, match="bob"), moved(moves(submitted)):
        pass
    assert before == tree(submitted)
    (submitted / "new/3").rename(submitted / "bob/ps1")
    assert (tmp_path / "elsewhere/ps1").is_dir()


def test_staging_leaves_nothing_and_is_for_one(tmp_path: Path) -> None:
    """Neither in success nor in failure; what a killed one left is removed; a second one is told."""
    submitted = tmp_path / "submitted"
    (submitted / ".collecting-dead").mkdir(parents=True)
    with staging(submitted) as room:
        (room / "x").touch()
        assert [room.name] == os.listdir(submitted)
        with pytest.raises(UsageError, match="Somebody else"), staging(submitted):
            pass
    with pytest.raises(ZeroDivisionError), staging(submitted):
        raise ZeroDivisionError
    assert [] == os.listdir(submitted)


def test_a_dry_run_touches_nothing(tmp_path: Path) -> None:
    """Not even the folder is made."""
    with staging(tmp_path / "submitted", dry=True) as room:
        assert room.is_dir()
    assert [] == os.listdir(tmp_path)


def test_former_attempts_get_free_names_in_order(submitted: Path) -> None:
    """Two of the same time do not meet."""
    taken: set[Path] = set()
    first = aside(submitted, "ada", "ps1", z.at(2026, 3, 1), taken)
    second = aside(submitted, "ada", "ps1", z.at(2026, 3, 1), taken)
    assert ("2026-03-01T000000.000000", "2026-03-01T000000.000000-2") == (first.name, second.name)
    first.mkdir(parents=True)
    assert [first] == former(submitted, "ada", "ps1")
    assert second == aside(submitted, "ada", "ps1", z.at(2026, 3, 1), set())
    assert "unknown-time" == aside(submitted, "ada", "ps1", None, set()).name
