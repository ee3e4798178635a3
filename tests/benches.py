"""What workers do in tests of batches; found by name where it runs."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable
from typing import Any


class Bench:
    """Gives back what it is given; told to die, it takes its worker with it."""

    def __init__(self, kit: str) -> None:
        self.kit = kit

    def work(self, request: bytes, step: Callable[[str, int, int], None]) -> bytes:
        """The request, reversed."""
        step("book", 1, 2)
        if request.startswith(b"long "):
            work_until(request.removeprefix(b"long ").decode(), lambda: step("book", 1, 2))
        if request == b"die":
            os.kill(os.getpid(), signal.SIGKILL)
        if request.startswith(b"fail "):
            fail(request.removeprefix(b"fail ").decode())
        return f"{self.kit}:".encode() + request[::-1]

    def close(self) -> None:
        """Nothing is left."""


class Evil(Exception):
    """Whoever unpickles it makes a folder."""

    def __init__(self, folder: str) -> None:
        super().__init__("words")
        self.folder = folder

    def __reduce__(self) -> Any:
        return os.mkdir, (self.folder,)


def work_until(pipe: str, step: Callable[[], None]) -> None:
    """Takes a step each second until somebody writes to the named pipe."""
    poll = select.poll()
    poll.register(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), select.POLLIN)
    while not poll.poll(1000):
        step()


def fail(folder: str) -> None:
    """Raises what makes the folder where it is read."""
    raise Evil(folder)


def build(kit: str, places: int, threads: int) -> Bench:
    """A bench."""
    return Bench(kit)


def look(question: Any) -> bytes:
    """The worker's process."""
    return str(os.getpid()).encode()
