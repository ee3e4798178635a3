"""Batches: order, room, interruptions."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from autograder.batch.local import Batch
from autograder.errors import Interrupted


def nothing() -> None:
    """Ends nothing."""


def test_every_item_comes_back_with_its_result() -> None:
    """As many results as items, each beside its own item."""
    batch: Batch[int, int] = Batch(lambda n: n * n, 3, nothing)
    assert {n: n * n for n in range(50)} == dict(batch.run(range(50)))


def test_items_are_taken_only_as_there_is_room() -> None:
    """A class of any size takes no memory: at most `jobs` items are out at once."""
    out, most = 0, 0

    def items() -> Iterator[int]:
        nonlocal out, most
        for n in range(30):
            out += 1
            most = max(most, out)
            yield n

    batch: Batch[int, int] = Batch(lambda n: n, 2, nothing)
    for _ in batch.run(items()):
        out -= 1
    assert most <= 4


def test_one_interrupt_finishes_what_runs_and_begins_nothing_new() -> None:
    """Ctrl-C once: the running item is delivered, then Interrupted says that the command can be repeated."""
    began: list[int] = []
    go = threading.Event()

    def work(n: int) -> int:
        began.append(n)
        if n == 1:
            os.kill(os.getpid(), signal.SIGINT)
            go.wait(10)
        return n

    batch: Batch[int, int] = Batch(work, 1, nothing)
    done = []
    with pytest.raises(Interrupted, match="goes on"):
        for item, _ in batch.run(range(100)):
            done.append(item)
            if item == 0:
                threading.Timer(0.2, go.set).start()
    assert [0, 1] == done == began


def test_a_second_interrupt_stops_at_once() -> None:
    """Ctrl-C twice: the processes are ended, and KeyboardInterrupt comes through."""
    ended = threading.Event()

    def work(n: int) -> int:
        os.kill(os.getpid(), signal.SIGINT)
        ended.wait(10)
        return n

    def twice() -> None:
        os.kill(os.getpid(), signal.SIGINT)

    batch: Batch[int, int] = Batch(work, 1, ended.set)
    threading.Timer(0.3, twice).start()
    with pytest.raises(KeyboardInterrupt):
        list(batch.run(range(3)))
    assert ended.is_set()


def test_the_handler_that_was_there_comes_back() -> None:
    """After a batch Ctrl-C means what it meant before."""
    before = signal.getsignal(signal.SIGINT)
    list(Batch(lambda n: n, 1, nothing).run(range(2)))
    assert before is signal.getsignal(signal.SIGINT)
