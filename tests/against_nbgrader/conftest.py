"""One course, released and graded by nbgrader itself and by us."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from against_nbgrader import material
from against_nbgrader.rig import copied, grade

from autograder.values import Grade

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course after nbgrader's `generate_assignment` and `autograde`; nobody writes to it."""
    root = tmp_path_factory.mktemp("theirs")
    material.make(root)
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls `alembic`
    quiet = {**os.environ, "HOME": str(root), "JUPYTER_NO_CONFIG": "1", "PATH": tools}
    command = [sys.executable, str(HERE / "by_nbgrader.py"), str(root)]
    done = subprocess.run(command, cwd=root, env=quiet, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    assert (root / "autograded" / "solved" / "ps1" / "rules.ipynb").is_file(), done.stderr[-4000:]
    return root


@pytest.fixture(scope="module")
def graded(theirs: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Grade]]:
    """The same folder after our `autograde`, with no line changed; and the grades by student."""
    root = copied(theirs, tmp_path_factory.mktemp("ours"))
    return root, grade(root)
