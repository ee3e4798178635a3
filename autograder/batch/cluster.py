"""A batch on a Dask cluster, the side of those who ask.

Rule: an item is on one worker at a time, which is chosen here, so that it is known who was lost with what. What comes
back is bytes. An item with which a worker was lost is given to another, alone; after LOSSES it is given up.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from autograder.batch import station
from autograder.batch.muster import LOOK, Muster, Task
from autograder.batch.slots import Slots, Unbegun
from autograder.batch.station import DONE, GONE, SECONDS, Step
from autograder.batch.workers import Worker, Workers
from autograder.errors import GraderError

LOSSES = 3
"""Workers that may be lost with an item before it is given up."""
QUICK = 1.0
"""Where items take fewer seconds, one more waits at each worker, so that it need not wait for us."""
STUCK = 1.5
"""Seconds after which an item that waits at a worker is taken to one that is idle; longer than a report takes."""


class Lost(Exception):
    """The worker is gone, and the item with it."""


class Again(Exception):
    """The item has not begun, and is better given to another worker."""


class Cluster:
    """Workers of a Dask cluster, and what they do; safe to share by threads."""

    def __init__(self, client: Any, told: Callable[[str], None]) -> None:
        self.workers = Workers(client, told)
        self.slots = Slots()
        self.steps: Callable[[str, Step], None] = lambda item, step: None
        """Told where an item is."""
        self.batch = uuid.uuid4().hex[:12]
        """A name for what workers open for it."""
        self._muster = Muster(self.workers, self.batch, self, told)
        self._numbers = itertools.count()
        self._lock = threading.RLock()
        self._labels: dict[str, str] = {}
        """Worker → how people know it."""
        self._out: dict[str, dict[str, queue.SimpleQueue[Any]]] = {}
        """Worker → number of an item that it has → whom to wake."""
        self._names: dict[str, str] = {}
        """Number of an item → its name, which is nobody's business but ours."""
        self._steps: dict[str, Step] = {}
        self._seconds = QUICK

    def room(self) -> int:
        """Items that can be out at once now."""
        return self.slots.capacity

    def open(self, task: Task, asked: Mapping[str, bytes | str]) -> None:
        """Begins to take workers on, those that come later too; `asked`: what some have answered already."""
        self.workers.client.subscribe_topic(station.topic(self.batch), self._report)
        self._muster.open(task, asked)

    # --- items --------------------------------------------------------------------------------------------

    def do(self, task: Task, name: str, request: bytes, began: Callable[[], None]) -> bytes:
        """An item's answer; `began` is called when it has a place of its own, unless a report comes first.

        Raises Unbegun when a person stopped the batch, Broken when it cannot go on, GraderError for the item alone.
        """
        lost: list[str] = []
        while True:
            alone = bool(lost)
            worker = self.slots.take(alone=alone)
            label = self._labels.get(worker, worker)
            waits = self.slots.waits(worker)
            try:
                if not waits:
                    began()
                return self._at(worker, task, name, request, waits=waits)
            except Again:
                continue
            except Lost:
                lost.append(label)
                if len(lost) >= LOSSES:
                    raise GraderError(
                        f"{LOSSES} workers were lost while it ran: {', '.join(lost)}.",
                        mend="Their logs may say why; what was alone the last time is to blame, or the machines are.",
                    ) from None
            finally:
                self.slots.give(worker, alone=alone)

    def _at(self, worker: str, task: Task, name: str, request: bytes, *, waits: bool) -> bytes:
        number, woken = str(next(self._numbers)), queue.SimpleQueue[Any]()
        with self._lock:
            if worker not in self._out:
                raise Lost
            self._out[worker][number] = woken
            self._names[number] = name
        future = None
        try:
            about = (station.work, self.batch, number, request)
            key = f"autograde-{self.batch}-{number}"
            future = self.workers.submit(worker, *about, key=key, resources=task.resources)
            future.add_done_callback(woken.put)
            why = self._woken(number, woken, waits=waits)
            return self._answer(worker, why, future)
        finally:
            with self._lock:
                self._out.get(worker, {}).pop(number, None)
                self._names.pop(number, None)
                self._steps.pop(number, None)
            if future is not None and not future.done():
                with contextlib.suppress(Exception):  # nobody may be left who could be told
                    future.cancel()

    def _woken(self, number: str, woken: queue.SimpleQueue[Any], *, waits: bool) -> Any:
        """Why the item need not be waited for any longer; raises Again where it waits in vain and another is idle."""
        while True:
            try:
                return woken.get(timeout=STUCK if waits else None)
            except queue.Empty:
                waits = number not in self._steps  # it has begun, by now
                if waits and self.slots.idle():
                    raise Again from None

    def _answer(self, worker: str, why: Any, future: Any) -> bytes:
        """What the worker said; raises Lost, Again or GraderError."""
        if isinstance(why, Exception):
            raise why
        if future.status != "finished":
            raise self._fault()
        said = self._fetched(worker, future)
        if said == GONE:
            self._lose(worker, Again())
            self._muster.again(worker)
            raise Again
        if said[:1] != DONE:
            raise GraderError(f"{worker}: {said[1:].decode('utf-8', 'replace')}")
        self._seconds += (SECONDS.unpack_from(said, 1)[0] - self._seconds) / 8
        self.slots.spare = int(self._seconds < QUICK)
        return said[1 + SECONDS.size :]

    def _fault(self) -> Exception:
        """Dask has no answer: either it is gone, or it has heard of a worker's end before us."""
        return Lost() if self.workers.reachable else self.workers.gone()

    def _fetched(self, worker: str, future: Any) -> bytes:
        """The bytes, unless the worker was lost before it could hand them over."""
        while True:
            try:
                said = future.result(timeout=LOOK)
            except TimeoutError:
                if worker not in self._out:
                    raise Lost from None
            except Exception as e:
                raise self._fault() from e
            else:
                if type(said) is not bytes or not said:
                    raise GraderError(f"{worker} gave back what is no answer.", mend="See the worker's log.")
                return said

    def _report(self, event: tuple[float, Any]) -> None:
        """A worker says what runs there."""
        for number, (book, cell, cells) in event[1]["steps"].items():
            at = (str(book), int(cell), int(cells))
            with self._lock:
                if number in self._names and self._steps.get(number) != at:
                    self._steps[number] = at
                    self.steps(self._names[number], at)

    # --- workers ------------------------------------------------------------------------------------------

    def man(self, worker: Worker, places: int) -> None:
        """An admitted worker is ready for that many items at once."""
        with self._lock:
            self._labels[worker.address] = str(worker)
            self._out[worker.address] = {}
            self.slots.add(worker.address, places)

    def leave(self, address: str) -> bool:
        """A worker is gone; whether it had been ready."""
        return self._lose(address, Lost())

    def manned(self) -> bool:
        """Whether any worker is ready."""
        return bool(self._out)

    def _lose(self, address: str, why: Exception) -> bool:
        """Whatever is with a worker must be done elsewhere; whether it was one of those in use."""
        with self._lock:
            woken = self._out.pop(address, None)
        self.slots.drop(address)
        for one in (woken or {}).values():
            one.put(why)
        return woken is not None

    # --- the end ------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """What runs goes on; nothing new begins."""
        self.slots.close(Unbegun())

    def stop(self, why: Exception | None = None) -> None:
        """Nobody waits any longer, but `why` is raised where somebody did."""
        error = why or Unbegun()
        self.slots.close(error)
        with self._lock:
            for woken in [one for items in self._out.values() for one in items.values()]:
                woken.put(error)

    def close(self) -> None:
        """Workers close what they opened, and end what runs."""
        self._muster.close()
        self.stop()
        self.workers.leave(self.batch, self._out)
