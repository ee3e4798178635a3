"""What can be said of a master by reading it: points, order, names, chance, traces, the network.

Rule: all findings of all cells at once, each with its cell and its mend; nothing is run.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograder.check import chances, shown, structure, traces
from autograder.check.remarks import Remark, in_order
from autograder.check.shown import Lines
from autograder.values import Master


def lint(master: Master, solutions: Lines, hidden: Lines) -> list[Remark]:
    """Every finding in a master, given the lines of answers that are solution, and of tests that are hidden."""
    return in_order(_all(master, solutions, hidden))


def _all(master: Master, solutions: Lines, hidden: Lines) -> Iterator[Remark]:
    yield from structure.remarks(master, hidden)
    yield from shown.remarks(master, solutions, hidden)
    yield from chances.remarks(master)
    yield from traces.remarks(master)
