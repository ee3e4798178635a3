"""Where an assignment's masters and files come from.

Rule: an instructor's notebook is read here, and nowhere else, so that all verbs see the same master. Where there is
none, nbgrader's gradebook knows the cells, and a notebook that was given out their order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from autograder import notebook
from autograder.authoring import autotest, publish
from autograder.course import Assignment, Course
from autograder.errors import MasterError, StudentError, UsageError
from autograder.gradebook import nbmasters
from autograder.intake import attendance, folder
from autograder.notebook import Setting
from autograder.pipeline.models import trains
from autograder.values import JSON, Master, Role


def assignment(course: Course, name: str) -> Assignment:
    """The assignment of that name, which may be one that only the gradebook knows; raises UsageError."""
    try:
        return course.assignment(name)
    except UsageError:
        if course.gradebook and nbmasters.names(course.gradebook, name):
            return Assignment(name, limits=course.limits)
        raise


def masters(course: Course, name: str) -> tuple[Master, ...]:
    """The assignment's masters, by name; raises UsageError when there is none, MasterError when one is unsound."""
    place = course.source / assignment(course, name).name
    found = sorted(place.glob("*.ipynb"))
    if found:
        return tuple(_read(course, path, name) for path in found)
    known = nbmasters.names(course.gradebook, name) if course.gradebook else ()
    if not known:
        raise UsageError(f"{place} holds no notebook.", mend="Put the instructor's notebook there.")
    return tuple(_remembered(course, name, one) for one in sorted(known))


def memory(course: Course, name: str) -> int:
    """Bytes that the processes of one submission may take together: a model file has one of its own."""
    return assignment(course, name).limits.memory * (1 + trains(masters(course, name)))


def _read(course: Course, path: Path, name: str) -> Master:
    return instantiated(course, notebook.read_master(path, name, setting(course)))


def instantiated(course: Course, master: Master) -> Master:
    """The master with its AUTOTEST lines made into tests; raises MasterError when they cannot be made."""
    import platformdirs

    cache = Path(platformdirs.user_cache_dir("autograder")) / "autotest"
    return autotest.instantiated(master, course.root, cache)


def _remembered(course: Course, name: str, one: str) -> Master:
    """A master out of the gradebook: its cells in the order of the release, or of most submissions."""
    bare = replace(setting(course), stubs=True)
    released = course.release / name / f"{one}.ipynb"
    if released.is_file():
        given = notebook.loads(released.read_bytes(), released.name)
        return nbmasters.master(course.gradebook, name, one, given, bare)
    orders: Counter[tuple[str, ...]] = Counter()
    example: dict[tuple[str, ...], JSON] = {}
    for student in attendance.students(course.submitted, name):
        try:
            handed = folder.read(course.submitted, student, name, largest=course.limits.file).notebooks
            given = _locked(notebook.loads(handed[one], f"{one}.ipynb"))
        except (StudentError, KeyError):
            continue
        order = tuple(notebook.grade_id_of(cell) for cell in given["cells"])
        orders[order] += 1
        example.setdefault(order, given)
    if not orders:
        told = f"{name}/{one}: nobody knows in which order its cells stand."
        raise MasterError(told, mend="Put the release back, or the instructor's notebook.")
    return nbmasters.master(course.gradebook, name, one, example[orders.most_common(1)[0][0]], bare)


def _locked(given: JSON) -> JSON:
    """A student's notebook without cells of the student's own: those must not pass for the instructor's."""
    return {**given, "cells": [cell for cell in given["cells"] if notebook.role_of(cell) is not Role.TEXT]}


def setting(course: Course) -> Setting:
    """What the course adds to each of its masters."""
    return Setting(course.wording, course.header, course.footer)


def files(course: Course, name: str) -> dict[str, Path]:
    """Relative name → path of the course's own files that go beside every submission."""
    return beside(course, name, masters(course, name))


def beside(course: Course, name: str, found: Iterable[Master]) -> dict[str, Path]:
    """The same, for masters that have been read."""
    return publish.helpers(course.source / name, ignored(course, found))[0]


def ignored(course: Course, found: Iterable[Master]) -> tuple[str, ...]:
    """Globs of names in `source/` that are neither released nor put beside a submission.

    Among them the files that training cells write: an instructor who runs a master leaves the reference model there.
    """
    trained = (notebook.training_of(cell) for master in found for cell in master.cells)
    return (*course.ignore, *(one.file for one in trained if one is not None))
