"""An exchange with real users of the system: two students hand in, one of them forges; and what nbgrader makes of it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from builders import SQUARE

from autograder import course as courses
from autograder import notebook
from autograder.pipeline import collecting, exchanging
from autograder.pipeline import release as make_release
from autograder.pipeline.collecting import Order
from autograder.reports.collected import Row, State

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root makes users and collects for others"),
    pytest.mark.skipif(
        not all(map(shutil.which, ("useradd", "userdel", "unshare", "setpriv"))),
        reason="there is no useradd, userdel, unshare or setpriv",
    ),
]
NAME = "squares"
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "small"
c.Exchange.root = {exchange!r}
c.Exchange.path_includes_course = False
c.Application.log_level = "ERROR"
"""
STUDENT = """
from nbgrader.apps.fetchassignmentapp import FetchAssignmentApp
from nbgrader.apps.submitapp import SubmitApp
for app in (FetchAssignmentApp, SubmitApp):
    made = app()
    made.initialize(["squares"])
    made.start()
    app.clear_instance()
    with open("squares/squares.ipynb", "a") as file:
        file.write("\\n" * {lines})
"""
"""What a student does: fetches, changes the notebook, hands it in. The change tells whose it is."""
FORGE = """
import os, shutil, sys
inbound, own, other, ada, mallory = sys.argv[1:]
os.chdir(inbound)
def folder(name):
    os.mkdir(name)
    return name
forged = folder(f"{ada}+squares+2030-01-01 00:00:00.000000 UTC+forged")
open(f"{forged}/squares.ipynb", "w").write("mallory's")
open(f"{forged}/timestamp.txt", "w").write("2030-01-01 00:00:00.000000 UTC")
open(f"{own}/timestamp.txt", "w").write("2020-01-01 00:00:00.000000 UTC")
early = f"{mallory}+squares+2020-01-01 00:00:00.000000 UTC+early"
os.rename(own, early)
for name in (*(f"{early}/{n}" for n in os.listdir(early)), early):
    os.utime(name, (1_577_836_800, 1_577_836_800))
linked = folder(f"{mallory}+squares+2029-01-01 00:00:00.000000 UTC+linked")
os.symlink(f"{inbound}/{other}/squares.ipynb", f"{linked}/squares.ipynb")
os.symlink(f"{inbound}/{other}", f"{mallory}+squares+2030-01-01 00:00:00.000000 UTC+whole")
try:
    os.link(f"{other}/squares.ipynb", f"{linked}/hard.ipynb")
except PermissionError:
    print("no hard link")
"""
"""What another does who somehow knows the name of the first one's folder, which nbgrader hides."""

OPEN = """
keep=$1 uid=$2 gid=$3 base=$4 closed=$5
shift 5
if [ -n "$closed" ]; then
    mkdir -p "$keep"
    mount --bind "$base" "$keep"
    mount -t tmpfs -o mode=755 tmpfs "$closed"
    mkdir -p "$base"
    mount --bind "$keep" "$base"
fi
exec setpriv --reuid="$uid" --regid="$gid" --clear-groups "$@"
"""
"""Runs a program as another user; a Python in a home that is closed to others is shown to it in a namespace."""


def closed(base: Path) -> str:
    """The first folder above an interpreter through which others may not go, or nothing."""
    above = reversed(base.resolve().parents)
    return next((str(path) for path in above if not path.stat().st_mode & 0o001), "")


