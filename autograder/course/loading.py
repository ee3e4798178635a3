"""From a folder to its Course.

Rule: every default is filled in and every path made absolute here, once.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.course.reader import Reader
from autograder.course.schema import SCHEMA
from autograder.course.values import FILE, Assignment, Course, Late, Limits
from autograder.errors import UsageError


def find(start: Path) -> Path:
    """The folder of the nearest `course.toml`, from `start` upwards; raises UsageError."""
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            return folder
    mend = "Change into the course's folder, or name it: `autograder --course DIR ...`."
    raise UsageError(f"There is no {FILE} in {start} or above it.", mend=mend)


def load(root: Path) -> Course:
    """Reads `root/course.toml`; raises UsageError with the line and the mend for whatever is wrong in it."""
    root = root.resolve()
    path = root / FILE
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except OSError as e:
        raise UsageError(f"{path}: cannot be read ({e.strerror}).", mend="Check its name and rights.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not UTF-8 text.", mend="Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as e:
        raise UsageError(f"{path}: {e}.", mend="See https://toml.io for the format.") from None
    return _build(root, Reader(path, text).read(table))


def _build(root: Path, table: dict[str, Any]) -> Course:
    course, grading = table["course"], table["grading"]
    folders = {name: root / table["folders"].get(name, name) for name in SCHEMA["folders"]}
    limits = replace(Limits(), **table["limits"])
    name = course.get("name", root.resolve().name)
    return Course(
        root=root,
        name=name,
        title=course.get("title", name),
        **{k: folders[k] for k in ("source", "release", "submitted", "autograded", "feedback", "reports")},
        ledger=root / table["folders"].get("ledger", "ledger.db"),
        grades=root / table["folders"].get("grades", "grades.csv"),
        gradebook=_database(root, grading.get("gradebook", "sqlite:///gradebook.db")),
        data_dir=_data_dir(root, table["data"].get("dir")),
        scoring=grading.get("scoring", "autograder"),
        late=_late(grading),
        jail_level=table["jail"].get("level", 4),
        limits=limits,
        assignments={n: _assignment(n, entry, limits) for n, entry in table["assignments"].items()},
    )


def _assignment(name: str, entry: dict[str, Any], limits: Limits) -> Assignment:
    own = replace(limits, **entry["limits"])
    return Assignment(name, title=entry.get("title", ""), due=entry.get("due"), limits=own)


def _database(root: Path, url: str) -> str:
    """A database URL; a relative SQLite file counts from the course's folder."""
    scheme, slashes, name = url.partition("sqlite:///")
    if scheme or not slashes or not name or name.startswith("/"):
        return url
    return f"sqlite:///{root.resolve() / name}"


def _late(grading: dict[str, Any]) -> Late:
    given = {
        "method": grading.get("late"),
        "per_day": grading.get("late_per_day"),
        "grace": round(60 * grading["late_grace_minutes"]) if "late_grace_minutes" in grading else None,
        "cap": grading.get("late_cap"),
    }
    return replace(Late(), **{k: v for k, v in given.items() if v is not None})


def data_folder(start: Path) -> Path | None:
    """The data sets' folder for the course around `start`, or without a course."""
    try:
        return load(find(start)).data_dir
    except UsageError:
        return _data_dir(start, None)


def _data_dir(root: Path, named: str | None) -> Path | None:
    """course.toml's word first, then AUTOGRADER_DATA; a relative path counts from the course's folder."""
    if named:
        return (root / Path(named).expanduser()).resolve()
    told = os.environ.get("AUTOGRADER_DATA", "")
    return Path(told).resolve() if told else None
