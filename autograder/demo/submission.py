"""A student's value becomes the files that are handed in.

Rule: it works on the released notebook as a student does in Jupyter: texts change, cells come and go, settings stay.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder import notebook
from autograder.demo.student import Student
from autograder.errors import MasterError
from autograder.values import JSON, Master, Role

COURSE = "@COURSE@"
EARLY = timedelta(days=1)


def hand_in(
    student: Student,
    master: Master,
    release: Path,
    submitted: Path,
    due: datetime,
    models: Mapping[str, bytes] | None = None,
) -> Path:
    """Writes `submitted/<student>/<assignment>` and gives that folder.

    `release` is the assignment's released folder, `models` the content of each kind of model file.
    """
    folder = submitted / student.name / student.assignment
    folder.mkdir(parents=True)
    (folder / f"{master.name}.ipynb").write_bytes(content(student, master, release, str(submitted.parent)))
    for name, text in student.beside.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name, kind in student.models.items():
        (folder / name).write_bytes((models or {})[kind])
    when = due + (student.late or -EARLY)
    stamp = f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC\n"
    (folder / "timestamp.txt").write_text(stamp, encoding="ascii")
    return folder


def content(student: Student, master: Master, release: Path, course: str) -> bytes:
    """The bytes of the notebook file; raises MasterError when it names a cell that the master does not have."""
    if student.file is not None:
        return student.file
    released: JSON = json.loads((release / f"{master.name}.ipynb").read_text(encoding="utf-8"))
    out = {**released, "cells": [c for cell in released["cells"] for c in _cells(student, master, cell, course)]}
    _check(student, master)
    data = notebook.dumps(out).encode()
    return data[: len(data) * 3 // 5] if student.torn else data


def _cells(student: Student, master: Master, cell: JSON, course: str) -> list[JSON]:
    """What becomes of one released cell."""
    name = notebook.grade_id_of(cell)
    if not name or name in student.drops:
        return [] if name else [cell]
    out = []
    if name in student.before:
        out.append(_own_cell(f"own-{name}", _placed(student.before[name], course)))
    if name in student.copies:
        out.append({**copy.deepcopy(cell), "id": f"copy-{name}"[:64], "source": student.copies[name]})
    if name in student.writes:
        cell = {**cell, "source": _placed(student.writes[name], course)}
    elif name in student.solves and name in solutions(master):
        cell = {**cell, "source": solutions(master)[name]}
    return [*out, cell]


def _own_cell(name: str, source: str) -> JSON:
    cell: JSON = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    return {**cell, "id": name[:64], "source": source}


def _placed(text: str, course: str) -> str:
    return text.replace(COURSE, course)


def solutions(master: Master) -> dict[str, str]:
    """Answer → the master's own solution, as a student would have written it."""
    answers = (c for c in master.cells if c.role in (Role.SOLUTION, Role.MANUAL))
    return {c.grade_id: _without_marks(c.source) for c in answers}


def _without_marks(source: str) -> str:
    """The text without the lines that mark the solution, and without marking schemes."""
    kept, scheme = [], False
    for line in source.split("\n"):
        scheme = scheme or notebook.MARK_BEGIN in line
        if not scheme and notebook.SOLUTION_BEGIN not in line and notebook.SOLUTION_END not in line:
            kept.append(line)
        scheme = scheme and notebook.MARK_END not in line
    return "\n".join(kept).strip("\n")


def _check(student: Student, master: Master) -> None:
    known = {c.grade_id for c in master.cells}
    named = {*student.solves, *student.writes, *student.before, *student.copies, *student.drops}
    named |= {*student.expected.earns, *student.expected.loses, *student.expected.partly}
    if unknown := sorted(named - known):
        mend = "Bring autograder/demo in line with source/."
        raise MasterError(f"{master.path} has no cell {unknown[0]!r}, which {student.name} works on.", mend=mend)
