"""What a person can ask for: each verb is a short function.

Rule: rooms are introduced to one another here, and values handed between them; nothing here looks into a cell.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator

from autograder.authoring import publish
from autograder.course import Course
from autograder.errors import AutograderError, GraderError, UsageError
from autograder.gradebook import history
from autograder.gradebook.history import Change
from autograder.gradebook.ledger import Ledger
from autograder.pipeline import sources
from autograder.pipeline.sources import masters
from autograder.pipeline.writing import marked
from autograder.reports import feedback as reporting


def release(course: Course, name: str) -> publish.Release:
    """source/NAME → release/NAME; raises MasterError and leaves the former release when anything is wrong."""
    found = masters(course, name)
    return publish.publish(found, course.source / name, course.release / name, sources.ignored(course, found))


def feedback(course: Course, name: str, students: str = "*") -> int:
    """Ledger → feedback/<student>/<assignment>/<notebook>.html; gives the number of pages."""
    found, files = masters(course, name), sources.files(course, name)
    pages, faults = 0, []
    with Ledger.open(course.ledger) as ledger:
        for grade in marked(course, name, ledger.each(name)):
            if fnmatch.fnmatchcase(grade.student, students):
                run = ledger.executed(grade.student, name)
                try:
                    pages += len(reporting.write(course, grade, run, found, files))
                except AutograderError:
                    raise
                except Exception as e:  # what one student wrote must not keep the class from its pages
                    faults.append(f"{grade.student} ({type(e).__name__}: {e})")
    if faults:
        who = ", ".join(faults[:5])
        told = f"{pages} pages were written; those of {len(faults)} students could not be: {who}."
        raise GraderError(told, mend="Please report this with those students' notebooks.")
    if not pages:
        raise UsageError(
            f"No graded submission of {name} fits {students!r}.", mend=f"Run `autograder autograde {name}` first."
        )
    return pages


def diff(
    course: Course, name: str, before: int | None = None, after: int | None = None
) -> tuple[history.Run, history.Run, Iterator[Change]]:
    """Two runs, by default the last and the last complete one before it, and what moved from one to the other."""
    sources.assignment(course, name)
    if not course.ledger.is_file():
        raise UsageError("Nothing has been graded yet.", mend=f"Run `autograder autograde {name}` first.")
    with Ledger.open(course.ledger) as ledger:
        first, second = history.pair(history.runs(ledger, name), before, after)
    return first, second, _changes(course, name, first.number, second.number)


def _changes(course: Course, name: str, before: int, after: int) -> Iterator[Change]:
    with Ledger.open(course.ledger) as ledger:
        yield from history.changes(ledger, name, before, after)
