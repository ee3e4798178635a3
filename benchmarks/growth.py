"""From ten submissions to ten thousand: what each costs, what the supervisor holds, what a second run costs.

    python -m benchmarks.growth [--sizes 10 100 1000 10000] [--jobs 2] [--cold]

Rule: whole commands are timed from outside. A class of 2 tells what a command needs to start; a submission's cost is
what the rest of the class took beyond that. The second run finds nothing changed; with `--cold` (Linux, as root) a
third finds nothing of the disk in memory either, Python's own files included. Everything lies on disk, in a temporary
folder: 10,000 submissions of `gates` and what is kept of them take some 3 GB.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sqlite3
import sys
import tempfile
from pathlib import Path

from autograder import course as courses
from benchmarks import classes
from benchmarks.throughput import BIN, SMALL, timed

ASSIGNMENT = "gates"
DROP = Path("/proc/sys/vm/drop_caches")
"""Where Linux is told to forget what it holds of the disk."""


def main() -> None:
    """Grades a class of each size, twice, and prints the table as it grows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1000, 10_000])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3, help="runs of small classes, of which the median counts")
    parser.add_argument("--cold", action="store_true", help="once more, with an empty page cache")
    options = parser.parse_args()
    start, *_ = _median(SMALL, options.jobs, options.repeat, cold=False)
    print(f"{ASSIGNMENT}, {options.jobs} jobs; a class of {SMALL} takes {start:.2f} s")
    print(f"{'submissions':>11}{'seconds':>10}{'ms each':>9}{'MiB':>6}{'again s':>9}{'cold s':>8}", flush=True)
    for size in options.sizes:
        repeat = options.repeat if size < 1000 else 1
        seconds, memory, again, cold = _median(size, options.jobs, repeat, cold=options.cold)
        each = (seconds - start) / (size - SMALL) * 1000
        last = f"{cold:.2f}" if options.cold else "–"
        print(f"{size:11,}{seconds:10.2f}{each:9.1f}{memory:6.0f}{again:9.2f}{last:>8}", flush=True)


def _median(size: int, jobs: int, repeat: int, *, cold: bool) -> tuple[float, float, float, float]:
    """Seconds of a first run, largest memory of the supervisor in MiB, seconds of a second run and of a cold one."""
    runs = sorted(_run(size, jobs, cold=cold) for _ in range(repeat))
    return runs[repeat // 2]


def _run(size: int, jobs: int, *, cold: bool) -> tuple[float, float, float, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = classes.make(Path(name), ASSIGNMENT, size)
        command = [str(BIN / "autograder"), "--course", name, "autograde", ASSIGNMENT, "--jobs", str(jobs)]
        seconds, memory = timed([command], folder)
        before = _graded(folder)
        again, _ = timed([command], folder)
        if cold:
            os.sync()
            DROP.write_text("3")
        last = timed([command], folder)[0] if cold else 0.0
        if (before, _graded(folder)) != (size, size):
            sys.exit(f"{before} were graded, then {_graded(folder)}, of {size}.")
        return seconds, memory, again, last


def _graded(folder: Path) -> int:
    """Attempts in the ledger: a second run that graded again would have added some."""
    with contextlib.closing(sqlite3.connect(courses.load(folder).ledger)) as ledger:
        return int(ledger.execute("SELECT count(*) FROM attempt").fetchone()[0])


if __name__ == "__main__":
    main()
