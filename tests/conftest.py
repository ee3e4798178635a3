"""Fixtures of several test folders."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from builders import SQUARE, Course, hand_in

from autograder import notebook


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Makes a course: `course(submissions, masters={...}, toml="...")` gives its folder.

    `submissions`: student → notebook, or bytes, of the assignment `squares`.
    """

    def make(
        submissions: Mapping[str, Any] | None = None,
        *,
        master: Mapping[str, Any] = SQUARE,
        toml: str = "",
        limits: str = "cell_seconds = 3\nsubmission_seconds = 20",
    ) -> Path:
        source = tmp_path / "source" / "squares"
        source.mkdir(parents=True, exist_ok=True)
        (source / "squares.ipynb").write_text(notebook.dumps(dict(master)))
        (tmp_path / "course.toml").write_text(f'[course]\nname = "small"\n[limits]\n{limits}\n{toml}')
        for student, content in (submissions or {}).items():
            hand_in(tmp_path, student, content)
        return tmp_path

    return make
