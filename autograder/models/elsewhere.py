"""Models that stay in another process: who holds them says so here.

Rule: nothing here knows a process or a wire; whoever does fits `Elsewhere` and calls `connect`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Elsewhere(Protocol):
    """Somebody who can ask models in another process."""

    gap: float
    """The course's tolerance: how much accuracy may fall on shifted images before it is reported."""

    seed: int
    """For what is drawn at random; no model knows it."""

    def holds(self, model: object) -> bool:
        """Whether the model stays there."""

    def scores(self, model: object, images: Any) -> Any:
        """What the model answers for images (N, ...), by value and unchecked; raises StudentError."""

    def own(self, model: object, images: Any) -> Any | None:
        """What the notebook's object itself answers, where `scores` come from its file; None where they do not."""

    def facts(self, name: str) -> Mapping[str, Any]:
        """What was read of the model file of that name, or of the one bound to it; raises StudentError."""

    def remark(self, sentence: str) -> None:
        """Keeps a sentence beside the verdict."""

    def report(self, sentence: str) -> None:
        """Keeps a sentence that a person should read."""


class _Connected:
    there: Elsewhere | None = None


def connect(there: Elsewhere | None) -> None:
    """From now on models may stay there."""
    _Connected.there = there


def connected() -> Elsewhere | None:
    """Whoever may hold models in another process, or None in a plain kernel."""
    return _Connected.there


def holder(model: object) -> Elsewhere | None:
    """Whoever holds this model, or None where it is an object of this process."""
    there = _Connected.there
    return there if there is not None and there.holds(model) else None
