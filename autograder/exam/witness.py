"""The networks of handed-in files, asked where nothing of the student's runs.

Rule: what a file is worth is measured in a process that holds the file and no cell of the notebook, so that neither a
rewritten `predict`, nor another object under the model's name, nor a table of known images is ever asked.

A file whose layers only the notebook knows cannot be loaded there: then the notebook's own object is asked, and the
verdict is labelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.errors import StudentError, WireError
from autograder.exam.conversation import Conversation, TookTooLong
from autograder.exam.line import READY_SECONDS, CandidateLost
from autograder.exam.proxy import isinstance_proxy


class Witness:
    """Asks the process that holds the files alone."""

    def __init__(self, conversation: Conversation) -> None:
        self._talk = conversation
        self._files: dict[str, Mapping[str, Any]] = {}
        self._networks: dict[str, Any] = {}
        """Name under which the notebook finds a model → the file's network over there; None where there is none."""
        self._named: list[tuple[Any, str]] = []
        """Stand-ins of the notebook's objects, and the names by which tests found them."""
        self._ready = False

    @property
    def waiting(self) -> bool:
        """An answer is awaited: who breaks it off breaks a frame in the middle."""
        return self._talk.waiting

    def expect(self, trained: Mapping[str, Any]) -> None:
        """That file may be asked for, by the name that the master binds."""
        if trained["path"] and not trained["rebound"]:
            self._files[trained["binds"]] = trained

    def load(self, name: str, limit: float, deadline: float) -> Any | None:
        """Has the file loaded of which the notebook finds the model under that name, once; gives its network.

        `limit`, `deadline`: the seconds it may take, and when they are over on the monotonic clock.
        """
        self._talk.limit, self._talk.deadline = limit, deadline
        if name in self._files and name not in self._networks:
            self._networks[name] = self._loaded(self._files[name])
        return self._networks.get(name)

    def named(self, name: str, found: Any) -> None:
        """A test found that object under that name."""
        if name in self._files and isinstance_proxy(found) and not any(found is one for one, _ in self._named):
            self._named.append((found, name))

    def network(self, model: Any, limit: float, deadline: float) -> Any | None:
        """The file's network that the notebook's object stands for; None where only the notebook has it.

        `limit`, `deadline`: the test's seconds, and when they are over on the monotonic clock.
        """
        name = next((name for one, name in self._named if one is model), None)
        if name is None:
            return None
        return self.load(name, limit, deadline)

    def _loaded(self, trained: Mapping[str, Any]) -> Any | None:
        if not self._ready:
            self._talk.await_ready(READY_SECONDS)
            self._ready = True
        try:
            fault = self._talk.ask("load", trained["path"], trained["binds"], trained["build"])
            return self._talk.ask("name", trained["binds"]) if fault == "" else None
        except (Exception, CandidateLost, TookTooLong):
            return None

    def ask(self, network: Any, images: Any) -> Any:
        """The network's answer for images; StudentError where its process does not live through it."""
        try:
            return self._talk.ask("predict", network, images)
        except (CandidateLost, TookTooLong):
            raise StudentError("The network ended the process that asked it, or took too long.") from None
        except WireError as e:
            raise StudentError(f"The model's answer cannot be taken: {e.message}") from None
