"""On the exchange the system says who handed in and when; what a student wrote is told where it differs."""

from __future__ import annotations

import getpass
import os
import pwd
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.intake import exchange
from autograder.intake.handed import Handed

ME = (
    getpass.getuser()
    if getpass.getuser() in {u.pw_name for u in pwd.getpwall()}
    else pwd.getpwuid(os.geteuid()).pw_name
)
OTHER = next(u.pw_name for u in pwd.getpwall() if u.pw_uid != os.geteuid())


def hand_in(root: Path, user: str = ME, when: str = "", assignment: str = "ps1", own: str = "") -> Path:
    """A folder as `nbgrader submit` leaves it."""
    stamp = when or f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"
    folder = root / "c" / "inbound" / f"{user}+{assignment}+{stamp}+3t8wJVDLVUih"
    folder.mkdir(parents=True)
    (folder / "ps1.ipynb").write_text("{}")
    (folder / "timestamp.txt").write_text(own or stamp)
    (folder / "submission_secret.txt").write_text("s" * 64)
    return folder


@contextmanager
def found(root: Path, **options: bool) -> Iterator[list[Handed]]:
    with exchange.inbound(root, "c", "ps1", **options) as (handed, _):
        yield handed


def test_what_was_handed_in_is_found(tmp_path: Path) -> None:
    """User, files, and the system's time; other assignments are not looked at."""
    hand_in(tmp_path)
    hand_in(tmp_path, assignment="ps10")
    with found(tmp_path) as (one,):
        assert (ME, (ME,), "", []) == (one.sender.label, one.sender.ids, one.fault, one.notes)
        assert {"ps1.ipynb", "timestamp.txt", "submission_secret.txt"} == {"/".join(p) for p in one.files}
        assert one.when is not None
        assert abs(time.time() - one.when.timestamp()) < 60
        assert one.settled is not None
        assert "" == one.settled()


@pytest.mark.parametrize("name", ["a+b+ps1+2026-01-01 00:00:00 UTC+x", "a+b+ps1+2026-01-01 00:00:00 UTC"])
def test_a_users_name_may_hold_a_plus(tmp_path: Path, name: str) -> None:
    """nbgrader lets it, with and without the random ending."""
    (tmp_path / "c/inbound" / name).mkdir(parents=True)
    with found(tmp_path, owners=False) as (one,):
        assert "a+b" == one.sender.label


def test_a_forged_time_is_not_believed(tmp_path: Path) -> None:
    """Renaming the folder, rewriting the file and setting its times back are of no use, and are told."""
    folder = hand_in(tmp_path)
    (folder / "timestamp.txt").write_text("2020-01-01 00:00:00.000000 UTC")
    forged = folder.with_name(f"{ME}+ps1+2020-01-01 00:00:00.000000 UTC+x")
    folder.rename(forged)
    for path in (*forged.iterdir(), forged):
        os.utime(path, (1_577_836_800, 1_577_836_800))
    with found(tmp_path) as (one,):
        assert one.when is not None
        assert 2020 < one.when.year
        assert 2 == sum("which is not believed" in note for note in one.notes)
    assert 2020 == datetime.fromtimestamp(forged.stat().st_mtime, UTC).year  # the control: this is what one can set


def test_an_owner_who_is_another_is_left_out(tmp_path: Path) -> None:
    """A folder that bears another's name is named with its owner; the control, without the look, takes it."""
    hand_in(tmp_path, OTHER)
    with found(tmp_path) as (one,):
        assert f"comes from {OTHER}, and all of it is {ME}'s" in one.fault
    with found(tmp_path, owners=False) as (one,):
        assert "" == one.fault


def test_a_user_whom_nobody_knows_is_left_out(tmp_path: Path) -> None:
    """Then nobody knows whose it is."""
    hand_in(tmp_path, "no-such-user")
    with found(tmp_path) as (one,):
        assert "no user 'no-such-user'" in one.fault


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_anothers_leaves_it_out(tmp_path: Path) -> None:
    """The folder is open to all who know its name."""
    folder = hand_in(tmp_path)
    os.chown(folder / "ps1.ipynb", pwd.getpwnam(OTHER).pw_uid, -1)
    with found(tmp_path) as (one,):
        assert f"some of it is {OTHER}'s" in one.fault


def test_what_changes_while_it_is_read_is_told(tmp_path: Path) -> None:
    """A second look after the reading."""
    folder = hand_in(tmp_path)
    with found(tmp_path) as (one,):
        (folder / "more.py").touch()
        assert one.settled is not None
        assert "changed while it was read" in one.settled()


def test_a_link_in_place_of_a_folder_is_left_out(tmp_path: Path) -> None:
    """It is neither followed nor believed."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "c/inbound").mkdir(parents=True)
    (tmp_path / "c/inbound" / f"{ME}+ps1+2026-01-01 00:00:00 UTC+x").symlink_to(tmp_path / "elsewhere")
    with found(tmp_path) as (one,):
        assert "is a link, not a folder" in one.fault


def test_names_that_nobody_can_have_are_passed_over(tmp_path: Path) -> None:
    """With a note, and the others are found."""
    (tmp_path / "c/inbound" / "a\nb+ps1+x+y").mkdir(parents=True)
    with exchange.inbound(tmp_path, "c", "ps1") as (handed, notes):
        assert ([], True) == (handed, "control characters" in notes[0])


def test_an_exchange_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """It names the folder."""
    with pytest.raises(UsageError, match="c/inbound"), found(tmp_path):
        pass
