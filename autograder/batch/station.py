"""A batch on a Dask cluster, the side of those who work.

Rule: whatever happens here, plain bytes go back: nothing that runs when it is read, and no exception, which would.

A *station* is what a worker keeps between the items of a batch: its bench, made of the kit that was sent once.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import msgpack

PERIOD = 0.5
"""Seconds between two reports of what runs."""
IDLE = 600.0
"""Seconds after which a station of which nobody asks anything is closed: its client may have been killed."""
GONE, FAILED, DONE = b"g", b"f", b"d"
"""First byte of an answer; after DONE come the seconds that an item took, and what was asked for."""
WITHDRAWN = b"w"
"""The answer to an item that was taken back before it had begun."""
SECONDS = struct.Struct("<d")
LONGEST = 500
"""Characters of an error that are passed on."""

Step = tuple[str, int, int]
"""What of an item runs: the notebook, the cell's number, the number of cells."""
BEGUN: Step = ("", 0, 0)
"""It runs, and has come to no cell yet."""
Tell = Callable[[Mapping[str, Step]], None]
"""Passes on the steps of all items that run."""


class Bench(Protocol):
    """Where items are worked on."""

    def work(self, request: bytes, step: Callable[[str, int, int], None]) -> bytes:
        """An item's answer; called by several threads."""

    def close(self) -> None:
        """Ends what runs."""


Build = Callable[[Any, int, int], Bench]
"""Makes a bench of a kit, for so many items at once, with so many processors."""


class Station:
    """A bench with so many places, and a thread that reports."""

    def __init__(self, bench: Bench, places: int, tell: Tell) -> None:
        self.bench = bench
        self._places = threading.BoundedSemaphore(places)
        self._tell = tell
        self._steps: dict[str, Step] = {}
        self._out = 0
        self._lock = threading.Lock()
        self._begun: set[str] = set()
        self._withdrawn: set[str] = set()
        self._last = time.monotonic()
        self._over = threading.Event()

    def report(self, forget: Callable[[], None]) -> None:
        """Until the station is closed, tells what runs; `forget` is called after IDLE seconds without an item."""
        told: dict[str, Step] = {}
        while not self._over.wait(PERIOD):
            now = dict(self._steps)
            if now != told:
                told = now
                with contextlib.suppress(Exception):  # a report that is lost is no loss
                    self._tell(now)
            if not self._out and time.monotonic() - self._last > IDLE:
                forget()

    def work(self, items: Sequence[tuple[str, bytes]]) -> bytes:
        """The answers to some items, one after the other; each has its own, whatever becomes of the others."""
        with self._lock:
            self._out += 1
        try:
            answers: bytes = msgpack.packb([_safely(self._one, item, bare=True) for item in items])
            return answers
        finally:
            with self._lock:
                self._out -= 1
            self._last = time.monotonic()

    def _one(self, item: tuple[str, bytes]) -> bytes:
        """One item, when there is a place for it, and if nobody has taken it back by then."""
        number, request = item
        with self._places:
            with self._lock:
                if number in self._withdrawn:
                    return WITHDRAWN
                self._begun.add(number)
            began = time.monotonic()
            self._steps[number] = BEGUN
            try:
                answer = self.bench.work(request, lambda *step: self._steps.__setitem__(number, step))
            finally:
                self._steps.pop(number, None)
            return DONE + SECONDS.pack(time.monotonic() - began) + answer

    def withdraw(self, number: str) -> bool:
        """Takes an item back, if it has not begun."""
        with self._lock:
            if number not in self._begun:
                self._withdrawn.add(number)
            return number in self._withdrawn

    def close(self) -> None:
        """Ends what runs."""
        self._over.set()
        self.bench.close()


_OPEN: dict[str, Station] = {}


async def call(function: Callable[[Any], bytes], question: Any) -> bytes:
    """Asks something of the machine, in a thread, so that the worker goes on answering."""
    return await asyncio.to_thread(_safely, function, question)


async def enter(batch: str, build: Build, kit: Any, places: Mapping[str, int], dask_worker: Any = None) -> bytes:
    """Makes the station of a batch, unless it is there; `places`: worker → items at once."""
    number = places[dask_worker.address]
    threads = max(1, dask_worker.state.nthreads // number)

    def make(_: object) -> bytes:
        if batch not in _OPEN:
            tell = _teller(dask_worker, batch)
            station = _OPEN[batch] = Station(build(kit, number, threads), number, tell)
            threading.Thread(target=station.report, args=(lambda: _forget(batch),), daemon=True).start()
        return b""

    return await call(make, None)


def work(batch: str, items: Sequence[tuple[str, bytes]]) -> bytes:
    """The task that Dask runs."""
    station = _OPEN.get(batch)
    return GONE if station is None else _safely(station.work, items)


async def withdraw(batch: str, number: str) -> bytes:
    """Whether an item has not begun here, and will not."""
    station = _OPEN.get(batch)
    return DONE + (WITHDRAWN if station is None or station.withdraw(number) else b"")


async def leave(batch: str) -> bytes:
    """Closes the station of a batch."""
    return await call(lambda _: _forget(batch), None)


def _forget(batch: str) -> bytes:
    station = _OPEN.pop(batch, None)
    if station is not None:
        station.close()
    return b""


def _safely(function: Callable[[Any], bytes], argument: Any, *, bare: bool = False) -> bytes:
    """What the function gives, after DONE unless it is `bare`; after FAILED, in words, what it raised."""
    try:
        answer = function(argument)
    except Exception as e:
        mend = str(e) if getattr(e, "mend", None) is not None else f"{type(e).__name__}: {e}"
        return FAILED + mend[:LONGEST].encode("utf-8", "replace")
    return answer if bare else DONE + answer


def _teller(worker: Any, batch: str) -> Tell:
    def tell(steps: Mapping[str, Step]) -> None:
        worker.log_event(topic(batch), {"steps": {item: list(step) for item, step in steps.items()}})

    return tell


def topic(batch: str) -> str:
    """Under which Dask passes on what runs."""
    return f"autograder-{batch}"
