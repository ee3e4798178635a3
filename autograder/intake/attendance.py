"""Who handed in something, and what lies where nothing is graded.

Rule: only names and kinds are looked at here; nothing is opened, and what a look does not make clear is looked at by
the rule of opening.py.
"""

from __future__ import annotations

import fnmatch
import os
import stat
from collections.abc import Collection
from pathlib import Path

from autograder.errors import UsageError
from autograder.intake.folder import NOTEBOOK
from autograder.intake.opening import FOLDER, held, name_fault, shown


def students(submitted: Path, assignment: str, pattern: str = "*", exclude: Collection[str] = ()) -> list[str]:
    """Names, sorted, of all who fit the glob `pattern` and handed in something for the assignment, but for `exclude`.

    A student's folder that is a link, or anything but a folder, is among them: `folder.read` says what is wrong with
    it. Raises UsageError where `submitted` is no folder.
    """
    names = fitting(submitted, pattern)
    where = str(submitted)
    return [n for n in names if n not in exclude and _handed_in(f"{where}/{n}", assignment)]


def fitting(submitted: Path, pattern: str) -> list[str]:
    """Names that fit, sorted, whoever handed in anything; raises UsageError where `submitted` is no folder."""
    return [n for n in _listing(submitted) if fnmatch.fnmatchcase(n, pattern) and not name_fault(n)]


def strays(submitted: Path, assignment: str, pattern: str = "*") -> tuple[str, ...]:
    """One sentence for each thing in `submitted` that lies where nothing is graded.

    A file in place of a student's folder, an impossible name, a zip in place of notebooks.
    """
    notes = []
    where = str(submitted)
    for name in _listing(submitted):
        if name.startswith(".") or not fnmatch.fnmatchcase(name, pattern):
            continue
        if fault := name_fault(name):
            notes.append(f"{shown(name)} in {submitted} was passed over: its name {fault}.")
        elif not _holds_notebook(f"{where}/{name}/{assignment}"):
            notes += _stray(submitted, name, assignment)
    return tuple(notes)


def _stray(submitted: Path, name: str, assignment: str) -> list[str]:
    """What is to be told of somebody without a notebook."""
    path = submitted / name
    mode = path.lstat().st_mode
    if stat.S_ISREG(mode):
        mend = f" `autograder collect {assignment} {path}` unpacks it." if _is_zip(name) else ""
        return [f"{path} was passed over: it is a file, not a student's folder.{mend}"]
    return [
        f"{zipped} was not graded: it is an archive. `autograder collect {assignment} {submitted}` unpacks it."
        for zipped in (_zips(path, assignment) if stat.S_ISDIR(mode) else ())
    ]


def _is_zip(name: str) -> bool:
    return name.lower().endswith(".zip") and not name.startswith(".") and not name_fault(name)


def _holds_notebook(folder: str) -> bool:
    """Whether a notebook lies in it, by its name; False where it cannot be listed."""
    try:
        return any(name.endswith(NOTEBOOK) for name in os.listdir(folder))
    except OSError:
        return False


def _zips(student: Path, assignment: str) -> list[Path]:
    """Archives where a notebook should be: in the assignment's folder, or in the student's where there is none."""
    for place in (student / assignment, student):
        try:
            with held(place, FOLDER) as at:
                names = sorted(os.listdir(at))
        except OSError:  # not there, or a link
            continue
        return [place / n for n in names if _is_zip(n)] if not any(n.endswith(NOTEBOOK) for n in names) else []
    return []


def _listing(submitted: Path) -> list[str]:
    try:
        return sorted(os.listdir(submitted))
    except OSError as e:
        mend = "Collect the submissions first, or name their folder in course.toml."
        raise UsageError(f"{submitted}: cannot be read ({e.strerror}).", mend=mend) from None


def _handed_in(folder: str, assignment: str) -> bool:
    """Whether there is anything for `folder.read` to read, or to complain of."""
    try:
        os.lstat(f"{folder}/{assignment}")
    except OSError:
        return _odd(folder, assignment)
    return True


def _odd(folder: str, assignment: str) -> bool:
    """The same, where nothing is seen at first."""
    try:
        mode = os.lstat(folder).st_mode
        if stat.S_ISDIR(mode):
            with held(folder, FOLDER) as at:
                os.stat(assignment, dir_fd=at, follow_symlinks=False)
        return not stat.S_ISREG(mode)
    except FileNotFoundError:
        return False
    except OSError:
        return True
