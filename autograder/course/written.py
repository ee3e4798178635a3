"""A `course.toml` to begin with: a new course's, or one that says what nbgrader's configuration says.

Rule: what is written here loads to the same Course as what it was made from.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.course.loading import adopt

NEW = """\
# The manual of all keys is docs/course.md; every key has a default.
[course]
name = {name}

[grading]
late = "none"                 # or "zero", "per_day"

[assignments.hello]
title = "Hello"
# due = 2026-12-01T23:59:00+09:00
"""
_HEAD = """\
# What nbgrader_config.py says, in the words of course.toml; the manual of all keys is docs/course.md.
# From now on this file decides, and nbgrader_config.py is nbgrader's alone.
"""


def new(name: str) -> str:
    """The text for a new course."""
    return NEW.format(name=_value(name))


def from_nbgrader(root: Path) -> tuple[str, tuple[str, ...]]:
    """The text for a folder that nbgrader configures, and what it asks for in vain; raises UsageError."""
    _, table, remarks = adopt(root.resolve())
    sections = [_section(name, keys) for name, keys in table.items() if name != "assignments" and keys]
    sections += [_section(f"assignments.{_value(n)}", keys) for n, keys in table.get("assignments", {}).items()]
    vain = "".join(f"# {remark}\n" for remark in remarks)
    return "\n".join([_HEAD + vain, *sections]), remarks


def _section(name: str, keys: Mapping[str, Any]) -> str:
    return f"[{name}]\n" + "".join(f"{key} = {_value(value)}\n" for key, value in keys.items())


def _value(value: Any) -> str:
    """A value as TOML spells it; JSON's texts, numbers and lists are TOML's too."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {_value(v)}" for k, v in value.items()) + "}"
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
