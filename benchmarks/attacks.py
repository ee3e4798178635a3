"""Who stops which attack: nbgrader, a fork without protection, the jail's levels 2 and 4.

    python -m benchmarks.attacks [--only 'F05*' S2] [--without-nbgrader] [--details]

Rule: every column is run now, on the same notebooks. `worked`: points that were not earned, a secret read, something
outside touched, or the attack's own report that it got through. nbgrader runs as a user of its own with nothing to
lose, in a temporary course; attacks that could spoil the class get a run of their own beside an honest student.
A line is printed when its attack is through all columns, so lines are not in order of their names.
"""

from __future__ import annotations

import argparse
import fnmatch
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from benchmarks import under_nbgrader
from benchmarks.fates import Fate, case_module, of_fork, of_level, scene_module

COLUMNS = ("nbgrader", "fork", "level 2", "level 4")
FORK_SECONDS = 8.0
"""How long an attack may run in a fork without protection; those that never end get less."""
NOTE_SECONDS = 20.0
"""Between two notes where they cannot be written over one another."""


def main() -> None:
    """Runs all columns and prints the table, line by line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=["*"], metavar="PATTERN", help="names, or how they begin")
    parser.add_argument("--without-nbgrader", action="store_true", help="two minutes less")
    parser.add_argument("--all", action="store_true", help="nbgrader with every variant that needs a run of its own")
    parser.add_argument("--details", action="store_true", help="what each attack achieved")
    options = parser.parse_args()
    cases = [c for c in case_module.all_cases() if any(fnmatch.fnmatchcase(c.name, f"{p}*") for p in options.only)]
    if not cases:
        parser.error(f"No attack is called {' or '.join(options.only)}; see tests/attacks/cases.")
    peers = [] if options.without_nbgrader else under_nbgrader.applying(cases, options.all)
    table = Table(cases, {case.name for case in peers}, details=options.details)
    _own_columns(cases, table)
    try:
        for name, fate in under_nbgrader.fates(peers, table.note):
            table.add(name, "nbgrader", fate)
    except under_nbgrader.NoHonestGrade:
        raise SystemExit("nbgrader grades no honest notebook on this machine: its column says nothing.") from None
    table.close()


def _own_columns(cases: Sequence[Any], table: Table) -> None:
    with scene_module.Scene() as scene:
        scene.watch = lambda done: table.note("fork", done, len(cases))
        outcomes = scene.plain_kernel(cases, FORK_SECONDS)
        for case in cases:
            table.add(case.name, "fork", of_fork(case, outcomes[case.name]))
        for level in (2, 4):
            column = f"level {level}"
            scene.watch = lambda done, column=column: table.note(column, done, len(cases))
            outcomes, _ = scene.attack(cases, level)
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
        text = f"... {column}: {done} of {total} attacks, {now - self._began:.0f} s"
        print(f"\r{text:79}" if self._over else text, end="" if self._over else "\n", file=sys.stderr, flush=True)

    def _wipe(self) -> None:
        if self._over:
            print(f"\r{'':79}\r", end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Counts, a line for each column."""
        self._wipe()
        print(f"\n{len(self._fates)} attacks in {time.monotonic() - self._began:.0f} s")
        for column in COLUMNS:
            counted = Counter(row[column].word for row in self._fates.values())
            not_tried = counted.pop("-", 0)
            words = [f"{count} {word}" for word, count in counted.most_common()]
            print(f"{column:9} " + ", ".join([*words, f"{not_tried} not tried"] if not_tried else words))


if __name__ == "__main__":
    main()
