"""What a person can ask for: each verb is a short function.

Rule: rooms are introduced to one another here, and values handed between them; nothing here looks into a cell.
"""

from __future__ import annotations

import contextlib
import fnmatch
import importlib
import os
import threading
from collections.abc import Callable, Iterator

from autograder.authoring import publish
from autograder.batch.local import Batch
from autograder.course import Course
from autograder.errors import GraderError, UsageError
from autograder.gradebook import fingerprint
from autograder.gradebook.history import Change
from autograder.gradebook.ledger import Ledger
from autograder.intake import folder
from autograder.pipeline import sources
from autograder.pipeline.attempts import Work
from autograder.pipeline.one import Graded
from autograder.pipeline.plan import plan, zygote
from autograder.pipeline.run import Done, Run, run_work
from autograder.pipeline.sources import masters
from autograder.pipeline.writing import marked
from autograder.reports import feedback as reporting
from autograder.sandbox.launch import Zygote


def release(course: Course, name: str) -> publish.Release:
    """source/NAME → release/NAME; raises MasterError and leaves the former release when anything is wrong."""
    found = masters(course, name)
    return publish.publish(found, course.source / name, course.release / name, sources.ignored(course, found))


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
    moved: Callable[[Change], None] = lambda change: None,
) -> Iterator[Graded]:
    """Grades the submissions that fit, and gives each as it is done; what is known from before is not run again."""
    jobs = jobs or os.cpu_count() or 1
    made = plan(course, name, jobs=jobs, level=level)
    names = folder.students(course.submitted, name, students)
    if not names:
        raise UsageError(
            f"No submission of {name} in {course.submitted} fits {students!r}.",
            mend=f"They lie at {course.submitted.name}/STUDENT/{name}/; --student takes a pattern such as 'a*'.",
        )
    for sentence in folder.strays(course.submitted, students):
        remark(sentence)
    began(len(names))
    with Ledger.open(course.ledger) as ledger, zygote(made) as warm:
        number, since = _begun(ledger, command, name, force)
        batch: Batch[Work, Done] = Batch(lambda work: run_work(made, warm, work), jobs, warm.close)
        run = Run(made, ledger, number, since, batch.run, _Warmer(warm), moved)
        yield from run.over(names)
        ledger.end_run(number)


def _begun(ledger: Ledger, command: str, name: str, force: bool) -> tuple[int, int]:
    """Number of the run, and the first run whose attempts are believed; a forced one that was stopped goes on."""
    number = ledger.unfinished(command, name) if force and command else None
    if number is None:
        number = ledger.begin_run(command, fingerprint.versions(), assignment=name)
    return number, number if force else 0


class _Warmer:
    """Starts what the first submissions will need, in the background, while the rest of the class is looked at."""

    def __init__(self, warm: Zygote) -> None:
        self._warm = warm
        self._called = False

    def __call__(self) -> None:
        if not self._called:
            self._called = True
            threading.Thread(target=self._start, name="warm", daemon=True).start()

    def _start(self) -> None:
        with contextlib.suppress(GraderError, OSError, ImportError):
            self._warm.start()
            importlib.import_module("sqlalchemy")  # for the gradebook at the end


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
