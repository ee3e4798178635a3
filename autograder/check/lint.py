"""What can be said of a master by reading it: points, order, names, chance, traces, the network.

Rule: all findings of all cells at once, each with its cell and its mend; nothing is run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from autograder.check import chances, structure, traces
from autograder.check.remarks import Remark, in_order
from autograder.values import Master


def lint(master: Master, solutions: Mapping[str, Collection[int]]) -> list[Remark]:
    """Every finding in a master; `solutions`: a cell's id → the lines, from 1, that students do not see."""
    return in_order(_all(master, solutions))


def _all(master: Master, solutions: Mapping[str, Collection[int]]) -> Iterator[Remark]:
    yield from structure.remarks(master, solutions)
    yield from chances.remarks(master)
    yield from traces.remarks(master)
