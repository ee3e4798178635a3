"""A batch: some threads, each waiting for processes, here or on a cluster, that do the work.

Rule: items are taken one by one as there is room, so that a class takes no memory. Ctrl-C once: what runs is
finished, nothing new is begun; twice: stop now.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import FrameType
from typing import Generic, TypeVar

from autograder.batch.slots import Unbegun
from autograder.errors import Interrupted

MOST = 4096
"""Threads of a batch on a cluster; none is started before it is needed."""
Item = TypeVar("Item")
Result = TypeVar("Result")


class Batch(Generic[Item, Result]):
    """Maps a function over items; raises Interrupted at the end if a person stopped it."""

    def __init__(
        self,
        function: Callable[[Item], Result],
        jobs: int | Callable[[], int],
        stop_now: Callable[[], None],
        stopping: Callable[[], None] = lambda: None,
    ) -> None:
        self._function = function
        self._jobs: Callable[[], int] = jobs if callable(jobs) else lambda: max(1, jobs)
        """Items at once. Where that changes while the batch runs, the function itself waits for its turn."""
        self._threads = MOST if callable(jobs) else max(1, jobs)
        self._stop_now = stop_now
        """Ends the processes that the function waits for."""
        self._stopping = stopping
        """Called once a person has asked for the end, while what runs is being finished."""
        self.interrupts = 0

    def run(self, items: Iterable[Item]) -> Iterator[tuple[Item, Result]]:
        """Each item with its result, in the order in which they are done; an error of the function is raised here."""
        before = self._listen()
        pool = ThreadPoolExecutor(self._threads, thread_name_prefix="job")
        try:
            yield from self._results(pool, iter(items))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            if before is not None:
                signal.signal(signal.SIGINT, before)
        if self.interrupts:
            raise Interrupted("Stopped.", mend="The same command goes on where this one stopped.")

    def _listen(self) -> Callable[[int, FrameType | None], object] | int | None:
        if threading.current_thread() is not threading.main_thread():
            return None
        return signal.signal(signal.SIGINT, self._interrupt)

    def _interrupt(self, *_: object) -> None:
        self.interrupts += 1
        if self.interrupts >= 2:
            self._stop_now()
            raise KeyboardInterrupt

    def _results(self, pool: ThreadPoolExecutor, items: Iterator[Item]) -> Iterator[tuple[Item, Result]]:
        """One item more than there are jobs waits, so that no job waits for what is done with a result."""
        running: dict[Future[list[Result]], Item] = {}
        more = True
        while more or running:
            while more and len(running) <= self._jobs() and not self.interrupts:
                try:
                    item = next(items)
                except StopIteration:
                    more = False
                    break
                running[pool.submit(self._begin, item)] = item
            if self.interrupts and more:
                more = False
                self._stopping()
            done, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
            for future in done:
                item = running.pop(future)
                for result in future.result():
                    yield item, result

    def _begin(self, item: Item) -> list[Result]:
        """The item's result; none if it was waiting when a person stopped the batch."""
        with contextlib.suppress(Unbegun):
            return [] if self.interrupts else [self._function(item)]
        return []
