"""To nbgrader's exchange: releases and pages, which students fetch with nbgrader's own commands.

Rule: what goes out is what lies in `release/` and `feedback/`; nothing is made here.
"""

from __future__ import annotations

import fnmatch
from pathlib import Path

from autograder.course import Course
from autograder.errors import StudentError
from autograder.intake import placing
from autograder.intake.opening import inside, regular
from autograder.intake.unpacking import SECRET
from autograder.reports import outbox


def release(course: Course, name: str) -> Path:
    """release/NAME → the exchange's outbound folder; gives that. Raises UsageError or GraderError."""
    return outbox.release(course.exchange, course.name, name, course.release / name)


def feedback(course: Course, name: str, students: str = "*") -> tuple[int, list[str]]:
    """feedback/ → the exchange's; gives the number of pages, and those students who have no secret there.

    The page is the same for each of a student's attempts: it says which of them counts.
    """
    count, without = 0, []
    for folder in sorted(course.feedback.glob(f"*/{name}")):
        student = folder.parent.name
        if not fnmatch.fnmatchcase(student, students):
            continue
        pages = sorted(folder.glob("*.html"))
        told = outbox.feedback(course.exchange, course.name, pages, _secrets(course, student, name))
        count += told
        if not told:
            without.append(student)
    return count, without


def _secrets(course: Course, student: str, name: str) -> list[str]:
    """Of all attempts that came from the exchange."""
    folders = [course.submitted / student / name, *placing.former(course.submitted, student, name)]
    found = []
    for folder in folders:
        parts = folder.relative_to(course.submitted).parts
        try:
            with inside(course.submitted, parts) as at, regular(at, SECRET, folder / SECRET) as file:
                found.append(file.read(1000).decode("ascii"))
        except (StudentError, OSError, UnicodeDecodeError):
            continue
    return list(dict.fromkeys(found))
