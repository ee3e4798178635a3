"""Who may run now, of those who are ready to.

Rule: what comes before and after running (reading, forking, writing down) takes no turn, so that it overlaps with
what others run; a stopped batch sends those who wait away.
"""

from __future__ import annotations

import threading

from autograder.batch.slots import Unbegun


class Turns:
    """So many turns at once, each a `with` block; safe to share by threads."""

    def __init__(self, number: int) -> None:
        self._changed = threading.Condition()
        self._free = max(1, number)
        self._stopped = False

    def __enter__(self) -> None:
        with self._changed:
            while not self._free and not self._stopped:
                self._changed.wait()
            if self._stopped:
                raise Unbegun
            self._free -= 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._free += 1
            self._changed.notify()

    def stop(self) -> None:
        """Nobody gets a turn any more: Unbegun is raised where one is waited for."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
