"""What a person can ask for: each verb is a short function.

Rule: rooms are introduced to one another here, and values handed between them; nothing here looks into a cell.
"""

from __future__ import annotations

import contextlib
import fnmatch
import importlib
import os
import threading
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from autograder.authoring import publish
from autograder.authoring import release as releasing
from autograder.batch.local import Batch
from autograder.course import Course
from autograder.errors import AutograderError, UsageError
from autograder.gradebook import autograded, csvfile, fingerprint
from autograder.gradebook.ledger import Ledger
from autograder.gradebook.marks import with_marks
from autograder.gradebook.nbgrader import Book, Entry, read_manual
from autograder.grading import late
from autograder.intake import folder
from autograder.pipeline import one, sources
from autograder.pipeline.one import Graded
from autograder.pipeline.plan import Plan, plan, zygote
from autograder.pipeline.sources import masters
from autograder.reports import feedback as reporting
from autograder.values import Grade, Submission

Work = tuple[str, Submission | AutograderError, str]
"""A student, the submission or why there is none, the fingerprint."""


def release(course: Course, name: str) -> publish.Release:
    """source/NAME → release/NAME; raises MasterError and leaves the former release when anything is wrong."""
    return publish.publish(masters(course, name), course.source / name, course.release / name, course.ignore)


def autograde(
    course: Course,
    name: str,
    *,
    students: str = "*",
    jobs: int = 0,
    force: bool = False,
    level: int = 0,
    command: str = "",
    began: Callable[[int], None] = lambda total: None,
    remark: Callable[[str], None] = lambda sentence: None,
) -> Iterator[Graded]:
    """Grades the submissions that fit, and gives each as it is done; what is known from before is not run again."""
    jobs = jobs or os.cpu_count() or 1
    made = plan(course, name, jobs=jobs, level=level)
    names = [n for n in folder.students(course.submitted, name, students) if n not in course.exclude]
    if not names:
        raise UsageError(
            f"No submission of {name} in {course.submitted} fits {students!r}.",
            mend=f"They lie at {course.submitted.name}/STUDENT/{name}/; --student takes a pattern such as 'a*'.",
        )
    for sentence in folder.strays(course.submitted, students):
        remark(sentence)
    began(len(names))
    with Ledger.open(course.ledger) as ledger, zygote(made) as warm:
        threading.Thread(target=_load_gradebook, name="imports", daemon=True).start()
        run = ledger.begin_run(command, fingerprint.versions())
        known: list[Graded] = []
        batch: Batch[Work, Graded] = Batch(lambda item: one.grade(made, warm, *item), jobs, warm.close)
        work = _work(made, names, ledger, run, known, force)
        for _, graded in batch.run(work):
            ledger.record(run, graded.grade, graded.executed)
            _write_autograded(course, graded)
            yield from _drained(known)
            yield graded
        yield from _drained(known)


def _work(plan: Plan, names: list[str], ledger: Ledger, run: int, known: list[Graded], force: bool) -> Iterator[Work]:
    """(student, submission or why there is none, fingerprint) of all that must be run; the rest goes to `known`."""
    for student in names:
        handed, mark = one.handed_in(plan, student)
        grade = None if force else ledger.reuse(run, student, plan.assignment.name, mark)
        if grade is None:
            yield student, handed, mark
        else:
            known.append(Graded(grade, fresh=False))


def _load_gradebook() -> None:
    """Imports, while the first submissions run, what writing the gradebook at the end will need."""
    with contextlib.suppress(ImportError):
        importlib.import_module("sqlalchemy")


def _drained(known: list[Graded]) -> Iterator[Graded]:
    while known:
        yield known.pop(0)


def _write_autograded(course: Course, graded: Graded) -> None:
    if graded.executed:
        grade = graded.grade
        autograded.write(course.autograded, grade.student, grade.assignment, graded.executed, grade.submitted_at)


def marked(course: Course, name: str, grades: Iterable[Grade]) -> Iterator[Grade]:
    """The grades with the marks that people gave by hand, lateness reckoned anew."""
    marks = read_manual(course.gradebook, name) if course.gradebook else {}
    for grade in grades:
        full = with_marks(grade, marks)
        points = sum(v.points or 0.0 for v in full.verdicts)
        taken = late.penalty(points, full.max_score, full.late_seconds, course.late)
        yield replace(full, late_penalty=taken)


def enter(course: Course, name: str, fresh: Container[str]) -> tuple[str, ...]:
    """Ledger → nbgrader's gradebook; gives one sentence for each thing there that a person should know."""
    if not course.gradebook:
        return ()
    found = masters(course, name)
    released = {m.name: releasing.make(m) for m in found}
    due = course.assignment(name).due
    with Ledger.open(course.ledger) as ledger, Book.open(course.gradebook, course.name) as book:
        told = book.register(name, due, found, released)
        entries = (
            Entry(grade, ledger.executed(grade.student, name), fresh=grade.student in fresh)
            for grade in ledger.each(name)
        )
        book.write(name, entries)
    return told


def grades(course: Course) -> Iterator[Grade]:
    """The latest grade of every student in every assignment, marks given by hand included."""
    if not course.ledger.is_file():
        raise UsageError("Nothing has been graded yet.", mend="Run `autograder autograde ASSIGNMENT` first.")
    with Ledger.open(course.ledger) as ledger:
        for name in course.names():
            yield from marked(course, name, ledger.each(name))


def latest(course: Course, name: str) -> Iterator[Grade]:
    """The latest grade of every student in one assignment, marks given by hand included."""
    with Ledger.open(course.ledger) as ledger:
        yield from marked(course, name, ledger.each(name))


def feedback(course: Course, name: str, students: str = "*") -> int:
    """Ledger → feedback/<student>/<assignment>/<notebook>.html; gives the number of pages."""
    found, files = masters(course, name), sources.files(course, name)
    pages = 0
    with Ledger.open(course.ledger) as ledger:
        for grade in marked(course, name, ledger.each(name)):
            if fnmatch.fnmatchcase(grade.student, students):
                run = ledger.executed(grade.student, name)
                pages += len(reporting.write(course, grade, run, found, files))
    if not pages:
        raise UsageError(
            f"No graded submission of {name} fits {students!r}.", mend=f"Run `autograder autograde {name}` first."
        )
    return pages


def export_csv(course: Course) -> Path:
    """Ledger → grades.csv."""
    csvfile.write(course.grades, lambda: grades(course))
    return course.grades
