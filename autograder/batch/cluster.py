"""A batch on a Dask cluster, the side of those who ask.

Rule: an item is on one worker at a time, which is chosen here, so that it is known who was lost with what. What comes
back is bytes. An item with which a worker was lost is given to another, alone; after LOSSES it is given up.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.batch import station
from autograder.batch.slots import Slots, Unbegun
from autograder.batch.station import DONE, FAILED, GONE, SECONDS, Build, Step
from autograder.errors import AutograderError, GraderError

LOSSES = 3
"""Workers that may be lost with an item before it is given up."""
LOOK = 2.0
"""Seconds between two looks at who is there; a worker that comes or goes is heard of at once."""
PATIENCE = 3600.0
"""Seconds for which a batch waits for a worker when there is none."""
QUICK = 1.0
"""Where items take fewer seconds, one more waits at each worker, so that it need not wait for us."""
STUCK = 1.5
"""Seconds after which an item that waits at a worker is taken to one that is idle; longer than a report takes."""
LEAVING = 10.0
"""Seconds that workers have to close what they opened."""


class Broken(GraderError):
    """The cluster is at fault, not an item: the batch cannot go on."""


class Lost(Exception):
    """The worker is gone, and the item with it."""


class Again(Exception):
    """The item has not begun, and is better given to another worker."""


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker of the cluster."""

    address: str
    name: str
    threads: int
    memory: int | None
    """Bytes that Dask allots it; None where it has no bound."""
    resources: Mapping[str, float]

    def __str__(self) -> str:
        return self.address if self.name == self.address else f"{self.name} ({self.address})"


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


