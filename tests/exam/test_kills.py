"""A process that somebody else kills costs nobody a mark."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest
from rig import Rig, Sat

from autograder.errors import GraderError
from autograder.exam import invigilator
from autograder.exam.sitting import Sitting

TEXT = """
#S
def f(x): return 2 * x
#T
assert f(2) == 4
#S
def g(x): return x + 1
#T
assert g(1) == 3
"""


class Killer:
    """A hall whose processes are killed when a cell begins."""

    def __init__(self, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rig, self.room = rig, rig.hall()
        self.seats: dict[str, Any] = {}
        self.wanted: list[tuple[str, int]] = []
        note = Sitting.note

        def noted(sitting: Sitting, word: str, index: int, rest: list[Any]) -> None:
            note(sitting, word, index, rest)
            if word == "begin" and self.wanted and self.wanted[0][1] == index:
                self.kill(self.wanted.pop(0)[0])

        monkeypatch.setattr(Sitting, "note", noted)

    def kill(self, who: str) -> None:
        """SIGKILL, as a person or a machine without memory sends it."""
        if who == "zygote":
            assert self.rig.zygote._process is not None
            self.rig.zygote._process.kill()
        else:
            self.seats[who].kill()

    def candidate(self, wire: int, tray: int | None) -> Any:
        self.seats["candidate"] = self.room.candidate(wire, tray)
        return self.seats["candidate"]

    def witness(self, wire: int, tray: int, names: Collection[str]) -> Any:
        return self.room.witness(wire, tray, names)

    def examiner(self, control: int, wire: int, tray: int | None, witness: int | None) -> Any:
        self.seats["examiner"] = self.room.examiner(control, wire, tray, witness)
        return self.seats["examiner"]


def told(sat: Sat) -> dict[str, tuple[str | None, str]]:
    return {name: (finding.error, finding.fault) for name, finding in sat.findings.items()}


@pytest.fixture(scope="module")
def quiet(rig: Rig) -> Sat:
    """An undisturbed run."""
    return rig.sit(TEXT)


@pytest.mark.parametrize(
    ("who", "cell"), [("candidate", n) for n in range(4)] + [("examiner", n) for n in range(4)] + [("zygote", 1)]
)
def test_one_kill_changes_nothing(rig: Rig, quiet: Sat, monkeypatch: pytest.MonkeyPatch, who: str, cell: int) -> None:
    """Whoever is killed at whichever cell: verdicts and outputs are those of an undisturbed run."""
    killer = Killer(rig, monkeypatch)
    killer.wanted = [(who, cell)]
    sat = rig.sit(TEXT, hall=killer)
    assert [] == killer.wanted
    assert told(quiet) == told(sat)
    assert {"t1": True, "t2": False} == sat.passed
    assert (0, quiet.records.keys()) == (sat.sitting.restarts, sat.records.keys())
    assert [] == sat.sitting.left_out


def test_a_kill_at_each_cell(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each cell is spared once."""
    killer = Killer(rig, monkeypatch)
    killer.wanted = [("candidate", 0), ("examiner", 1), ("candidate", 2), ("examiner", 3)]
    assert {"t1": True, "t2": False} == rig.sit(TEXT, hall=killer).passed


def test_a_kill_costs_marks_where_nobody_is_spared(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without a second run with the cell, the same kills take the marks of an honest student."""
    monkeypatch.setattr(invigilator, "MAX_SPARED", 0)
    for who in ("candidate", "examiner"):
        killer = Killer(rig, monkeypatch)
        killer.wanted = [(who, 0)]
        assert not rig.sit(TEXT, hall=killer).passed["t1"]


def test_the_second_kill_is_the_cells(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell whose process is killed again is left out, as one that takes all memory or kills itself must be."""
    killer = Killer(rig, monkeypatch)
    killer.wanted = [("candidate", 0)] * 2
    sat = rig.sit(TEXT, hall=killer)
    assert [
        "Cell 's1' was left out: This cell was ended by the system, most likely for its memory."
    ] == sat.sitting.left_out
    itself = rig.sit(TEXT, {"s2": "import os\ndef g(x): os.kill(os.getpid(), 9)"})
    assert {"t1": True, "t2": False} == itself.passed
    assert itself["t2"].error


class Silent(Killer):
    """A hall whose candidates never become ready: whoever holds the wire says nothing."""

    def candidate(self, wire: int, tray: int | None) -> Any:
        return self.room.examiner(wire, wire, tray)  # it waits for a task that nobody sends


def test_a_candidate_that_never_becomes_ready_is_our_fault(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the first cell's: no line of the student's has run; and the submission's own seconds do not pass meanwhile."""
    monkeypatch.setattr(invigilator, "READY_SECONDS", 0.2)
    monkeypatch.setattr(invigilator, "SLACK", 0.0)
    with pytest.raises(GraderError, match="not ready within"):
        rig.sit(TEXT, hall=Silent(rig, monkeypatch), terms={"submission_seconds": 0.1})
