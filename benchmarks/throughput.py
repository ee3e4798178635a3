"""Seconds a submission: nbgrader and autograder, one process and two, on the same class in one run.

    python -m benchmarks.throughput [--submissions 20] [--assignments gates xor] [--otter BIN/otter]

Rule: whole commands are timed from outside; ratios are of the same run. A class of 2 and the whole class are graded,
so that what a command needs to start stands apart from what each further submission costs.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from autograder import course as courses
from autograder import pipeline
from benchmarks import classes, under_otter

BIN = Path(sys.executable).parent
SMALL = 2
"""Submissions of the small class."""
SMALL_TIMES = 3
LEAST_SECONDS = 40.0
"""Of short runs there are as many as fill this: a tenth of a second more or less is 5 ms a submission."""


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
    def floor(self) -> float | None:
        """How many times the cells' own seconds, shared by the jobs, each submission costs."""
        return None if self.own is None else self.each * self.jobs / self.own

    @property
    def own(self) -> float | None:
        """Seconds that the cells and tests of one submission take themselves."""
        if self.whole.own is None or self.small.own is None:
            return None
        return (self.whole.own - self.small.own) / (self.count - SMALL)

    @property
    def above(self) -> float | None:
        """Seconds a submission above the cells' own, of one job."""
        return None if self.own is None else self.each * self.jobs - self.own


def main() -> None:
    """Times each assignment and prints its table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=20)
    parser.add_argument("--assignments", nargs="+", default=["gates", "xor"])
    parser.add_argument(
        "--repeat", type=int, default=3, help="least runs of autograder's, of which the median counts"
    )
    parser.add_argument("--without-nbgrader", action="store_true", help="only our own figures")
    parser.add_argument("--otter", default="", help="Otter-Grader's command, in an environment of its own")
    options = parser.parse_args()
    for assignment in options.assignments:
        tools: dict[str, tuple[Tool, int]] = {} if options.without_nbgrader else {"nbgrader": (_nbgrader, 1)}
        if options.otter:
            tools["otter run"] = (partial(_otter, options.otter), 1)
        timings = _timings(assignment, options.submissions, {**tools, "autograder": (_autograder, options.repeat)})
        _show(assignment, options.submissions, timings)


def _timings(assignment: str, count: int, tools: Mapping[str, tuple[Tool, int]]) -> list[Timing]:
    """Others run once: they take so long that a pause of the machine hardly shows.

    Runs of autograder lie before, between and behind theirs, for within minutes a machine may become a third faster.
    """
    pairs = ((name, jobs) for name in tools for jobs in (1, 2))
    series = [_Series(name, tools[name][0], assignment, count, jobs, tools[name][1]) for name, jobs in pairs]
    slow, quick = [s for s in series if s.times == 1], [s for s in series if s.times > 1]
    for others in [[], *([one] for one in slow)]:
        for one in others:
            one.run()
        for one in quick:
            one.run(LEAST_SECONDS / (len(slow) + 1))
    for one in series:
        one.complete()
    return [one.timing() for one in series]


@dataclass(slots=True)
class _Series:
    """Runs of one tool with so many jobs."""

    name: str
    tool: Tool
    assignment: str
    count: int
    jobs: int
    times: int
    """Least runs of the whole class."""
    small: list[Run] = field(default_factory=list)
    whole: list[Run] = field(default_factory=list)

    def run(self, seconds: float = 0.0) -> None:
        """The small and the whole class in turn, once and until so many seconds are full."""
        began = time.perf_counter()
        while True:
            self.small.append(_in_a_course(self.tool, self.assignment, SMALL, self.jobs))
            self.whole.append(_in_a_course(self.tool, self.assignment, self.count, self.jobs))
            if time.perf_counter() - began >= seconds:
                break

    def complete(self) -> None:
        """What is missing: a slow start of one small class would seem to make each submission quick."""
        while len(self.whole) < self.times:
            self.run()
        while len(self.small) < SMALL_TIMES:
            self.small.append(_in_a_course(self.tool, self.assignment, SMALL, self.jobs))

    def timing(self) -> Timing:
        """The medians."""
        name = f"{self.name}, {self.jobs} side by side" if self.jobs > 1 else self.name
        return Timing(name, _median(self.small), _median(self.whole), self.count, self.jobs)


def _median(runs: list[Run]) -> Run:
    return sorted(runs, key=lambda run: run.seconds)[len(runs) // 2]


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
    timed([[*command, "generate_assignment", assignment]], folder)
    globs = ["*"] if jobs == 1 else ["*[02468]", "*[13579]"]
    seconds, memory = timed([[*command, "autograde", assignment, "--student", glob] for glob in globs], folder)
    done = len(list((folder / "autograded").glob(f"*/{assignment}/*.ipynb")))
    assert done == count * len(list((folder / "source" / assignment).glob("*.ipynb"))), f"nbgrader graded {done}"
    return Run(seconds, memory)


def _otter(otter: str, folder: Path, assignment: str, count: int, jobs: int) -> Run:
    """Otter grades one notebook a command, so that it has nothing to share by a class."""
    zipped = under_otter.prepare(otter, folder, assignment)
    began = time.perf_counter()
    least = under_otter.grade(otter, folder, assignment, zipped, jobs)
    seconds = time.perf_counter() - began
    assert least == 1.0, f"solutions lost points under Otter: {least}"
    return Run(seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)


def _autograder(folder: Path, assignment: str, count: int, jobs: int) -> Run:
    command = [str(BIN / "autograder"), "--course", str(folder), "autograde", assignment, "--jobs", str(jobs)]
    seconds, memory = timed([command], folder)
    grades = list(pipeline.latest(courses.load(folder), assignment))
    assert len(grades) == count, f"autograder graded {len(grades)}"
    missed = [v.test for g in grades for v in g.verdicts if v.points not in (None, v.max_points)]
    assert not missed, f"solutions lost points in {missed[:3]}"
    return Run(seconds, memory, sum(g.cell_seconds for g in grades))


def timed(commands: Sequence[Sequence[str]], folder: Path) -> tuple[float, float]:
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
    print(f"{'':24}{'start s':>8}{'each s':>8}{'times':>7}", end="")
    print(f"{'above ms':>9}{'floor':>6}{'class s':>8}{'times':>6}{'MiB':>5}")
    for t in timings:
        above, floor = ("", "") if t.above is None or t.floor is None else (f"{t.above * 1000:.0f}", f"{t.floor:.2f}")
        print(
            f"{t.name:24}{t.start:8.2f}{t.each:8.3f}{first.each / t.each:7.1f}{above:>9}{floor:>6}"
            f"{t.whole.seconds:8.2f}{first.whole.seconds / t.whole.seconds:6.1f}{t.whole.memory:5.0f}"
        )


if __name__ == "__main__":
    main()
