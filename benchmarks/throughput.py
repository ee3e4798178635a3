"""Seconds a submission: nbgrader and autograder, one process and two, on the same class in one run.

    python -m benchmarks.throughput [--submissions 20] [--assignments gates xor]

Rule: whole commands are timed from outside, start-up included; ratios are of the same run.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder import course as courses
from autograder import pipeline
from benchmarks import classes

BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Timing:
    """One way of grading the class."""

    name: str
    seconds: float
    """Wall-clock seconds a submission."""
    above: float | None
    """Seconds a submission above the cells' own; None where nobody knows the cells' own."""
    memory: float
    """Largest resident memory of the command's own process, MiB."""


def main() -> None:
    """Times each assignment and prints its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=20)
    parser.add_argument("--assignments", nargs="+", default=["gates", "xor"])
    parser.add_argument("--without-nbgrader", action="store_true", help="only our own figures")
    options = parser.parse_args()
    for assignment in options.assignments:
        timings = _timings(assignment, options.submissions, nbgrader=not options.without_nbgrader)
        _show(assignment, options.submissions, timings)


def _timings(assignment: str, count: int, *, nbgrader: bool) -> list[Timing]:
    out = []
    for jobs in (1, 2) if nbgrader else ():
        with tempfile.TemporaryDirectory() as folder:
            out.append(_nbgrader(classes.make(Path(folder), assignment, count), assignment, count, jobs))
    for jobs in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            out.append(_autograder(classes.make(Path(folder), assignment, count), assignment, count, jobs))
    return out


def _nbgrader(folder: Path, assignment: str, count: int, jobs: int) -> Timing:
    """nbgrader has no jobs: two processes share the class by globs."""
    command = [str(BIN / "nbgrader")]
    _run([[*command, "generate_assignment", assignment]], folder)
    globs = ["*"] if jobs == 1 else ["*[02468]", "*[13579]"]
    seconds, memory = _run([[*command, "autograde", assignment, "--student", glob] for glob in globs], folder)
    done = len(list((folder / "autograded").glob(f"*/{assignment}/*.ipynb")))
    assert done == count * len(list((folder / "source" / assignment).glob("*.ipynb"))), f"nbgrader graded {done}"
    return Timing(f"nbgrader, {jobs} process{'es' * (jobs > 1)}", seconds / count, None, memory)


def _autograder(folder: Path, assignment: str, count: int, jobs: int) -> Timing:
    command = [str(BIN / "autograder"), "--course", str(folder), "autograde", assignment, "--jobs", str(jobs)]
    seconds, memory = _run([command], folder)
    grades = list(pipeline.latest(courses.load(folder), assignment))
    assert len(grades) == count, f"autograder graded {len(grades)}"
    missed = [v.test for g in grades for v in g.verdicts if v.points not in (None, v.max_points)]
    assert not missed, f"solutions lost points in {missed[:3]}"
    own = sum(g.cell_seconds for g in grades) / count / jobs
    return Timing(f"autograder, {jobs} job{'s' * (jobs > 1)}", seconds / count, seconds / count - own, memory)


def _run(commands: Sequence[Sequence[str]], folder: Path) -> tuple[float, float]:
    """Wall-clock seconds of the commands side by side, and the largest resident memory of any, MiB."""
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "TF_CPP_MIN_LOG_LEVEL": "3"}
    log = folder / "log.txt"
    began = time.perf_counter()
    with log.open("w") as out:
        running = [subprocess.Popen(c, cwd=folder, env=environment, stdout=out, stderr=out) for c in commands]
        ended = [os.wait4(p.pid, 0) for p in running]
    seconds = time.perf_counter() - began
    if any(os.waitstatus_to_exitcode(status) for _, status, _ in ended):
        raise SystemExit(f"{commands[0]} failed:\n{log.read_text()[-3000:]}")
    return seconds, max(usage.ru_maxrss for _, _, usage in ended) / 1024


def _show(assignment: str, count: int, timings: list[Timing]) -> None:
    serial = timings[0].seconds
    print(f"\n{assignment}: {count} honest submissions, {os.cpu_count()} cores")
    print(f"{'':24}{'s each':>9}{'times':>8}{'ms above cells':>16}{'MiB':>8}")
    for timing in timings:
        above = "" if timing.above is None else f"{timing.above * 1000:.0f}"
        print(f"{timing.name:24}{timing.seconds:9.3f}{serial / timing.seconds:8.1f}{above:>16}{timing.memory:8.0f}")


if __name__ == "__main__":
    main()
