"""The students' side of nbgrader's gradebook: submissions, grades and comments.

Rule: `manual_score`, `extra_credit`, `manual_comment`, `flagged` and `extension` belong to people and are
never written; a query is made for a table and a batch, never for a cell.

Rows are those that nbgrader's `Autograde`, `SaveAutoGrades` and `AssignLatePenalties` leave.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from autograder.gradebook.nbcells import GRADE, SOLUTION, Row, naive, new_id
from autograder.notebook import nbgrader_of, source_of
from autograder.values import Grade, Outcome, Verdict

if TYPE_CHECKING:
    from sqlalchemy import Connection, MetaData, Table

NO_RESPONSE = "No response."


@dataclass(frozen=True, slots=True)
class Entry:
    """One submission to be written."""

    grade: Grade
    """As the run left it: marks given by hand are nbgrader's already and need not be in it."""
    executed: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Notebook id → executed notebook; tells which answers were left as released. May be empty."""
    fresh: bool = True
    """Run again since it was last written: a hand-given mark then wants another look, as in nbgrader."""
    taken: Mapping[str, float] | None = None
    """Notebook → points that lateness takes off; None: the grade's, shared out by what each notebook earned."""


@dataclass(frozen=True, slots=True)
class Key:
    """A notebook of an assignment, with the keys of its cells."""

    id: str
    graded: Mapping[str, str]
    """grade_id → key, of cells whose points a test or a person gives (tasks are not among them)."""
    tasks: Mapping[str, str]
    answers: Mapping[str, str]
    """grade_id → key, of cells that a student writes."""
    released: Mapping[str, str]
    """grade_id → text as released, of `answers`."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of `grade` or `comment` as it should read."""

    cell: str
    book: str
    """Key of the submitted notebook."""
    told: Row
    """Columns to write."""
    only_new: bool = False
    """A row that is there already is left alone."""
    unless_marked: bool = False
    """A row with a person's mark is left alone."""
    fresh: bool = False


def load_keys(db: Connection, tables: MetaData, assignment: str) -> tuple[str, dict[str, Key]]:
    """Keys of an assignment and, by name, of its notebooks: all that stays in memory for a class."""
    row = db.execute(tables.tables["assignment"].select().filter_by(name=assignment)).one()
    books = db.execute(tables.tables["notebook"].select().filter_by(assignment_id=row.id))
    return row.id, {book.name: _key(db, tables, book.id) for book in books}


def _key(db: Connection, tables: MetaData, notebook: str) -> Key:
    cells: dict[str, dict[str, str]] = {}
    for row in db.execute(tables.tables["base_cell"].select().filter_by(notebook_id=notebook)):
        cells.setdefault(row.type, {})[row.name] = row.id
    answers = cells.get(SOLUTION, {})
    sources = db.execute(tables.tables["source_cell"].select().filter_by(notebook_id=notebook))
    released = {row.name: row.source for row in sources if row.name in answers}
    return Key(notebook, cells.get(GRADE, {}), cells.get("TaskCell", {}), answers, released)


def write(db: Connection, tables: MetaData, assignment: str, keys: Mapping[str, Key], batch: Sequence[Entry]) -> None:
    """Writes a batch of submissions of one assignment."""
    _students(db, tables.tables["student"], [e.grade.student for e in batch])
    submitted = _submissions(db, tables.tables["submitted_assignment"], assignment, batch)
    books = _notebooks(db, tables.tables["submitted_notebook"], submitted, keys, batch)
    entries = {e.grade.student: e for e in batch}
    places = [(entries[student], keys[name], name, book) for (student, name), book in books.items()]
    _lines(db, tables.tables["grade"], books, chain.from_iterable(_grades(*p) for p in places))
    _lines(db, tables.tables["comment"], books, chain.from_iterable(_comments(*p) for p in places))


def _students(db: Connection, table: Table, names: list[str]) -> None:
    known = {row.id for row in db.execute(table.select().where(table.c.id.in_(names)))}
    _insert(db, table, [{"id": name} for name in dict.fromkeys(names) if name not in known])


def _submissions(db: Connection, table: Table, assignment: str, batch: Sequence[Entry]) -> dict[str, str]:
    """Student → key of the submission."""
    wanted = {e.grade.student: {"timestamp": naive(e.grade.submitted_at)} for e in batch}
    chosen = (table.c.assignment_id == assignment) & table.c.student_id.in_(list(wanted))
    known = {row.student_id: row.id for row in db.execute(table.select().where(chosen))}
    _update(db, table, [{"key": known[s], **told} for s, told in wanted.items() if s in known])
    new = {student: new_id() for student in wanted if student not in known}
    same = {"assignment_id": assignment}
    _insert(db, table, [{"id": new[s], "student_id": s, **same, **wanted[s]} for s in new])
    return known | new


