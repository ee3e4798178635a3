"""What is remembered of handed-in files, and that nothing that happens to it matters."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.gradebook import seen
from autograder.gradebook.seen import Seen

FOUND = {"gates.ipynb": (3, 1, 2, 4, 5, "ab" * 32), "timestamp.txt": (30, 1, 2, 6, 5, "2026-03-01 12:00:00\n\x00")}


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Where a ledger would lie; two students are remembered beside it."""
    path = tmp_path / "ledger.db"
    fresh = Seen.open(path, "gates")
    fresh.note("ada", FOUND)
    fresh.note("김철수", {"가.ipynb": FOUND["gates.ipynb"]})
    fresh.save()
    return path


def test_what_was_noted_is_remembered(ledger: Path) -> None:
    """Equal values, by student and assignment; of others nothing."""
    again = Seen.open(ledger, "gates")
    assert FOUND == again.of("ada")
    assert {"가.ipynb": FOUND["gates.ipynb"]} == again.of("김철수")
    assert {} == again.of("eve")
    assert {} == Seen.open(ledger, "xor").of("ada")
    assert ["ledger.db-seen-gates"] == os.listdir(ledger.parent)


def test_a_forced_run_believes_nothing_and_keeps_the_others(ledger: Path) -> None:
    """What it reads itself takes the place of what was."""
    forced = Seen.open(ledger, "gates", believed=False)
    assert {} == forced.of("ada")
    forced.note("ada", {})
    forced.save()
    after = Seen.open(ledger, "gates")
    assert ({}, {"가.ipynb": FOUND["gates.ipynb"]}) == (after.of("ada"), after.of("김철수"))


def nothing(data: bytes) -> bytes:
    return b""


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def one_bit(data: bytes) -> bytes:
    return data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]


def zeros(data: bytes) -> bytes:
    return bytes(len(data))


def older(data: bytes) -> bytes:
    return data.replace(seen.FORMAT.encode(), b"autograder seen 0", 1)


def no_text(data: bytes) -> bytes:
    return b"\xff\xfe" + data


def signed(text: bytes) -> Callable[[bytes], bytes]:
    """A file whose hash is right and whose lines are not ours."""
    return lambda data: f"{seen.FORMAT} {hashlib.sha256(text).hexdigest()}\n".encode() + text


DAMAGES = [
    nothing,
    half,
    one_bit,
    zeros,
    older,
    no_text,
    *map(signed, (b"ada\t[1]\n", b"ada\t{\n", b"ada", b'ada\t{"a": 1}\n', b"\xff")),
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_none(ledger: Path, damage: Callable[[bytes], bytes]) -> None:
    """Nothing of it is believed, nothing raised, and the next save makes it whole."""
    path = seen.beside(ledger, "gates")
    path.write_bytes(damage(path.read_bytes()))
    found = Seen.open(ledger, "gates")
    assert {} == found.of("ada")
    found.note("ada", FOUND)
    found.save()
    assert FOUND == Seen.open(ledger, "gates").of("ada")


def test_a_folder_in_its_place(ledger: Path) -> None:
    """Cannot be read or replaced: nothing is remembered, and nothing left over."""
    path = seen.beside(ledger, "gates")
    path.unlink()
    (path / "below").mkdir(parents=True)
    found = Seen.open(ledger, "gates")
    found.note("ada", FOUND)
    found.save()
    assert {} == Seen.open(ledger, "gates").of("ada")
    assert [path.name] == os.listdir(ledger.parent)


def test_a_disk_that_is_full(ledger: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was remembered before stays, and the room that was taken is given back."""

    def write_bytes(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[:10])
        raise OSError(28, "No space left on device")

    found = Seen.open(ledger, "gates")
    found.note("ada", {})
    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    found.save()
    assert FOUND == Seen.open(ledger, "gates").of("ada")
    assert ["ledger.db-seen-gates"] == os.listdir(ledger.parent)


def test_what_a_killed_run_left_half_written_is_not_taken(ledger: Path) -> None:
    """It lies under another name, and the next save takes that."""
    half_written = seen.beside(ledger, "gates").with_name(".ledger.db-seen-gates.fresh")
    half_written.write_bytes(b"autograder seen 1 ")
    found = Seen.open(ledger, "gates")
    assert FOUND == found.of("ada")
    found.note("eve", FOUND)
    found.save()
    assert not half_written.exists()
    assert FOUND == Seen.open(ledger, "gates").of("eve")


def test_without_news_nothing_is_written(ledger: Path) -> None:
    """The file stays the same one."""
    before = seen.beside(ledger, "gates").stat()
    Seen.open(ledger, "gates").save()
    assert before == seen.beside(ledger, "gates").stat()


def test_the_moment_is_the_file_systems_less_a_tick(tmp_path: Path) -> None:
    """So that no file written from now on is taken for settled; where nothing can be written none is."""
    now = time.time_ns()
    assert now - seen.TICK - 10**9 < Seen.open(tmp_path / "ledger.db", "gates").settled
    (tmp_path / "after").touch()
    assert (
        Seen.open(tmp_path / "ledger.db", "gates").settled < (tmp_path / "after").stat().st_ctime_ns - seen.TICK // 2
    )
    assert Seen.open(tmp_path / "none" / "ledger.db", "gates").settled < 0
