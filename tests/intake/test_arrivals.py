"""What arrives, once it has settled."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.intake.arrivals import Arrivals, Settling, signature


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def put(root: Path, student: str, name: str, text: str) -> None:
    """A file of a submission."""
    path = root / student / "gates" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def arrivals(tmp_path: Path, clock: Clock) -> Arrivals:
    return Arrivals(tmp_path, "gates", "*", Settling(2.0, clock))


def test_a_submission_is_told_once_it_has_been_still(tmp_path: Path, arrivals: Arrivals, clock: Clock) -> None:
    """Not at first sight, not before its time, then once."""
    put(tmp_path, "ann", "gates.ipynb", "{}")
    assert [] == arrivals.new()
    clock.now += 1.9
    assert [] == arrivals.new()
    clock.now += 0.1
    assert ["ann"] == arrivals.new()
    clock.now += 10
    assert [] == arrivals.new()


def test_what_is_still_written_is_waited_for(tmp_path: Path, arrivals: Arrivals, clock: Clock) -> None:
    """Every change begins the time anew, also of a file in a folder; others are not kept waiting."""
    put(tmp_path, "ann", "gates.ipynb", "{")
    put(tmp_path, "ben", "gates.ipynb", "{}")
    assert [] == arrivals.new()
    clock.now += 1.5
    put(tmp_path, "ann", "gates.ipynb", "{}")
    assert [] == arrivals.new()
    clock.now += 1.5
    put(tmp_path, "ann", "data/more.csv", "1,2")
    assert ["ben"] == arrivals.new()
    clock.now += 2
    assert ["ann"] == arrivals.new()


def test_a_new_version_is_told_again(tmp_path: Path, arrivals: Arrivals, clock: Clock) -> None:
    """And so is one that changed and changed back; what was removed is told when it returns otherwise."""
    put(tmp_path, "ann", "gates.ipynb", "{}")
    arrivals.new()
    clock.now += 2
    arrivals.new()
    put(tmp_path, "ann", "gates.ipynb", "{ }")
    assert [] == arrivals.new()
    clock.now += 2
    assert ["ann"] == arrivals.new()


def test_only_those_who_fit(tmp_path: Path, clock: Clock) -> None:
    """The pattern and the assignment choose."""
    for student in ("ann", "ben"):
        put(tmp_path, student, "gates.ipynb", "{}")
    (tmp_path / "abe" / "xor").mkdir(parents=True)
    arrivals = Arrivals(tmp_path, "gates", "a*", Settling(0.0, clock))
    arrivals.new()
    assert ["ann"] == arrivals.new()


def test_a_folder_that_is_gone_is_explained(tmp_path: Path, clock: Clock) -> None:
    """It is a UsageError that names it."""
    with pytest.raises(UsageError, match="nowhere"):
        Arrivals(tmp_path / "nowhere", "gates", "*", Settling(0.0, clock)).new()


def test_links_are_not_followed(tmp_path: Path) -> None:
    """What lies behind a link is nothing to us, and a circle of links has an end."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "link").symlink_to(tmp_path / "b")
    before = signature(tmp_path / "a")
    (tmp_path / "b" / "new").write_text("x")
    (tmp_path / "b" / "back").symlink_to(tmp_path / "a")
    assert before == signature(tmp_path / "a")
    assert signature(tmp_path / "a") != signature(tmp_path / "b")
    assert signature(tmp_path / "none") == signature()
