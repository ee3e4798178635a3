"""Files that tests and the submission's code share, though each has a folder of its own.

Rule: a file that a test opens is fetched from the student's folder, as bytes, when the test opens it; one that a test
has written goes there with a call that names it, and with no other, for it may hold what is expected. The course's
own files are the test's alone. What was fetched is data: a test that would run it, or unpickle it, is at fault.

Python tells of files that are opened by its audit events (PEP 578), so that it does not matter which library opens
them. What a test only looks at (`os.path.exists`) is found by the names that stand in its text.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograder.errors import GraderError
from autograder.exam.conversation import Conversation

LARGEST = 32 << 20
"""Bytes of the largest file that travels."""
MOST = 50
"""Names of a test's text that are looked for before it runs."""
_MEND = 'Mark the cell metadata.autograder.examine = "in-kernel": its points can then be forged.'


class Files:
    """The examiner's side."""

    def __init__(self, conversation: Conversation) -> None:
        self._talk = conversation
        self._home = Path.cwd().resolve()
        self._testing = self._busy = False
        self._fetched: dict[str, bytes] = {}
        """Name → content, of what came from the student's folder."""
        self._written: set[str] = set()
        """Names of what the tests have opened for writing and the student's side has not been told."""
        conversation.on_call = self._called
        sys.addaudithook(self._hear)

    def begin_test(self, source: str, named: Iterable[str]) -> None:
        """From here on what is opened is the test's; `named`: texts in it that look like names of files."""
        first, self._talk.on_first = self._talk.on_first, None  # these questions are not the test's own
        for name in named:
            self._fetch(name)
        self._talk.on_first = first
        self._testing = True

    def end_test(self) -> None:
        """What is opened now is the examiner's own."""
        self._testing = False

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._testing or self._busy:
            return
        if event == "open":
            self._opened(*arguments)
        elif event == "pickle.find_class" and self._fetched:
            raise GraderError("The test unpickles, having read a file that the submission wrote.", mend=_MEND)
        elif event == "function.__new__" and self._fetched:  # as Keras does with the bytes of a Lambda layer
            raise GraderError("The test makes a function, having read a file that the submission wrote.", mend=_MEND)
        elif event == "compile" and self._is_theirs(arguments[0]):
            raise GraderError("The test runs a text that the submission wrote.", mend=_MEND)

    def _opened(self, path: Any, mode: Any, flags: Any) -> None:
        name = self._own_name(path)
        if not name:
            return
        writes = any(c in mode for c in "wax+") if isinstance(mode, str) else bool(flags & (os.O_WRONLY | os.O_RDWR))
        if not (isinstance(mode, str) and mode[:1] in ("w", "x")) and name not in self._written:
            self._fetch(name)
        if writes:
            self._written.add(name)

    def _own_name(self, path: Any) -> str:
        """The name below the working folder; empty for what lies elsewhere and for the course's own files."""
        try:
            text = os.fsdecode(path)
        except TypeError:  # a descriptor
            return ""
        # The course's files and folders are links: what is reached through one, however deep, lies elsewhere.
        name = os.path.relpath(os.path.realpath(text), self._home)
        return name if not name.startswith("..") and name != "." and len(name) <= 200 else ""

    def _fetch(self, name: str) -> None:
        """Makes the test's copy what the student's folder holds, where it holds anything."""
        if not self._own_name(name):
            return
        path = self._home / name
        content = self._talk.ask("read_file", name)
        if type(content) is not bytes:
            if self._fetched.pop(name, None) is not None and name not in self._written:
                path.unlink(missing_ok=True)
            return
        self._busy = True
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            self._fetched[name] = content
        finally:
            self._busy = False

    def _called(self, arguments: list[Any]) -> None:
        """Takes along the files that a call's arguments name."""
        for argument in arguments:
            name = self._own_name(argument) if isinstance(argument, str) and len(argument) <= 1000 else ""
            path = self._home / name
            if name in self._written and path.is_file() and path.stat().st_size <= LARGEST:
                self._written.discard(name)
                self._talk.ask("write_file", name, self._content(path))

    def _content(self, path: Path) -> bytes:
        self._busy = True
        try:
            return path.read_bytes()
        finally:
            self._busy = False

    def _is_theirs(self, source: Any) -> bool:
        """Whether a text that is to be run is one of the files."""
        text = source.encode("utf-8", "replace") if isinstance(source, str) else source
        return isinstance(text, bytes) and any(text.strip() == own.strip() for own in self._fetched.values())
