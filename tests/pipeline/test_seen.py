"""A run without news reads nothing that was handed in; a run with news grades what lies there and nothing else."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from batches import without_seconds
from builders import SQUARE, Course, answered, hand_in
from clocks import settled

from autograder import course as courses
from autograder import notebook, pipeline
from autograder.gradebook import seen
from autograder.intake import folder, looking, opening
from autograder.pipeline import attempts
from autograder.reports.jsonl import as_json

Grader = Callable[..., dict[str, pipeline.Graded]]
WRONG = answered(SQUARE, {"square": "def square(x):\n    return x + x"})
AS_LONG = answered(SQUARE, {"square": "def square(x):\n    return x * x"})


@pytest.fixture
def grade(lent: None, level: int) -> Grader:
    """Grades the class; student → what came of it."""

    def grade(root: Path, **options: Any) -> dict[str, pipeline.Graded]:
        found = courses.load(root)
        return {g.grade.student: g for g in pipeline.autograde(found, "squares", level=level, jobs=2, **options)}

    return grade


@pytest.fixture
def settled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that were handed in just now are remembered, as if a run came the day after."""
    monkeypatch.setattr(seen, "TICK", -(10**12))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the handed-in files that are opened, without what is too large to be taken."""
    names: list[str] = []
    really = opening.regular

    def regular(at: int, name: str, path: Path | str) -> Iterator[object]:
        if "/large/" not in str(path):
            names.append(name)
        return really(at, name, path)  # type: ignore[return-value]

    for module in (opening, folder, looking):
        monkeypatch.setattr(module, "regular", regular)
    return names


def book_of(root: Path, student: str) -> Path:
    return root / "submitted" / student / "squares" / "squares.ipynb"


def lines(found: dict[str, pipeline.Graded]) -> dict[str, object]:
    """Student → the line of JSON, but for seconds."""
    return {student: without_seconds(json.loads(as_json(one.grade))) for student, one in found.items()}


def odd(root: Path) -> Path:
    """A class in which everything is handed in that is not a plain notebook, too."""
    for student, content in {
        "broken": b"{",
        "empty": b"",
        "good": SQUARE,
        "large": b"x" * 5000,
        "wrong": WRONG,
    }.items():
        hand_in(root, student, content)
    good = book_of(root, "good").parent
    (good / "link").symlink_to("squares.ipynb")
    os.mkfifo(good / "pipe")
    (good / "data").mkdir()
    (good / "data" / "x.csv").write_text("1")
    (good / "work.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    (good / "huge.keras").write_bytes(b"x" * 5000)
    (root / "submitted" / "nothing" / "squares").mkdir(parents=True)
    (root / "submitted" / "linked").symlink_to("good")
    return root


@pytest.mark.usefixtures("settled_at_once")
def test_a_run_without_news_opens_nothing(course: Course, grade: Grader, read: list[str]) -> None:
    """Nothing that could be read before; and says, of every student, what was said before and is said without memory."""
    root = odd(course({}, limits='file = "4 KiB"'))
    first = grade(root)
    assert {"squares.ipynb", "timestamp.txt", "x.csv", "work.zip"} == set(read)
    read.clear()
    again = grade(root)
    assert [] == read
    assert not any(one.fresh for one in again.values())
    seen.beside(root / "ledger.db", "squares").unlink()
    without = grade(root)
    assert lines(first) == lines(again) == lines(without)
    assert {"graded", "ungradable"} == {str(line["status"]) for line in lines(first).values()}  # type: ignore[index]
    assert any("pipe' was passed over" in note for note in again["good"].grade.notes)


def test_what_was_handed_in_just_now_is_read_again(course: Course, grade: Grader, read: list[str]) -> None:
    """Racily clean: nothing is remembered of it, and the next run reads it."""
    root = course({"ann": SQUARE})
    grade(root)
    read.clear()
    assert not grade(root)["ann"].fresh
    assert ["squares.ipynb", "timestamp.txt"] == read


@pytest.mark.usefixtures("settled_at_once")
def test_a_change_that_hides_is_graded(course: Course, grade: Grader) -> None:
    """Other work of the same size, its mtime put back, is run; an index of size and mtime would not see it."""
    root = course({"ann": WRONG})
    path = book_of(root, "ann")
    before = path.stat()
    assert 3.0 == grade(root)["ann"].grade.score
    settled(path.parent)
    path.write_text(notebook.dumps(AS_LONG))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)  # the control
    found = grade(root)["ann"]
    assert (5.0, True) == (found.grade.score, found.fresh)


@pytest.mark.usefixtures("settled_at_once")
def test_a_wrong_memory_gives_nobody_anothers_marks(course: Course, grade: Grader) -> None:
    """Damaged, another student's, or with hashes that nobody has: the grades are those of what lies there."""
    root = course({"ann": SQUARE, "ben": WRONG})
    first = grade(root)
    path = seen.beside(root / "ledger.db", "squares")
    whole = path.read_bytes()
    ann, ben = whole.split(b"\n")[1:3]
    exchanged = b"ann\t" + ben.partition(b"\t")[2] + b"\nben\t" + ann.partition(b"\t")[2] + b"\n"
    for text in (exchanged, whole.partition(b"\n")[2].replace(b"a", b"b")):
        path.write_bytes(seen._head(text).encode() + b"\n" + text)
        assert lines(first) == lines(grade(root))
    for data in (b"", whole[:-3], whole[:100] + b"\0" * 100 + whole[200:]):
        path.write_bytes(data)
        found = grade(root)
        assert lines(first) == lines(found)
        assert not any(one.fresh for one in found.values())
    assert whole == path.read_bytes()


