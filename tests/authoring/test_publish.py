"""source/<assignment>/ becomes release/<assignment>/."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from handmade import cell, master, raw

from autograder import notebook
from autograder.authoring import publish, release, swap
from autograder.errors import GraderError, MasterError, UsageError
from autograder.values import JSON, Master

TESTS = "assert f(1)\n### BEGIN HIDDEN TESTS\nassert f(2.25) == f(-2.25)\n### END HIDDEN TESTS"


class Course:
    """A course on disk with one assignment of two notebooks."""

    def __init__(self, root: Path) -> None:
        self.source = root / "source" / "ps"
        self.target = root / "release" / "ps"
        self.source.mkdir(parents=True)
        self.write(
            "one", cell("def f(x):\n    return x * x", role="solution"), cell(TESTS, role="test", grade_id="t")
        )
        self.write("two", cell("Why?", "markdown", "manual"), cell(TESTS, role="test", grade_id="t"))

    def write(self, name: str, *cells: JSON) -> None:
        (self.source / f"{name}.ipynb").write_text(json.dumps(raw(*cells)), encoding="utf-8")

    def file(self, name: str, text: str = "data") -> Path:
        path = self.source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    @property
    def masters(self) -> list[Master]:
        return [notebook.read_master(path, "ps") for path in sorted(self.source.glob("*.ipynb"))]

    def publish(self) -> publish.Release:
        return publish.publish(self.masters, self.source, self.target)

    def released(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.target).as_posix(): path.read_bytes()
            for path in sorted(self.target.rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A fresh course, not yet released."""
    return Course(tmp_path)


def test_a_release_holds_all_notebooks_and_the_files_that_go_with_them(course: Course) -> None:
    """Each notebook as `release.make` makes it, each helper file as it is, and readable by all."""
    course.file("data/numbers.csv", "1,2")
    course.file("near.py", "def near(a, b): ...\n")
    done = course.publish()
    made = {f"{m.name}.ipynb": notebook.dumps(release.make(m)).encode() for m in course.masters}
    assert {**made, "data/numbers.csv": b"1,2", "near.py": b"def near(a, b): ...\n"} == course.released()
    assert (("one.ipynb", "two.ipynb"), ("data/numbers.csv", "near.py")) == (done.notebooks, done.files)
    assert {0o644} == {p.stat().st_mode & 0o777 for p in course.target.rglob("*") if p.is_file()}


def test_it_says_what_was_taken_out(course: Course) -> None:
    """Counts are of regions, and of answers that became a stub altogether."""
    done = course.publish()
    assert ("ps", True, 2, 2, 0) == (
        done.assignment,
        done.changed,
        done.solutions,
        done.hidden_tests,
        done.mark_schemes,
    )


def test_what_is_the_instructors_stays_in_the_source(course: Course) -> None:
    """Papers, dot-files, caches, feedback, other notebooks, links and pipes are not handed out."""
    for name in ("papers/perfect/one.ipynb", "papers/x.toml", ".secret", ".git/config", ".ipynb_checkpoints/one.py"):
        course.file(name)
    for name in ("__pycache__/near.pyc", "old.pyc", "feedback/ada.html", "data/draft.ipynb", "COPY.IPYNB"):
        course.file(name)
    outside = course.source.parent / "outside.txt"
    outside.write_text("x")
    (course.source / "link.txt").symlink_to(outside)
    (course.source / "folder").symlink_to(course.source.parent)
    os.mkfifo(course.source / "pipe")
    course.file("kept/papers/ours.csv")
    done = course.publish()
    assert ("kept/papers/ours.csv",) == done.files
    assert {"one.ipynb", "two.ipynb", "kept/papers/ours.csv"} == set(course.released())
    assert {"link.txt", "folder", "pipe", "data/draft.ipynb", "COPY.IPYNB"} == {
        t.split(" is ")[0] for t in done.passed_over
    }


def test_an_unchanged_release_is_not_touched(course: Course) -> None:
    """The second time nothing is written: not even the time of a file changes."""
    course.file("a.csv")
    course.publish()
    before = {p: p.stat().st_mtime_ns for p in [course.target, *course.target.rglob("*")]}
    inode = course.target.stat().st_ino
    assert not course.publish().changed
    assert before == {p: p.stat().st_mtime_ns for p in [course.target, *course.target.rglob("*")]}
    assert inode == course.target.stat().st_ino


