"""A checked table becomes a Course.

Rule: every default is filled in and every path made absolute here, once.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.course.schema import ASSIGNMENT
from autograder.course.values import Assignment, Course, Late, Limits
from autograder.values import Wording

EXCHANGE = "/usr/local/share/nbgrader/exchange"
"""Where nbgrader's exchange lies by default."""
_PLACES = ("source", "release", "submitted", "autograded", "feedback", "reports")


def build(root: Path, table: dict[str, Any]) -> Course:
    """The course of an absolute folder and a table that `Reader` has checked."""
    course, grading = table["course"], table["grading"]
    folders = table["folders"]
    limits = replace(Limits(), **table["limits"])
    name = course.get("name", root.name)
    return Course(
        root=root,
        name=name,
        title=course.get("title", name),
        **{place: root / folders.get(place, place) for place in _PLACES},
        ledger=root / folders.get("ledger", "ledger.db"),
        grades=root / folders.get("grades", "grades.csv"),
        gradebook=_database(root, grading.get("gradebook", "sqlite:///gradebook.db")),
        data_dir=data_dir(root, table["data"].get("dir")),
        scoring=grading.get("scoring", "autograder"),
        attempts=grading.get("attempts", "last_in_time"),
        late=_late(grading),
        jail_level=table["jail"].get("level", 4),
        limits=limits,
        assignments={n: _assignment(n, entry, limits) for n, entry in table["assignments"].items()},
        wording=_wording(table["format"]),
        header=root / course["header"] if "header" in course else None,
        footer=root / course["footer"] if "footer" in course else None,
        ignore=course.get("ignore", ()),
        exclude=course.get("exclude", ()),
        file_time=grading.get("file_time", True),
        shift_tolerance=grading.get("shift_tolerance", 0.12),
        hidden_data=_folder(root, table["data"].get("hidden", "")),
        roster=root / course.get("roster", "roster.csv"),
        timezone=course.get("timezone", "UTC"),
        exchange=root / Path(course.get("exchange", EXCHANGE)).expanduser(),
        mutation_score=table["check"].get("mutation_score", 0.8),
        cluster=table["batch"].get("cluster", ""),
    )


def _assignment(name: str, entry: dict[str, Any], limits: Limits) -> Assignment:
    own = replace(limits, **entry["limits"])
    return Assignment(name, limits=own, **{key: entry[key] for key in ASSIGNMENT if key in entry})


def _database(root: Path, url: str) -> str:
    """A database URL; a relative SQLite file counts from the course's folder."""
    scheme, slashes, name = url.partition("sqlite:///")
    if scheme or not slashes or not name or name.startswith("/"):
        return url
    return f"sqlite:///{root / name}"


def _late(grading: dict[str, Any]) -> Late:
    given = {
        "method": grading.get("late"),
        "per_day": grading.get("late_per_day"),
        "grace": round(60 * grading["late_grace_minutes"]) if "late_grace_minutes" in grading else None,
        "cap": grading.get("late_cap"),
        "plugin": grading.get("late_plugin"),
    }
    return replace(Late(), **{k: v for k, v in given.items() if v is not None})


def _wording(told: dict[str, Any]) -> Wording:
    """The course's words over nbgrader's; a stub for one more language leaves the others."""
    stubs = {**Wording().code_stubs, **told.get("code_stubs", {})}
    return replace(Wording(), **{**told, "code_stubs": stubs})


def _folder(root: Path, named: str) -> Path | None:
    """A folder that the configuration names, counted from the course's; None for none."""
    return (root / Path(named).expanduser()).resolve() if named else None


def data_dir(root: Path, named: str | None) -> Path | None:
    """The configuration's word first, then AUTOGRADER_DATA; a relative path counts from the course's folder."""
    if named:
        return _folder(root, named)
    told = os.environ.get("AUTOGRADER_DATA", "")
    return Path(told).resolve() if told else None