@dataclass
class Scene:
    """The users and their folders."""

    root: Path
    ada: str
    mallory: str
    handed: dict[str, bytes] = field(default_factory=dict)
    """Student → the notebook that he or she handed in."""

    @property
    def inbound(self) -> Path:
        return self.root / "exchange" / "small" / "inbound"

    def as_user(self, name: str, source: str, *words: str) -> str:
        """Runs a program as one of them, at home; gives what it printed."""
        who, home = pwd.getpwnam(name), self.root / name
        mine = {k: v for k, v in os.environ.items() if k not in ("LOGNAME", "USER", "LNAME", "USERNAME")}
        jupyter = {
            k: str(home / k.lower()) for k in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")
        }
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-ec", OPEN, "sh", str(self.root / "python"), str(who.pw_uid), str(who.pw_gid),
             str(Path(sys.base_prefix).resolve()), closed(Path(sys.base_prefix)), sys.executable, "-c", source, *words],
            cwd=home,
            env={**mine, **jupyter, "HOME": str(home), "USER": name},
            capture_output=True,
            text=True,
        )  # fmt: skip
        assert 0 == done.returncode, done.stderr[-2000:]
        return done.stdout

    def folder_of(self, name: str) -> str:
        (found,) = [n for n in os.listdir(self.inbound) if n.startswith(f"{name}+")]
        return found


@pytest.fixture(scope="module")
def users() -> Iterator[tuple[str, str]]:
    """Two new users, gone at the end."""
    names = f"ag-ada-{os.getpid()}", f"ag-mallory-{os.getpid()}"
    made = []
    try:
        for name in names:
            done = subprocess.run(["useradd", "--no-create-home", name], capture_output=True, text=True)
            if done.returncode:
                pytest.skip(f"no user can be made here: {done.stderr.strip()}")
            made.append(name)
        yield names
    finally:
        for name in made:
            subprocess.run(["userdel", name], capture_output=True, check=True)


@pytest.fixture(scope="module")
def scene(users: tuple[str, str]) -> Iterator[Scene]:
    """After the release, two fetches, two submits and the forgeries; pytest's own folders are closed to others."""
    root = Path(tempfile.mkdtemp(prefix="exchange-"))
    try:
        root.chmod(0o755)
        (root / "exchange").mkdir()
        (root / "exchange").chmod(0o777)
        made = Scene(root, *users)
        config = CONFIG.format(exchange=str(root / "exchange"))
        (root / "course" / "source" / NAME).mkdir(parents=True)
        (root / "course" / "source" / NAME / "squares.ipynb").write_text(notebook.dumps(SQUARE))
        (root / "course" / "nbgrader_config.py").write_text(config)
        course = courses.load(root / "course")
        make_release(course, NAME)
        exchanging.release(course, NAME)
        for lines, name in enumerate(users, 1):
            home = root / name
            home.mkdir()
            (home / "nbgrader_config.py").write_text(config)
            shutil.chown(home, name)
            made.as_user(name, STUDENT.format(lines=lines))
            made.handed[name] = (made.inbound / made.folder_of(name) / "squares.ipynb").read_bytes()
        forge(made)
        yield made
    finally:
        shutil.rmtree(root)


def forge(made: Scene) -> None:
    """All that the one does, and what needs a kernel without protection, or a folder left open, done by root."""
    ada, mallory = made.ada, made.mallory
    own, other = made.folder_of(mallory), made.folder_of(ada)
    told = made.as_user(mallory, FORGE, str(made.inbound), own, other, ada, mallory)
    assert "no hard link" in told or "0" == Path("/proc/sys/fs/protected_hardlinks").read_text().strip()
    for word in ("hard", "pipe"):
        folder = made.inbound / f"{mallory}+{NAME}+2028-01-01 00:00:00.000000 UTC+{word}"
        folder.mkdir()
        shutil.chown(folder, mallory, mallory)
    os.link(
        made.inbound / other / "squares.ipynb",
        folder.with_name(folder.name.replace("pipe", "hard")) / "squares.ipynb",
    )
    os.mkfifo(folder / "squares.ipynb")
    shutil.chown(folder / "squares.ipynb", mallory, mallory)
    shared = made.inbound / f"{ada}+{NAME}+2021-01-01 00:00:00.000000 UTC+open"
    shutil.copytree(made.inbound / other, shared)
    for path in (shared, *shared.iterdir()):
        shutil.chown(path, ada, ada)
    shared.chmod(0o777)
    made.as_user(mallory, "import sys; open(sys.argv[1], 'w').write('x')", str(shared / "planted.py"))


