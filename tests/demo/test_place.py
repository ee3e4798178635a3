"""The demo's folder: refused, begun, cleared."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from autograder import course
from autograder.demo import place
from autograder.errors import UsageError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that the demo has begun."""
    found = tmp_path / "demo"
    place.clear(found)
    place.begin(found, ["ada"], ["gates"])
    (found / "submitted" / "ada").mkdir(parents=True)
    return found


def test_course_toml_is_sound(folder: Path) -> None:
    """It is read like any other."""
    found = course.load(folder)
    assert 4.0 == found.assignment("gates").limits.cell_seconds
    assert 2 * 2**30 == found.limits.memory
    assert found.assignment("lenet").limits.cell_seconds > 30


def test_the_masters_are_those_of_the_repository(folder: Path) -> None:
    """Byte for byte."""
    ours = place.SOURCE / "gates" / "gates.ipynb"
    assert ours.read_bytes() == (folder / "source" / "gates" / "gates.ipynb").read_bytes()


def test_a_second_run_removes_what_the_first_made(folder: Path) -> None:
    """Results of grading included."""
    (folder / "ledger.db").touch()
    (folder / "ledger.db-wal").touch()
    (folder / "ledger.db-seen-gates").touch()
    (folder / "feedback").mkdir()
    place.clear(folder)
    assert ["source", "submitted"] == sorted(p.name for p in folder.iterdir())
    assert [] == [p for p in folder.rglob("*") if p.is_file()]


def test_a_second_run_keeps_what_a_person_put_there(folder: Path) -> None:
    """A submission, an assignment or notes of one's own."""
    mine = [
        folder / "submitted" / "me" / "gates" / "gates.ipynb",
        folder / "source" / "mine" / "mine.ipynb",
        folder / "n.txt",
    ]
    for path in mine:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    place.clear(folder)
    assert sorted(mine) == sorted(p for p in folder.rglob("*") if p.is_file())


def test_a_folder_that_is_not_the_demos_is_refused(tmp_path: Path) -> None:
    """And left as it is."""
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="not empty"):
        place.clear(tmp_path)
    assert "years of work" == (tmp_path / "thesis.txt").read_text()


def test_a_file_and_a_link_are_refused(tmp_path: Path) -> None:
    """The demo goes into a folder of its own."""
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("file", "link"):
        with pytest.raises(UsageError, match="no folder"):
            place.clear(tmp_path / name)


@pytest.mark.parametrize("name", ["../outside", "/etc", "a/../../outside", ""])
def test_a_marker_that_names_something_outside_is_refused(folder: Path, name: str) -> None:
    """Nothing is removed then."""
    (folder / place.MARKER).write_text(json.dumps({"made": ["course.toml", name]}))
    with pytest.raises(UsageError, match="damaged"):
        place.clear(folder)
    assert (folder / "course.toml").is_file()


@pytest.mark.parametrize("text", ["", "[]", '{"made": 3}', '{"made": [3]}'])
def test_a_marker_that_is_none_is_refused(folder: Path, text: str) -> None:
    """It is no licence to remove anything."""
    (folder / place.MARKER).write_text(text)
    with pytest.raises(UsageError, match="damaged"):
        place.clear(folder)


def test_nothing_is_removed_through_a_link(folder: Path, tmp_path: Path) -> None:
    """A folder that became a link leads to what is not the demo's."""
    other = tmp_path / "other" / "gates"
    other.mkdir(parents=True)
    shutil.rmtree(folder / "source")
    (folder / "source").symlink_to(other.parent)
    place.clear(folder)
    assert other.is_dir()


def test_without_masters_the_mend_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package has none beside it."""
    monkeypatch.setattr(place, "SOURCE", tmp_path / "nowhere")
    with pytest.raises(UsageError, match="Clone the repository"):
        place.begin(tmp_path, [], [])
