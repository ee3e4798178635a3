"""The only file that knows every room; each verb is a short function.

Rule: this file introduces rooms to one another and hands values between them; it looks into no cell.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from autograder import data, notebook
from autograder.authoring import parts, publish
from autograder.authoring import release as releasing
from autograder.batch.local import Batch
from autograder.course import Assignment, Course
from autograder.errors import GraderError, StudentError, Ungradable, UsageError
from autograder.exam import paper as papers
from autograder.exam import syllabus
from autograder.exam.executed import executed
from autograder.exam.invigilator import Invigilator, Terms
from autograder.gradebook import autograded, csvfile, fingerprint
from autograder.gradebook.ledger import Ledger
from autograder.gradebook.marks import with_marks
from autograder.gradebook.nbgrader import Book, Entry, read_manual
from autograder.grading import late
from autograder.grading.verdicts import judge
from autograder.intake import folder
from autograder.intake.match import match
from autograder.sandbox import levels
from autograder.sandbox.hall import CANDIDATE, EXAMINER, Room, zygote_environment
from autograder.sandbox.launch import Zygote
from autograder.sandbox.mounts import libraries
from autograder.values import JSON, Grade, Master, Outcome, Status, Submission, Verdict


@dataclass(frozen=True, slots=True)
class Plan:
    """All that the submissions of one assignment share."""

    course: Course
    assignment: Assignment
    masters: tuple[Master, ...]
    lessons: Mapping[str, Mapping[str, syllabus.Lesson]]
    """Notebook → test → what it must know of names."""
    released: Mapping[str, JSON]
    """Notebook → the student version."""
    files: Mapping[str, Path]
    """The course's own files, which go beside every submission."""
    homes: data.Homes
    level: int
    """Level of the jail."""
    read_only: tuple[str, ...]
    """Paths that a candidate may read."""
    terms: str
    """Fingerprint of all this."""
    threads: int = 1
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Graded:
    """A grade as the run left it, and the executed notebooks that go with it."""

    grade: Grade
    executed: Mapping[str, bytes] = field(default_factory=dict)
    fresh: bool = True
    """Run just now, and not known from an earlier run."""


Work = tuple[str, Submission | Ungradable, str]
"""A student, the submission or why there is none, the fingerprint."""


def masters(course: Course, name: str) -> tuple[Master, ...]:
    """The assignment's masters, by name; raises UsageError when there is none, MasterError when one is unsound."""
    found = sorted((course.source / course.assignment(name).name).glob("*.ipynb"))
    if not found:
        raise UsageError(f"{course.source / name} holds no notebook.", mend="Put the instructor's notebook there.")
    return tuple(notebook.read_master(path, name) for path in found)


def release(course: Course, name: str) -> publish.Release:
    """source/NAME → release/NAME; raises MasterError and leaves the former release when anything is wrong."""
    return publish.publish(masters(course, name), course.source / name, course.release / name)


def jail_level(course: Course, *, weak: bool = False) -> int:
    """The level of the jail that this machine can hold, tried out; UsageError when the course asks for more."""
    found = levels.probe().level
    if found < course.jail_level and not weak:
        raise UsageError(
            f"This machine can confine student code to level {found}; the course asks for {course.jail_level}.",
            mend="`autograder doctor` says what is missing; --allow-weak-jail grades all the same, and says so.",
        )
    return found


