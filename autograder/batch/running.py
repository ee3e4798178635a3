"""What a batch is doing at this moment.

Rule: written by those who work, read by those who watch; neither waits for the other.
"""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Doing:
    """One item that runs."""

    name: str
    step: str
    """What of it; empty where that is not known."""
    seconds: float
    """Since the step began."""


class Running:
    """All items that run now; safe to share by threads."""

    def __init__(self) -> None:
        self._at: dict[str, tuple[str, float]] = {}
        self.stopping = False
        """A person asked for the end: what runs is finished, nothing new is begun."""

    def at(self, name: str, step: str = "") -> None:
        """An item begins, or comes to its next step."""
        self._at[name] = (step, time.monotonic())

    def end(self, name: str) -> None:
        """An item is done."""
        self._at.pop(name, None)

    def now(self) -> list[Doing]:
        """All of them, that which has been at its step for longest first."""
        moment = time.monotonic()
        found = [Doing(name, step, moment - since) for name, (step, since) in list(self._at.items())]
        return sorted(found, key=lambda one: -one.seconds)
