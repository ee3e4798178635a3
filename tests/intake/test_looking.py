"""Hashes with and without a memory are the same, whatever lies there and whatever happens to it."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from clocks import settled

from autograder.errors import AutograderError, GraderError, StudentError
from autograder.intake import folder, looking, opening
from autograder.intake.looking import look
from autograder.intake.sight import Sight

LARGEST = 1000
LATER = 1 << 62
NONE: Mapping[str, Sight] = {}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A student's folder with one of everything."""
    home = tmp_path / "submitted" / "ada" / "ps"
    put(home, "nb.ipynb", "{}")
    put(home, "other.ipynb", '{"a": 1}')
    put(home, "timestamp.txt", "2026-03-01 12:00:00.000000 UTC")
    put(home, "model.keras", "weights")
    put(home, "src/helper.py", "x = 1")
    put(home, "src/timestamp.txt", "ignored")
    put(home, ".hidden", "h")
    put(home, "large.bin", "l" * (LARGEST + 1))
    (home / "link").symlink_to("nb.ipynb")
    os.mkfifo(home / "pipe")
    with zipfile.ZipFile(home / "work.zip", "w") as packed:
        packed.writestr("inner.ipynb", "{}")
    return home


def put(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def looked(home: Path, known: Mapping[str, Sight] = NONE, moment: int = LATER) -> looking.Looked:
    return look(home.parents[1], "ada", "ps", largest=LARGEST, known=known, settled=moment)


def told(home: Path, known: Mapping[str, Sight] = NONE) -> object:
    """What a look says, or why it says nothing."""
    try:
        found = looked(home, known)
    except (StudentError, GraderError) as why:
        return type(why), str(why)
    return dict(found.hashes), found.submitted_at


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are opened."""
    names: list[str] = []
    really = opening.regular

    def regular(at: int, name: str, path: Path | str) -> Iterator[object]:
        names.append(name)
        return really(at, name, path)  # type: ignore[return-value]

    for module in (opening, folder, looking):
        monkeypatch.setattr(module, "regular", regular)
    return names


def test_a_look_hashes_what_would_be_read(home: Path) -> None:
    """The same names as `folder.read`, each with the hash of its bytes, and the same time."""
    handed = folder.read(home.parents[1], "ada", "ps", largest=LARGEST)
    names = [*(f"{name}.ipynb" for name in handed.notebooks), *handed.files]
    found = looked(home)
    assert {n: hashlib.sha256((home / n).read_bytes()).hexdigest() for n in names} == found.hashes
    assert handed.submitted_at == found.submitted_at
    assert {"nb.ipynb", "other.ipynb", "model.keras", "src/helper.py", "work.zip"} == set(names)


def test_a_second_look_opens_no_file(home: Path, read: list[str]) -> None:
    """And says the same; the first opens all that counts."""
    first = looked(home)
    assert {*(Path(name).name for name in first.hashes), "timestamp.txt"} == set(read)
    read.clear()
    assert first == looked(home, first.sights)
    assert [] == read


def test_what_changed_just_now_is_read_again(home: Path, read: list[str]) -> None:
    """Racily clean, as git calls it: a file whose time is not yet past is opened by the next look too."""
    first = looked(home, moment=(home / "nb.ipynb").stat().st_ctime_ns)
    assert "nb.ipynb" not in first.sights
    read.clear()
    looked(home, first.sights)
    assert "nb.ipynb" in read


def rewrite(home: Path, name: str) -> None:
    """Other bytes of the same number, the mtime as it was."""
    path = home / name
    before = path.stat()
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def exchange(home: Path, name: str) -> None:
    """A copy that was changed takes the file's place, the mtime as it was."""
    path = home / name
    shutil.copy2(path, home / ".copy")
    rewrite(home, ".copy")
    (home / ".copy").replace(path)


def link(home: Path, name: str) -> None:
    path = home / name
    path.rename(home / ".gone")
    path.symlink_to(".gone")


def pipe(home: Path, name: str) -> None:
    (home / name).unlink()
    os.mkfifo(home / name)


def grow(home: Path, name: str) -> None:
    (home / name).write_text("x" * (LARGEST + 1))


def remove(home: Path, name: str) -> None:
    (home / name).unlink()


CHANGES: list[Callable[[Path, str], None]] = [rewrite, exchange, link, pipe, grow, remove]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("name", ["nb.ipynb", "model.keras", "src/helper.py", "timestamp.txt"])
def test_a_change_is_seen(home: Path, name: str, change: Callable[[Path, str], None]) -> None:
    """A look with a memory says what one without says, and something else than before."""
    before, known = told(home), looked(home).sights
    settled(home)
    change(home, name)
    assert told(home) == told(home, known)
    if name != "timestamp.txt":  # of which only the time counts
        assert before != told(home, known)


def test_times_that_are_told_count(home: Path) -> None:
    """A new timestamp.txt of the same length is a new time; without one the notebook's own time is."""
    known = looked(home).sights
    settled(home)
    put(home, "timestamp.txt", "2026-03-02 12:00:00.000000 UTC")
    assert 2 == looked(home, known).submitted_at.day  # type: ignore[union-attr]
    (home / "timestamp.txt").unlink()
    settled(home)
    os.utime(home / "nb.ipynb", (1 << 30, 1 << 30))
    os.utime(home / "other.ipynb", (1 << 20, 1 << 20))
    assert 2004 == looked(home, known).submitted_at.year  # type: ignore[union-attr]


def test_a_stricter_limit_counts_at_once(home: Path) -> None:
    """What was read under another limit is refused under this one, though it is the same file."""
    known = looked(home).sights
    strict = {"largest": 7, "ignore": ("*.py",), "file_time": False}
    with_memory = look(home.parents[1], "ada", "ps", **strict, known=known, settled=LATER)  # type: ignore[arg-type]
    without = look(home.parents[1], "ada", "ps", **strict)  # type: ignore[arg-type]
    assert without.hashes == with_memory.hashes
    assert set(without.hashes) < set(looked(home).hashes)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("name", ["nb.ipynb", "model.keras"])
def test_a_file_that_may_not_be_read_any_more(home: Path, name: str) -> None:
    """The right to read counts, though the bytes are the same."""
    known = looked(home).sights
    settled(home)
    (home / name).chmod(0)
    with pytest.raises(GraderError, match="cannot be read"):
        looked(home, known)


def test_a_disk_that_fails_beside_the_notebooks(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is told as our fault, with the folder."""

    def failing(*_: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(looking, "opened", failing)
    with pytest.raises(GraderError, match=r"ada/ps: cannot be read \(Input/output error\)"):
        looked(home)


def test_whatever_happens_a_memory_changes_nothing(home: Path) -> None:
    """Many changes of any kind one after another, the memory taken along from look to look."""
    dice = random.Random(7)
    known: Mapping[str, Sight] = {}
    names = ["nb.ipynb", "other.ipynb", "model.keras", "src/helper.py", "timestamp.txt", "new.ipynb", "deep/er/x.txt"]
    differed = set()
    for _ in range(60):
        moment = settled(home)
        name = dice.choice(names)
        if (home / name).is_file() and not (home / name).is_symlink():
            dice.choice(CHANGES)(home, name)
        else:
            (home / name).unlink(missing_ok=True)
            put(home, name, dice.choice(["{}", "2026-05-01 00:00:00 UTC", "text"]))
        without = told(home)
        assert without == told(home, known)
        differed.add(repr(without))
        try:
            known = looked(home, known, moment).sights
        except AutograderError:
            continue
    assert len(differed) > 10
