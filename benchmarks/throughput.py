"""Seconds a submission: nbgrader and autograder, one process and two, on the same class in one run.

    python -m benchmarks.throughput [--submissions 20] [--assignments gates xor]

Rule: whole commands are timed from outside; ratios are of the same run. A class of 2 and the whole class are graded,
so that what a command needs to start stands apart from what each further submission costs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder import course as courses
from autograder import pipeline
from benchmarks import classes

BIN = Path(sys.executable).parent
SMALL = 2
"""Submissions of the small class."""


@dataclass(frozen=True, slots=True)
class Run:
    """One command, or two side by side, over one class."""

    seconds: float
    """Wall-clock seconds."""
    memory: float
    """Largest resident memory of the command's own process, MiB."""
    own: float | None = None
    """Sum of the seconds that the cells and tests themselves took; None where nobody knows."""


Tool = Callable[[Path, str, int, int], Run]
"""Grades an assignment of a course's folder: folder, assignment, submissions, jobs."""


@dataclass(frozen=True, slots=True)
class Timing:
    """One way of grading the class."""

    name: str
    small: Run
    """A class of SMALL."""
    whole: Run
    count: int
    jobs: int

    @property
    def each(self) -> float:
        """Seconds that each further submission costs."""
        return (self.whole.seconds - self.small.seconds) / (self.count - SMALL)

    @property
    def start(self) -> float:
        """Seconds before the first."""
        return self.small.seconds - SMALL * self.each

    @property
    def above(self) -> float | None:
        """Seconds a submission above the cells' own, of one job."""
        if self.whole.own is None or self.small.own is None:
            return None
        return self.each * self.jobs - (self.whole.own - self.small.own) / (self.count - SMALL)


def main() -> None:
    """Times each assignment and prints its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=20)
    parser.add_argument("--assignments", nargs="+", default=["gates", "xor"])
    parser.add_argument("--repeat", type=int, default=3, help="runs of autograder's, of which the median counts")
    parser.add_argument("--without-nbgrader", action="store_true", help="only our own figures")
    options = parser.parse_args()
    for assignment in options.assignments:
        timings = _timings(assignment, options.submissions, options.repeat, nbgrader=not options.without_nbgrader)
        _show(assignment, options.submissions, timings)


def _timings(assignment: str, count: int, repeat: int, *, nbgrader: bool) -> list[Timing]:
    """nbgrader runs once: it takes so long that a pause of the machine hardly shows."""
    tools: dict[str, tuple[Tool, int]] = {"nbgrader": (_nbgrader, 1)} if nbgrader else {}
    tools["autograder"] = (_autograder, repeat)
    out = []
    for name, (tool, times) in tools.items():
        for jobs in (1, 2):
            small, whole = (_median(tool, assignment, size, jobs, times) for size in (SMALL, count))
            out.append(Timing(f"{name}, {jobs} side by side" if jobs > 1 else name, small, whole, count, jobs))
    return out


def _median(tool: Tool, assignment: str, count: int, jobs: int, times: int) -> Run:
    runs = [_in_a_course(tool, assignment, count, jobs) for _ in range(times)]
    return sorted(runs, key=lambda run: run.seconds)[times // 2]


def _in_a_course(tool: Tool, assignment: str, count: int, jobs: int) -> Run:
    """In a fresh course; tried again when it fails, as kernels side by side now and then take each other's ports."""
    for attempt in range(3):
        with tempfile.TemporaryDirectory() as folder:
            try:
                return tool(classes.make(Path(folder), assignment, count), assignment, count, jobs)
            except RuntimeError as e:
                print(f"attempt {attempt + 1} failed: {e}", file=sys.stderr)
    raise SystemExit("It failed three times.")


def _nbgrader(folder: Path, assignment: str, count: int, jobs: int) -> Run:
    """nbgrader has no jobs: two processes share the class by globs."""
    command = [str(BIN / "nbgrader")]
    _run([[*command, "generate_assignment", assignment]], folder)
    globs = ["*"] if jobs == 1 else ["*[02468]", "*[13579]"]
    seconds, memory = _run([[*command, "autograde", assignment, "--student", glob] for glob in globs], folder)
    done = len(list((folder / "autograded").glob(f"*/{assignment}/*.ipynb")))
    assert done == count * len(list((folder / "source" / assignment).glob("*.ipynb"))), f"nbgrader graded {done}"
    return Run(seconds, memory)


def _autograder(folder: Path, assignment: str, count: int, jobs: int) -> Run:
    command = [str(BIN / "autograder"), "--course", str(folder), "autograde", assignment, "--jobs", str(jobs)]
    seconds, memory = _run([command], folder)
    grades = list(pipeline.latest(courses.load(folder), assignment))
    assert len(grades) == count, f"autograder graded {len(grades)}"
    missed = [v.test for g in grades for v in g.verdicts if v.points not in (None, v.max_points)]
    assert not missed, f"solutions lost points in {missed[:3]}"
    return Run(seconds, memory, sum(g.cell_seconds for g in grades))


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
        raise RuntimeError(f"{commands[0]} failed:\n{log.read_text()[-1000:]}")
    return seconds, max(usage.ru_maxrss for _, _, usage in ended) / 1024


def _show(assignment: str, count: int, timings: list[Timing]) -> None:
    first = timings[0]
    print(f"\n{assignment}: {count} honest submissions, {os.cpu_count()} cores; times are of {first.name}")
    print(f"{'':24}{'start s':>8}{'each s':>8}{'times':>7}{'above ms':>10}{'class s':>9}{'times':>7}{'MiB':>6}")
    for t in timings:
        above = "" if t.above is None else f"{t.above * 1000:.0f}"
        print(
            f"{t.name:24}{t.start:8.2f}{t.each:8.3f}{first.each / t.each:7.1f}{above:>10}"
            f"{t.whole.seconds:9.2f}{first.whole.seconds / t.whole.seconds:7.1f}{t.whole.memory:6.0f}"
        )


if __name__ == "__main__":
    main()
