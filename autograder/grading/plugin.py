"""A late-submission plugin in nbgrader's form.

Rule: it is the instructor's own code, run as nbgrader runs it: made with nbgrader's configuration, in the course's
folder, and asked notebook by notebook.
"""

from __future__ import annotations

import importlib
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.course import nbconfig
from autograder.errors import UsageError

Penalty = Callable[[str, float, float], "float | None"]
"""(student, points of a notebook, seconds late) → points to take off; None for none."""


def load(name: str, root: Path) -> Penalty:
    """The plugin that `module.Class` or `FILE.py:Class` names, seen from the course's folder; raises UsageError."""
    with nbconfig.here(root):
        try:
            made = _class(name, root)(config=_config(root))
            asked: Penalty = made.late_submission_penalty
        except Exception as e:
            told = f"The late-submission plugin {name} cannot be used ({type(e).__name__}: {e})."
            mend = f"It is looked for in {root}, as `module.Class` or `FILE.py:Class`."
            raise UsageError(told, mend=mend) from e

    def penalty(student: str, points: float, seconds: float) -> float | None:
        with nbconfig.here(root):
            return asked(student, points, seconds)

    return penalty


def find(name: str, root: Path) -> dict[str, Path]:
    """The file of the course's folder that a plugin stands in, by name; empty where it comes from a library."""
    file, colon, _ = name.partition(":")
    path = root / (file if colon else f"{name.rpartition('.')[0].replace('.', '/')}.py")
    return {path.name: path} if name and path.is_file() else {}


def _class(name: str, root: Path) -> Any:
    file, colon, attribute = name.partition(":")
    if colon and file in nbconfig.NAMES:
        return nbconfig.read(root)["AssignLatePenalties"]["plugin_class"]
    if colon:
        return runpy.run_path(str(root / file))[attribute]
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def _config(root: Path) -> Any:
    """nbgrader's configuration, from which a plugin takes its own settings."""
    from traitlets.config import Config

    return Config(nbconfig.read(root))