@pytest.mark.usefixtures("settled_at_once")
def test_a_hash_that_is_wrong_costs_a_look_and_no_mark(course: Course, grade: Grader) -> None:
    """Whoever is taken for changed is read in full before anything is run: nothing is run, and nothing moves."""
    root = course({"ann": SQUARE})
    first = grade(root)
    path = seen.beside(root / "ledger.db", "squares")
    student, _, line = path.read_bytes().partition(b"\n")[2].decode().partition("\t")
    told = json.loads(line)
    told["squares.ipynb"][5] = "0" * 64
    text = f"{student}\t{json.dumps(told)}\n".encode()
    path.write_bytes(seen._head(text).encode() + b"\n" + text)
    found = grade(root)
    assert (False, lines(first)) == (found["ann"].fresh, lines(found))


@pytest.mark.usefixtures("settled_at_once")
def test_a_forced_run_reads_everything(course: Course, grade: Grader, read: list[str]) -> None:
    """--force believes neither grades nor memory."""
    root = course({"ann": SQUARE})
    grade(root)
    read.clear()
    grade(root)
    assert [] == read
    grade(root, force=True, command="c")
    assert ["squares.ipynb", "timestamp.txt"] * 2 == read  # looked at, and then graded


@pytest.mark.usefixtures("settled_at_once")
def test_what_is_graded_is_what_was_read(course: Course, grade: Grader, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that changes after the look and before it is read is graded as it was read, and is known as that."""
    root = course({"ann": WRONG})
    really = attempts.work

    def work(*about: Any) -> attempts.Work:
        settled(book_of(root, "ann").parent)
        book_of(root, "ann").write_text(notebook.dumps(SQUARE))
        return really(*about)

    monkeypatch.setattr(attempts, "work", work)
    assert 5.0 == grade(root)["ann"].grade.score
    found = grade(root)["ann"]
    assert (5.0, False) == (found.grade.score, found.fresh)


@pytest.mark.usefixtures("settled_at_once")
def test_a_run_that_was_stopped_leaves_its_memory_and_no_grade(course: Course, grade: Grader, level: int) -> None:
    """What was looked at need not be looked at again; what was not graded is."""
    root = course({"ann": SQUARE, "ben": WRONG})
    stopped = pipeline.autograde(courses.load(root), "squares", level=level, jobs=1)
    next(stopped)
    stopped.close()
    assert {"squares.ipynb", "timestamp.txt"} == set(seen.Seen.open(root / "ledger.db", "squares").of("ben"))
    found = grade(root)
    assert [False, True] == sorted(one.fresh for one in found.values())
    assert {"ann": 5.0, "ben": 3.0} == {student: one.grade.score for student, one in found.items()}


def test_a_file_that_the_machine_cannot_read_ends_no_run(
    course: Course, grade: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its student waits for a person, the class is graded; what can be read the next time is."""
    root = course({"ann": SQUARE, "ben": SQUARE})
    (book_of(root, "ann").parent / "data.csv").write_text("1")

    def failing(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as disk:
        for module in (looking, opening):
            disk.setattr(module, "opened", failing)
        found = grade(root)
        assert ("needs_person", "graded") == tuple(found[s].grade.status.value for s in ("ann", "ben"))
        assert "submitted/ann/squares: cannot be read (Input/output error)" in found["ann"].grade.reason
    assert ("graded", "graded") == tuple(one.grade.status.value for one in grade(root).values())
