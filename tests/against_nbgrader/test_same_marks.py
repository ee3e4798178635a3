"""A course of nbgrader's, with all of its format, graded by both without a line changed."""

from __future__ import annotations

import re
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from against_nbgrader.rig import copied, grade

from autograder import course as courses
from autograder import pipeline
from autograder.course import written
from autograder.values import Grade, Outcome

Pair = tuple[Path, dict[str, Grade]]
OF = """JOIN base_cell b ON b.id = x.cell_id JOIN submitted_notebook n ON n.id = x.notebook_id
    JOIN submitted_assignment s ON s.id = n.assignment_id JOIN notebook k ON k.id = n.notebook_id"""
TABLES = {
    "student": "SELECT id FROM student",
    "course": "SELECT id FROM course",
    "assignment": "SELECT name, duedate, course_id FROM assignment",
    "notebook": "SELECT n.name, a.name, kernelspec FROM notebook n JOIN assignment a ON a.id = assignment_id",
    "base_cell": "SELECT b.name, type, n.name FROM base_cell b JOIN notebook n ON n.id = notebook_id",
    "grade_cells": "SELECT name, max_score, cell_type FROM grade_cells JOIN base_cell USING (id)",
    "task_cells": "SELECT name, max_score, cell_type FROM task_cells JOIN base_cell USING (id)",
    "source_cell": """SELECT k.name, s.name, cell_type, locked, source, checksum FROM source_cell s
        JOIN notebook k ON k.id = s.notebook_id""",
    "submitted_assignment": "SELECT student_id, timestamp, extension FROM submitted_assignment",
    "submitted_notebook": """SELECT s.student_id, k.name, flagged, late_submission_penalty FROM submitted_notebook n
        JOIN submitted_assignment s ON s.id = n.assignment_id JOIN notebook k ON k.id = n.notebook_id""",
    "comment": f"SELECT s.student_id, k.name, b.name, type, auto_comment, manual_comment FROM comment x {OF}",
}
GRADE = f"SELECT s.student_id, b.name, type, auto_score, manual_score, extra_credit, needs_manual_grade FROM grade x {OF}"
EXCEPTIONS = {
    ("solved", "stderr"): (0.0, 3.0),
    ("blank", "stderr"): (0.0, 3.0),
    ("solved", "warned"): (0.0, 3.0),
    ("solved", "scalar"): (3.0, 1.5),
    ("solved", "negative"): (3.0, 0.0),
    ("solved", "nan"): (3.0, 0.0),
}
"""(student, test) → nbgrader's points and ours, where its rule misfires (docs/nbgrader.md)."""


def rows(root: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(root / "gradebook.db") as db:
        return sorted(db.execute(query).fetchall(), key=repr)


def scores(root: Path) -> dict[tuple[str, str], float | None]:
    return {(row[0], row[1]): row[3] for row in rows(root, GRADE)}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["kinds", "rules"])
def test_releases_are_nbgraders(theirs: Path, tmp_path: Path, name: str) -> None:
    """Header, footer, own delimiters and stubs, AUTOTEST: byte for byte, but for ids that nbformat draws."""
    root = copied(theirs, tmp_path)
    pipeline.release(courses.load(root), "ps1")
    drawn = re.compile(r'"id": "[0-9a-f]{8}"')
    ours, nbgraders = ((r / "release" / "ps1" / f"{name}.ipynb").read_text() for r in (root, theirs))
    assert drawn.sub("", nbgraders) == drawn.sub("", ours)
    assert "SECRET TESTS" not in ours
    files = [sorted(p.name for p in (r / "release" / "ps1").iterdir()) for r in (theirs, root)]
    assert files[0] == files[1]


@pytest.mark.parametrize("table", TABLES)
def test_rows_are_nbgraders(theirs: Path, graded: Pair, table: str) -> None:
    """Cells, checksums, submissions, extensions, penalties of the plugin, comments: every table but keys."""
    assert rows(theirs, TABLES[table]) == rows(graded[0], TABLES[table])


def test_scores_are_nbgraders_but_where_its_rule_misfires(theirs: Path, graded: Pair) -> None:
    """Every test of the solution, the blank version and a wrong one; flags for people too."""
    nbgraders, ours = scores(theirs), scores(graded[0])
    differ = {key: (nbgraders[key], ours[key]) for key in nbgraders if nbgraders[key] != ours[key]}
    assert EXCEPTIONS == differ
    flags = [{row[:3]: row[-1] for row in rows(root, GRADE)} for root in (theirs, graded[0])]
    assert flags[0] == flags[1]


@pytest.mark.parametrize(("where", "points"), EXCEPTIONS.items())
def test_each_exception_is_told(graded: Pair, where: tuple[str, str], points: tuple[float, float]) -> None:
    """Points that nbgrader's rule would give otherwise: text on stderr, NumPy's numbers, negative ones, NaN."""
    (verdict,) = [v for v in graded[1][where[0]].verdicts if v.test == where[1]]
    assert points[1] == verdict.points
    assert verdict.outcome is Outcome.PASSED or verdict.reason


def test_nbgraders_own_rule_can_be_had(theirs: Path, tmp_path: Path) -> None:
    """`scoring = "nbgrader"` in the course.toml that `--from-nbgrader` writes: not one score differs."""
    root = copied(theirs, tmp_path)
    (root / "course.toml").write_text(written.from_nbgrader(root)[0].replace("[grading]", '[grading]\nscoring = "nbgrader"'))
    grade(root)
    assert scores(theirs) == scores(root)
    assert rows(theirs, TABLES["submitted_notebook"]) == rows(root, TABLES["submitted_notebook"])


def test_lateness_is_the_plugins(graded: Pair) -> None:
    """90 minutes and half a second late at half a point an hour; an extension in the gradebook is honoured."""
    assert pytest.approx(0.5 * (90 * 60 + 30.5) / 3600) == graded[1]["wrong"].late_penalty
    assert (0, 0.0) == (graded[1]["solved"].late_seconds, graded[1]["solved"].late_penalty)


def test_masters_come_from_the_gradebook_where_the_source_is_gone(theirs: Path, tmp_path: Path) -> None:
    """nbgrader needs no source to grade; neither do we, and the marks are the same."""
    root = copied(theirs, tmp_path)
    shutil.rmtree(root / "release")
    for path in (root / "source" / "ps1").glob("*.ipynb"):
        path.unlink()
    grade(root)
    differ = {key for key, points in scores(theirs).items() if points != scores(root)[key]}
    assert set(EXCEPTIONS) == differ