def plan(course: Course, name: str, *, jobs: int, level: int, seed: int = 0) -> Plan:
    """Reads an assignment once for all its submissions."""
    assignment, found = course.assignment(name), masters(course, name)
    files = parts.helpers(course.source / name)
    sets = data.mentioned(cell.source for master in found for cell in master.cells)
    homes = data.prepare(course.data_dir, sets, _cache())
    settings: dict[str, object] = {"limits": asdict(assignment.limits), "scoring": course.scoring, "due": assignment.due}
    settings |= {"late": asdict(course.late), "level": level, "seed": seed, "stand_ins": homes.stand_ins}
    return Plan(
        course=course,
        assignment=assignment,
        masters=found,
        lessons={m.name: syllabus.lessons(m) for m in found},
        released={m.name: releasing.make(m) for m in found},
        files=files,
        homes=homes,
        level=level,
        read_only=libraries(str(Path(__file__).parent), str(homes.candidate)),
        terms=fingerprint.of_terms([m.raw for m in found], fingerprint.of_files(files), settings),
        threads=max(1, (os.cpu_count() or 1) // jobs),
        seed=seed,
    )


def zygote(plan: Plan) -> Zygote:
    """The warm parent for the assignment: it has imported what the masters import."""
    return Zygote(
        preload=syllabus.imports(plan.masters),
        entries=[CANDIDATE, EXAMINER],
        environment=zygote_environment(threads=plan.threads, keras_home=plan.homes.candidate),
    )


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
) -> Iterator[Graded]:
    """Grades the submissions that fit, and gives each as it is done; what is known from before is not run again."""
    jobs = jobs or os.cpu_count() or 1
    made = plan(course, name, jobs=jobs, level=level)
    names = folder.students(course.submitted, name, students)
    began(len(names))
    with Ledger.open(course.ledger) as ledger, zygote(made) as warm:
        run = ledger.begin_run(command, fingerprint.versions())
        known: list[Graded] = []
        batch: Batch[Work, Graded] = Batch(lambda item: _grade(made, warm, *item), jobs, warm.close)
        work = _work(made, names, ledger, run, known, force)
        for _, graded in batch.run(work):
            ledger.record(run, graded.grade, graded.executed)
            _write_autograded(course, graded)
            yield from _drained(known)
            yield graded
        yield from _drained(known)


def _work(
    plan: Plan, names: list[str], ledger: Ledger, run: int, known: list[Graded], force: bool
) -> Iterator[Work]:
    """(student, submission or why there is none, fingerprint) of all that must be run; the rest goes to `known`."""
    for student in names:
        handed, mark = _handed(plan, student)
        grade = None if force else ledger.reuse(run, student, plan.assignment.name, mark)
        if grade is None:
            yield student, handed, mark
        else:
            known.append(Graded(grade, fresh=False))


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


def export_csv(course: Course) -> Path:
    """Ledger → grades.csv."""
    csvfile.write(course.grades, lambda: grades(course))
    return course.grades


def _drained(known: list[Graded]) -> Iterator[Graded]:
    while known:
        yield known.pop(0)


def _handed(plan: Plan, student: str) -> tuple[Submission | Ungradable, str]:
    """A submission and its fingerprint; that of an unreadable one is of the reason."""
    name = plan.assignment.name
    try:
        handed = folder.read(plan.course.submitted, student, name, largest=plan.assignment.limits.file)
        files = fingerprint.of_files(handed.files)
    except Ungradable as why:
        return why, fingerprint.of_submission(plan.terms, {"": str(why).encode()}, {}, None)
    return handed, fingerprint.of_submission(plan.terms, handed.notebooks, files, handed.submitted_at)


def _grade(plan: Plan, warm: Zygote, student: str, handed: Submission | Ungradable, mark: str) -> Graded:
    """One submission, from bytes to grade; a fault of ours leaves it to a person, and is never raised."""
    began = time.monotonic()
    try:
        if isinstance(handed, Ungradable):
            raise handed
        graded = _examine(plan, warm, handed)
    except StudentError as why:
        graded = Graded(_without(plan, student, Status.UNGRADABLE, str(why)))
    except GraderError as why:
        graded = Graded(_without(plan, student, Status.NEEDS_PERSON, str(why)))
    grade = replace(graded.grade, fingerprint=mark, jail=plan.level, seconds=time.monotonic() - began)
    return replace(graded, grade=grade)


