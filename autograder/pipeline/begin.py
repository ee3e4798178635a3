"""A course begins: a new folder, or a course.toml for one that nbgrader configures.

Rule: nothing that is there already is written over.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from autograder import notebook
from autograder.authoring import example
from autograder.course import FILE, written
from autograder.errors import GraderError, UsageError


def new(folder: Path) -> list[Path]:
    """Makes a course to start from, in a new or empty folder; gives the files. Raises UsageError."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        mend = "Name a new one; a course of nbgrader's is taken over with --from-nbgrader."
        raise UsageError(f"{folder} is there already, and not empty.", mend=mend)
    master = folder / "source" / example.NAME / f"{example.NAME}.ipynb"
    return [
        _write(folder / FILE, written.new(folder.resolve().name)),
        _write(master, notebook.dumps(example.master())),
    ]


def from_nbgrader(folder: Path) -> tuple[Path, tuple[str, ...]]:
    """Writes the course.toml that says what nbgrader's configuration says; gives it, and what is not honoured."""
    if (folder / FILE).exists():
        raise UsageError(f"{folder / FILE} is there already.", mend="Move it away first.")
    text, remarks = written.from_nbgrader(folder)
    return _write(folder / FILE, text), remarks


def _write(path: Path, text: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False, encoding="utf-8") as file:
            file.write(text)
        Path(file.name).chmod(0o644)
        os.link(file.name, path)  # fails where somebody else has just made it
        Path(file.name).unlink()
    except OSError as e:
        raise GraderError(f"{path} cannot be written ({e.strerror}).", mend="Check the folder's rights.") from e
    return path
