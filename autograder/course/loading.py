"""From a folder to its Course.

Rule: `course.toml` decides; where there is none, nbgrader's own configuration is a course too, and says the same.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

from autograder.course import adopted, nbconfig
from autograder.course.building import build, data_dir
from autograder.course.reader import Reader
from autograder.course.values import FILE, Course
from autograder.errors import UsageError


def find(start: Path) -> Path:
    """The nearest folder with a `course.toml` or an `nbgrader_config.py`, from `start` upwards; raises UsageError."""
    here = start.resolve()
    for folder in (here, *here.parents):
        if (folder / FILE).is_file() and not nbconfig.handed_in(folder):
            return folder
        if nbconfig.is_course(folder):
            return folder
    if named := nbconfig.named_root():
        return named.resolve()
    mend = "Change into the course's folder, or name it: `autograder --course DIR ...`; `autograder new` makes one."
    raise UsageError(f"There is no {FILE} and no {nbconfig.NAMES[0]} in {start} or above it.", mend=mend)


def load(root: Path) -> Course:
    """Reads a course's configuration; raises UsageError with the line and the mend for whatever is wrong in it."""
    root = root.resolve()
    path = root / FILE
    if not path.is_file() and any((root / name).is_file() for name in nbconfig.NAMES):
        return _adopted(root)
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except OSError as e:
        raise UsageError(f"{path}: cannot be read ({e.strerror}).", mend="Check its name and rights.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: is not UTF-8 text.", mend="Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as e:
        raise UsageError(f"{path}: {e}.", mend="See https://toml.io for the format.") from None
    return build(root, Reader(path, text).read(table))


def adopt(root: Path) -> tuple[Path, adopted.Table, tuple[str, ...]]:
    """The course's folder, what `course.toml` would say of it, and what nbgrader's configuration asks for in vain."""
    settings = nbconfig.read(root)
    told = settings.get("CourseDirectory", {}).get("root", "")
    named = (root / told).resolve() if told else root
    if named != root and named.is_dir():
        root, settings = named, nbconfig.read(named)
    return (root, *adopted.table(settings, root))


def _adopted(root: Path) -> Course:
    root, table, remarks = adopt(root)
    return replace(build(root, Reader(root / nbconfig.NAMES[0], "").read(table)), remarks=remarks)


def data_folder(start: Path) -> Path | None:
    """The data sets' folder for the course around `start`, or without a course."""
    try:
        return load(find(start)).data_dir
    except UsageError:
        return data_dir(start, None)
