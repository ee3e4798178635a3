"""Turns: who may run, of those who are ready."""

from __future__ import annotations

import threading

import pytest

from autograder.batch.slots import Unbegun
from autograder.batch.turns import Turns


def waiting(turns: Turns, entered: list[str], name: str) -> threading.Thread:
    """A thread that takes a turn and says so, or why it got none."""

    def take() -> None:
        try:
            with turns:
                entered.append(name)
        except Unbegun:
            entered.append(f"{name} sent away")

    thread = threading.Thread(target=take)
    thread.start()
    return thread


def test_whoever_comes_when_all_turns_are_taken_waits() -> None:
    """Until one is given back, also by an exception."""
    turns, entered = Turns(2), list[str]()
    with turns:
        with pytest.raises(ValueError, match="thrown"), turns:
            third = waiting(turns, entered, "third")
            third.join(0.05)
            assert [] == entered
            raise ValueError("thrown")
        third.join()
    assert ["third"] == entered


def test_a_stopped_batch_sends_away_who_waits_and_who_comes() -> None:
    """Whoever has a turn keeps it."""
    turns, entered = Turns(1), list[str]()
    with turns:
        second = waiting(turns, entered, "second")
        turns.stop()
        second.join()
    waiting(turns, entered, "third").join()
    assert ["second sent away", "third sent away"] == entered
