"""What is made from the ledger: nbgrader's gradebook and grades.csv.

Rule: what is there already is not written again, and what a killed run did not come to is made up for by the next.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.authoring import release as releasing
from autograder.course import Course
from autograder.errors import UsageError
from autograder.gradebook import csvfile, deadlines, fingerprint
from autograder.gradebook.ledger import Ledger
from autograder.gradebook.marks import with_marks
from autograder.gradebook.nbcount import number_in
from autograder.gradebook.nbgrader import Book, Entry, read_manual
from autograder.gradebook.reading import Short
from autograder.grading import late
from autograder.grading import plugin as plugins
from autograder.pipeline import sources
from autograder.pipeline.sources import masters
from autograder.values import Grade, Master


def enter(course: Course, name: str) -> tuple[str, ...]:
    """Ledger → nbgrader's gradebook; gives one sentence for each thing there that a person should know."""
    if not course.gradebook:
        return ()
    found = masters(course, name)
    with Ledger.open(course.ledger) as ledger:
        news = _news(course, ledger, name, found)
        if news is None:
            return ()
        released = {m.name: releasing.make(m) for m in found}
        with Book.open(course.gradebook, course.name) as book:
            told = book.register(name, sources.assignment(course, name).due, found, released)
            book.write(name, news.entries())
        ledger.note_written(news.target, news.state)
    return told


@dataclass(frozen=True, slots=True)
class _News:
    """What the gradebook does not hold yet."""

    ledger: Ledger
    assignment: str
    target: str
    state: str
    """To be noted when it does."""
    known: int
    """The last result that was written."""
    lost: bool
    """What was written is not there any more."""
    taken: Callable[[Grade], Mapping[str, float]]
    """What lateness takes off each notebook."""

    def entries(self) -> Iterator[Entry]:
        for row in self.ledger.results(self.assignment, 0 if self.lost else self.known):
            executed = self.ledger.executed_in(row.attempt)
            taken = {name: points for name, points in self.taken(row.grade).items() if name in executed}
            yield Entry(row.grade, executed, fresh=row.number > self.known, taken=taken)


def _news(course: Course, ledger: Ledger, name: str, found: Sequence[Master]) -> _News | None:
    """None when the gradebook says all that the ledger knows."""
    target = f"{course.gradebook} {name}"
    before: Mapping[str, Any] = json.loads(ledger.written(target) or "{}")
    newest, students = ledger.extent(name)
    lateness = deadlines.read(course.gradebook, name, sources.assignment(course, name).due)
    told = [course.name, str(lateness.due), lateness.told, repr(course.late), [m.raw for m in found]]
    masters = fingerprint.of_bytes(json.dumps(told, sort_keys=True).encode())
    lost = number_in(course.gradebook, name) < students
    if not lost and (before.get("result"), before.get("masters")) == (newest, masters):
        return None
    state = json.dumps({"result": newest, "masters": masters})
    lost = lost or before.get("masters") != masters  # a changed deadline changes every row
    return _News(ledger, name, target, state, before.get("result", 0), lost, _taken(course, name))


def _taken(course: Course, name: str) -> Callable[[Grade], Mapping[str, float]]:
    """What lateness takes off each notebook of a grade, hand-given marks included."""
    marks = read_manual(course.gradebook, name)
    deadline = deadlines.read(course.gradebook, name, sources.assignment(course, name).due)
    plugin = plugins.load(course.late.plugin, course.root) if course.late.method == "plugin" else None
    return lambda grade: late.shares(with_marks(grade, marks), deadline, course.late, plugin)


def marked(course: Course, name: str, grades: Iterator[Grade]) -> Iterator[Grade]:
    """The grades with the marks that people gave by hand, lateness reckoned anew."""
    marks = read_manual(course.gradebook, name) if course.gradebook else {}
    deadline = deadlines.read(course.gradebook, name, sources.assignment(course, name).due)
    plugin = plugins.load(course.late.plugin, course.root) if course.late.method == "plugin" else None
    for grade in grades:
        yield late.assessed(with_marks(grade, marks), deadline, course.late, plugin)


def grades(course: Course) -> Iterator[Grade]:
    """The grade that counts of every student in every assignment, marks given by hand included."""
    if not course.ledger.is_file():
        raise UsageError("Nothing has been graded yet.", mend="Run `autograder autograde ASSIGNMENT` first.")
    with Ledger.open(course.ledger) as ledger:
        for name in dict.fromkeys([*course.names(), *ledger.assignments()]):
            yield from marked(course, name, ledger.each(name))


def latest(course: Course, name: str, students: Sequence[str] | None = None) -> Iterator[Grade]:
    """The grade that counts of every student in one assignment, or of these, marks given by hand included."""
    if students is not None and not students:
        return
    with Ledger.open(course.ledger) as ledger:
        found = ledger.each(name) if students is None else iter(ledger.of(name, students))
        yield from marked(course, name, found)


def in_short(course: Course, name: str) -> Iterator[Short | Grade]:
    """What `latest` gives, for those who only count: verdicts are read where the sum may be another by now."""
    marked_by_hand = {student for student, _, _ in read_manual(course.gradebook, name)} if course.gradebook else set()
    deadline = deadlines.read(course.gradebook, name, sources.assignment(course, name).due)

    def stands(one: Short) -> bool:
        taken = one.late_penalty or not late.costs_nothing(one.submitted_at, deadline.of(one.student), course.late)
        return not taken and one.student not in marked_by_hand

    with Ledger.open(course.ledger) as ledger:
        for page in ledger.shorts(name):
            others = {g.student: g for g in latest(course, name, [o.student for o in page if not stands(o)])}
            yield from (others.get(one.student, one) for one in page)


def export_csv(course: Course) -> Path:
    """Ledger → grades.csv."""
    csvfile.write(course.grades, lambda: grades(course))
    with Ledger.open(course.ledger) as ledger:
        ledger.note_written(str(course.grades), _csv_state(course, ledger))
    return course.grades


def refresh_csv(course: Course) -> None:
    """As `export_csv`, unless grades.csv already says what the ledger and the gradebook do."""
    with Ledger.open(course.ledger) as ledger:
        same = ledger.written(str(course.grades)) == _csv_state(course, ledger)
    if not same:
        export_csv(course)


def _csv_state(course: Course, ledger: Ledger) -> str:
    """All that grades.csv depends on, and the file as it lies there; never twice the same for a distant database."""
    scheme, _, path = course.gradebook.partition("sqlite:///")
    book: object = _stamp(Path(path)) if not scheme else datetime.now(UTC).isoformat()
    told = [ledger.extent()[0], course.names(), repr(course.late), book, _stamp(course.grades)]
    return json.dumps(told)


def _stamp(path: Path) -> list[int]:
    try:
        found = path.stat()
    except OSError:
        return []
    return [found.st_ino, found.st_size, found.st_mtime_ns]