def _examine(plan: Plan, warm: Zygote, handed: Submission) -> Graded:
    """All notebooks of a submission, one after the other."""
    found, notes = _notebooks(plan, handed)
    verdicts: list[Verdict] = []
    run: dict[str, bytes] = {}
    seconds = 0.0
    for master in plan.masters:
        if master.name not in found:
            verdicts += papers.absent(master)
            continue
        released = parts.sources(plan.released[master.name])
        paper = papers.merge(master, found[master.name], released)
        sitting = _invigilator(plan, warm, handed).examine(paper, plan.lessons[master.name])
        verdicts += judge(paper, sitting.findings, plan.course.scoring)
        run[master.name] = executed(paper, sitting.records)
        notes += [f"{master.name}: {note}" for note in paper.notes]
        seconds += sitting.cell_seconds
    return Graded(_finished(plan, handed, verdicts, notes, seconds), run)


def _notebooks(plan: Plan, handed: Submission) -> tuple[dict[str, JSON], list[str]]:
    """Master's name → what was handed in for it; raises Ungradable when nothing can be read."""
    read: dict[str, JSON] = {}
    faults: list[Ungradable] = []
    for name, content in sorted(handed.notebooks.items()):
        try:
            read[name] = notebook.loads(content, f"{name}.ipynb")
        except Ungradable as why:
            faults.append(why)
    found, notes = match(plan.masters, read)
    if not found:
        raise faults[0] if faults else Ungradable(
            f"{handed.folder} holds no notebook of the assignment {plan.assignment.name}.",
            mend="Hand in the notebook that was released.",
        )
    return found, [*handed.notes, *map(str, faults), *notes]


def _invigilator(plan: Plan, warm: Zygote, handed: Submission) -> Invigilator:
    limits = plan.assignment.limits
    home = {"KERAS_HOME": str(plan.homes.candidate)}
    room = Room(
        zygote=warm,
        level=plan.level,
        read_only=plan.read_only,
        files={**handed.files, **plan.files},
        memory=limits.memory,
        output=limits.output,
        file=limits.file,
        seconds=limits.submission_seconds,
        environment=home,
        examiner_environment={"KERAS_HOME": str(plan.homes.examiner)},
        seed=plan.seed,
    )
    source = str(plan.course.source / plan.assignment.name)
    return Invigilator(room, Terms(limits.cell_seconds, limits.submission_seconds, (source,), plan.seed))


def _finished(
    plan: Plan, handed: Submission, verdicts: list[Verdict], notes: list[str], seconds: float
) -> Grade:
    unscored = [v for v in verdicts if v.outcome is Outcome.UNSCORED]
    over = late.seconds_late(handed.submitted_at, plan.assignment.due)
    points = sum(v.points or 0.0 for v in verdicts)
    return Grade(
        student=handed.student,
        assignment=plan.assignment.name,
        status=Status.NEEDS_PERSON if unscored else Status.GRADED,
        verdicts=tuple(verdicts),
        reason=f"{unscored[0].test}: {unscored[0].reason}" if unscored else "",
        late_seconds=over,
        late_penalty=late.penalty(points, sum(v.max_points for v in verdicts), over, plan.course.late),
        cell_seconds=seconds,
        notes=tuple(notes),
        submitted_at=handed.submitted_at,
    )


def _without(plan: Plan, student: str, status: Status, reason: str) -> Grade:
    """The grade of a submission that was not run: zero if it is at fault, unscored if we are."""
    ours = status is Status.NEEDS_PERSON
    verdicts = tuple(
        replace(v, outcome=Outcome.UNSCORED if ours else v.outcome, points=None if ours else v.points, reason=reason)
        for master in plan.masters
        for v in papers.absent(master)
    )
    return Grade(student, plan.assignment.name, status, verdicts, reason)


def _write_autograded(course: Course, graded: Graded) -> None:
    if graded.executed:
        grade = graded.grade
        autograded.write(course.autograded, grade.student, grade.assignment, graded.executed, grade.submitted_at)


def _cache() -> Path:
    import platformdirs

    path = Path(platformdirs.user_cache_dir("autograder")) / "data"
    path.mkdir(parents=True, exist_ok=True)
    return path

