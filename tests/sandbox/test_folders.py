"""Work folders of processes that were killed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.sandbox import folders


def test_only_what_nobody_owns_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A killed process's folder goes, with all in it; a living one's stays, another container's and a stranger's too."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = "from autograder.sandbox import folders\nimport os\n(folders.make() / 'a').mkdir()\nos.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "TMPDIR": str(tmp_path)})
    (left,) = tmp_path.iterdir()
    mine = folders.make()
    namespace, pid = left.name.split("-")[1:3]
    others = [tmp_path / name for name in (f"autograder-{int(namespace) + 1}-{pid}-x", "autograder-x", "other")]
    for path in others:
        path.mkdir()
    folders.remove_abandoned()
    assert {mine, *others} == set(tmp_path.iterdir())
