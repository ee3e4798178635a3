"""Efficiency of a cluster: two workers of one thread against --jobs 2, the same class in one run.

    python -m benchmarks.cluster [--submissions 100] [--assignments gates xor] [--repeat 3]

Rule: what each further submission costs is compared, so that the start of a command or of workers stands apart;
scheduler, workers and client share the machine's cores, which costs the cluster what a real one would have besides.
Both ways take turns, and the median of each counts.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograder import course as courses
from autograder import pipeline
from benchmarks import classes
from benchmarks.throughput import BIN, SMALL, Run, timed

WORKERS = 2


def main() -> None:
    """Times each assignment and prints its lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=100)
    parser.add_argument("--assignments", nargs="+", default=["gates", "xor"])
    parser.add_argument("--repeat", type=int, default=3, help="runs of each, of which the median counts")
    options = parser.parse_args()
    print(f"{'':10}{'class':>7}{'jobs 2: each ms':>17}{'2 workers: each ms':>20}{'efficiency':>12}")
    with _cluster() as address:
        for assignment in options.assignments:
            _show(assignment, options.submissions, options.repeat, address)


def _show(assignment: str, count: int, repeat: int, address: str) -> None:
    ways = {"here": ["--jobs", str(WORKERS)], "cluster": ["--jobs", "1", "--cluster", address]}
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(repeat):
        for way, words in ways.items():
            small, whole = (_graded(assignment, size, words).seconds for size in (SMALL, count))
            times[way].append((whole - small) / (count - SMALL))
    here, there = (sorted(times[way])[repeat // 2] * 1000 for way in ways)
    print(f"{assignment:10}{count:7}{here:17.1f}{there:20.1f}{here / there:11.0%}")
    for way, found in times.items():
        print(f"{'':10}{way:>7} {' '.join(f'{1000 * seconds:.1f}' for seconds in found)}")


def _graded(assignment: str, count: int, words: list[str]) -> Run:
    """One command over a fresh class."""
    with tempfile.TemporaryDirectory() as name:
        folder = classes.make(Path(name), assignment, count)
        command = [str(BIN / "autograder"), "--course", str(folder), "autograde", assignment, *words]
        seconds, memory = timed([command], folder)
        grades = list(pipeline.latest(courses.load(folder), assignment))
        assert len(grades) == count, f"{len(grades)} of {count} were graded"
        missed = [v.test for g in grades for v in g.verdicts if v.points not in (None, v.max_points)]
        assert not missed, f"solutions lost points in {missed[:3]}"
        return Run(seconds, memory)


@contextmanager
def _cluster() -> Iterator[str]:
    """A scheduler and its workers, each a process of its own; gives the address."""
    with tempfile.TemporaryDirectory() as folder:
        running: list[subprocess.Popen[str]] = []
        try:
            scheduler = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
            address = _begun(running, scheduler, r"Scheduler at:\s+(\S+)")
            worker = ["worker", address, "--nthreads", "1", "--no-dashboard", "--local-directory", folder]
            for _ in range(WORKERS):
                _begun(running, worker, r"(Registered to):")
            yield address
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait()


def _begun(running: list[subprocess.Popen[str]], words: list[str], ready: str) -> str:
    """Starts one of Dask's commands, and waits for what it says when it is ready."""
    process = subprocess.Popen([sys.executable, "-m", "dask", *words], stderr=subprocess.PIPE, text=True)
    running.append(process)
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(ready, line):
            threading.Thread(target=process.stderr.read, daemon=True).start()  # lest the pipe fill up
            return found[1]
    raise SystemExit(f"`dask {words[0]}` did not start.")


if __name__ == "__main__":
    main()
