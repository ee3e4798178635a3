"""Grading as a person asks for it at the command line: a display, the grades, the table at the end.

Rule: nothing is decided here; whatever a program can ask for, it asks of the other modules.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from autograder.batch.running import Running
from autograder.course import Course
from autograder.pipeline import autograding, models, writing
from autograder.pipeline.crew import Listener, Order
from autograder.pipeline.one import Graded
from autograder.pipeline.watching import Watch
from autograder.reports.changes import unasked
from autograder.reports.progress import Progress
from autograder.reports.table import show_grades


def shown(course: Course, name: str, order: Order, *, as_json: bool, watch: bool) -> int:
    """Grades a class, or whatever arrives, and shows it; the exit code: 0 when nothing needs a person."""
    running = Running()
    with Progress(name, json=as_json, running=running) as progress:
        told = Listener(progress.began, progress.remark, lambda change: progress.say(unasked(change)), running)
        if not order.cluster and order.level < course.jail_level:
            progress.say(f"Student code is confined at level {order.level} only; every report says so.")
        for one in _watched(course, name, order, told) if watch else autograding.graded(course, name, order, told):
            progress.done(one.grade, fresh=one.fresh)
    for note in writing.enter(course, name):
        progress.say(note)
    writing.refresh_csv(course)
    if not as_json:
        whole = partial(writing.latest, course, name)
        show_grades(writing.in_short(course, name), whole, progress.console)
    for note in models.same_weights(course, name):
        progress.say(note)
    return progress.exit_code


def _watched(course: Course, name: str, order: Order, told: Listener) -> Iterator[Graded]:
    told.remark(f"{name}: waiting for submissions in {course.submitted}; Ctrl-C ends it.")
    return Watch(course.root, name, order, told).graded()
