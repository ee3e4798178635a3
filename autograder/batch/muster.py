"""Who takes part in a batch on a cluster: those who are there at the beginning, and those who come and go.

Rule: nobody gets an item who has not been asked what his machine has, and been admitted; whoever is refused is named.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from autograder.batch import station
from autograder.batch.station import Build
from autograder.batch.workers import PATIENCE, Broken, Worker, Workers
from autograder.errors import AutograderError, GraderError

LOOK = 2.0
"""Seconds between two looks at who is there; a worker that comes or goes is heard of at once."""


@dataclass(frozen=True, slots=True)
class Task:
    """What workers are to do; its functions are found by name where they run."""

    look: Callable[[Any], bytes]
    """Says what a worker's machine has; runs there."""
    question: Any
    admit: Callable[[Worker, bytes], int]
    """Items at once at a worker that said this; raises AutograderError with the reason where there can be none."""
    build: Build
    """Makes a worker's bench; runs there."""
    kit: Any
    """From this, sent to each worker once."""
    resources: Mapping[str, float] = field(default_factory=dict)
    """What an item takes of a worker's resources."""


class Posts(Protocol):
    """Whoever has items for workers."""

    def man(self, worker: Worker, places: int) -> None:
        """An admitted worker is ready for that many items at once."""

    def leave(self, address: str) -> bool:
        """A worker is gone; whether it had been ready."""

    def manned(self) -> bool:
        """Whether any worker is ready."""

    def stop(self, why: Exception | None = None) -> None:
        """The batch cannot go on."""


class Muster:
    """Takes workers on and lets them go while a batch runs."""

    def __init__(self, workers: Workers, batch: str, posts: Posts, told: Callable[[str], None]) -> None:
        self._workers = workers
        self._batch = batch
        self._posts = posts
        self._told = told
        self._lock = threading.RLock()
        self._known: dict[str, Worker] = {}
        self._left: set[str] = set()
        self._asked: dict[str, bytes | str] = {}
        self._wake = threading.Event()
        self._over = threading.Event()

    def open(self, task: Task, asked: Mapping[str, bytes | str]) -> None:
        """Begins to take workers on, those that come later too; `asked`: what some have answered already."""
        self._asked = dict(asked)
        self._workers.client.subscribe_topic("all", self._event)
        threading.Thread(target=self._watch, args=(task,), name="cluster", daemon=True).start()

    def again(self, address: str) -> None:
        """A worker that was ready is not, and may be taken on anew."""
        with self._lock:
            self._known.pop(address, None)
        self._wake.set()

    def close(self) -> None:
        """Nobody is taken on any more, and nobody missed."""
        self._over.set()
        self._wake.set()

    def _event(self, event: tuple[float, Any]) -> None:
        """Dask says that something has happened to a worker."""
        told = event[1]
        if isinstance(told, dict) and told.get("action") == "remove-worker":
            with self._lock:
                self._left.add(str(told.get("worker")))
        self._wake.set()

    def _watch(self, task: Task) -> None:
        """Until the end: takes on who comes, lets go who is gone, and says so."""
        since, waiting = time.monotonic(), False
        while not self._over.is_set():
            self._wake.clear()
            try:
                self._round(task)
            except Broken as gone:
                return self._posts.stop(gone)
            except Exception as e:  # whoever waits must not wait for ever
                return self._posts.stop(
                    Broken(f"The cluster failed ({type(e).__name__}: {e}).", mend="Please report this.")
                )
            if self._posts.manned():
                since = time.monotonic()
            elif time.monotonic() - since > PATIENCE:
                return self._posts.stop(
                    Broken(f"No worker came for {PATIENCE / 60:.0f} minutes.", mend="Start workers.")
                )
            if not self._known and not waiting:
                self._told("No worker is there: waiting for one.")
            waiting = not self._known
            self._wake.wait(LOOK)
        return None

    def _round(self, task: Task) -> None:
        present = self._workers.there()
        with self._lock:
            left, self._left = self._left, set()
            gone = [self._known.pop(a) for a in list(self._known) if a in left or a not in present]
            news = {a: w for a, w in present.items() if a not in self._known}
            self._known |= news
        for worker in gone:
            if self._posts.leave(worker.address) and not self._over.is_set():
                self._told(f"Worker {worker} is gone; what it was running is run elsewhere.")
        if news:
            threading.Thread(target=self._greet, args=(task, news), name="greeter", daemon=True).start()

    def _greet(self, task: Task, news: Mapping[str, Worker]) -> None:
        """Takes on the workers that can be; of the others it says why not."""
        refused: set[str] = set()
        ready: set[str] = set()
        with contextlib.suppress(Broken):  # whoever watches finds out as well
            places = self._admitted(task, news, refused)
            if places:
                ready = self._enter(task, news, places, refused)
        with self._lock:
            for address in news.keys() - refused - ready:
                self._known.pop(address, None)  # it gave no answer: it is asked again, if it is still there

    def _admitted(self, task: Task, news: Mapping[str, Worker], refused: set[str]) -> dict[str, int]:
        """Items at once at those of the workers that can be used; the others go to `refused`."""
        places: dict[str, int] = {}
        answers = {address: self._asked.pop(address) for address in news if address in self._asked}
        strangers = [address for address in news if address not in answers]
        if strangers:
            answers |= self._workers.ask(task.look, task.question, strangers)
        for address, answer in answers.items():
            try:
                if isinstance(answer, str):
                    raise GraderError(answer)
                places[address] = task.admit(news[address], answer)
            except AutograderError as why:
                self._refuse(news[address], str(why), refused)
            except (ValueError, TypeError, KeyError) as why:
                self._refuse(news[address], f"it gave no proper answer ({why!r}).", refused)
        return places

    def _refuse(self, worker: Worker, why: str, refused: set[str]) -> None:
        refused.add(worker.address)
        self._told(f"Worker {worker} is not used: {why}")

    def _enter(
        self, task: Task, news: Mapping[str, Worker], places: Mapping[str, int], refused: set[str]
    ) -> set[str]:
        """Sends the kit; gives those who have made a station of it, and are counted on."""
        ready: set[str] = set()
        about = (self._batch, task.build, task.kit, places)
        for address, told in self._workers.run(station.enter, *about, workers=places).items():
            if isinstance(told, str):
                self._refuse(news[address], told, refused)
                continue
            with self._lock:
                if self._known.get(address) is news[address]:  # it has not gone in the meantime
                    self._posts.man(news[address], places[address])
                    ready.add(address)
        return ready
