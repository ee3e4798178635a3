"""A batch on a Dask cluster, the side of those who ask.

Rule: an item is on one worker at a time, which is chosen here, so that it is known who was lost with what. What comes
back is bytes. An item with which a worker was lost is given to another, alone; after LOSSES it is given up.
"""

from __future__ import annotations

import queue
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from autograder.batch import station
from autograder.batch.courier import Courier, Item, Load
from autograder.batch.muster import LOOK, Muster, Task
from autograder.batch.slots import Slots, Unbegun
from autograder.batch.station import DONE, GONE, SECONDS, WITHDRAWN, Step
from autograder.batch.workers import Worker, Workers
from autograder.errors import GraderError

LOSSES = 3
"""Workers that may be lost with an item before it is given up."""
QUICK = 1.0
"""Where items take fewer seconds, one more waits at each worker, so that it need not wait for us."""
TOGETHER = 0.5
"""Seconds of work that are sent to a worker at once where items are quicker still: sending costs some 10 ms."""
LARGEST = 8
"""Items that are sent at once at most."""
STUCK = 1.0
"""Seconds without an answer of a worker after which what waits there is taken to one that answers, or is idle."""


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
        self._courier = Courier(self.workers, self.batch)
        self._lock = threading.RLock()
        self._labels: dict[str, str] = {}
        """Worker → how people know it."""
        self._names: dict[str, str] = {}
        """Number of an item → its name, which is nobody's business but ours."""
        self._steps: dict[str, Step] = {}
        self._seconds = QUICK
        self._heard: dict[str, float] = {}
        """Worker → when its last answer came, on the monotonic clock."""

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
        worker = ""
        while True:
            alone = bool(lost)
            worker = self.slots.take(alone=alone, avoid=worker)
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
        item = self._courier.post(worker, request, task.resources)
        if item is None:
            raise Lost
        with self._lock:
            self._names[item.number] = name
        try:
            why = self._woken(worker, item, waits=waits)
            if isinstance(why, Load):
                return self._answer(worker, item, why.answer(item, lambda future: self._fetched(worker, future)))
            raise why
        finally:
            self._courier.end(worker, item)
            with self._lock:
                self._names.pop(item.number, None)
                self._steps.pop(item.number, None)

    def _woken(self, worker: str, item: Item, *, waits: bool) -> Any:
        """Why it need not be waited for any longer; raises Again where it waits and another worker is idle."""
        while True:
            try:
                return item.woken.get(timeout=STUCK if waits else None)
            except queue.Empty:
                waits = item.number not in self._steps  # it has begun, by now
                if waits and self._is_stuck(worker):
                    if self._courier.take_back(worker, item):
                        raise Again from None
                    waits = False

    def _is_stuck(self, worker: str) -> bool:
        """Whether that worker has been silent, and another could take its items that is not."""
        late = time.monotonic() - STUCK
        if self._heard.get(worker, 0.0) > late:
            return False
        return any(idle or self._heard.get(other, 0.0) > late for other, idle in self.slots.room(worker).items())

    def _answer(self, worker: str, item: Item, said: bytes) -> bytes:
        """What the worker said to an item; raises Again or GraderError."""
        if said == GONE:
            if self._courier.holds(worker, item):  # else another item's thread has seen to it
                self._lose(worker, Again())
                self._muster.again(worker)
            raise Again
        if said == WITHDRAWN:
            raise Again
        if said[:1] != DONE or len(said) < 1 + SECONDS.size:
            raise GraderError(f"{worker}: {said[1:].decode('utf-8', 'replace')}")
        self._heard[worker] = time.monotonic()
        self._pace(SECONDS.unpack_from(said, 1)[0])
        return said[1 + SECONDS.size :]

    def _pace(self, seconds: float) -> None:
        """How many items are sent at once, and how many wait at a worker, by what they have taken of late."""
        self._seconds += (seconds - self._seconds) / 8
        size = self._courier.size = max(1, min(LARGEST, int(TOGETHER / max(self._seconds, 1e-3))))
        self.slots.spare = 0 if self._seconds >= QUICK else 1 if size == 1 else 2 * size

    def _fault(self) -> Exception:
        """Dask has no answer: either it is gone, or it has heard of a worker's end before us."""
        return Lost() if self.workers.reachable else self.workers.gone()

    def _fetched(self, worker: str, future: Any) -> bytes:
        """The bytes, unless the worker was lost before it could hand them over."""
        if future.status != "finished":
            raise self._fault()
        while True:
            try:
                said = future.result(timeout=LOOK)
            except TimeoutError:
                if not self._courier.knows(worker):
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
            self._courier.open(worker.address, places)
            self.slots.add(worker.address, places)

    def leave(self, address: str) -> bool:
        """A worker is gone; whether it had been ready."""
        return self._lose(address, Lost())

    def manned(self) -> bool:
        """Whether any worker is ready."""
        return bool(self._courier.at)

    def _lose(self, address: str, why: Exception) -> bool:
        """Whatever is with a worker must be done elsewhere; whether it was one of those in use."""
        items = self._courier.drop(address)
        self.slots.drop(address)
        for item in items or ():
            item.woken.put(why)
        return items is not None

    # --- the end ------------------------------------------------------------------------------------------

    def finish(self) -> None:
        """What runs goes on; nothing new begins."""
        self.slots.close(Unbegun())
        for item in self._courier.unsent():
            item.woken.put(Unbegun())

    def stop(self, why: Exception | None = None) -> None:
        """Nobody waits any longer, but `why` is raised where somebody did."""
        error = why or Unbegun()
        self.slots.close(error)
        for item in self._courier.all():
            item.woken.put(error)

    def close(self) -> None:
        """Workers close what they opened, and end what runs."""
        self._muster.close()
        self.stop()
        self.workers.leave(self.batch, self._courier.at)
