"""`nbgrader_config.py`, found and read as nbgrader finds and reads it.

Rule: the file is run by traitlets' own loader and nothing of nbgrader is imported, unless the file itself does so.
Order, the later above the earlier: Jupyter's configuration folders from the system's to the user's, then the
course's folder. The file is the instructor's word; one that a student handed in is never run (`handed_in`).
"""

from __future__ import annotations

import contextlib
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autograder.errors import UsageError

NAMES = ("nbgrader_config.py", "nbgrader_config.json")
STUDENTS = ("submitted", "autograded", "feedback", "inbound")
"""Folders whose content comes from students, whatever stands in it."""

Settings = dict[str, dict[str, Any]]
"""Class → trait → value, as `c.Class.trait = value` says it."""

_ALONE = threading.RLock()
_MOVED = {
    **{f"NbGrader.{name}": f"CourseDirectory.{name}" for name in (
        "student_id", "assignment_id", "notebook_id", "directory_structure", "source_directory",
        "release_directory", "submitted_directory", "autograded_directory", "feedback_directory",
        "solution_directory", "db_url", "ignore", "course_id",
    )},
    "NbGrader.course_directory": "CourseDirectory.root",
    "Exchange.course_id": "CourseDirectory.course_id",
    "TransferApp.timezone": "Exchange.timezone",
    "TransferApp.timestamp_format": "Exchange.timestamp_format",
    "TransferApp.exchange_directory": "Exchange.root",
    "TransferApp.cache_directory": "Exchange.cache",
}  # fmt: skip
_RENAMED = {
    "NbGraderConfig": "NbGrader",
    "BasicConfig": "NbGrader",
    "BaseNbGraderApp": "NbGrader",
    "BaseApp": "NbGrader",
    "BaseNbConvertApp": "BaseConverter",
    "Assign": "GenerateAssignment",
}


def is_course(folder: Path) -> bool:
    """Whether an instructor's nbgrader configuration lies in a folder."""
    return any((folder / name).is_file() for name in NAMES) and not handed_in(folder)


def handed_in(folder: Path) -> bool:
    """Whether a folder lies among what students handed in to the course around it."""
    return any(
        above.name in STUDENTS and any((above.parent / name).is_file() for name in (*NAMES, "course.toml"))
        for above in (folder, *folder.parents)
    )


def read(root: Path) -> Settings:
    """All settings that hold in a course's folder; raises UsageError naming the file and the line."""
    found: Settings = {}
    for folder in [*reversed(_jupyter()), root]:
        for name in NAMES:
            if (folder / name).is_file():
                _merge(found, _run(folder / name, root))
    return _with_new_names(found)


def named_root() -> Path | None:
    """The course's folder where Jupyter's own configuration names one (`CourseDirectory.root`)."""
    if not any((folder / name).is_file() for folder in _jupyter() for name in NAMES):
        return None
    named = read(Path.home()).get("CourseDirectory", {}).get("root", "")
    return Path(named) if named and Path(named).is_dir() else None


def _jupyter() -> list[Path]:
    """Jupyter's configuration folders, the user's first."""
    from jupyter_core.paths import jupyter_config_path

    return [Path(name) for name in jupyter_config_path()]


def _run(path: Path, root: Path) -> Mapping[str, Any]:
    from traitlets.config.loader import JSONFileConfigLoader, PyFileConfigLoader

    loader = PyFileConfigLoader if path.suffix == ".py" else JSONFileConfigLoader
    try:
        with here(root):
            config: Mapping[str, Any] = loader(path.name, path=str(path.parent)).load_config()
    except (Exception, SystemExit) as e:
        lines = [f.lineno for f in traceback.extract_tb(e.__traceback__) if f.filename == str(path)]
        place = f"{path}, line {lines[-1]}" if lines else str(path)
        told = f"{place}: nbgrader's configuration cannot be read ({type(e).__name__}: {e})."
        raise UsageError(told, mend="Mend it, or write a course.toml beside it.") from None
    return config


@contextlib.contextmanager
def here(root: Path) -> Iterator[None]:
    """As nbgrader runs an instructor's code: in the course's folder, which may be imported from.

    What it prints goes to stderr: stdout may be read by a machine. One thread at a time: all this is the process's.
    """
    with _ALONE:
        yield from _there(root)


def _there(root: Path) -> Iterator[None]:
    sys.path.insert(0, str(root))
    try:
        with contextlib.chdir(root), contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(str(root))


def _merge(into: Settings, config: Mapping[str, Any]) -> None:
    for name, traits in config.items():
        if isinstance(traits, Mapping):
            into.setdefault(name, {}).update(traits)


def over(default: Any, told: Any) -> Any:
    """A setting's value; `c.Class.trait.append(...)` adds to the default instead of taking its place."""
    return told.get_value(default) if hasattr(told, "get_value") else told


def _with_new_names(settings: Settings) -> Settings:
    """Names of old versions, which nbgrader still takes with a warning, under their present ones."""
    for was, now in _RENAMED.items():
        settings.setdefault(now, {}).update(settings.pop(was, {}))
    for old, new in _MOVED.items():
        (was, key), (now, name) = old.split("."), new.split(".")
        if key in settings.get(was, {}):
            settings.setdefault(now, {})[name] = settings[was].pop(key)
    settings.setdefault("Exchange", {}).update(settings.pop("TransferApp", {}))  # what did not move by itself
    return {name: traits for name, traits in settings.items() if traits}
