"""Files of the work folder, as tests ask for them.

Rule: only regular files below the folder in which the notebook began are read or written, by names without `..`;
what comes of it is a value like any other.
"""

from __future__ import annotations

import itertools
import os
import stat
from pathlib import Path

LARGEST = 32 << 20
"""Bytes of the largest file that travels."""

MOST = 50
"""Files of a folder that are told."""


class Folder:
    """The work folder, held open: a notebook may go elsewhere."""

    def __init__(self) -> None:
        self._home = os.getcwd()  # noqa: PTH109  (the text is all that is needed)

    def read(self, name: str) -> bytes | None:
        """A file's content; None where there is no regular file of that name, ValueError when it is too large."""
        try:
            fd = os.open(self._path(name), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return None
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            return None
        with os.fdopen(fd, "rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise ValueError(f"The file {name} is larger than {LARGEST >> 20} MiB, the most that a test can read.")
        return content

    def write(self, name: str, content: bytes) -> None:
        """Puts a file there, with the folders above it."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def remove(self, name: str) -> None:
        """Takes a file away, if there is one."""
        self._path(name).unlink(missing_ok=True)

    def make(self, name: str) -> None:
        """Makes a folder there."""
        self._path(name).mkdir(parents=True, exist_ok=True)

    def below(self, name: str) -> list[str]:
        """Names of the files below a folder there, the first so many."""
        found = (Path(at, file) for at, _, files in os.walk(self._path(name)) for file in sorted(files))
        return [str(path.relative_to(self._home)) for path in itertools.islice(found, MOST)]

    def _path(self, name: str) -> Path:
        return Path(self._home, name)
