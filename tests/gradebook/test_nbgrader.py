"""nbgrader's gradebook: nbgrader itself is the oracle, and reads what we wrote."""

from __future__ import annotations

import contextlib
import csv
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.errors import GraderError
from autograder.gradebook import nbgrader as module
from autograder.gradebook.nbgrader import Book, Entry, read_manual
from autograder.gradebook.nbtables import REVISION
from autograder.notebook import loads, read_master
from autograder.values import Grade, Master, Outcome, Status, Verdict

WHEN = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def course(theirs: Path, tmp_path: Path) -> Path:
    """A copy without a gradebook."""
    shutil.copytree(theirs, tmp_path / "course")
    (tmp_path / "course" / "gradebook.db").unlink()
    return tmp_path / "course"


def url(course: Path) -> str:
    return f"sqlite:///{course}/gradebook.db"


def masters(course: Path) -> list[Master]:
    return [read_master(course / "source" / "ps1" / "p1.ipynb", "ps1")]


def released(course: Path) -> dict[str, Any]:
    return {"p1": loads((course / "release" / "ps1" / "p1.ipynb").read_bytes(), "p1.ipynb")}


def executed(course: Path) -> dict[str, bytes]:
    return {"p1": (course / "autograded" / "ada" / "ps1" / "p1.ipynb").read_bytes()}


def grade(student: str = "ada", part: float = 1.5) -> Grade:
    """What nbgrader gives the submission of `the tiny course`."""
    verdicts = (
        Verdict("p1", "test_f", Outcome.PASSED, 2.0, 2.0),
        Verdict("p1", "test_part", Outcome.PARTIAL, part, 3.0),
        Verdict("p1", "why", Outcome.BY_HAND, None, 4.0),
        Verdict("p1", "hand", Outcome.FAILED, 0.0, 1.0, "No response."),
        Verdict("p1", "task", Outcome.BY_HAND, None, 5.0),
    )
    return Grade(student, "ps1", Status.NEEDS_PERSON, verdicts, submitted_at=WHEN)


def enter(course: Path, *entries: Entry) -> None:
    with Book.open(url(course)) as book:
        book.register("ps1", None, masters(course), released(course))
        book.write("ps1", entries)


@pytest.fixture
def ours(course: Path) -> Path:
    """The same course with a gradebook of ours."""
    enter(course, Entry(grade(), executed(course)))
    return course


