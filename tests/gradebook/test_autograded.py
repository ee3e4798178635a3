"""The folder of executed notebooks is replaced whole."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from autograder.errors import GraderError
from autograder.gradebook import autograded

WHEN = datetime(2026, 3, 1, 21, 0, 0, 5, tzinfo=timezone(timedelta(hours=9)))


def found(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_notebooks_and_time_are_written(tmp_path: Path) -> None:
    """Bytes arrive as they are; the time is UTC, spelt as nbgrader reads it."""
    autograded.write(tmp_path, "ada", "ps1", {"p1": b"{}"}, WHEN)
    expected = {"ada/ps1/p1.ipynb": b"{}", "ada/ps1/timestamp.txt": b"2026-03-01 12:00:00.000005 UTC\n"}
    assert expected == found(tmp_path)


def test_nbgrader_reads_the_time(tmp_path: Path) -> None:
    """nbgrader's own parser gives the moment back."""
    from nbgrader.utils import parse_utc

    folder = autograded.write(tmp_path, "ada", "ps1", {}, WHEN)
    assert datetime(2026, 3, 1, 12, 0, 0, 5) == parse_utc((folder / "timestamp.txt").read_text().strip())


def test_what_is_no_longer_there_goes(tmp_path: Path) -> None:
    """A second write leaves only its own files, and nothing temporary."""
    autograded.write(tmp_path, "ada", "ps1", {"old": b"1", "p1": b"1"}, WHEN)
    autograded.write(tmp_path, "ada", "ps1", {"p1": b"2"}, None)
    assert {"ada/ps1/p1.ipynb": b"2"} == found(tmp_path)


def test_a_failure_leaves_the_former_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a file cannot be written, the former folder stands and no temporary one stays."""
    autograded.write(tmp_path, "ada", "ps1", {"p1": b"1"}, WHEN)
    before = found(tmp_path)

    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(GraderError, match=r"ada/ps1 cannot be written \(No space left"):
        autograded.write(tmp_path, "ada", "ps1", {"p1": b"2"}, WHEN)
    monkeypatch.undo()
    assert before == found(tmp_path)


def test_a_crash_between_the_renames_is_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the new folder never took its place, the next write finds the former one and replaces it."""
    autograded.write(tmp_path, "ada", "ps1", {"p1": b"1"}, None)
    (tmp_path / "ada" / "ps1").rename(tmp_path / "ada" / ".ps1.former")
    autograded._put_back(tmp_path / "ada" / "ps1")
    assert {"ada/ps1/p1.ipynb": b"1"} == found(tmp_path)


@pytest.mark.parametrize("name", ["..", "a/b", "", ".hidden", "a\0b"])
def test_a_name_never_leads_elsewhere(tmp_path: Path, name: str) -> None:
    """Students, assignments and notebooks are one step of a path and no more."""
    for told in ((name, "ps1", "p1"), ("ada", name, "p1"), ("ada", "ps1", name)):
        with pytest.raises(GraderError, match="cannot be the name"):
            autograded.write(tmp_path, told[0], told[1], {told[2]: b""}, None)
    assert {} == found(tmp_path)
