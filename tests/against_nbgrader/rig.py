"""The folder before nbgrader graded it, and our grading of it."""

from __future__ import annotations

import shutil
from pathlib import Path

from autograder import course as courses
from autograder import pipeline
from autograder.values import Grade


def copied(theirs: Path, root: Path) -> Path:
    """The instructor's folder as it was before nbgrader graded, the submissions in it."""
    for name in ("source", "submitted", "release"):
        shutil.copytree(theirs / name, root / name)
    for name in ("nbgrader_config.py", "late.py", "autotests.yml"):
        shutil.copy(theirs / name, root / name)
    shutil.copy(theirs / "before.db", root / "gradebook.db")
    return root


def grade(root: Path) -> dict[str, Grade]:
    """What `autograder autograde ps1` does in a folder."""
    course = courses.load(root)
    level = pipeline.jail_level(course, weak=True)
    for _ in pipeline.autograde(course, "ps1", level=level, jobs=2):
        pass
    pipeline.enter(course, "ps1")
    return {one.student: one for one in pipeline.latest(course, "ps1")}
