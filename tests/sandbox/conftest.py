"""Runs trials of the jail as root and as an ordinary user, whichever of them this machine lets us be."""

from __future__ import annotations

import functools
import itertools
import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox import levels

PACKAGE = str(Path(__file__).resolve().parents[2])
NOBODY = 65534
CANDIDATE = 60000
MUST_HOLD = int(os.environ.get("AUTOGRADER_TEST_LEVEL", "0"))
"""Up to this level a machine that cannot hold it fails the tests instead of skipping them; CI sets it."""
STARTERS = ("root", "ordinary") if os.geteuid() == 0 else ("ordinary",)


def _open_to_all(path: str) -> bool:
    """Whether a user who owns nothing can read below `path`."""
    real = Path(path).resolve()
    return all(p.stat().st_mode & 0o5 == 0o5 for p in (real, *real.parents))


@functools.cache
def interpreter(everyones: bool) -> str:
    """A Python that the candidate's user can read: this one, or the system's of the same version."""
    if not everyones or _open_to_all(sys.base_prefix):
        return sys.executable
    other = f"/usr/bin/python3.{sys.version_info.minor}"
    if not os.path.exists(other):
        pytest.skip(f"{sys.base_prefix} is closed to other users, and there is no {other}")
    return other


class Arena:
    """Canaries, folders for candidates, and a host process that runs trials for one kind of starter."""

    def __init__(self, starter: str, stack: ExitStack) -> None:
        self.starter = starter
        self.dropped = starter == "ordinary" and os.geteuid() == 0
        owner = CANDIDATE if starter == "root" else NOBODY if self.dropped else None
        self.uid = CANDIDATE if starter == "root" else None
        self.owner = owner
        parent, self.names = stack.enter_context(levels.canaries(owner))
        self.root = parent.parent
        self._places = itertools.count()
        self._errors: dict[int, str] = {}
        self._outcomes: dict[tuple[int, tuple[str, ...]], dict[str, str]] = {}

    @property
    def folder(self) -> Path:
        """Where the canaries are."""
        return Path(str(self.names["folder"]))

    def place(self) -> Path:
        """A new folder for one candidate, with an empty stage, as a supervisor would make it."""
        parent = self.root / f"place{next(self._places)}"
        for folder, mode in ((parent, 0o711), (parent / "stage", 0o755)):
            folder.mkdir()
            folder.chmod(mode)
            if self.dropped:
                os.chown(folder, NOBODY, NOBODY)
        return parent

    def plan(self, level: int, **changes: Any) -> dict[str, Any]:
        """A plan with small limits."""
        facts: dict[str, Any] = {
            "level": level, "read_only": [PACKAGE], "memory": 256 << 20, "cpu": 20, "file_size": 8 << 20,
            "work_size": 1 << 20, "processes": 0, "uid": self.uid,
        }  # fmt: skip
        facts |= changes
        if "stage" not in facts:
            facts["stage"] = str(self.place() / "stage")
        return facts

    def trial(self, level: int, snippets: dict[str, str], **more: Any) -> dict[str, Any]:
        """What a job of one trial needs; `plan=` changes the plan, the rest goes to `selfcheck.trial`."""
        plan = self.plan(level, **more.pop("plan", {}))
        return {"plan": plan, "snippets": snippets, "names": dict(self.names) | more.pop("names", {}), **more}

    def command(self, everyones: bool) -> tuple[list[str], dict[str, Any]]:
        """How the host process is started, and as whom."""
        python = interpreter(everyones or self.dropped)
        paths = [PACKAGE] if python == sys.executable else [PACKAGE, sysconfig.get_path("purelib")]
        code = f"import sys; sys.path[:0] = {paths!r}; from autograder.sandbox import selfcheck; selfcheck.serve()"
        who = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if self.dropped else {}
        quiet = {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3", "OPENBLAS_NUM_THREADS": "1"}
        return [python, "-I", "-c", code], {"env": {"PATH": os.defpath, **quiet}, "cwd": "/", **who}

    def run(self, *trials: dict[str, Any], imports: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        """Runs the trials in one fresh host process; their results as `selfcheck.Trial` spells them."""
        everyones = any(t["plan"]["level"] < 3 for t in trials)
        command, how = self.command(everyones)
        job = json.dumps({"imports": imports, "trials": trials})
        done = subprocess.run(command, input=job, capture_output=True, text=True, timeout=240, **how)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def python(self, code: str, given: str) -> str:
        """What a plain Python prints, for controls without any jail."""
        code = f"import sys; sys.path.insert(0, {PACKAGE!r})\n{code}"
        done = subprocess.run(
            [sys.executable, "-I", "-c", code], input=given, capture_output=True, text=True, check=True
        )
        return done.stdout

    def why_not(self, level: int) -> str:
        """Why this machine cannot hold a level, or nothing."""
        if level not in self._errors:
            self._errors[level] = self.run(self.trial(level, {}))[0]["error"]
        return self._errors[level]

    def outcomes(self, level: int, snippets: dict[str, str]) -> dict[str, str]:
        """What became of each of many snippets in one candidate; asked for again, it is not run again."""
        key = (level, tuple(snippets))
        if key not in self._outcomes:
            found = self.run(self.trial(level, snippets, seconds=60))[0]
            assert found["error"] == ""
            self._outcomes[key] = found["outcomes"]
        return self._outcomes[key]


@pytest.fixture(scope="session", params=STARTERS)
def arena(request: pytest.FixtureRequest) -> Iterator[Arena]:
    """Once as root (candidates get a uid) and once as an ordinary user, as far as this machine lets us."""
    if sys.platform != "linux":
        pytest.skip("the jail needs Linux")
    with ExitStack() as stack:
        yield Arena(request.param, stack)


@pytest.fixture
def needs(arena: Arena) -> Any:
    """Skips a test of a level that this machine cannot hold, with the machine's reason."""

    def check(level: int) -> None:
        reason = arena.why_not(level)
        if not reason:
            return
        expected = ("cannot be raised", "needs Linux 6.2", "needs a start as root", "cannot be read by uid")
        here = "needs a start as root" not in reason
        if (level <= MUST_HOLD and here) or not any(words in reason for words in expected):
            pytest.fail(f"level {level} as {arena.starter}: {reason}")
        pytest.skip(f"level {level} as {arena.starter}: {reason}")

    return check
