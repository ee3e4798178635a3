"""`grades.csv`: one row for each student and assignment, one column for each test.

Rule: a spreadsheet that opens the file shows text as text, and never computes a formula that a student wrote.
"""

from __future__ import annotations

import csv
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC
from pathlib import Path
from typing import IO

from autograder.errors import GraderError
from autograder.values import Grade

HEAD = (
    "assignment",
    "student",
    "status",
    "score",
    "max_score",
    "late_seconds",
    "late_penalty",
    "submitted_at",
    "reason",
    "jail",
)
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")

Cell = str | float | int


def write(path: Path, grades: Callable[[], Iterable[Grade]]) -> None:
    """Writes the file anew, all or nothing; raises GraderError.

    `grades` is called twice, first for the columns and then for the rows, so that no class has to be in memory.
    Columns of tests are named `notebook.test` and stand in the order in which they are first met.
    """
    tests = dict.fromkeys(column for grade in grades() for column in _points(grade))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
                _fill(file, tests, grades())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as e:
        mend = "Close the program that holds it open, and check the folder's rights and the disk."
        raise GraderError(f"{path} cannot be written ({e.strerror}).", mend=mend) from e


def _fill(file: IO[str], tests: Mapping[str, None], grades: Iterable[Grade]) -> None:
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow([plain(column) for column in (*HEAD, *tests)])
    writer.writerows(_row(grade, tests) for grade in grades)


def _row(grade: Grade, tests: Mapping[str, None]) -> Iterator[Cell]:
    points = _points(grade)
    when = grade.submitted_at
    yield plain(grade.assignment)
    yield plain(grade.student)
    yield grade.status.value
    yield round(grade.score, 4)
    yield round(grade.max_score, 4)
    yield grade.late_seconds
    yield round(grade.late_penalty, 4)
    yield f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if when is not None else ""
    yield plain(grade.reason)
    yield grade.jail
    for column in tests:
        earned = points.get(column)
        yield round(earned, 4) if earned is not None else ""


def _points(grade: Grade) -> dict[str, float | None]:
    """Column → points, None where nobody has given any yet."""
    return {f"{v.notebook}.{v.test}": v.points for v in grade.verdicts}


def plain(text: str) -> str:
    """Text on one line; an apostrophe goes before what a spreadsheet would take for a formula."""
    line = _CONTROL.sub(" ", text)
    return f"'{line}" if _FORMULA.match(text) or _FORMULA.match(line) else line
