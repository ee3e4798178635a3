"""Who stops which attack: nbgrader, a fork without protection, the jail's levels 2 and 4.

    python -m benchmarks.attacks [--only 'F05*' S2] [--without-nbgrader] [--details] [--write docs/attacks.md]

Rule: every column is run now, on the same notebooks. `worked`: points that were not earned, a secret read, something
outside touched, or the attack's own report that it got through. nbgrader runs as a user of its own with nothing to
lose, in a temporary course; attacks that could spoil the class get a run of their own beside an honest student.
A line is printed when its attack is through all columns, so lines are not in order of their names. `--write` keeps
the table as a page; with `--only`, the page's other rows stay.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import sys
import textwrap
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import attacks_page, under_nbgrader
from benchmarks.attacks_page import COLUMNS
from benchmarks.fates import Fate, case_module, of_fork, of_level, scene_module

JOBS = 1 + (os.cpu_count() or 1)
"""Attacks at once: one more than there are cores, as some only wait for their end."""
FORK_SECONDS = 8.0
"""How long an attack may run in a fork without protection; those that never end get less."""
NOTE_SECONDS = 20.0
"""Between two notes where they cannot be written over one another."""


def main() -> None:
    """Runs all columns and prints the table, line by line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=["*"], metavar="PATTERN", help="names, or how they begin")
    parser.add_argument("--without-nbgrader", action="store_true", help="half of the time")
    parser.add_argument("--details", action="store_true", help="what each attack achieved")
    parser.add_argument("--write", type=Path, metavar="FILE", help="keep the table as a page: docs/attacks.md")
    options = parser.parse_args()
    if options.write and options.without_nbgrader:
        parser.error("A page needs all columns: leave --without-nbgrader or --write away.")
    every = case_module.all_cases()
    cases = [c for c in every if any(fnmatch.fnmatchcase(c.name, f"{p}*") for p in options.only)]
    if not cases:
        parser.error(f"No attack is called {' or '.join(options.only)}; see tests/attacks/cases.")
    peers = [] if options.without_nbgrader else under_nbgrader.applying(cases)
    table = Table(cases, {case.name for case in peers}, details=options.details)
    _own_columns(cases, table)
    try:
        for name, fate in under_nbgrader.fates(peers, table.note):
            table.add(name, "nbgrader", fate)
    except under_nbgrader.NoHonestGrade:
        raise SystemExit("nbgrader grades no honest notebook on this machine: its column says nothing.") from None
    table.close()
    if options.write:
        attacks_page.write(options.write, every, table.words())


def _own_columns(cases: Sequence[Any], table: Table) -> None:
    with scene_module.Scene() as scene:
        scene.watch = lambda done: table.note("fork", done, len(cases))
        outcomes = scene.plain_kernel(cases, FORK_SECONDS, jobs=JOBS)
        for case in cases:
            table.add(case.name, "fork", of_fork(case, outcomes[case.name]))
        for level in (2, 4):
            column = f"level {level}"
            scene.watch = lambda done, column=column: table.note(column, done, len(cases))
            outcomes, _ = scene.attack(cases, level, jobs=JOBS)
            for case in cases:
                table.add(case.name, column, of_level(case, outcomes[case.name], level))


class Table:
    """What people see: a line for each attack, when it is through; notes of what is running; counts at the end."""

    def __init__(self, cases: Sequence[Any], peers: set[str], *, details: bool) -> None:
        self._fates: dict[str, dict[str, Fate]] = {case.name: {} for case in cases}
        for name in self._fates.keys() - peers:
            self._fates[name]["nbgrader"] = Fate("-")
        self._details = details
        self._began = self._noted = time.monotonic()
        self._over = sys.stderr.isatty()
        print(f"{'attack':36}" + "".join(f"{name:>11}" for name in COLUMNS), flush=True)

    def add(self, name: str, column: str, fate: Fate) -> None:
        """Takes down what became of an attack; prints its line if that was the last column."""
        row = self._fates[name]
        row[column] = fate
        if len(row) < len(COLUMNS):
            return
        self._wipe()
        print(f"{name[:36]:36}" + "".join(f"{row[c].word:>11}" for c in COLUMNS), flush=True)
        for c in COLUMNS if self._details else ():
            if row[c].damage:
                print("    " + textwrap.shorten(f"{c}: {'; '.join(row[c].damage)}", 76), flush=True)

    def note(self, column: str, done: int, total: int) -> None:
        """Says how far a column is: in place on a terminal, else now and then."""
        now = time.monotonic()
        if now - self._noted < (0.2 if self._over else NOTE_SECONDS):
            return
        self._noted = now
        text = f"... {column}: {min(done, total)} of {total} attacks, {now - self._began:.0f} s"
        print(f"\r{text:79}" if self._over else text, end="" if self._over else "\n", file=sys.stderr, flush=True)

    def _wipe(self) -> None:
        if self._over:
            print(f"\r{'':79}\r", end="", file=sys.stderr, flush=True)

    def words(self) -> Mapping[str, tuple[str, ...]]:
        """Attack → what became of it in each of COLUMNS."""
        return {name: tuple(row[c].word for c in COLUMNS) for name, row in self._fates.items()}

    def close(self) -> None:
        """Counts, a line for each column."""
        self._wipe()
        print(f"\n{len(self._fates)} attacks in {time.monotonic() - self._began:.0f} s")
        print("\n".join(attacks_page.counts(dict(self.words()))))


if __name__ == "__main__":
    main()
