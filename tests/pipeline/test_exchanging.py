"""nbgrader's own commands and ours meet on one exchange."""

from __future__ import annotations

import getpass
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from builders import Course
from click.testing import CliRunner

from autograder import course as courses
from autograder.cli import main
from autograder.errors import GraderError, UsageError
from autograder.pipeline import collecting, exchanging
from autograder.pipeline import release as make_release
from autograder.pipeline.collecting import Order
from autograder.reports import outbox
from autograder.reports.collected import State


@pytest.fixture
def root(course: Course, tmp_path: Path) -> Path:
    """A released assignment of a course whose exchange is new and empty."""
    (tmp_path / "exchange").mkdir()
    (tmp_path / "exchange").chmod(0o777)
    folder = course(toml="")
    text = (folder / "course.toml").read_text()
    (folder / "course.toml").write_text(text.replace('name = "small"', 'name = "small"\nexchange = "exchange"'))
    make_release(courses.load(folder), "squares")
    return folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.slow
def test_nbgraders_students_fetch_submit_and_get_their_pages(root: Path) -> None:
    """fetch_assignment finds our release, what submit leaves is collected, fetch_feedback finds our page."""
    home = root / "student"
    home.mkdir()
    (home / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.Exchange.root = {str(root / 'exchange')!r}\nc.CourseDirectory.course_id = 'small'\n"
    )

    def nbgrader(*words: str) -> str:
        jupyter = {
            "JUPYTER_DATA_DIR": str(home / "data"),
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "HOME": str(home),
        }
        told = [sys.executable, "-m", "nbgrader", *words]
        done = subprocess.run(told, cwd=home, env={**os.environ, **jupyter}, capture_output=True, text=True)
        assert 0 == done.returncode, done.stderr
        return done.stderr

    course = courses.load(root)
    exchanging.release(course, "squares")
    nbgrader("fetch_assignment", "squares")
    handed = home / "squares" / "squares.ipynb"
    assert (root / "release/squares/squares.ipynb").read_bytes() == handed.read_bytes()
    nbgrader("submit", "squares")
    found = collecting.collect(course, "squares", Order(exchange=True), lambda *_: None)
    (row,) = found.rows
    assert (getpass.getuser(), State.NEW, (), "the system") == (row.student, row.state, row.notes, row.told_by)
    there = root / "submitted" / row.student / "squares"
    assert handed.read_bytes() == (there / "squares.ipynb").read_bytes()
    page = root / "feedback" / row.student / "squares" / "squares.html"
    page.parent.mkdir(parents=True)
    page.write_text("<p>Well done</p>")
    assert (1, []) == exchanging.feedback(course, "squares")
    nbgrader("fetch_feedback", "squares")
    (fetched,) = home.glob("squares/feedback/*/squares.html")
    assert "<p>Well done</p>" == fetched.read_text()
    assert State.SAME is collecting.collect(course, "squares", Order(exchange=True), lambda *_: None).rows[0].state


def test_a_release_is_there_as_nbgrader_puts_it(root: Path) -> None:
    """Everybody reads it, into inbound everybody puts and nobody looks; a second release replaces the first."""
    course = courses.load(root)
    target = exchanging.release(course, "squares")
    (root / "release" / "squares" / "more.py").write_text("x")
    assert target == exchanging.release(course, "squares")
    assert {"more.py", "squares.ipynb"} == set(os.listdir(target))
    top = root / "exchange" / "small"
    assert (0o755, 0o755, 0o644) == (mode(top), mode(target), mode(target / "more.py"))
    assert 0o2733 == mode(top / "inbound")
    assert ["squares"] == os.listdir(top / "outbound")


def test_an_exchange_that_is_not_there_is_not_made(root: Path) -> None:
    """Its folder is for an administrator to make; the mend says how."""
    (root / "exchange").rmdir()
    with pytest.raises(UsageError, match="no exchange") as e:
        exchanging.release(courses.load(root), "squares")
    assert "777" in e.value.mend


def test_a_folder_that_another_made_is_not_used(root: Path) -> None:
    """A link in the place of the course's folder would lead the release elsewhere."""
    (root / "elsewhere").mkdir()
    (root / "exchange" / "small").symlink_to(root / "elsewhere")
    with pytest.raises(GraderError, match="no folder of yours"):
        exchanging.release(courses.load(root), "squares")
    assert [] == os.listdir(root / "elsewhere")


def test_pages_have_names_that_others_cannot_guess(tmp_path: Path) -> None:
    """A page for each secret that is long enough; a short one, which a student could have chosen for all, has none."""
    page = tmp_path / "squares.html"
    page.write_text("x")
    assert 2 == outbox.feedback(tmp_path, "small", [page], ["a" * 64, "b" * 64, "short", ""])
    folder = tmp_path / "small" / "feedback"
    assert (0o711, {0o644}, 2) == (mode(folder), {mode(p) for p in folder.iterdir()}, len(os.listdir(folder)))


def test_who_handed_in_elsewhere_is_named(root: Path) -> None:
    """There is nowhere to fetch it from."""
    (root / "feedback/ada/squares").mkdir(parents=True)
    (root / "feedback/ada/squares/squares.html").write_text("x")
    assert (0, ["ada"]) == exchanging.feedback(courses.load(root), "squares")


def test_the_command_releases_to_the_exchange(root: Path) -> None:
    """`autograder release --exchange` names the folder."""
    done = CliRunner().invoke(main, ["--course", str(root), "release", "squares", "--force", "--exchange"])
    assert 0 == done.exit_code, done.output
    assert "exchange/small/outbound/squares: written" in done.output


def test_nbgraders_configuration_names_the_exchange(tmp_path: Path) -> None:
    """Its root and its zone, under the old name too."""
    text = (
        "c = get_config()\nc.TransferApp.exchange_directory = '/srv/exchange'\nc.Exchange.timezone = 'Asia/Seoul'\n"
    )
    (tmp_path / "nbgrader_config.py").write_text(text)
    course = courses.load(tmp_path)
    assert (Path("/srv/exchange"), "Asia/Seoul", ()) == (course.exchange, course.timezone, course.remarks)


def test_a_zone_of_nbgraders_that_is_no_zones_name_stops_nothing(tmp_path: Path) -> None:
    """nbgrader takes `UTC+9`; a course that worked goes on working."""
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\nc.Exchange.timezone = 'UTC+9'\n")
    assert "UTC" == courses.load(tmp_path).timezone
