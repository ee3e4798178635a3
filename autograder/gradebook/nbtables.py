"""The tables of nbgrader's gradebook, revision e43177bfe90b (nbgrader 0.6 to 0.9).

Rule: what is made from these definitions equals, statement by statement, what nbgrader makes (tested).

They stand here, and are not taken from `nbgrader.api`, because importing that takes seconds and over a thousand
modules. A later nbgrader brings a gradebook of this revision up to date itself: `nbgrader db upgrade`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import MetaData

REVISION = "e43177bfe90b"
"""Alembic's name of this state of the tables."""


@cache
def gradebook() -> MetaData:
    """All tables, by nbgrader's names."""
    from sqlalchemy import MetaData

    tables = MetaData()
    _masters(tables)
    _submissions(tables)
    return tables


def _masters(tables: MetaData) -> None:
    """What the instructor's notebooks bring."""
    from sqlalchemy import Boolean, Column, DateTime, Enum, Float, ForeignKey, String, Table, Text, UniqueConstraint

    def key(references: str | None = None) -> Column[str]:
        return Column("id", String(32), *([ForeignKey(references)] if references else []), primary_key=True)

    def kind(name: str) -> Column[str]:
        return Column("cell_type", Enum("code", "markdown", name=name), nullable=False)

    Table("course", tables, Column("id", String(128), unique=True, primary_key=True, nullable=False))
    Table(
        "assignment",
        tables,
        key(),
        Column("name", String(128), unique=True, nullable=False),
        Column("duedate", DateTime()),
        Column("course_id", String(128), ForeignKey("course.id"), nullable=False),
    )
    Table(
        "notebook",
        tables,
        key(),
        Column("name", String(128), nullable=False),
        Column("assignment_id", String(32), ForeignKey("assignment.id")),
        Column("kernelspec", String(1024), nullable=True),
        UniqueConstraint("name", "assignment_id"),
    )
    Table(
        "base_cell",
        tables,
        key(),
        Column("name", String(128), nullable=False),
        Column("notebook_id", String(32), ForeignKey("notebook.id"), nullable=False),
        Column("type", String(50)),
        UniqueConstraint("name", "notebook_id", "type"),
    )
    Table("solution_cells", tables, key("base_cell.id"))
    for name in ("grade_cells", "task_cells"):
        points = Column("max_score", Float(), nullable=False)
        Table(name, tables, key("base_cell.id"), points, kind("grade_cell_type"))
    Table(
        "source_cell",
        tables,
        key(),
        Column("name", String(128), nullable=False),
        kind("source_cell_type"),
        Column("locked", Boolean, nullable=False),
        Column("source", Text()),
        Column("checksum", String(128)),
        Column("notebook_id", String(32), ForeignKey("notebook.id")),
        UniqueConstraint("name", "notebook_id"),
    )


def _submissions(tables: MetaData) -> None:
    """What students and graders bring."""
    from sqlalchemy import (
        Boolean,
        Column,
        DateTime,
        Float,
        ForeignKey,
        Interval,
        String,
        Table,
        Text,
        UniqueConstraint,
    )

    def link(name: str, references: str, length: int = 32) -> Column[str]:
        return Column(name, String(length), ForeignKey(references))

    names = ("first_name", "last_name", "email", "lms_user_id")
    student = Column("id", String(128), primary_key=True, nullable=False)
    Table("student", tables, student, *(Column(name, String(128)) for name in names))
    Table(
        "submitted_assignment",
        tables,
        Column("id", String(32), primary_key=True),
        link("assignment_id", "assignment.id"),
        link("student_id", "student.id", 128),
        Column("timestamp", DateTime()),
        Column("extension", Interval()),
        UniqueConstraint("assignment_id", "student_id"),
    )
    Table(
        "submitted_notebook",
        tables,
        Column("id", String(32), primary_key=True),
        link("assignment_id", "submitted_assignment.id"),
        link("notebook_id", "notebook.id"),
        Column("flagged", Boolean),
        Column("late_submission_penalty", Float(0)),
        UniqueConstraint("notebook_id", "assignment_id"),
    )
    for name, columns in {
        "grade": (
            Column("auto_score", Float()),
            Column("manual_score", Float()),
            Column("extra_credit", Float()),
            Column("needs_manual_grade", Boolean, nullable=False),
        ),
        "comment": (Column("auto_comment", Text()), Column("manual_comment", Text())),
    }.items():
        Table(
            name,
            tables,
            Column("id", String(32), primary_key=True),
            link("notebook_id", "submitted_notebook.id"),
            link("cell_id", "base_cell.id"),
            *columns,
            UniqueConstraint("cell_id", "notebook_id"),
        )