def _notebooks(
    db: Connection,
    table: Table,
    submitted: Mapping[str, str],
    keys: Mapping[str, Key],
    batch: Sequence[Entry],
) -> dict[tuple[str, str], str]:
    """(student, notebook's name) → key of the submitted notebook."""
    found = db.execute(table.select().where(table.c.assignment_id.in_(list(submitted.values()))))
    known = {(row.assignment_id, row.notebook_id): row.id for row in found}
    out: dict[tuple[str, str], str] = {}
    new: list[Row] = []
    old: list[Row] = []
    for entry in batch:
        student = entry.grade.student
        penalties = _penalties(entry.grade) if entry.taken is None else entry.taken
        for name, key in keys.items():
            place = (submitted[student], key.id)
            late = {"late_submission_penalty": penalties.get(name)}
            if place in known:
                old.append({"key": known[place], **late})
            else:
                new.append(
                    {
                        "id": new_id(),
                        "assignment_id": place[0],
                        "notebook_id": key.id,
                        "flagged": False,
                        **late,
                    }
                )
            out[student, name] = known[place] if place in known else new[-1]["id"]
    _update(db, table, old)
    _insert(db, table, new)
    return out


def _penalties(grade: Grade) -> dict[str, float]:
    """The penalty shared out by what each notebook earned: nbgrader keeps one for each, and adds them up."""
    earned: dict[str, float] = {}
    for verdict in grade.verdicts:
        earned[verdict.notebook] = earned.get(verdict.notebook, 0.0) + (verdict.points or 0.0)
    whole = sum(earned.values())
    if grade.late_penalty <= 0 or whole <= 0:
        return {}
    return {name: grade.late_penalty * part / whole for name, part in earned.items()}


def _grades(entry: Entry, key: Key, name: str, book: str) -> Iterator[Line]:
    verdicts = {v.test: v for v in entry.grade.verdicts if v.notebook == name}
    for test, cell in key.graded.items():
        verdict = verdicts.get(test)
        auto = _auto(verdict)
        by_hand = verdict is not None and verdict.outcome is Outcome.BY_HAND and verdict.points is not None
        told = {"auto_score": auto, "needs_manual_grade": auto is None}
        yield Line(cell, book, told, only_new=by_hand, fresh=entry.fresh)
    for task, cell in key.tasks.items():
        verdict = verdicts.get(task)
        absent = verdict is not None and verdict.outcome is Outcome.FAILED  # its notebook was not handed in
        told = {"auto_score": 0.0 if absent else None, "needs_manual_grade": not absent}
        yield Line(cell, book, told, unless_marked=True)


def _auto(verdict: Verdict | None) -> float | None:
    """The autograder's own points; None where a person must look."""
    if verdict is None or verdict.outcome in (Outcome.UNSCORED, Outcome.BY_HAND):
        return None
    return verdict.points


def _comments(entry: Entry, key: Key, name: str, book: str) -> Iterator[Line]:
    executed = entry.executed.get(name)
    left = _left(executed, key) if executed is not None else set()
    # One that was put back has the released text, and its answer may stand elsewhere.
    left -= {v.test for v in entry.grade.verdicts if v.notebook == name and v.outcome is Outcome.BY_HAND}
    for answer, cell in key.answers.items():
        told = {"auto_comment": NO_RESPONSE if answer in left else None}
        yield Line(cell, book, told, only_new=executed is None)
    for cell in key.tasks.values():
        yield Line(cell, book, {"auto_comment": None}, only_new=True)


def _left(executed: bytes, key: Key) -> set[str]:
    """Answers whose text is still the released one."""
    cells = json.loads(executed)["cells"]
    texts = {nbgrader_of(cell).get("grade_id", ""): source_of(cell) for cell in cells}
    return {name for name, text in key.released.items() if texts.get(name) == text}


def _lines(db: Connection, table: Table, books: Mapping[Any, str], lines: Iterable[Line]) -> None:
    """Inserts or updates rows of `grade` or `comment`, which belong to a cell and a submitted notebook."""
    marked = "manual_score" in table.c
    columns = [table.c.id, table.c.cell_id, table.c.notebook_id, *([table.c.manual_score] if marked else [])]
    chosen = table.c.notebook_id.in_(list(books.values()))
    known = {
        (r.cell_id, r.notebook_id): r for r in db.execute(table.select().with_only_columns(*columns).where(chosen))
    }
    new: list[Row] = []
    plain: list[Row] = []
    looked_at: list[Row] = []  # a person's mark stands: only the autograder's own points change
    for line in lines:
        there = known.get((line.cell, line.book))
        if there is None:
            new.append({"id": new_id(), "cell_id": line.cell, "notebook_id": line.book, **line.told})
        elif line.only_new or (line.unless_marked and there.manual_score is not None):
            continue
        elif not marked or there.manual_score is None:
            plain.append({"key": there.id, **line.told})
        elif line.fresh:
            plain.append({"key": there.id, **line.told, "needs_manual_grade": True})
        else:
            looked_at.append({"key": there.id, "auto_score": line.told["auto_score"]})
    _insert(db, table, new)
    _update(db, table, plain)
    _update(db, table, looked_at)


def _insert(db: Connection, table: Table, rows: list[Row]) -> None:
    if rows:
        db.execute(table.insert(), rows)


def _update(db: Connection, table: Table, rows: list[Row]) -> None:
    """Updates by `key`; all rows must name the same columns."""
    from sqlalchemy import bindparam

    if rows:
        db.execute(table.update().where(table.c.id == bindparam("key")), rows)
