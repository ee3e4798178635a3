"""Files that tests and the submission's code share, though each has a folder of its own.

Rule: a file that a test opens is fetched from the student's folder, as bytes, when the test opens it; one that a test
has written goes there with a call that names it, or its folder, and with no other, for it may hold what is expected.
What such a call leaves under these names, or answers with as a path, is fetched at once where the test looks for
files. The course's own files are the test's alone. What was fetched is data: a test that would run it, or unpickle
it, is at fault. A name that the submission gave leads to nothing but what its own folder holds as well.

Python tells of files that are opened by its audit events (PEP 578), so that it does not matter which library opens
them. What a test only looks at (`os.path.exists`) is found by the names that stand in its text.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath
from typing import Any

from autograder.errors import GraderError, StudentError
from autograder.exam.conversation import Conversation
from autograder.exam.questions import Calls

LARGEST = 32 << 20
"""Bytes of the largest file that travels."""
MOST_BYTES = 4 * LARGEST
"""Bytes of all files that come from one submission."""
MOST = 50
"""Names of a test's text that are looked for before it runs."""
DEEP = 3
"""Containers within containers in which names are looked for."""
MOST_NAMES = 1000
"""Names given by a submission that are remembered."""
_MEND = 'Mark the cell metadata.autograder.examine = "in-kernel": its points can then be forged.'


