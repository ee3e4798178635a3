"""Nothing but a regular file is ever opened, whatever stands there and whenever it changes."""

from __future__ import annotations

import os
import socket
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.errors import StudentError, Ungradable
from autograder.intake import opening
from autograder.intake.opening import FOLDER, held, inside, name_fault, opened, regular, shown
from autograder.values import Submission


def read(folder: Path, name: str) -> bytes:
    with held(folder, FOLDER) as at, regular(at, name, folder / name) as file:
        return file.read()


def plant(what: str, path: Path, secret: Path) -> None:
    """Puts the thing named `what` at `path`."""
    if what == "a link":
        path.symlink_to(secret)
    elif what == "a FIFO":
        os.mkfifo(path)
    elif what == "a folder":
        path.mkdir()
    else:
        here = Path.cwd()
        os.chdir(path.parent)  # a socket's address may have 108 bytes only
        try:
            socket.socket(socket.AF_UNIX).bind(path.name)
        finally:
            os.chdir(here)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("answers")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "submitted" / "eve" / "ps"
    path.mkdir(parents=True)
    return path


def test_regular(folder: Path) -> None:
    """A regular file is read."""
    (folder / "a").write_bytes(b"1")
    assert b"1" == read(folder, "a")


@pytest.mark.parametrize("what", ["a link", "a FIFO", "a folder", "a socket"])
def test_odd(folder: Path, secret: Path, what: str) -> None:
    """Whatever is no regular file is refused, and named, at once."""
    plant(what, folder / "a", secret)
    with pytest.raises(StudentError, match=f"eve/ps/a is {what}, not a file"):
        read(folder, "a")


def test_device(tmp_path: Path) -> None:
    """A device is refused."""
    with pytest.raises(StudentError, match="null is a device, not a file"):
        read(Path("/dev"), "null")


def test_control_link(folder: Path, secret: Path) -> None:
    """Positive control: an ordinary open follows the same link to the secret."""
    plant("a link", folder / "a", secret)
    assert "answers" == (folder / "a").read_text()


def test_control_fifo(folder: Path) -> None:
    """Positive control: an ordinary open of the same FIFO waits until somebody writes."""
    os.mkfifo(folder / "a")
    read_bytes: list[bytes] = []
    reader = threading.Thread(target=lambda: read_bytes.append((folder / "a").read_bytes()), daemon=True)
    reader.start()
    writer = os.open(folder / "a", os.O_WRONLY)  # returns only when a reader stands at the other end
    assert [] == read_bytes
    os.write(writer, b"late")
    os.close(writer)
    reader.join()
    assert [b"late"] == read_bytes


@pytest.mark.parametrize("what", ["a link", "a FIFO", "a socket"])
def test_changed_after_the_look(folder: Path, secret: Path, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thing put in the place of a regular file after it was looked at is refused when it is opened."""
    plant(what, folder / "a", secret)
    (folder / "b").touch()
    look = os.stat
    monkeypatch.setattr(opening.os, "stat", lambda name, **how: look("b" if name == "a" else name, **how))
    with pytest.raises(StudentError, match="is not the file that it was a moment ago"):
        read(folder, "a")


@pytest.mark.parametrize("depth", [0, 1])
def test_linked_folder(tmp_path: Path, folder: Path, depth: int) -> None:
    """Neither a student's folder nor an assignment's may be a link, not even to a folder beside it."""
    submitted = folder.parent.parent
    other = submitted / "ada" / "ps"
    other.mkdir(parents=True)
    (other / "a").write_text("hers")
    folder.rmdir()
    if depth == 0:
        folder.parent.rmdir()
        folder.parent.symlink_to("ada")
    else:
        folder.symlink_to("../ada/ps")
    assert "hers" == (folder / "a").read_text(), "positive control: a path leads there"
    with pytest.raises(Ungradable, match="is a link, not a folder"), inside(submitted, ("eve", "ps")):
        pass


def test_linked_root(tmp_path: Path, folder: Path) -> None:
    """The instructor's own folder may be a link."""
    (tmp_path / "here").symlink_to(folder.parent.parent)
    (folder / "a").write_bytes(b"1")
    with inside(tmp_path / "here", ("eve", "ps")) as at, regular(at, "a", folder / "a") as file:
        assert b"1" == file.read()


def submission(folder: Path, *names: str) -> Submission:
    return Submission("eve", "ps", folder, {}, {name: folder / name for name in names})


def test_opened(folder: Path, secret: Path) -> None:
    """A file of a submission is opened by its name; a folder that became a link meanwhile is refused."""
    (folder / "data").mkdir()
    (folder / "data" / "secret").write_bytes(b"mine")
    eve = submission(folder, "data/secret")
    with opened(eve, "data/secret") as file:
        assert b"mine" == file.read()
    (folder / "data").rename(folder / "old")
    (folder / "data").symlink_to(secret.parent)
    assert b"answers" == (folder / "data" / "secret").read_bytes(), "positive control: a path leads there"
    with pytest.raises(StudentError, match="data is a link"), opened(eve, "data/secret"):
        pass


@pytest.mark.parametrize("name", ["../../secret", "/etc/passwd", "", "a//b", "./a"])
def test_opened_outside(folder: Path, name: str) -> None:
    """A name that leads out of the submission is none of its files."""
    with pytest.raises(StudentError, match="is no file of this submission"), opened(submission(folder), name):
        pass


def test_descriptors_are_closed(folder: Path, secret: Path) -> None:
    """Refusals leave no file open."""
    plant("a FIFO", folder / "a", secret)
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0
    attempts: list[Callable[[], object]] = [lambda: read(folder, "a"), lambda: read(folder, "none")]
    for attempt in attempts * 3:
        with pytest.raises((StudentError, FileNotFoundError)):
            attempt()
    assert before == (len(os.listdir("/proc/self/fd")) if before else 0)
    assert stat.S_ISFIFO((folder / "a").lstat().st_mode)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("ada", ""),
        ("김철수 (1).ipynb", ""),
        ("", "is empty, begins with a dot or holds a slash"),
        ("..", "is empty, begins with a dot or holds a slash"),
        ("a/b", "is empty, begins with a dot or holds a slash"),
        ("a\nb", "holds control characters"),
        ("gpj.\u202eexe", "holds control characters"),
        ("caf\udce9", "is not UTF-8"),
        ("가" * 81, "is longer than 240 bytes"),
    ],
)
def test_name_fault(name: str, fault: str) -> None:
    """A name is refused for what would mislead a reader, a terminal or a file system."""
    assert fault == name_fault(name)


def test_shown() -> None:
    """A name is shown in quotes, its controls escaped, at most 60 letters of it."""
    assert "'a\\x1b[2J\\udce9'" == shown("a\x1b[2J\udce9")
    assert 62 == len(shown("z" * 1000))