@pytest.fixture(scope="module")
def by_nbgrader(scene: Scene) -> dict[str, bytes]:
    """Student → the notebook that `nbgrader collect` puts into a copy of the course."""
    root = scene.root / "theirs"
    shutil.copytree(scene.root / "course", root, ignore=shutil.ignore_patterns("submitted"))
    command = [sys.executable, "-m", "nbgrader", "collect", NAME]
    found = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls `alembic` by its name
    environment = {**os.environ, "HOME": str(root), "PATH": found}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    assert 0 == done.returncode, done.stderr[-2000:]
    return {name: (root / "submitted" / name / NAME / "squares.ipynb").read_bytes() for name in scene.handed}


@pytest.fixture(scope="module")
def rows(scene: Scene) -> list[Row]:
    """What `autograder collect squares --exchange` says."""
    before = scene.inbound.stat()
    found = collecting.collect(courses.load(scene.root / "course"), NAME, Order(exchange=True), lambda *_: None)
    assert 1 == found.code
    assert before.st_mtime == scene.inbound.stat().st_mtime  # the exchange is only read
    return found.rows


def test_each_has_what_he_or_she_handed_in(scene: Scene, rows: list[Row]) -> None:
    """Of eight folders two are taken: the two that are their students' own from end to end."""
    taken = [row for row in rows if row.state is not State.LEFT]
    assert {(scene.ada, State.NEW), (scene.mallory, State.NEW)} == {(row.student, row.state) for row in taken}
    submitted = scene.root / "course" / "submitted"
    assert scene.handed == {name: (submitted / name / NAME / "squares.ipynb").read_bytes() for name in scene.handed}
    assert scene.handed[scene.ada] != scene.handed[scene.mallory]


def test_the_system_tells_the_times(scene: Scene, rows: list[Row]) -> None:
    """A folder renamed to an early time, its file and its times rewritten: the system's time counts, and it is told."""
    (row,) = [row for row in rows if row.student == scene.mallory and row.state is State.NEW]
    assert row.when is not None
    assert (2026 <= row.when.year, "the system") == (True, row.told_by)
    assert 2 == sum("says 2020-01-01 00:00:00 UTC, which is not believed" in note for note in row.notes)


@pytest.mark.parametrize(
    "why",
    [
        "forged' says that it comes from {ada}, and all of it is {mallory}'s",
        "open' says that it comes from {ada}, and some of it is {mallory}'s",
        "says that it comes from {mallory}, and some of it is {ada}'s",
        "is a link, not a folder",
        "it is a link, not a file",
        "it is a FIFO, not a file",
    ],
)
def test_each_forgery_is_left_out_with_its_reason(scene: Scene, rows: list[Row], why: str) -> None:
    """In another's name, open to another, with another's file under a second name, links, a pipe."""
    reasons = [row.why for row in rows if row.state is State.LEFT]
    assert 6 == len(reasons)
    assert 1 == sum(why.format(ada=scene.ada, mallory=scene.mallory).lstrip("'") in reason for reason in reasons)


def test_a_second_name_of_a_file_is_told(scene: Scene, rows: list[Row]) -> None:
    """It renewed the file's time, where the kernel let it be made at all."""
    (row,) = [row for row in rows if row.student == scene.ada and row.state is State.NEW]
    assert any("another name elsewhere" in note for note in row.notes)


def test_nbgrader_collects_the_forgeries(scene: Scene, by_nbgrader: dict[str, bytes]) -> None:
    """The control: by name and time of the folder the one has the forger's work, and the forger has the other's."""
    assert {scene.ada: b"mallory's", scene.mallory: scene.handed[scene.ada]} == by_nbgrader
