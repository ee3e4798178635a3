"""The supervisor's side of an exam, with processes that are none."""

from __future__ import annotations

import socket
import threading

import pytest

from autograder.errors import GraderError
from autograder.exam.invigilator import Invigilator, Terms
from autograder.values import Paper, PaperCell, Step


class Nobody:
    """A process that has ended."""

    def kill(self) -> None: ...

    def wait(self, seconds: float) -> int:
        return 70

    def close(self) -> None: ...


class EmptyHall:
    """A hall whose examiner takes the paper and leaves."""

    def candidate(self, wire: int) -> Nobody:
        return Nobody()

    def examiner(self, control: int, wire: int) -> Nobody:
        desk = socket.socket(fileno=socket.dup(control))

        def leave() -> None:
            desk.recv(1 << 16)
            desk.close()

        threading.Thread(target=leave).start()
        return Nobody()


def test_an_examiner_that_never_began_is_our_fault() -> None:
    """Nothing of the student's has run yet, so no test may be lost for it."""
    paper = Paper("p", (PaperCell(Step.EXAMINER, "assert True", {}, grade_id="t", points=1.0),), {})
    with pytest.raises(GraderError, match="could not begin"):
        Invigilator(EmptyHall(), Terms(1.0, 5.0)).examine(paper, {})
