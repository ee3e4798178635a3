"""Models that a notebook's process loads only when something asks it for them.

Rule: whatever is asked of the notebook's own object, or could look for it, has it loaded first. A test that measures
no more than what the file holds asks the witness, and the file is loaded once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autograder.errors import StudentError
from autograder.exam.conversation import Conversation
from autograder.exam.proxy import Proxy, isinstance_proxy


class Later:
    """The models that the notebook would find, and has not been given yet."""

    def __init__(self, conversation: Conversation, load: Callable[[Mapping[str, Any]], str]) -> None:
        self._talk = conversation
        self._load = load
        """Has the notebook's process load a file; a sentence where that fails."""
        self._waiting: dict[str, tuple[Mapping[str, Any], Proxy]] = {}
        """Name → the training cell's file, and what stands for the model."""
        self._kept: list[Proxy] = []
        """Two stand-ins for one object must not say one after the other that nobody needs it."""
        conversation.on_question = self._asked

    def wait(self, trained: Mapping[str, Any], like: Proxy) -> None:
        """That file is loaded when it is needed; `like` stands for the same network in another process."""
        made: Proxy = object.__new__(type(like))
        Proxy.__init__(made, self._talk, -1 - len(self._kept), like._facts)
        self._kept.append(made)
        self._waiting[trained["binds"]] = (trained, made)

    def get(self, name: str) -> Proxy | None:
        """What stands for the model of that name, while it has not been loaded."""
        return self._waiting[name][1] if name in self._waiting else None

    def waits(self, model: object) -> bool:
        """Whether that stands for a model that has not been loaded."""
        return any(model is made for _, made in self._waiting.values())

    def _asked(self, operation: str, arguments: tuple[Any, ...]) -> None:
        """Before a question: loads what it speaks of."""
        for name, (_, made) in list(self._waiting.items()):
            names = operation == "names" or (operation in ("bind", "unbind") and arguments[0] == name)
            if names or _speaks_of(made, arguments):
                self._fetch(name)

    def _fetch(self, name: str) -> None:
        trained, made = self._waiting.pop(name)
        if fault := self._load(trained):
            raise StudentError(fault)
        found = self._talk.ask("name", name)
        if not isinstance_proxy(found):
            raise StudentError(f"{name} is no model any more.")
        object.__setattr__(made, "_number", found._number)
        self._kept.append(found)


def _speaks_of(made: Proxy, told: Any) -> bool:
    if type(told) in (list, tuple, set, frozenset):
        return any(_speaks_of(made, one) for one in told)
    if type(told) is dict:
        return any(_speaks_of(made, one) for pair in told.items() for one in pair)
    return told is made
