"""What a test puts in the place of a library's names, for student code to meet: an `input` that answers, a fixed die.

Rule: it goes to the student's side as any argument does, and is taken back once the test has taken its own back. The
tests' process is the one that a test patches; nothing of it changes by what student code does.
"""

from __future__ import annotations

import re
import sys
from types import ModuleType
from typing import Any

from autograder.exam.conversation import Conversation
from autograder.exam.syllabus import PLACES

_ITS_OWN = {"sys": {"argv", "exit", "platform", "version_info", "maxsize"}}
"""Names of a module that this process changes for itself as well: only these are a test's."""
_NONE = object()


class Patches:
    """Keeps the student's side's libraries as the tests have changed theirs."""

    def __init__(self, conversation: Conversation) -> None:
        self._talk = conversation
        self._before: dict[str, dict[str, Any]] = {}
        """Module → its names and what they stood for before a test changed them."""
        self._told: dict[tuple[str, str], tuple[Any, Any]] = {}
        """Module and name → what the student's side has there for the test, and what it had."""
        self._words: set[str] = set()
        """All words of the tests that patch: what they change they name."""
        self._busy = False

    def begin_test(self, source: str) -> None:
        """From here on the modules are watched that the test, which patches some, may patch."""
        self._words |= {w for w in re.findall(r"\w+", source) if not w.startswith("_")}
        for word in PLACES:
            if word in source and word not in self._before and word in sys.modules:
                self._before[word] = dict(vars(sys.modules[word]))

    def push(self) -> None:
        """Tells the student's side what has changed since it was last told."""
        if self._busy or not self._before:
            return
        self._busy = True
        try:
            for word, before in self._before.items():
                self._compare(word, sys.modules[word], before)
        finally:
            self._busy = False

    def _compare(self, word: str, module: ModuleType, before: dict[str, Any]) -> None:
        for name in sorted(self._words & vars(module).keys() & _ITS_OWN.get(word, self._words)):
            value, told = vars(module)[name], self._told.get((word, name))
            if (told is None and before.get(name, _NONE) is value) or isinstance(value, ModuleType):
                continue
            if told is not None and before.get(name, _NONE) is value:
                del self._told[word, name]
                self._set(word, name, told[1])
            elif told is None or told[0] is not value:
                had = self._set(word, name, value)
                self._told[word, name] = value, had if told is None else told[1]

    def _set(self, word: str, name: str, value: Any) -> Any:
        """Sets it there; gives what was there before."""
        module = self._talk.ask("module", word)
        had = self._talk.ask("get", module, name)
        self._talk.ask("set", module, name, value)
        self._talk.exchange.keep_given()
        return had