class Files:
    """The examiner's side."""

    def __init__(self, conversation: Conversation) -> None:
        self._talk = conversation
        self._home = Path.cwd().resolve()
        self._testing = self._busy = False
        self._fetched: dict[str, tuple[int, bytes]] = {}
        """Name → bytes and hash of what came from the student's folder."""
        self._spelt: frozenset[str] = frozenset()
        """Names that stand in the test's own text."""
        self._foreign: dict[str, None] = {}
        """Names that the submission gave and that lead out of the test's folder."""
        self._written: set[str] = set()
        """Names of what the tests have opened for writing and the student's side has not been told."""
        self._looks = False
        self._named: list[str] = []
        """Names that the running calls were given as paths."""
        conversation.on_calls = self._called
        conversation.on_paths = self._came
        conversation.on_answer = self._answered
        sys.addaudithook(self._hear)

    def begin_test(self, named: Iterable[str], *, looks: bool) -> None:
        """From here on what is opened is the test's; `named` and `looks` are its lesson's."""
        self._spelt = frozenset(named)
        with self._talk.aside():
            for name in self._spelt:
                self._fetch(name)
        self._looks = looks
        self._testing = True

    def end_test(self) -> None:
        """What is opened now is the examiner's own."""
        self._testing = False

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._testing or self._busy:
            return
        if event == "open":
            self._opened(*arguments)
        elif event == "os.remove" and arguments[1] == -1:
            self._removed(arguments[0])
        elif event == "urllib.Request" and str(arguments[0]) in self._foreign:
            raise StudentError(f"The submission names the address {str(arguments[0])!r} in place of a file.")
        elif event == "pickle.find_class" and self._fetched:
            raise GraderError("The test unpickles, having read a file that the submission wrote.", mend=_MEND)
        elif event == "function.__new__" and self._fetched:  # as Keras does with the bytes of a Lambda layer
            raise GraderError("The test makes a function, having read a file that the submission wrote.", mend=_MEND)
        elif event == "compile" and self._is_theirs(arguments[0]):
            raise GraderError("The test runs a text that the submission wrote.", mend=_MEND)

    def _opened(self, path: Any, mode: Any, flags: Any) -> None:
        name = self._own_name(path)
        if not name:
            if self._foreign and _is_name(path) and os.fspath(path) not in self._spelt:
                self._vouch(os.fspath(path))
            return
        writes = any(c in mode for c in "wax+") if isinstance(mode, str) else bool(flags & (os.O_WRONLY | os.O_RDWR))
        if not (isinstance(mode, str) and mode[:1] in ("w", "x")) and name not in self._written:
            self._fetch(name)
        if writes:
            self._written.add(name)

    def _removed(self, path: Any) -> None:
        """A file that a test removes is gone on either side."""
        name = self._own_name(path)
        if name and not os.path.lexists(path):
            self._fetch(name)
        if name:
            self._fetched.pop(name, None)
            self._written.discard(name)
            self._talk.ask("remove_file", name)

    def _own_name(self, path: Any) -> str:
        """The name below the working folder; empty for what lies elsewhere and for the course's own files."""
        try:
            # The course's files and folders are links: what is reached through one, however deep, lies elsewhere.
            name = os.path.relpath(os.path.realpath(os.fsdecode(path)), self._home)
        except (TypeError, ValueError):  # a descriptor; a name that no file can have
            return ""
        return name if not name.startswith("..") and name != "." and len(name) <= 200 else ""

    def _fetch(self, name: str) -> None:
        """Makes the test's copy what the student's folder holds, where it holds anything."""
        name = self._own_name(self._home / name)
        if not name or name.endswith(".pyc"):  # Python would run it without compiling anything
            return
        path = self._home / name
        content = self._talk.ask("read_file", name)
        if type(content) is not bytes:
            if self._fetched.pop(name, None) is not None and name not in self._written:
                path.unlink(missing_ok=True)
            return
        others = sum(size for other, (size, _) in self._fetched.items() if other != name)
        if len(content) > LARGEST or others + len(content) > MOST_BYTES:
            raise StudentError(f"The file {name} is too large to be tested.", mend="Write less.")
        self._busy = True
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            self._fetched[name] = len(content), _mark(content)
        finally:
            self._busy = False

    def _answered(self, value: Any) -> None:
        """Remembers what in an answer names a file that is not the submission's, or an address."""
        for text in _texts(value, DEEP):
            if "://" in text or (os.path.lexists(text) and self._leads_out(text)):
                if len(self._foreign) >= MOST_NAMES:
                    raise StudentError("The submission names too many files that are not its own.")
                self._foreign[text] = None

    def _leads_out(self, text: str) -> bool:
        """Whether a name is none of the submission's, nor of a folder from which modules are imported."""
        return not self._own_name(text) and not any(entry.startswith(text) for entry in sys.path)

    def _vouch(self, text: str) -> None:
        """Raises StudentError where a name of the submission's leads to what its own folder does not hold."""
        if not any(text == told or text.startswith(f"{told}/") for told in self._foreign):
            return
        name, path = os.path.relpath(text, self._home), Path(text)
        if not name.startswith("..") and path.is_file():
            if path.stat().st_size > LARGEST and path.suffix != ".ipynb":
                return  # a data set
            if self._talk.ask("read_file", name) == self._content(path):
                return
        raise StudentError(f"The submission names {text!r}, which is no file of its own.")

    def _called(self, calls: Calls) -> None:
        """Takes along what calls' arguments name; a whole path becomes one below the student's own folder."""
        self._named.clear()
        for args, kwargs in calls:
            args[:] = map(self._handed, args)
            kwargs.update({word: self._handed(value) for word, value in kwargs.items()})

    def _handed(self, argument: Any) -> Any:
        """What the student's side gets for an argument, once the files that it names are there."""
        if type(argument) in (list, tuple) and len(argument) <= MOST:
            for item in () if _NAMELESS.issuperset(map(type, argument)) else argument:
                self._handed(item)
        if not _is_name(argument):
            return argument
        text = os.fspath(argument)
        if len(text) > 1000 or not (name := self._own_name(text)):
            return argument
        below = text.startswith(f"{self._home}/")
        self._give(name, is_path=below or isinstance(argument, PurePath))
        return os.path.relpath(text, self._home) if below and isinstance(argument, str) else argument

    def _give(self, name: str, *, is_path: bool) -> None:
        """Hands over what the tests wrote under a name or below it; for a path its folder too, to be written to."""
        for one in [w for w in self._written if w == name or w.startswith(f"{name}/")]:
            path = self._home / one
            if path.is_file() and path.stat().st_size <= LARGEST:
                self._written.discard(one)
                self._talk.ask("write_file", one, self._content(path))
        if is_path:
            self._named.append(name)
            folder = name if (self._home / name).is_dir() else os.path.dirname(name)
            if folder and (self._home / folder).is_dir():
                self._talk.ask("make_folder", folder)

    def _came(self, paths: list[PurePath]) -> None:
        """Fetches what an answer or the test's text names, and what the call it answers was given to write to."""
        found = [*self._named, *self._spelt, *(self._own_name(path) for path in paths[:MOST])]
        self._named.clear()
        for name in found if self._testing and self._looks else ():
            for one in self._below(name):
                if one not in self._written:
                    self._fetch(one)

    def _below(self, name: str) -> list[str]:
        """A file's own name; for a folder those of the files that the student's side has below it."""
        if not name or not (self._home / name).is_dir():
            return [name]
        told = self._talk.ask("files_below", name)
        return [n for n in told[:MOST] if type(n) is str and self._own_name(n) == n] if type(told) is list else []

    def _content(self, path: Path) -> bytes:
        self._busy = True
        try:
            return path.read_bytes()
        finally:
            self._busy = False

    def _is_theirs(self, source: Any) -> bool:
        """Whether a text that is to be run is one of the files."""
        if not self._fetched:
            return False
        text = source.encode("utf-8", "replace") if isinstance(source, str) else source
        return isinstance(text, bytes) and _mark(text) in (mark for _, mark in self._fetched.values())


def _texts(value: Any, deep: int) -> Iterator[str]:
    """Texts and paths in a value that may be names, the first of each container."""
    if _is_name(value):
        text = os.fspath(value)
        if 1 < len(text) <= 1000:
            yield text
    elif deep and type(value) in (list, tuple, dict, set):
        held = (*value, *value.values()) if type(value) is dict and len(value) <= MOST else value
        first = list(itertools.islice(held, 2 * MOST))
        for one in () if _NAMELESS.issuperset(map(type, first)) else first:
            yield from _texts(one, deep - 1)


_NAMELESS = frozenset((type(None), bool, int, float, complex))
"""Kinds that name nothing and hold nothing: most of what travels."""


def _is_name(value: Any) -> bool:
    """Whether it is a text or a path itself: neither what an object says that it is, nor of a test's own class."""
    return type(value) is str or issubclass(type(value), PurePath)


def _mark(content: bytes) -> bytes:
    return hashlib.sha256(content.strip()).digest()
