"""A whole class, made from the masters and graded: the good, the wrong and the wicked.

Rule: the demo checks itself. Every student's fate is declared beside the deed; the demo succeeds when all are met.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.demo.clumsy import CLUMSY
from autograder.demo.forgers import FORGERS
from autograder.demo.honest import HONEST
from autograder.demo.student import Student
from autograder.demo.trainers import TRAINERS

if TYPE_CHECKING:
    from rich.console import Console

    from autograder.course import Course
    from autograder.demo.fates import Met
    from autograder.values import Grade

CLASS: tuple[Student, ...] = (*HONEST, *CLUMSY, *FORGERS, *TRAINERS)
ORDER = ("convolution", "gates", "lenet")


def run(folder: Path, *, jobs: int = 0) -> int:
    """Makes the course in `folder`, grades the class and tells each student's fate; 0 when all are as expected.

    Raises UsageError for a folder that the demo may not use, and where there are no masters.
    """
    from autograder.reports.progress import Progress

    began = time.monotonic()
    console = Progress("demo").console
    course = make(folder, console)
    level = _level(course, console)
    graded = {name: _grade(course, name, jobs, level) for name in ORDER}
    met = _meet(course, graded)
    _show(course, met, console)
    astray = sum(bool(m.departures) for m in met)
    told = f"{astray} NOT as expected" if astray else "all as expected"
    console.print(f"\n{len(met)} students in {time.monotonic() - began:.0f} s, {told}.")
    return int(astray > 0)


def make(folder: Path, console: Console | None = None) -> Course:
    """A course with masters, releases and a class's submissions, nothing graded yet."""
    from autograder import course, pipeline
    from autograder.demo import place, submission

    names = tuple(dict.fromkeys(s.assignment for s in CLASS))
    place.clear(folder)
    place.begin(folder, (s.name for s in CLASS), names)
    made = course.load(folder)
    for name in names:
        cut = pipeline.release(made, name)
        due, (master,) = made.assignment(name).due, pipeline.masters(made, name)
        assert due is not None
        students = [s for s in CLASS if s.assignment == name]
        models = _models(made, name, students)
        for student in students:
            submission.hand_in(student, master, made.release / name, made.submitted, due, models)
        if console is not None:
            told = f"{cut.solutions} solutions and {cut.hidden_tests} hidden tests out"
            console.print(f"{name}: released, {told}; {len(students)} students")
    if console is not None:
        console.print(f"lenet is about {_digits(made)}", soft_wrap=True)
    return made


def _models(course: Course, name: str, students: list[Student]) -> dict[str, bytes]:
    """The content of each kind of model file that these students hand in."""
    from autograder.demo import files

    kinds = tuple(dict.fromkeys(kind for s in students for kind in s.models.values()))
    return files.make(kinds, course.source / name / f"{name}.keras", course.data_dir) if kinds else {}


def _digits(course: Course) -> str:
    folder = course.data_dir
    if folder is not None and (folder / "mnist.npz").is_file():
        return f"MNIST, from {folder}"
    return "scikit-learn's digits: AUTOGRADER_DATA names no folder with mnist.npz"


def _level(course: Course, console: Console) -> int:
    from autograder import pipeline

    level = pipeline.jail_level(course, weak=True)
    weak = "" if level >= course.jail_level else ": too low for marks; `autograder doctor` says what is missing"
    console.print(f"student code is confined at level {level} of 4{weak}")
    return level


def _grade(course: Course, name: str, jobs: int, level: int) -> dict[str, Grade]:
    """All submissions of one assignment, by student."""
    from autograder import pipeline
    from autograder.reports.progress import Progress

    pipeline.enter(course, name)  # so that there is a gradebook to be attacked
    with Progress(name) as progress:
        command = "autograder demo"
        listener = pipeline.Listener(began=progress.began)
        for one in pipeline.autograde(course, name, jobs=jobs, level=level, command=command, listener=listener):
            progress.done(one.grade, fresh=one.fresh)
    for note in pipeline.enter(course, name):
        progress.console.print(note, markup=False)
    pipeline.feedback(course, name)
    return {grade.student: grade for grade in pipeline.latest(course, name)}


def _meet(course: Course, graded: dict[str, dict[str, Grade]]) -> list[Met]:
    from autograder import pipeline
    from autograder.demo import fates

    masters = {name: pipeline.masters(course, name) for name in graded}
    said = {name: pipeline.same_weights(course, name) for name in graded}
    found = {s.name: _with_class_notes(graded[s.assignment].get(s.name), said[s.assignment]) for s in CLASS}
    return [fates.meet(s, found[s.name], masters[s.assignment]) for s in CLASS]


def _with_class_notes(grade: Grade | None, said: tuple[str, ...]) -> Grade | None:
    """The grade, with what is said of the whole class where this student is named."""
    if grade is None:
        return None
    return replace(grade, notes=(*grade.notes, *(sentence for sentence in said if grade.student in sentence)))


def _show(course: Course, met: list[Met], console: Console) -> None:
    from autograder import pipeline
    from autograder.demo import fates

    headings = {
        "The good and the wrong": len(HONEST),
        "The unlucky and the clumsy": len(CLUMSY),
        "The wicked: the marks of their honest part; beside them, those of nbgrader": len(FORGERS),
        "Trained models: the marks of what they say to hidden images": len(TRAINERS),
    }
    fates.show(met, headings, console)
    console.print(f"\nPages for students: {course.feedback}", soft_wrap=True)
    console.print(f"Marks: {pipeline.export_csv(course)}, gradebook.db and ledger.db beside it", soft_wrap=True)
