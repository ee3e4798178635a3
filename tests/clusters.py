"""A Dask scheduler and its workers, each a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

TESTS = Path(__file__).parent


class Rig:
    """A cluster on this machine, whose processes can be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.children: list[subprocess.Popen[str]] = []
        self.scheduler, told = self._begin("scheduler", ["--port", "0", "--no-dashboard"], r"Scheduler at:\s+(\S+)", {})
        self.address = told

    def worker(self, name: str, *options: str, environment: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """One more worker, once it is registered."""
        scratch = self.folder / f"dask-{name}-{len(self.children)}"
        fixed = ["--no-dashboard", "--local-directory", str(scratch), "--name", name, "--host", "127.0.0.1"]
        threads = [] if "--nthreads" in options else ["--nthreads", "1"]
        nanny = [] if "--nanny" in options else ["--no-nanny"]
        return self._begin("worker", [self.address, *fixed, *threads, *nanny, *options], r"Registered to:", environment or {})[0]

    def _begin(
        self, kind: str, options: list[str], ready: str, environment: Mapping[str, str]
    ) -> tuple[subprocess.Popen[str], str]:
        path = os.pathsep.join(filter(None, [environment.get("PYTHONPATH", ""), str(TESTS)]))
        process = subprocess.Popen(
            [sys.executable, "-m", "dask", kind, *options],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment, "PYTHONPATH": path},
            start_new_session=True,
        )
        self.children.append(process)
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if found := re.search(ready, line):
                threading.Thread(target=process.stderr.read, daemon=True).start()  # lest the pipe fill up
                return process, found[1] if found.groups() else ""
        raise AssertionError("".join(said))

    def kill(self, process: subprocess.Popen[str]) -> None:
        """Ends one of them at once, and what it started as Dask's own part of it."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        """Ends all of them."""
        for process in self.children:
            if process.poll() is None:
                self.kill(process)
