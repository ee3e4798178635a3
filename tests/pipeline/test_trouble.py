"""A full disk and a locked database: what was graded is kept, and the same command goes on."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from batches import Course, apart, by_student, make
from builders import SQUARE
from builders import Course as Maker

from autograder import course as courses
from autograder import pipeline
from autograder.errors import GraderError
from autograder.gradebook.database import Database
from autograder.gradebook.ledger import Ledger
from autograder.gradebook.nbgrader import Book
from autograder.reports.jsonl import as_json

UNSHARE = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
FULL = """
top=$1; room=$2; shift 2
mount -t tmpfs -o size=16m tmpfs "$top/disk" && cp -r "$top/class/." "$top/disk/" && cd "$top/disk" || exit 1
dd if=/dev/zero of=ballast bs=4k 2> /dev/null
truncate --size="-$room" ballast
"$@" > "$top/first" 2> "$top/first.err"; echo $? >> "$top/codes"
"$@" > "$top/again" 2> "$top/again.err"; echo $? >> "$top/codes"
rm ballast
"$@" > "$top/last" 2> "$top/last.err"; echo $? >> "$top/codes"
cp -r . "$top/after"
"""
"""Runs a command three times: twice on a disk with so much room, then on one with enough."""


def can_mount() -> bool:
    """Whether a small disk can be made here."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    return subprocess.run([*UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="no small disk can be mounted here")
@pytest.mark.parametrize("room", ["24k", "160k", "260k"])
def test_a_full_disk(tmp_path: Path, quiet: tuple[dict[str, Any], Any], room: str) -> None:
    """It is named, with the file; once there is room the same command leaves what an undisturbed run leaves."""
    told, written = quiet
    make(tmp_path / "class")
    (tmp_path / "disk").mkdir()
    words = ["autograde", "squares", "--json", "--jobs", "2", "--allow-weak-jail"]
    command = [*UNSHARE, "bash", "-c", FULL, "sh", str(tmp_path), room, sys.executable, "-m", "autograder", *words]
    subprocess.run(command, check=True, timeout=300)
    first, again, last = (tmp_path / "codes").read_text().split()
    assert ("1", "1", "1") == (first, again, last)  # in the end because one submission is ungradable
    for name in ("first", "again"):
        said = (tmp_path / f"{name}.err").read_text()
        assert "disk" in said.split("autograder: ")[-1]
        assert "Traceback" not in said
        assert {} == apart(by_student((tmp_path / name).read_text().splitlines()), told)
    assert told == by_student((tmp_path / "last").read_text().splitlines())
    assert written == Course(tmp_path / "after").written()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for a lock."""
    opened, book = Database.open.__func__, Book.open.__func__  # type: ignore[attr-defined]
    monkeypatch.setattr(Database, "open", classmethod(lambda cls, path, patience: opened(cls, path, 0.3)))
    monkeypatch.setattr(Book, "open", classmethod(lambda cls, url, course: book(cls, url, course, 0.3)))


@contextlib.contextmanager
def locked(path: Path, how: str = "IMMEDIATE") -> Iterator[sqlite3.Connection]:
    """Another program writes."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute(f"BEGIN {how}")
        yield other
        other.rollback()


def test_a_ledger_that_is_locked_in_the_middle(course: Maker, lent: None, level: int, impatient: None) -> None:
    """The run stops with a sentence, what was graded before is there, and the next run grades the others alone."""
    root = course({"ann": SQUARE, "ben": SQUARE, "cid": SQUARE})
    found = courses.load(root)
    graded = pipeline.autograde(found, "squares", level=level, jobs=1)
    assert next(graded).fresh
    with locked(root / "ledger.db"), pytest.raises(GraderError, match=r"ledger\.db is locked .* start this one again"):
        list(graded)
    again = {g.grade.student: g.fresh for g in pipeline.autograde(found, "squares", level=level)}
    assert [False, True, True] == sorted(again.values())
    with Ledger.open(root / "ledger.db") as ledger:
        assert [1, 1, 1] == [len(ledger.history(student, "squares")) for student in again]


def test_a_lock_that_goes_away_is_waited_for(course: Maker, lent: None, level: int) -> None:
    """A moment's writing by another program costs nothing but the moment."""
    root = course({"ann": SQUARE, "ben": SQUARE})
    graded = pipeline.autograde(courses.load(root), "squares", level=level, jobs=1)
    first = next(graded)
    with locked(root / "ledger.db") as other:
        free = threading.Timer(0.5, other.rollback)
        free.start()
        assert {"ann", "ben"} == {first.grade.student, *(g.grade.student for g in graded)}
        free.join()
        other.execute("BEGIN")


def test_a_locked_gradebook(course: Maker, lent: None, level: int, impatient: None) -> None:
    """The grades are in the ledger, the sentence names the gradebook, and the next command enters them."""
    root = course({"ann": SQUARE})
    found = courses.load(root)
    pipeline.enter(found, "squares")
    list(pipeline.autograde(found, "squares", level=level))
    with locked(root / "gradebook.db", "EXCLUSIVE"), pytest.raises(GraderError, match=r"gradebook\.db is locked"):
        pipeline.enter(found, "squares")
    pipeline.enter(found, "squares")
    with sqlite3.connect(root / "gradebook.db") as db:
        assert (5.0,) == db.execute("SELECT sum(auto_score) FROM grade").fetchone()


def test_a_locked_gradebook_never_hides_a_deadline(course: Maker, lent: None, level: int) -> None:
    """A deadline that is kept there is waited for, not done without."""
    root = course({"ann": SQUARE})
    found = courses.load(root)
    list(pipeline.autograde(found, "squares", level=level))
    pipeline.enter(found, "squares")
    with sqlite3.connect(root / "gradebook.db") as db:
        db.execute("UPDATE assignment SET duedate = '2026-10-31 12:00:00.000000'")
    with locked(root / "gradebook.db", "EXCLUSIVE") as other:
        free = threading.Timer(1.5, other.rollback)
        free.start()
        (graded,) = pipeline.autograde(found, "squares", level=level)
        free.join()
        other.execute("BEGIN")
    assert 24 * 3600 == graded.grade.late_seconds


def test_where_no_process_can_be_had_the_run_ends_and_says_why_once(
    quiet: tuple[dict[str, Any], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is marked for it; once the machine is well the same command leaves what an undisturbed run leaves."""
    root = make(tmp_path)
    level = pipeline.jail_level(courses.load(root), weak=True)
    with monkeypatch.context() as broken:
        broken.setattr(sys.modules["autograder.pipeline.plan"], "CANDIDATE", "no_such_module:main")
        with pytest.raises(GraderError, match="did not come up"):
            list(pipeline.autograde(courses.load(root), "squares", level=level))
    with Ledger.open(root / "ledger.db") as ledger:
        assert {} == {s: h for s in quiet[0] if (h := ledger.history(s, "squares"))}
    lines = by_student(as_json(one.grade) for one in pipeline.autograde(courses.load(root), "squares", level=level))
    assert quiet[0] == lines
