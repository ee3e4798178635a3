"""Carries items to the workers of a cluster, quick ones several at a time.

Rule: an item is with one worker at a time. Whoever takes one back from a worker has that worker's word that it has
not begun there, nor will.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgpack

from autograder.batch import station
from autograder.batch.station import DONE
from autograder.batch.workers import Broken, Workers
from autograder.errors import GraderError


@dataclass(eq=False, slots=True)
class Item:
    """What a worker is to do, and how whoever waits for it is woken."""

    number: str
    request: bytes
    woken: queue.SimpleQueue[Any] = field(default_factory=queue.SimpleQueue)
    """Is given the Load when it is back, or an exception."""
    load: Load | None = None
    """With which it was sent; None while it has not been."""


class Load:
    """Items that are sent together."""

    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self.future: Any = None
        """Dask's."""
        self._lock = threading.Lock()
        self._answers: dict[str, bytes] | None = None
        self._wanted = len(items)

    def answer(self, item: Item, fetch: Callable[[Any], bytes]) -> bytes:
        """What the worker said to one of the items; `fetch` gets what it said to all, once."""
        with self._lock:
            if self._answers is None:
                self._answers = _opened(fetch(self.future), self.items)
            return self._answers[item.number]

    def leave(self) -> None:
        """One of the items is not waited for any longer."""
        self._wanted -= 1
        if not self._wanted and self.future is not None and not self.future.done():
            with contextlib.suppress(Exception):  # nobody may be left who could be told
                self.future.cancel()


def _opened(said: bytes, items: list[Item]) -> dict[str, bytes]:
    """Number of an item → the answer to it; where a worker says one thing to all of them, that."""
    if said[:1] != DONE:
        return {item.number: said for item in items}
    try:
        answers = msgpack.unpackb(said[1:])
    except (ValueError, msgpack.UnpackException):
        answers = None
    if type(answers) is not list or [bytes] * len(items) != [type(one) for one in answers]:
        raise GraderError("A worker gave back what is no answer.", mend="See the worker's log.")
    return {item.number: one for item, one in zip(items, answers, strict=True)}


@dataclass(eq=False, slots=True)
class _Post:
    """What is at a worker, and what waits here to be sent there."""

    places: int
    out: dict[str, Item] = field(default_factory=dict)
    box: deque[Item] = field(default_factory=deque)
    loads: int = 0


class Courier:
    """Sends items to workers; safe to share by threads."""

    def __init__(self, workers: Workers, batch: str) -> None:
        self.size = 1
        """Items that are sent together at most."""
        self._workers = workers
        self._batch = batch
        self._numbers = itertools.count()
        self._lock = threading.RLock()
        self._posts: dict[str, _Post] = {}

    def open(self, worker: str, places: int) -> None:
        """A worker is ready."""
        with self._lock:
            self._posts[worker] = _Post(places)

    def drop(self, worker: str) -> list[Item] | None:
        """A worker is gone: what was with it; None where it was not known."""
        with self._lock:
            post = self._posts.pop(worker, None)
        return None if post is None else list(post.out.values())

    def knows(self, worker: str) -> bool:
        """Whether it is ready, as far as is known."""
        return worker in self._posts

    def holds(self, worker: str, item: Item) -> bool:
        """Whether the item is still at that worker."""
        with self._lock:
            post = self._posts.get(worker)
            return post is not None and item.number in post.out

    @property
    def at(self) -> list[str]:
        """The workers that are ready."""
        return list(self._posts)

    def all(self) -> list[Item]:
        """Everything that somebody waits for."""
        with self._lock:
            return [item for post in self._posts.values() for item in post.out.values()]

    def unsent(self) -> list[Item]:
        """What waits here to be sent; it is not sent any more."""
        with self._lock:
            found = [item for post in self._posts.values() for item in post.box]
            for post in self._posts.values():
                post.box.clear()
        return found

    def post(self, worker: str, request: bytes, resources: Mapping[str, float]) -> Item | None:
        """Has a worker do something, in its turn; None where it is gone."""
        item = Item(str(next(self._numbers)), request)
        with self._lock:
            post = self._posts.get(worker)
            if post is None:
                return None
            post.out[item.number] = item
            post.box.append(item)
        self._send(worker, post, resources)
        return item

    def end(self, worker: str, item: Item) -> None:
        """Nobody waits for it any longer."""
        with self._lock:
            if post := self._posts.get(worker):
                post.out.pop(item.number, None)
                with contextlib.suppress(ValueError):
                    post.box.remove(item)
            if item.load is not None:
                item.load.leave()

    def take_back(self, worker: str, item: Item) -> bool:
        """Whether it has not begun at that worker, and will not."""
        with self._lock:
            post = self._posts.get(worker)
            if post is not None and item in post.box:
                post.box.remove(item)
                return True
        told = self._workers.run(station.withdraw, self._batch, item.number, workers=[worker])
        return told.get(worker) == station.WITHDRAWN

    def _send(self, worker: str, post: _Post, resources: Mapping[str, float]) -> None:
        """Sends what waits here, unless there is as much with the worker as it can do and one load more."""
        while True:
            with self._lock:
                if self._posts.get(worker) is not post or not post.box or post.loads > post.places:
                    return
                load = Load([post.box.popleft() for _ in range(min(self.size, len(post.box)))])
                post.loads += 1
                for item in load.items:
                    item.load = load
            self._dispatch(worker, post, load, resources)

    def _dispatch(self, worker: str, post: _Post, load: Load, resources: Mapping[str, float]) -> None:
        def back(_: Any) -> None:
            with self._lock:
                post.loads -= 1
            for item in load.items:
                item.woken.put(load)
            self._send(worker, post, resources)

        about = (station.work, self._batch, [(item.number, item.request) for item in load.items])
        key = f"autograde-{self._batch}-{load.items[0].number}"
        try:
            load.future = self._workers.submit(worker, *about, key=key, resources=resources)
            load.future.add_done_callback(back)
        except Broken as gone:
            for item in load.items:
                item.woken.put(gone)
