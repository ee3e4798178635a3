"""From ten submissions to ten thousand: what each costs, what the supervisor holds, what a second run costs.

    python -m benchmarks.growth [--sizes 10 100 1000 10000] [--jobs 2]

Rule: whole commands are timed from outside. A class of 2 tells what a command needs to start; a submission's cost is
what the rest of the class took beyond that. The second run finds nothing changed. Everything lies on disk, in a
temporary folder: 10,000 submissions of `gates` and what is kept of them take some 3 GB.
"""

from __future__ import annotations

import argparse
import contextlib
import sqlite3
import sys
import tempfile
from pathlib import Path

from autograder import course as courses
from benchmarks import classes
from benchmarks.throughput import BIN, SMALL, timed

ASSIGNMENT = "gates"


def main() -> None:
    """Grades a class of each size, twice, and prints the table as it grows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1000, 10_000])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3, help="runs of small classes, of which the median counts")
    options = parser.parse_args()
    start, _, _ = _median(SMALL, options.jobs, options.repeat)
    print(f"{ASSIGNMENT}, {options.jobs} jobs; a class of {SMALL} takes {start:.2f} s")
    print(f"{'submissions':>11}{'seconds':>10}{'ms each':>9}{'MiB':>6}{'again s':>9}", flush=True)
    for size in options.sizes:
        seconds, memory, again = _median(size, options.jobs, options.repeat if size < 1000 else 1)
        each = (seconds - start) / (size - SMALL) * 1000
        print(f"{size:11,}{seconds:10.2f}{each:9.1f}{memory:6.0f}{again:9.2f}", flush=True)


def _median(size: int, jobs: int, repeat: int) -> tuple[float, float, float]:
    """Seconds of a first run, largest resident memory of the supervisor in MiB, seconds of a second run."""
    runs = sorted(_run(size, jobs) for _ in range(repeat))
    return runs[repeat // 2]


def _run(size: int, jobs: int) -> tuple[float, float, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = classes.make(Path(name), ASSIGNMENT, size)
        command = [str(BIN / "autograder"), "--course", name, "autograde", ASSIGNMENT, "--jobs", str(jobs)]
        seconds, memory = timed([command], folder)
        before = _graded(folder)
        again, _ = timed([command], folder)
        if (before, _graded(folder)) != (size, size):
            sys.exit(f"{before} were graded, then {_graded(folder)}, of {size}.")
        return seconds, memory, again


def _graded(folder: Path) -> int:
    """Attempts in the ledger: a second run that graded again would have added some."""
    with contextlib.closing(sqlite3.connect(courses.load(folder).ledger)) as ledger:
        return int(ledger.execute("SELECT count(*) FROM attempt").fetchone()[0])


if __name__ == "__main__":
    main()
