"""The workers of a Dask cluster, as its scheduler knows them.

Rule: whatever the scheduler or the network does is Broken, a sentence for a person; what a worker says is bytes, or
in words why it says nothing.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.batch import station
from autograder.batch.station import DONE, FAILED
from autograder.errors import GraderError

PATIENCE = 3600.0
"""Seconds for which a batch waits for a worker when there is none."""
LEAVING = 10.0
"""Seconds that workers have to close what they opened."""


class Broken(GraderError):
    """The cluster is at fault, not an item: the batch cannot go on."""


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


class Workers:
    """Whoever is connected to the scheduler; safe to share by threads."""

    def __init__(self, client: Any, told: Callable[[str], None]) -> None:
        self.client = client
        """A `distributed.Client`."""
        self._address = str(client.scheduler.address)
        self._told = told

    @property
    def reachable(self) -> bool:
        """Whether the scheduler answers."""
        return bool(self.client.status == "running")

    def there(self) -> dict[str, Worker]:
        """Those that are there now, by their addresses; raises Broken when the scheduler is gone."""
        try:
            found = self.client.scheduler_info(n_workers=-1)["workers"]
        except Exception as e:
            raise self.gone() from e
        if not self.reachable:  # what was found is old
            raise self.gone()
        return {
            address: Worker(
                address, str(w["name"]), w["nthreads"], w["memory_limit"] or None, dict(w.get("resources") or {})
            )
            for address, w in found.items()
            if w.get("status", "running") == "running"
        }

    def first(self) -> dict[str, Worker]:
        """Those that are there, when there are any; raises Broken when none comes."""
        found = self.there()
        if not found:
            self._told(f"No worker is connected to {self._address} yet: waiting for one.")
            try:
                self.client.wait_for_workers(1, timeout=PATIENCE)
            except Exception as e:
                told = "No worker came." if isinstance(e, TimeoutError) else f"Waiting for workers failed ({e})."
                raise Broken(told, mend="Start workers: `dask worker ADDRESS`.") from e
            found = self.there()
        return found

    def ask(self, look: Callable[[Any], bytes], question: Any, workers: Iterable[str]) -> dict[str, bytes | str]:
        """Worker → what `look` says there, or in words why it says nothing; who has gone is left out."""
        return self.run(station.call, look, question, workers=workers)

    def run(self, function: Any, *args: Any, workers: Iterable[str]) -> dict[str, bytes | str]:
        """The same of a function that says itself how it went, as those of `station` do."""
        try:
            found = self.client.run(function, *args, workers=list(workers), on_error="return")
        except Exception as e:
            raise self.gone() from e
        return {worker: told for worker, answer in found.items() if (told := _told(answer)) is not None}

    def submit(self, worker: str, function: Any, *args: Any, key: str, resources: Mapping[str, float]) -> Any:
        """Has that worker call a function; gives Dask's future."""
        about = {"workers": [worker], "pure": False, "retries": 0, "key": key, "resources": dict(resources) or None}
        try:
            return self.client.submit(function, *args, **about)
        except Exception as e:
            raise self.gone() from e

    def leave(self, batch: str, workers: Iterable[str]) -> None:
        """Has workers close what they opened for a batch; one that cannot be told does so by itself."""
        about = {"workers": list(workers), "on_error": "ignore"}
        if self.reachable and about["workers"]:
            with contextlib.suppress(Exception):
                self.client.sync(self.client._run, station.leave, batch, callback_timeout=LEAVING, **about)

    def gone(self) -> Broken:
        """The scheduler is."""
        told = f"The Dask scheduler at {self._address} is gone."
        return Broken(told, mend="What was done is kept: with a scheduler the same command goes on.")


def _told(answer: Any) -> bytes | str | None:
    """The bytes of an answer, or in words why there are none; None for a worker that has gone in the meantime."""
    if isinstance(answer, ModuleNotFoundError):
        return f"autograder cannot be imported there ({answer}); install what is installed here."
    if isinstance(answer, OSError):
        return None
    if type(answer) is not bytes or answer[:1] not in (DONE, FAILED):
        return f"it gave no answer ({str(answer)[:200]})."
    return answer[1:] if answer[:1] == DONE else answer[1:].decode("utf-8", "replace")
