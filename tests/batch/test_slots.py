"""Places at workers that come and go."""

from __future__ import annotations

import threading

import pytest

from autograder.batch.slots import Slots, Unbegun


def taken(slots: Slots, *, alone: bool = False) -> list[str]:
    """What a thread of its own got within a moment; empty if it still waits."""
    got: list[str] = []
    thread = threading.Thread(target=lambda: got.append(slots.take(alone=alone)), daemon=True)
    thread.start()
    thread.join(0.2)
    return got


def test_the_freest_worker_is_taken_first() -> None:
    """Work is spread over the workers, each to its own number."""
    slots = Slots()
    slots.add("big", 2)
    slots.add("small", 1)
    assert ["big", "big", "small"] == sorted(slots.take() for _ in range(3))
    assert 3 == slots.capacity


def test_a_full_cluster_is_waited_for() -> None:
    """A place that is given back goes to whoever waits."""
    slots = Slots()
    slots.add("one", 1)
    slots.take()
    got = taken(slots)
    assert [] == got
    slots.give("one")
    assert "one" in (got or [slots.take()])


def test_a_worker_that_comes_is_used() -> None:
    """Who waits before there is any worker gets the first."""
    slots = Slots()
    got: list[str] = []
    thread = threading.Thread(target=lambda: got.append(slots.take()))
    thread.start()
    slots.add("late", 1)
    thread.join()
    assert ["late"] == got


def test_one_more_may_wait_at_each_worker() -> None:
    """With a spare place a worker of one has two items."""
    slots = Slots()
    slots.add("one", 1)
    slots.spare = 1
    assert 2 == slots.capacity
    assert ["one", "one"] == [slots.take(), slots.take()]
    assert [] == taken(slots)


def test_who_waits_and_who_has_room_is_known() -> None:
    """Beyond its places an item waits; a worker with a place left could run one more at once."""
    slots = Slots()
    slots.spare = 1
    slots.add("one", 1)
    assert ({"one": True}, False) == (slots.room(""), slots.waits("one"))
    slots.take()
    assert ({"one": False}, False) == (slots.room(""), slots.waits("one"))
    slots.take()
    assert ({}, True) == (slots.room(""), slots.waits("one"))


def test_a_worker_to_be_avoided_is_taken_for_want_of_others() -> None:
    """An item that was taken back from one is not given to it again while another has room."""
    slots = Slots()
    slots.add("one", 2)
    slots.add("two", 1)
    assert {"two": True} == slots.room("one")
    assert ["two", "one"] == [slots.take(avoid="one"), slots.take(avoid="one")]


def test_alone_means_that_nothing_else_runs_there() -> None:
    """It waits until the worker is empty, and nobody else gets in before it has left."""
    slots = Slots()
    slots.add("one", 3)
    slots.take()
    got: list[str] = []
    thread = threading.Thread(target=lambda: got.append(slots.take(alone=True)))
    thread.start()
    while "one" not in slots._kept:  # it has asked
        pass
    assert [] == taken(slots)
    slots.give("one")
    thread.join()
    assert ["one"] == got
    slots.give("one", alone=True)
    assert "one" == slots.take()


def test_who_waits_to_be_alone_takes_another_worker_when_the_first_goes() -> None:
    """A reservation at a worker that is gone is worth nothing."""
    slots = Slots()
    slots.add("one", 1)
    slots.take()
    got: list[str] = []
    thread = threading.Thread(target=lambda: got.append(slots.take(alone=True)))
    thread.start()
    slots.drop("one")
    slots.add("two", 1)
    thread.join()
    assert ["two"] == got


def test_what_is_given_back_at_a_lost_worker_is_not_counted() -> None:
    """A worker that comes back has all its places, and no more."""
    slots = Slots()
    slots.add("one", 1)
    slots.take()
    slots.drop("one")
    slots.add("one", 1)
    slots.give("one")
    slots.take()
    assert [] == taken(slots)


def test_closed_means_that_nobody_begins() -> None:
    """Those who wait and those who come are told why; the first reason holds."""
    slots = Slots()
    told: list[Exception] = []

    def wait() -> None:
        try:
            slots.take()
        except Unbegun as why:
            told.append(why)

    thread = threading.Thread(target=wait)
    thread.start()
    why = Unbegun()
    slots.close(why)
    slots.close(ValueError())
    thread.join()
    assert [why] == told
    with pytest.raises(Unbegun):
        slots.take(alone=True)
