"""The positive control: tests and student's code in one IPython shell, a fork a notebook, nothing confined.

    python kernel.py JOB.json

Rule: points are given as a grader in the same process gives them: a test that ends without an error has passed, a
number in its last line is a part. A process that ends with exit code 0 before it reports is told apart.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import os
import resource
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

SHORT = 3.0
"""Seconds for a notebook that is expected never to end by itself."""


def main(path: str) -> None:
    """Runs every notebook of the job, `job["jobs"]` at a time, and writes `job["out"]`."""
    job = json.loads(Path(path).read_text())
    import numpy.testing  # noqa: F401
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance(colors="NoColor")
    shell.showtraceback = shell.showsyntaxerror = lambda *_, **__: (
        None
    )  # what a failing test shows is no attack's doing
    left = os.open(job["left_open"], os.O_RDONLY)
    os.set_inheritable(left, True)
    waiting, running, out = list(job["notebooks"].items()), {}, {}
    uids: dict[str, int] = {}
    while waiting or running:
        while waiting and len(running) < job["jobs"]:
            name, cells = waiting.pop(0)
            if job["uids"]:  # who shares a uid can be hurt
                uids[name] = next(uid for uid in job["uids"] if uid not in {uids[other] for other in running})
            running[name] = _start(cells, Path(job["work"]) / name, uids.get(name))
        for name in list(running):
            told = _poll(*running[name], SHORT if name in job["short"] else job["seconds"])
            if told is not None:
                out[name] = told
                del running[name]
                Path(job["through"]).write_bytes(b"." * len(out))
        time.sleep(0.005)
    Path(job["out"]).write_text(json.dumps(out))


def _start(cells: list[dict[str, Any]], work: Path, uid: int | None) -> tuple[int, int, bytearray, float]:
    read, write = os.pipe()
    os.set_blocking(read, False)
    pid = os.fork()
    if pid == 0:
        os.close(read)
        with contextlib.suppress(BaseException):
            os.setsid()
            work.mkdir(parents=True, exist_ok=True)
            if uid is not None:
                os.chown(work, uid, uid)
                os.setgroups([])
                os.setgid(uid)
                os.setuid(uid)
                ctypes.CDLL(None).prctl(4, 1)  # PR_SET_DUMPABLE, which a change of uid takes away
            os.chdir(work)
            os.environ["HOME"] = str(work)
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            _run(cells, write)
        os._exit(0)
    os.close(write)
    return pid, read, bytearray(), time.monotonic()


def _run(cells: list[dict[str, Any]], write: int) -> None:
    from IPython import get_ipython

    shell = get_ipython()
    printed = io.StringIO()
    points: dict[str, float] = {}
    sys.path.insert(0, "")
    if os.path.exists("numpy.py"):  # a kernel imports nothing before the first cell
        for name in [n for n in sys.modules if n.partition(".")[0] == "numpy"]:
            del sys.modules[name]
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        for cell in cells:
            done = shell.run_cell(cell["source"], store_history=True)
            if cell["points"]:
                value = (
                    done.result
                    if isinstance(done.result, int | float) and not isinstance(done.result, bool)
                    else None
                )
                earned = cell["points"] if value is None else max(0.0, min(cell["points"], float(value)))
                points[cell["name"]] = (
                    earned if done.error_in_exec is None and done.error_before_exec is None else 0.0
                )
    os.write(write, json.dumps({"points": points, "text": printed.getvalue()[-40_000:]}).encode())


def _poll(pid: int, read: int, data: bytearray, began: float, seconds: float) -> dict[str, Any] | None:
    """What came of it, once it is over or its time is."""
    late = time.monotonic() > began + seconds
    ready, _, _ = select.select([read], [], [], 0)
    while ready:
        try:
            piece = os.read(read, 1 << 16)
        except BlockingIOError:
            break
        if not piece:
            break
        data += piece
    ended, status = os.waitpid(pid, os.WNOHANG)
    if not ended and not late:
        return None
    if not ended:
        os.kill(pid, signal.SIGKILL)
        status = os.waitpid(pid, 0)[1]
    with contextlib.suppress(BlockingIOError):
        data += os.read(read, 1 << 20)
    os.close(read)
    told = json.loads(bytes(data)) if data else {"points": {}, "text": ""}
    took = round(time.monotonic() - began, 2)
    return {**told, "hung": not ended, "code": os.waitstatus_to_exitcode(status), "silent": not data, "seconds": took}


if __name__ == "__main__":
    main(sys.argv[1])
