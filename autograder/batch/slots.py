"""Places at workers that come and go.

Rule: whoever takes a place gives it back, also at a worker that is gone by then.
"""

from __future__ import annotations

import threading


class Unbegun(Exception):
    """The batch has been stopped before the item could begin."""


class Slots:
    """Places at workers, by the workers' addresses; safe to share by threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._places: dict[str, int] = {}
        self._used: dict[str, int] = {}
        self._kept: set[str] = set()
        """Workers that are kept free for an item that is to be alone."""
        self._why: Exception | None = None
        self.spare = 0
        """Items that may wait at each worker besides those that run there."""

    @property
    def capacity(self) -> int:
        """Items that can be out at once."""
        with self._changed:
            return sum(self._places.values()) + self.spare * len(self._places)

    def add(self, worker: str, places: int) -> None:
        """A worker has come."""
        with self._changed:
            self._places[worker] = places
            self._used.setdefault(worker, 0)
            self._changed.notify_all()

    def drop(self, worker: str) -> None:
        """A worker has gone."""
        with self._changed:
            self._places.pop(worker, None)
            self._used.pop(worker, None)
            self._kept.discard(worker)
            self._changed.notify_all()

    def waits(self, worker: str) -> bool:
        """Whether more items are at a worker than run there: the last one waits."""
        with self._changed:
            return self._used.get(worker, 0) > self._places.get(worker, 0)

    def room(self, besides: str) -> dict[str, bool]:
        """Workers but that one that can take one more item: whether they could run it at once."""
        with self._changed:
            free = {w: n - self._used[w] for w, n in self._places.items() if w not in self._kept and w != besides}
            return {w: n > 0 for w, n in free.items() if n + self.spare > 0}

    def close(self, why: Exception) -> None:
        """Nobody gets a place any more: where one is waited for `why` is raised; the first reason holds."""
        with self._changed:
            self._why = self._why or why
            self._changed.notify_all()

    def take(self, *, alone: bool = False, avoid: str = "") -> str:
        """Waits for a place and gives its worker.

        `alone`: where nothing else runs until it is given back; `avoid`: a worker to take only for want of others.
        """
        mine = ""
        with self._changed:
            try:
                while self._why is None:
                    if not alone and (worker := self._freest(avoid) or self._freest()):
                        self._used[worker] += 1
                        return worker
                    if alone and mine not in self._kept:
                        mine = self._reserved()
                    if alone and mine and not self._used[mine]:
                        self._used[mine] = 1
                        worker, mine = mine, ""
                        return worker
                    self._changed.wait()
                raise self._why
            finally:
                self._kept.discard(mine)

    def give(self, worker: str, *, alone: bool = False) -> None:
        """A place is free again; `alone` as it was taken."""
        with self._changed:
            if alone:
                self._kept.discard(worker)
            if self._used.get(worker):
                self._used[worker] -= 1
            self._changed.notify_all()

    def _freest(self, avoid: str = "") -> str:
        """The worker with most free places; empty if none has any."""
        free = {w: n - self._used[w] for w, n in self._places.items() if w not in self._kept and w != avoid}
        best = max(free, key=lambda worker: free[worker], default="")
        return best if best and free[best] + self.spare > 0 else ""

    def _reserved(self) -> str:
        """A worker that is kept free from now on; empty if there is none."""
        free = [w for w in self._places if w not in self._kept]
        best = min(free, key=lambda worker: self._used[worker], default="")
        if best:
            self._kept.add(best)
        return best
