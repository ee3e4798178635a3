"""Where an assignment's masters and files come from.

Rule: an instructor's notebook is read here, and nowhere else, so that all verbs see the same master.
"""

from __future__ import annotations

from pathlib import Path

from autograder import notebook
from autograder.authoring import publish
from autograder.course import Course
from autograder.errors import UsageError
from autograder.notebook import Setting
from autograder.values import Master


def masters(course: Course, name: str) -> tuple[Master, ...]:
    """The assignment's masters, by name; raises UsageError when there is none, MasterError when one is unsound."""
    found = sorted((course.source / course.assignment(name).name).glob("*.ipynb"))
    if not found:
        raise UsageError(f"{course.source / name} holds no notebook.", mend="Put the instructor's notebook there.")
    return tuple(notebook.read_master(path, name, setting(course)) for path in found)


def setting(course: Course) -> Setting:
    """What the course adds to each of its masters."""
    return Setting(course.wording, course.header, course.footer)


def files(course: Course, name: str) -> dict[str, Path]:
    """Relative name → path of the course's own files that go beside every submission."""
    return publish.helpers(course.source / name, course.ignore)[0]