@pytest.mark.parametrize(
    "spoil",
    [
        lambda c: c.file("a.csv", "other"),
        lambda c: c.file("new.csv"),
        lambda c: (c.source / "a.csv").unlink(),
        lambda c: (c.target / "a.csv").write_text("by hand"),
        lambda c: (c.target / "more.txt").write_text("by hand"),
        lambda c: (c.target / "empty").mkdir(),
        lambda c: (c.target / "one.ipynb").unlink(),
        lambda c: c.write("one", cell("y = 1", role="solution")),
        lambda c: (c.source / "two.ipynb").unlink(),
    ],
)
def test_whatever_changed_is_released_anew(course: Course, spoil: object) -> None:
    """A change of the source, or of the release by hand, is put right, and the third run is idle again."""
    course.file("a.csv")
    course.publish()
    spoil(course)  # type: ignore[operator]
    assert course.publish().changed
    assert not course.publish().changed
    assert {p.name for p in course.source.iterdir()} == {p.name for p in course.target.iterdir()}


def test_all_faults_of_all_notebooks_are_told_and_nothing_is_written(course: Course) -> None:
    """Mistyped in one notebook, unclosed in the other, a leak in a helper file: one error, the old release stands."""
    course.publish()
    before = course.released()
    course.write("one", cell("assert 1\n### BEGIN HIDEN TESTS\nassert 2", role="test", grade_id="t"))
    course.write("three", cell("# BEGIN SOLUTION\nx", role="solution", grade_id="s"))
    course.file("checks.py", "# END HIDDEN TESTS\n")
    with pytest.raises(MasterError) as caught:
        course.publish()
    told = str(caught.value).split("\n")
    assert "3 faults keep 'ps' from being released:" == told[0]
    assert ["  one.ipynb, cell 1 (t), line 2", "  three.ipynb, cell 1 (s), line 1", "  checks.py, line 1"] == [
        line.split(": ")[0] for line in told[1:4]
    ]
    assert before == course.released()
    assert ["ps"] == [p.name for p in course.target.parent.iterdir()]


def test_a_fault_before_the_first_release_makes_no_folder(course: Course) -> None:
    """Not even `release/` itself."""
    course.write("one", cell("# END SOLUTION"))
    with pytest.raises(MasterError):
        course.publish()
    assert not course.target.parent.exists()


def test_a_full_disk_leaves_the_former_release(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the machine's fault and says so."""
    course.publish()
    before = course.released()
    course.file("a.csv")

    def full(path: Path) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(swap, "_sync", full)
    with pytest.raises(GraderError, match="No space left on device"):
        course.publish()
    assert before == course.released()
    assert ["ps"] == [p.name for p in course.target.parent.iterdir()]


@pytest.mark.parametrize(
    "make", [lambda t: t.symlink_to("/"), lambda t: t.write_text("x"), lambda t: t.symlink_to("no")]
)
def test_a_target_that_is_no_folder_is_refused(course: Course, make: object) -> None:
    """A link is not followed, a file is not replaced."""
    course.target.parent.mkdir()
    make(course.target)  # type: ignore[operator]
    with pytest.raises(UsageError, match="is no folder"):
        course.publish()


def test_an_assignment_without_notebooks_is_refused(course: Course) -> None:
    """An empty release would wipe out the former one."""
    with pytest.raises(MasterError, match="holds no notebook"):
        publish.publish([], course.source, course.target)


def test_a_notebook_that_is_not_given_is_named(course: Course) -> None:
    """Releasing some of the notebooks only is possible, but not by accident."""
    done = publish.publish(course.masters[:1], course.source, course.target)
    assert ("two.ipynb was not given as a master and is not released.",) == done.passed_over


def test_text_that_cannot_be_written_is_the_masters_fault(course: Course, tmp_path: Path) -> None:
    """Half a surrogate pair in some metadata is JSON, but no text."""
    odd = master(tmp_path, cell("x", metadata={"name": "\ud83d"}))
    with pytest.raises(MasterError, match="half a surrogate pair"):
        publish.publish([odd], course.source, course.target)
