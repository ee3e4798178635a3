"""When a file need not be read again: every way in which it can change shows, and what could hide a change does not."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from clocks import settled

from autograder.intake.sight import Sights

LATER = 1 << 62


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "nb.ipynb"
    path.write_bytes(b"right")
    return path


def remembered(file: Path, settled: int = LATER) -> Sights:
    """What a look left, as the next one has it."""
    about = file.stat()
    first = Sights(settled=settled)
    first.keep("nb", about, about, "read")
    return Sights(first.found)


def test_a_file_that_is_the_same_is_not_read_again(file: Path) -> None:
    """What was read of it is told, and remembered further; of others nothing is."""
    sights = remembered(file)
    assert "read" == sights.told("nb", file.stat())
    assert ["nb"] == list(sights.found)
    assert sights.told("other", file.stat()) is None


def restored(file: Path, change: Callable[[], object]) -> None:
    """Changes the file and puts its mtime back, as whoever hides a change does."""
    before = file.stat()
    settled(file.parent)
    change()
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = file.stat()
    # The control: what an index of sizes and mtimes would compare has not changed.
    assert (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)


def rewritten(file: Path) -> None:
    file.write_bytes(b"wrong")


def exchanged(file: Path) -> None:
    other = file.with_name("other")
    other.write_bytes(b"wrong")
    other.replace(file)


def copied_over(file: Path) -> None:
    other = file.with_name("other")
    other.write_bytes(b"wrong")
    shutil.copy2(other, file)


@pytest.mark.parametrize("how", [rewritten, exchanged, copied_over])
def test_a_change_of_the_same_size_with_its_mtime_restored_is_seen(file: Path, how: Callable[[Path], None]) -> None:
    """By the ctime, which nobody can set, or by the inode."""
    sights = remembered(file)
    restored(file, lambda: how(file))
    assert sights.told("nb", file.stat()) is None
    assert {} == sights.found


@pytest.mark.parametrize("place", range(5))
def test_each_of_the_five_counts(file: Path, place: int) -> None:
    """Size, mtime, ctime, inode and device: one that differs is enough."""
    (one,) = remembered(file).known.values()
    about = file.stat()
    assert (about.st_size, about.st_mtime_ns, about.st_ctime_ns, about.st_ino, about.st_dev, "read") == one
    other = (*one[:place], one[place] + 1, *one[place + 1 :])
    assert Sights({"nb": one}).told("nb", file.stat()) == "read"
    assert Sights({"nb": other}).told("nb", file.stat()) is None  # type: ignore[dict-item]


def test_what_changed_just_now_is_not_remembered(file: Path) -> None:
    """It could change once more within the tick, and nothing would show it; a tick later it is."""
    ctime = file.stat().st_ctime_ns
    assert {} == remembered(file, ctime).known
    assert {"nb"} == set(remembered(file, ctime + 1).known)


def test_an_mtime_that_lies_ahead_is_not_remembered(file: Path) -> None:
    """As where a clock was wrong, or a file system keeps no ctime."""
    moment = settled(file.parent)
    os.utime(file, (1 << 33, 1 << 33))
    assert {} == remembered(file, moment + 10**9).known


def test_what_changed_while_it_was_read_is_not_remembered(file: Path) -> None:
    """Nobody knows what of it was read."""
    before = file.stat()
    settled(file.parent)
    rewritten(file)
    sights = Sights(settled=LATER)
    sights.keep("nb", before, file.stat(), "read")
    assert {} == sights.found


def test_a_memory_of_another_form_is_none(file: Path) -> None:
    """As another version might leave it."""
    (one,) = remembered(file).known.values()
    for other in ((), one[:5], (*one, "more"), "words"):
        assert Sights({"nb": other}).told("nb", file.stat()) is None  # type: ignore[dict-item]
