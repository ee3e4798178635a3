"""Modules that a student handed in, imported by tests.

Rule: an `import` in a test's own text may reach the student's files, and then the module stays where it is, to be
asked by value; an `import` within a library never does, so a file named like a module that a library merely tries
for finds no way into the tests' process.
"""

from __future__ import annotations

import builtins
import importlib.util
import sys
from collections.abc import Collection
from typing import Any

from autograder.exam.conversation import Conversation


class Imports:
    """`__import__` of the test cells."""

    def __init__(self, conversation: Conversation, handed: Collection[str], kept: Collection[str]) -> None:
        """`handed`: top-level modules beside the notebook; `kept`: those that stand above the course's own."""
        self._talk = conversation
        self._handed = frozenset(handed)
        self._kept = frozenset(kept)

    def __call__(self, name: str, *rest: Any, **more: Any) -> Any:
        """As Python's own, with its arguments; a student's module is one object of the student's."""
        told = dict(zip(("globals", "locals", "fromlist", "level"), rest, strict=False)) | more
        root = name.partition(".")[0]
        if told.get("level") or not self._is_theirs(root):
            return builtins.__import__(name, *rest, **more)
        found = self._talk.ask("module", name)
        return found if told.get("fromlist") or root == name else self._talk.ask("module", root)

    def _is_theirs(self, root: str) -> bool:
        """Whether the student's file is meant: nothing of the same name is installed or the course's own."""
        if root in self._kept:
            return True
        return root in self._handed and root not in sys.modules and importlib.util.find_spec(root) is None


def modules(names: Collection[str]) -> list[str]:
    """Top-level modules that files of these relative names make."""
    return sorted({name.split("/")[0].removesuffix(".py") for name in names if name.endswith(".py")})
