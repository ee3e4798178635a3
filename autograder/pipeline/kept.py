"""What the last check of an assignment found, as it lies in `reports/`.

Rule: a report that cannot be read is none; nothing that grading does depends on one but what is imported beforehand.
"""

from __future__ import annotations

import json
from pathlib import Path

from autograder.check import preload
from autograder.course import Course
from autograder.reports import checkpage, page
from autograder.values import JSON


def path_of(course: Course, name: str, suffix: str = ".json") -> Path:
    """Where an assignment's report lies: for programs, or with `.html` for people."""
    return course.reports / f"check-{name}{suffix}"


def read(course: Course, name: str) -> JSON:
    """The report; empty where there is none."""
    try:
        told = json.loads(path_of(course, name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def preloaded(course: Course, name: str) -> list[str]:
    """Modules that the last check saw the solution import: worth importing before the forks."""
    told = read(course, name).get("preload")
    return [module for module in told if preload.sound(module)] if isinstance(told, list) else []


def write(course: Course, name: str, told: JSON) -> None:
    """Keeps a report and its page; raises GraderError."""
    page.replace(path_of(course, name), json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    checkpage.write(path_of(course, name, ".html"), told)