def rows(course: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(course / "gradebook.db") as db:
        return db.execute(query).fetchall()


def change(course: Path, query: str) -> None:
    with sqlite3.connect(course / "gradebook.db") as db:
        assert db.execute(query).rowcount > 0


OF_CELL = "JOIN base_cell b ON b.id = x.cell_id JOIN submitted_notebook n ON n.id = x.notebook_id"
TABLES = {
    "student": "SELECT * FROM student ORDER BY id",
    "course": "SELECT * FROM course ORDER BY id",
    "assignment": "SELECT name, duedate, course_id FROM assignment",
    "notebook": "SELECT n.name, a.name, kernelspec FROM notebook n JOIN assignment a ON a.id = assignment_id",
    "base_cell": "SELECT b.name, type, n.name FROM base_cell b JOIN notebook n ON n.id = notebook_id ORDER BY 2, 1",
    "grade_cells": "SELECT name, max_score, cell_type FROM grade_cells JOIN base_cell USING (id) ORDER BY 1",
    "solution_cells": "SELECT name FROM solution_cells JOIN base_cell USING (id) ORDER BY 1",
    "task_cells": "SELECT name, max_score, cell_type FROM task_cells JOIN base_cell USING (id) ORDER BY 1",
    "source_cell": "SELECT name, cell_type, locked, source, checksum FROM source_cell ORDER BY 1",
    "submitted_assignment": "SELECT student_id, timestamp, extension FROM submitted_assignment ORDER BY 1",
    "submitted_notebook": "SELECT flagged, late_submission_penalty FROM submitted_notebook",
    "grade": f"""SELECT name, type, auto_score, manual_score, extra_credit, needs_manual_grade
        FROM grade x {OF_CELL} ORDER BY 2, 1""",
    "comment": f"SELECT name, type, auto_comment, manual_comment FROM comment x {OF_CELL} ORDER BY 2, 1",
    "alembic_version": "SELECT * FROM alembic_version",
}


@pytest.mark.parametrize("table", TABLES)
def test_rows_are_those_that_nbgrader_writes(theirs: Path, ours: Path, table: str) -> None:
    """For the same honest submission, every table equals nbgrader's own but for keys."""
    assert rows(theirs, TABLES[table]) == rows(ours, TABLES[table])


def test_tables_are_those_that_nbgrader_makes(theirs: Path, ours: Path) -> None:
    """No table is missing, none is added, and each is defined by the same statement."""
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name"
    assert rows(theirs, query) == rows(ours, query)


def test_the_revision_is_the_newest_that_nbgrader_knows() -> None:
    """The stamp is Alembic's name for the state that the installed nbgrader wants."""
    from alembic.script import ScriptDirectory
    from nbgrader.dbutil import ALEMBIC_DIR

    assert REVISION == ScriptDirectory(ALEMBIC_DIR).get_current_head()


def test_nbgrader_is_not_imported(ours: Path) -> None:
    """Writing and reading a gradebook spares the seconds that importing nbgrader takes; marks need no SQLAlchemy."""
    code = f"""
import sys
from autograder.gradebook.nbgrader import Book, read_manual
read_manual("{url(ours)}", "ps1")
assert "sqlalchemy" not in sys.modules
Book.open("sqlite:///{ours}/new.db").close()
assert "nbgrader" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_key_leads_somewhere(ours: Path) -> None:
    """Foreign keys, which nbgrader does not enforce on SQLite, all hold."""
    assert [] == rows(ours, "PRAGMA foreign_key_check")


def test_nbgrader_reads_it(theirs: Path, ours: Path) -> None:
    """formgrader's queries give the same from our gradebook as from nbgrader's."""
    from nbgrader.api import Gradebook

    def look(course: Path) -> list[dict[str, Any]]:
        with Gradebook(url(course), "default_course") as gb:
            found = [*gb.submission_dicts("ps1"), *gb.notebook_submission_dicts("p1", "ps1"), *gb.student_dicts()]
            found += [g.to_dict() for g in gb.find_submission_notebook("p1", "ps1", "ada").grades]
            found += [c.to_dict() for c in gb.find_submission_notebook("p1", "ps1", "ada").comments]
        return sorted(({k: v for k, v in d.items() if k != "id"} for d in found), key=repr)

    assert look(theirs) == look(ours)
    assert 3.5 == next(d["score"] for d in look(ours) if "timestamp" in d)


@pytest.mark.slow
def test_nbgrader_exports_it(nbgrader: Callable[..., str], ours: Path) -> None:
    """`nbgrader export` writes the student's line with our score."""
    nbgrader(ours, "export")
    with (ours / "grades.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [("ps1", "ada", "3.5", "15.0")] == [
        (r["assignment"], r["student_id"], r["score"], r["max_score"]) for r in lines
    ]


def test_formgrader_finds_it(ours: Path) -> None:
    """NbGraderAPI, behind formgrader's pages, lists the submission as autograded and waiting for a person."""
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(ours)
    config.CourseDirectory.db_url = url(ours)
    api = NbGraderAPI(config=config)
    found = api.get_submission("ps1", "ada")
    assert (True, 3.5, True) == (found["autograded"], found["score"], found["needs_manual_grade"])
    assert {"ada"} == api.get_autograded_students("ps1")


@pytest.mark.slow
def test_nbgrader_grades_on_top_of_it(nbgrader: Callable[..., str], ours: Path) -> None:
    """nbgrader's own autograde accepts our cells and checksums, and comes to the same rows."""
    before = {t: rows(ours, q) for t, q in TABLES.items()}
    shutil.rmtree(ours / "autograded")
    nbgrader(ours, "autograde", "ps1")
    assert before == {t: rows(ours, q) for t, q in TABLES.items()}


def test_writing_twice_changes_nothing(ours: Path) -> None:
    """A second write of the same values leaves every row, keys included."""
    before = [rows(ours, f"SELECT * FROM {t} ORDER BY 1") for t in TABLES]
    enter(ours, Entry(grade(), executed(ours)))
    assert before == [rows(ours, f"SELECT * FROM {t} ORDER BY 1") for t in TABLES]


MARK_WHY = """UPDATE grade SET manual_score = 3.5, extra_credit = 1, needs_manual_grade = 0
    WHERE cell_id = (SELECT id FROM base_cell WHERE name = 'why' AND type = 'GradeCell')"""


def of(course: Path, name: str) -> tuple[Any, ...]:
    query = "SELECT auto_score, manual_score, extra_credit, needs_manual_grade FROM grade"
    return rows(
        course, f"{query} WHERE cell_id = (SELECT id FROM base_cell WHERE name = '{name}' AND type != 'SolutionCell')"
    )[0]


@pytest.mark.parametrize("fresh", [True, False])
def test_marks_given_by_hand_survive_a_regrade(ours: Path, fresh: bool) -> None:
    """Scores, extra credit and comments of people stay; a fresh run asks for another look, as nbgrader does."""
    change(ours, MARK_WHY)
    change(ours, "UPDATE comment SET manual_comment = 'Well said.'")
    change(ours, "UPDATE submitted_notebook SET flagged = 1")
    enter(ours, Entry(grade(part=3.0), executed(ours), fresh=fresh))
    assert (None, 3.5, 1.0, int(fresh)) == of(ours, "why")
    assert (3.0, None, None, 0) == of(ours, "test_part")
    assert [("Well said.",)] == rows(ours, "SELECT DISTINCT manual_comment FROM comment")
    assert [(1,)] == rows(ours, "SELECT flagged FROM submitted_notebook")


@pytest.mark.slow
def test_a_fresh_run_leaves_what_nbgrader_leaves(
    nbgrader: Callable[..., str], theirs: Path, ours: Path, tmp_path: Path
) -> None:
    """After the same hand-given marks, a regrade by nbgrader and one by us give the same grades and comments."""
    copy = shutil.copytree(theirs, tmp_path / "copy")
    for course in (copy, ours):
        change(course, MARK_WHY)
        change(course, MARK_WHY.replace("'why'", "'test_part'"))
        change(
            course,
            "UPDATE grade SET manual_score = 2, needs_manual_grade = 0 WHERE cell_id IN (SELECT id FROM task_cells)",
        )
    nbgrader(copy, "autograde", "ps1", "--force")
    enter(ours, Entry(grade(), executed(ours)))
    for table in ("grade", "comment"):
        assert rows(copy, TABLES[table]) == rows(ours, TABLES[table])


def test_an_overridden_test_keeps_the_autograders_own_points(ours: Path) -> None:
    """A grade that already holds a person's mark does not enter it as the autograder's."""
    change(ours, MARK_WHY.replace("'why'", "'test_part'"))
    marked = tuple(
        replace(v, outcome=Outcome.BY_HAND, points=4.5) if v.test == "test_part" else v for v in grade().verdicts
    )
    enter(ours, Entry(replace(grade(), verdicts=marked), executed(ours)))
    assert (1.5, 3.5, 1.0, 0) == of(ours, "test_part")


def test_marks_are_read(ours: Path) -> None:
    """What people entered comes back by student, notebook and cell; the autograder's points do not."""
    assert {} == read_manual(url(ours), "ps1")
    change(ours, MARK_WHY)
    found = read_manual(url(ours), "ps1")
    assert [("ada", "p1", "why")] == list(found)
    assert (3.5, 1.0, False) == (
        found["ada", "p1", "why"].points,
        found["ada", "p1", "why"].extra,
        found["ada", "p1", "why"].look_again,
    )
    enter(ours, Entry(grade(), executed(ours)))
    assert read_manual(url(ours), "ps1")["ada", "p1", "why"].look_again
    assert {} == read_manual(url(ours), "other")


def test_marks_are_the_same_without_a_database_library(ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read out of the file is what SQLAlchemy reads: marks, extra credit alone, and the wish for another look."""
    change(ours, MARK_WHY)
    change(ours, MARK_WHY.replace("'why'", "'test_part'").replace("manual_score = 3.5", "manual_score = NULL"))
    enter(ours, Entry(grade(), executed(ours)))
    plainly = read_manual(url(ours), "ps1")
    assert 2 == len(plainly)
    asked: list[str] = []
    monkeypatch.setattr(module, "in_file", lambda path, assignment: asked.append(path))
    assert plainly == read_manual(url(ours), "ps1")
    assert [str(ours / "gradebook.db")] == asked


def test_marks_in_a_locked_gradebook_are_waited_for(ours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the database library, which says so in the end: nobody's mark is passed over."""
    change(ours, MARK_WHY)
    really = module.nbschema.engine_for
    monkeypatch.setattr(module.nbschema, "engine_for", lambda url: really(url, 0.1))
    with contextlib.closing(sqlite3.connect(ours / "gradebook.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(GraderError, match=r"gradebook\.db is locked"):
            read_manual(url(ours), "ps1")
        other.rollback()
    assert 1 == len(read_manual(url(ours), "ps1"))


def test_reading_marks_makes_no_gradebook(tmp_path: Path) -> None:
    """Where there is no gradebook there are no marks, and there is none afterwards."""
    assert {} == read_manual(f"sqlite:///{tmp_path}/none.db", "ps1")
    assert [] == list(tmp_path.iterdir())


def test_what_was_our_fault_waits_for_a_person(ours: Path) -> None:
    """An unscored test, and one without a verdict, has no points and needs a manual grade; it is not a zero."""
    first = replace(grade().verdicts[0], outcome=Outcome.UNSCORED, points=None)
    enter(ours, Entry(replace(grade(), verdicts=(first,)), executed(ours)))
    assert (None, None, None, 1) == of(ours, "test_f")
    assert (None, None, None, 1) == of(ours, "test_part")


def test_lateness_is_entered_and_taken_back(ours: Path) -> None:
    """The penalty is the notebook's, and goes when the submission is no longer late."""
    enter(ours, Entry(replace(grade(), late_penalty=1.25), executed(ours)))
    assert [(1.25,)] == rows(ours, "SELECT late_submission_penalty FROM submitted_notebook")
    enter(ours, Entry(grade(), executed(ours)))
    assert [(None,)] == rows(ours, "SELECT late_submission_penalty FROM submitted_notebook")


def test_a_deadline_is_entered_and_never_erased(ours: Path) -> None:
    """course.toml's deadline goes in as UTC; where it names none, what stands in the gradebook stays."""
    with Book.open(url(ours)) as book:
        book.register("ps1", WHEN, masters(ours), released(ours))
        book.register("ps1", None, masters(ours), released(ours))
    assert [("2026-03-01 12:00:00.000000",)] == rows(ours, "SELECT duedate FROM assignment")


def test_a_cell_that_is_gone_takes_its_grades_with_it_unless_a_person_marked_it(ours: Path) -> None:
    """Masters may change after submissions came; only what a person entered keeps an old cell alive."""
    change(ours, MARK_WHY)
    whole = masters(ours)[0]
    fewer = replace(whole, cells=tuple(c for c in whole.cells if c.grade_id not in ("why", "test_part", "task")))
    with Book.open(url(ours)) as book:
        notes = book.register("ps1", None, [fewer], released(ours))
        assert ["why"] == [n.split(": ")[1].split(" ")[0] for n in notes]
        assert {"why", "test_f", "hand"} == {
            r[0] for r in rows(ours, "SELECT name FROM base_cell WHERE type = 'GradeCell'")
        }
        assert [] == rows(ours, "SELECT id FROM task_cells")
        assert [] == rows(ours, "PRAGMA foreign_key_check")
        book.register("ps1", None, [whole], released(ours))
        book.write("ps1", [Entry(grade(), executed(ours))])
    assert (1.5, None, None, 0) == of(ours, "test_part")
    assert (None, 3.5, 1.0, 1) == of(ours, "why")


def test_a_notebook_that_is_gone_is_taken_out(ours: Path) -> None:
    """With no marks by hand, nothing of a notebook stays behind."""
    with Book.open(url(ours)) as book:
        assert () == book.register("ps1", None, [], {})
    for table in ("notebook", "base_cell", "source_cell", "grade", "comment", "submitted_notebook"):
        assert [] == rows(ours, f"SELECT * FROM {table}")


def test_a_class_longer_than_a_batch_is_written(ours: Path) -> None:
    """Every student of a class of 230 has every row, whatever batch they fell in."""
    names = [f"s{n}" for n in range(230)]
    enter(ours, *(Entry(grade(n)) for n in names))
    assert [(231,)] == rows(ours, "SELECT count(*) FROM submitted_assignment")
    assert [(231 * 5,)] == rows(ours, "SELECT count(*) FROM grade")
    assert [(231 * 4,)] == rows(ours, "SELECT count(*) FROM comment")


def test_a_batch_is_all_or_nothing(ours: Path) -> None:
    """When one submission cannot be written, its whole batch is not."""
    with pytest.raises(ValueError, match="Expecting"):
        enter(ours, Entry(grade("bob")), Entry(grade("eve"), {"p1": b"no json"}))
    assert [("ada",)] == rows(ours, "SELECT id FROM student")


@pytest.fixture
def no_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PATH on which there is no `alembic`."""
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))


def test_a_gradebook_is_made_without_the_alembic_program(no_programs: None, course: Path) -> None:
    """nbgrader's own way fails here and leaves a gradebook without a version; ours does not need the program."""
    from nbgrader.api import Gradebook

    with pytest.raises(FileNotFoundError):
        Gradebook(f"sqlite:///{course}/broken.db")
    enter(course, Entry(grade(), executed(course)))
    assert [("e43177bfe90b",)] == rows(course, "SELECT * FROM alembic_version")


def test_a_gradebook_without_a_version_gets_one(no_programs: None, ours: Path) -> None:
    """What nbgrader left half made is mended, and its marks stay."""
    change(ours, MARK_WHY)
    with sqlite3.connect(ours / "gradebook.db") as db:
        db.execute("DROP TABLE alembic_version")
    enter(ours, Entry(grade(), executed(ours)))
    assert [("e43177bfe90b",)] == rows(ours, "SELECT * FROM alembic_version")
    assert 3.5 == of(ours, "why")[1]


def test_a_failure_while_making_one_leaves_none(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables and stamp are one transaction: no stamp, no tables."""
    monkeypatch.setattr("autograder.gradebook.nbschema._stamp", lambda connection: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Book.open(url(course))
    assert [] == rows(course, "SELECT name FROM sqlite_master")


def test_an_older_gradebook_is_refused_with_the_mend(ours: Path) -> None:
    """A gradebook from before courses is left alone; the error says how to upgrade it."""
    with sqlite3.connect(ours / "gradebook.db") as db:
        db.execute("ALTER TABLE grade DROP COLUMN extra_credit")
    with pytest.raises(GraderError, match=r"grade lacks extra_credit.*nbgrader db upgrade"):
        Book.open(url(ours))


def test_a_locked_gradebook_is_explained(ours: Path) -> None:
    """While another program writes, the error names the file and says to close it."""
    other = sqlite3.connect(ours / "gradebook.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(GraderError, match=r"gradebook\.db is locked.*Close it"):
        Book.open(url(ours), patience=0.01)
    other.close()


def test_a_damaged_gradebook_and_a_wrong_url_are_explained(ours: Path) -> None:
    """A file that is no database and a URL that is none name themselves; a password is not shown."""
    (ours / "gradebook.db").write_bytes(b"no database" * 500)
    with pytest.raises(GraderError, match=r"gradebook\.db is damaged"):
        Book.open(url(ours))
    with pytest.raises(GraderError, match="no database URL"):
        Book.open("gradebook.db")
    with pytest.raises(GraderError, match=r"\*\*\*@") as e:
        Book.open("nosuch://me:secret@host/db")
    assert "secret" not in str(e.value)


def test_a_master_that_was_never_released_is_explained(course: Path) -> None:
    """Without a release it is not known what counts as no response."""
    with Book.open(url(course)) as book, pytest.raises(GraderError, match="autograder release ps1"):
        book.register("ps1", None, masters(course), {})


def test_an_answer_left_alone_is_told_by_its_text(ours: Path) -> None:
    """The comment goes when the answer is written, and comes back when it is blank again."""
    filled = nbformat.reads(executed(ours)["p1"].decode(), 4)
    cell = next(c for c in filled.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "hand")
    cell.source += "\nh = 2"
    query = f"SELECT name, auto_comment FROM comment x {OF_CELL} WHERE auto_comment IS NOT NULL"
    enter(ours, Entry(grade(), {"p1": nbformat.writes(filled).encode()}))
    assert [] == rows(ours, query)
    enter(ours, Entry(grade(), executed(ours)))
    assert [("hand", "No response.")] == rows(ours, query)