class Cluster:
    """Workers of a Dask cluster, and what they do; safe to share by threads."""

    def __init__(self, client: Any, told: Callable[[str], None]) -> None:
        self.slots = Slots()
        self.steps: Callable[[str, Step], None] = lambda item, step: None
        """Told where an item is."""
        self._client = client
        self._address = str(client.scheduler.address)
        self._told = told
        self._batch = uuid.uuid4().hex[:12]
        self._numbers = itertools.count()
        self._lock = threading.RLock()
        self._known: dict[str, Worker] = {}
        self._out: dict[str, dict[str, queue.SimpleQueue[Any]]] = {}
        """Worker → number of an item that it has → whom to wake."""
        self._names: dict[str, str] = {}
        """Number of an item → its name, which is nobody's business but ours."""
        self._steps: dict[str, Step] = {}
        self._left: set[str] = set()
        self._wake = threading.Event()
        self._over = threading.Event()
        self._seconds = QUICK
        self._asked: dict[str, bytes | str] = {}

    # --- who is there -------------------------------------------------------------------------------------

    def workers(self) -> dict[str, Worker]:
        """Those that are there now; raises Broken when the scheduler is gone."""
        try:
            found = self._client.scheduler_info(n_workers=-1)["workers"]
        except Exception as e:
            raise self._gone() from e
        if self._client.status != "running":  # what was found is old
            raise self._gone()
        return {
            address: Worker(
                address, str(w["name"]), w["nthreads"], w["memory_limit"] or None, dict(w.get("resources") or {})
            )
            for address, w in found.items()
            if w.get("status", "running") == "running"
        }

    def first(self) -> dict[str, Worker]:
        """Those that are there, when there are any; raises Broken when none comes."""
        found = self.workers()
        if not found:
            self._told(f"No worker is connected to {self._address} yet: waiting for one.")
            try:
                self._client.wait_for_workers(1, timeout=PATIENCE)
            except Exception as e:
                told = "No worker came." if isinstance(e, TimeoutError) else f"Waiting for workers failed ({e})."
                raise Broken(told, mend="Start workers: `dask worker ADDRESS`.") from e
            found = self.workers()
        return found

    def room(self) -> int:
        """Items that can be out at once now."""
        return self.slots.capacity

    def ask(self, look: Callable[[Any], bytes], question: Any, workers: Iterable[str]) -> dict[str, bytes | str]:
        """Worker → what `look` says there, or in words why it says nothing; who has gone is left out."""
        return self._run(station.call, look, question, workers=workers)

    def _run(self, function: Any, *args: Any, workers: Iterable[str]) -> dict[str, bytes | str]:
        try:
            found = self._client.run(function, *args, workers=list(workers), on_error="return")
        except Exception as e:
            raise self._gone() from e
        return {worker: told for worker, answer in found.items() if (told := _told(answer)) is not None}

    def _gone(self) -> Broken:
        told = f"The Dask scheduler at {self._address} is gone."
        return Broken(told, mend="What was done is kept: with a scheduler the same command goes on.")

    # --- the batch ----------------------------------------------------------------------------------------

    def open(self, task: Task, asked: Mapping[str, bytes | str]) -> None:
        """Begins to take workers on, those that come later too; `asked`: what some have answered already."""
        self._asked = dict(asked)
        self._client.subscribe_topic("all", self._event)
        self._client.subscribe_topic(station.topic(self._batch), self._report)
        threading.Thread(target=self._watch, args=(task,), name="cluster", daemon=True).start()

    def do(self, task: Task, name: str, request: bytes, began: Callable[[], None]) -> bytes:
        """An item's answer; `began` is called when it has a place of its own, unless a report comes first.

        Raises Unbegun when a person stopped the batch, Broken when it cannot go on, GraderError for the item alone.
        """
        lost: list[str] = []
        while True:
            alone = bool(lost)
            worker = self.slots.take(alone=alone)
            label = str(self._known.get(worker, worker))
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
            future = self._submit(worker, task, number, request)
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

    def _submit(self, worker: str, task: Task, number: str, request: bytes) -> Any:
        about = {"workers": [worker], "pure": False, "retries": 0, "key": f"autograde-{self._batch}-{number}"}
        try:
            return self._client.submit(
                station.work, self._batch, number, request, resources=dict(task.resources) or None, **about
            )
        except Exception as e:
            raise self._gone() from e

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
            raise Again
        if said[:1] != DONE:
            raise GraderError(f"{worker}: {said[1:].decode('utf-8', 'replace')}")
        self._seconds += (SECONDS.unpack_from(said, 1)[0] - self._seconds) / 8
        self.slots.spare = int(self._seconds < QUICK)
        return said[1 + SECONDS.size :]

    def _fault(self) -> Exception:
        """Dask has no answer: either it is gone, or it has heard of a worker's end before us."""
        return Lost() if self._client.status == "running" else self._gone()

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

    # --- those who come and go ----------------------------------------------------------------------------

    def _event(self, event: tuple[float, Any]) -> None:
        """Dask says that something has happened to a worker."""
        told = event[1]
        if isinstance(told, dict) and told.get("action") == "remove-worker":
            with self._lock:
                self._left.add(str(told.get("worker")))
        self._wake.set()

    def _report(self, event: tuple[float, Any]) -> None:
        """A worker says what runs there."""
        for number, (book, cell, cells) in event[1]["steps"].items():
            at = (str(book), int(cell), int(cells))
            with self._lock:
                if number in self._names and self._steps.get(number) != at:
                    self._steps[number] = at
                    self.steps(self._names[number], at)

    def _watch(self, task: Task) -> None:
        """Until the end: takes on who comes, lets go who is gone, and says so."""
        since, waiting = time.monotonic(), False
        while not self._over.is_set():
            self._wake.clear()
            try:
                self._round(task)
            except Broken as why:
                return self.stop(why)
            except Exception as e:  # whoever waits must not wait for ever
                return self.stop(Broken(f"The cluster failed ({type(e).__name__}: {e}).", mend="Please report this."))
            if self._out:
                since = time.monotonic()
            elif time.monotonic() - since > PATIENCE:
                return self.stop(Broken(f"No worker came for {PATIENCE / 60:.0f} minutes.", mend="Start workers."))
            if not self._known and not waiting:
                self._told("No worker is there: waiting for one.")
            waiting = not self._known
            self._wake.wait(LOOK)
        return None

    def _round(self, task: Task) -> None:
        present = self.workers()
        with self._lock:
            left, self._left = self._left, set()
        for address in [a for a in self._known if a in left or a not in present]:
            worker = self._known.pop(address)
            if self._lose(address, Lost()) and not self._over.is_set():
                self._told(f"Worker {worker} is gone; what it was running is run elsewhere.")
        news = {a: w for a, w in present.items() if a not in self._known}
        if news:
            self._known |= news
            threading.Thread(target=self._greet, args=(task, news), name="greeter", daemon=True).start()

    def _greet(self, task: Task, news: Mapping[str, Worker]) -> None:
        """Takes on the workers that can be; of the others it says why not."""
        refused: set[str] = set()
        with contextlib.suppress(Broken):  # whoever watches finds out as well
            places = self._admitted(task, news, refused)
            if places:
                self._enter(task, news, places, refused)
        with self._lock:
            for address in news.keys() - refused - self._out.keys():
                self._known.pop(address, None)  # it gave no answer: it is asked again, if it is still there

    def _admitted(self, task: Task, news: Mapping[str, Worker], refused: set[str]) -> dict[str, int]:
        """Items at once at those of the workers that can be used; the others go to `refused`."""
        places: dict[str, int] = {}
        answers = {address: self._asked.pop(address) for address in news if address in self._asked}
        strangers = [address for address in news if address not in answers]
        if strangers:
            answers |= self.ask(task.look, task.question, strangers)
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

    def _enter(self, task: Task, news: Mapping[str, Worker], places: Mapping[str, int], refused: set[str]) -> None:
        """Sends the kit, and counts on those who have made a station of it."""
        about = (self._batch, task.build, task.kit, places)
        for address, told in self._run(station.enter, *about, workers=places).items():
            if isinstance(told, str):
                self._refuse(news[address], told, refused)
                continue
            with self._lock:
                if self._known.get(address) is news[address]:  # it has not gone in the meantime
                    self._out[address] = {}
                    self.slots.add(address, places[address])

    def _lose(self, address: str, why: Exception) -> bool:
        """Whatever is with a worker must be done elsewhere; whether it was one of those in use."""
        with self._lock:
            woken = self._out.pop(address, None)
        self.slots.drop(address)
        for one in (woken or {}).values():
            one.put(why)
        if isinstance(why, Again):
            self._known.pop(address, None)
            self._wake.set()
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
        self._over.set()
        self._wake.set()
        self.stop()
        if self._client.status == "running" and self._out:
            with contextlib.suppress(Exception):  # a worker that cannot be told closes its station by itself
                about = {"workers": list(self._out), "on_error": "ignore"}
                self._client.sync(self._client._run, station.leave, self._batch, callback_timeout=LEAVING, **about)


def _told(answer: Any) -> bytes | str | None:
    """The bytes of an answer, or in words why there are none; None for a worker that has gone in the meantime."""
    if isinstance(answer, ModuleNotFoundError):
        return f"autograder cannot be imported there ({answer}); install what is installed here."
    if isinstance(answer, OSError):
        return None
    if type(answer) is not bytes or answer[:1] not in (DONE, FAILED):
        return f"it gave no answer ({str(answer)[:200]})."
    return answer[1:] if answer[:1] == DONE else answer[1:].decode("utf-8", "replace")
