"""nbgrader's gradebook on PostgreSQL: a cluster of the test's own, run by an ordinary user and thrown away."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from autograder.gradebook import deadlines, nbcount, nbmasters
from autograder.gradebook.nbgrader import Book, Entry, read_manual
from autograder.notebook import Setting, loads, read_master
from autograder.values import Deadline, Grade, Master, Outcome, Role, Status, Verdict

WHEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
DUE = datetime(2026, 3, 2, 12, tzinfo=UTC)
TABLES = (
    "SELECT name, duedate, course_id FROM assignment",
    "SELECT name, type FROM base_cell",
    "SELECT max_score, cell_type FROM grade_cells",
    "SELECT name, cell_type, locked, source, checksum FROM source_cell",
    "SELECT student_id, timestamp, extension FROM submitted_assignment",
    "SELECT flagged, late_submission_penalty FROM submitted_notebook",
    "SELECT auto_score, manual_score, extra_credit, needs_manual_grade FROM grade",
    "SELECT auto_comment, manual_comment FROM comment",
    "SELECT version_num FROM alembic_version",
)


def programs() -> Path | None:
    """Where PostgreSQL's own programs lie: where Debian puts them, or on the path."""
    found = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    found += [Path(path).resolve().parent for path in [shutil.which("initdb")] if path]
    return next((place for place in found if (place / "initdb").is_file()), None)


@pytest.fixture(scope="module")
def server() -> Iterator[Callable[[], str]]:
    """Gives the URL of a new, empty database at each call."""
    pytest.importorskip("psycopg", reason="PostgreSQL's driver psycopg is not installed")
    tools = programs()
    if tools is None:
        pytest.skip("PostgreSQL's server is not installed (initdb is not found)")
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:  # pytest's own is closed to other users
        root = Path(folder)
        data = root / "data"
        data.mkdir()
        # PostgreSQL refuses to run as root.
        other: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": ()} if os.getuid() == 0 else {}
        for path in (root, data) if other else ():
            shutil.chown(path, "nobody", "nogroup")
        told: dict[str, Any] = {"cwd": root, "capture_output": True, "check": True, **other}
        subprocess.run([tools / "initdb", "-D", data, "-U", "grader", "--auth=trust", "--no-sync", "-E", "UTF8"], **told)
        options = ["-k", root, "-c", "listen_addresses=", "-c", "fsync=off"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen([tools / "postgres", "-D", data, *options], cwd=root, **quiet, **other)
        try:
            wait = [tools / "pg_isready", "-h", root, "-U", "grader"]
            until = time.monotonic() + 60
            while subprocess.run(wait, **{**told, "check": False}).returncode and time.monotonic() < until:
                pass

            def new() -> str:
                name = f"book{uuid.uuid4().hex[:8]}"
                subprocess.run([tools / "createdb", "-h", root, "-U", "grader", name], **told)
                return f"postgresql+psycopg://grader@/{name}?host={root}"

            yield new
        finally:
            process.terminate()
            process.wait()


def masters(course: Path) -> list[Master]:
    return [read_master(course / "source" / "ps1" / "p1.ipynb", "ps1")]


def given(course: Path) -> dict[str, Any]:
    return {"p1": loads((course / "release" / "ps1" / "p1.ipynb").read_bytes(), "p1.ipynb")}


def grade(points: float = 2.0) -> Grade:
    verdicts = (
        Verdict("p1", "test_f", Outcome.PASSED, points, 2.0),
        Verdict("p1", "test_part", Outcome.PARTIAL, 1.5, 3.0),
        Verdict("p1", "why", Outcome.BY_HAND, None, 4.0),
        Verdict("p1", "hand", Outcome.FAILED, 0.0, 1.0, "No response."),
        Verdict("p1", "task", Outcome.BY_HAND, None, 5.0),
    )
    return Grade("ada", "ps1", Status.GRADED, verdicts, submitted_at=WHEN)


def enter(url: str, course: Path, one: Grade) -> None:
    executed = {"p1": (course / "autograded" / "ada" / "ps1" / "p1.ipynb").read_bytes()}
    with Book.open(url) as book:
        book.register("ps1", DUE, masters(course), given(course))
        book.write("ps1", [Entry(one, executed, taken={"p1": 0.25})])


def rows(url: str) -> list[list[tuple[Any, ...]]]:
    from sqlalchemy import create_engine, text

    engine = create_engine(url)
    with engine.connect() as db:
        found = [sorted((tuple(map(plain, row)) for row in db.execute(text(query))), key=repr) for query in TABLES]
    engine.dispose()
    return found


def plain(value: Any) -> Any:
    """SQLite has neither booleans nor moments."""
    return str(value)[:19] if isinstance(value, datetime | str) else int(value) if isinstance(value, bool) else value


@pytest.mark.slow
def test_rows_are_those_of_sqlite(server: Callable[[], str], theirs: Path, tmp_path: Path) -> None:
    """Made by us, table by table the same."""
    url, file = server(), f"sqlite:///{tmp_path}/book.db"
    for where in (url, file):
        enter(where, theirs, grade())
    assert rows(file) == rows(url)


@pytest.mark.slow
def test_nbgraders_own_models_make_it_and_read_it(
    server: Callable[[], str], theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gradebook that nbgrader made is written to; nbgrader sums it up, marks in it by hand, and the mark stays."""
    from nbgrader.api import Gradebook

    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")  # for `alembic`
    url = server()
    with Gradebook(url) as book:
        assert [] == book.assignments
    enter(url, theirs, grade())
    with Gradebook(url) as book:
        whole = book.find_submission("ps1", "ada")
        assert (3.5, 0.25) == (whole.score, whole.late_submission_penalty)
        mark = book.find_grade("why", "p1", "ps1", "ada")
        mark.manual_score, mark.extra_credit = 4.0, 0.5
        whole.extension = timedelta(days=2)
        book.db.commit()
    enter(url, theirs, grade(0.0))
    with Gradebook(url) as book:
        assert (4.0, 0.5) == (
            book.find_grade("why", "p1", "ps1", "ada").manual_score,
            book.find_grade("why", "p1", "ps1", "ada").extra_credit,
        )
        assert 0.0 == book.find_grade("test_f", "p1", "ps1", "ada").auto_score
    assert (4.0, 0.5) == (read_manual(url, "ps1")["ada", "p1", "why"].points, read_manual(url, "ps1")["ada", "p1", "why"].extra)
    assert Deadline(DUE, {"ada": timedelta(days=2)}) == deadlines.read(url, "ps1")
    assert 1 == nbcount.number_in(url, "ps1")


@pytest.mark.slow
def test_masters_come_out_of_it(server: Callable[[], str], theirs: Path) -> None:
    """Cells, roles, points and hidden tests are the master's; answers are the stubs."""
    url = server()
    enter(url, theirs, grade())
    (whole,) = masters(theirs)
    made = nbmasters.master(url, "ps1", "p1", given(theirs)["p1"], Setting(stubs=True))
    told = [(c.grade_id, c.role, c.kind, c.points) for c in whole.cells]
    assert told == [(c.grade_id, c.role, c.kind, c.points) for c in made.cells]
    locked = (Role.TEST, Role.TASK, Role.READONLY)
    assert [c.source for c in whole.cells if c.role in locked] == [c.source for c in made.cells if c.role in locked]
    answer = next(c for c in made.cells if c.grade_id == "f")
    assert "NotImplementedError" in answer.source
    assert "return x + 1" not in answer.source
    assert replace(made, cells=()).stubs
