"""The supervisor's side of an exam, with processes that are none."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
import rig as rigs
from rig import Rig

from autograder.errors import GraderError
from autograder.exam import invigilator
from autograder.exam.invigilator import Invigilator, Process, Terms
from autograder.values import Paper, PaperCell, Step


class Nobody:
    """A process that has ended."""

    def kill(self) -> None: ...

    def wait(self, seconds: float) -> int:
        return 70

    def close(self) -> None: ...


class EmptyHall:
    """A hall whose examiner takes the paper and leaves."""

    def candidate(self, wire: int, tray: int | None) -> Nobody:
        return Nobody()

    def witness(self, wire: int, tray: int, names: Collection[str]) -> Nobody:
        return Nobody()

    def examiner(self, control: int, wire: int, tray: int | None, witness: int | None) -> Nobody:
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


class Accident:
    """A hall in whose first `times` sittings the warm parent is killed while a cell runs."""

    def __init__(self, rig: Rig, times: int) -> None:
        self.rig, self.left, self.seated = rig, times, 0

    def candidate(self, wire: int, tray: int | None) -> Process:
        self.seated += 1
        return self.rig.hall().candidate(wire, tray)

    def witness(self, wire: int, tray: int, names: Collection[str]) -> Process:
        return self.rig.hall().witness(wire, tray, names)

    def examiner(self, control: int, wire: int, tray: int | None, witness: int | None) -> Process:
        seat = self.rig.hall().examiner(control, wire, tray, witness)
        if self.left:
            self.left -= 1
            self.rig.zygote._process.kill()
        return seat


TEXT = "#S\nx = 1\n#T\nassert x == 1\nx"


@pytest.fixture
def killable() -> Iterator[Rig]:
    """A warm parent of one's own."""
    with rigs.rig() as made:
        yield made


def test_an_accident_is_mended_by_running_again(killable: Rig) -> None:
    """Once: nobody is to blame, and the notebook has its verdicts."""
    hall = Accident(killable, 1)
    sat = killable.sit(TEXT, hall=hall)
    assert (2, 0, "1", None) == (hall.seated, sat.sitting.restarts, sat["t1"].result_text, sat["t1"].error)


def test_a_second_accident_is_left_to_a_person(killable: Rig) -> None:
    """It is an error of ours, never a verdict."""
    with pytest.raises(GraderError):
        killable.sit(TEXT, hall=Accident(killable, 5))


def test_a_parent_killed_between_two_notebooks(killable: Rig) -> None:
    """The next notebook does not notice."""
    killable.sit(TEXT)
    killable.zygote._process.kill()
    sat = killable.sit(TEXT)
    assert ("1", None, 0) == (sat["t1"].result_text, sat["t1"].error, sat.sitting.restarts)


def test_waiting_for_a_turn_costs_the_submission_no_time(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long others run before it."""
    late = [0.0]
    clock = time.monotonic
    monkeypatch.setattr(invigilator.time, "monotonic", lambda: clock() + late[0])

    @contextlib.contextmanager
    def turn() -> Iterator[None]:
        late[0] += 1000.0
        yield

    sat = rig.sit(TEXT, turn=turn())
    assert ("1", None, 0) == (sat["t1"].result_text, sat["t1"].error, sat.sitting.restarts)


def test_nothing_of_the_students_runs_before_its_turn(rig: Rig) -> None:
    """Its processes are there, and wait."""

    @contextlib.contextmanager
    def turn() -> Iterator[None]:
        raise LookupError("not yet")
        yield

    seen: list[int] = []
    with pytest.raises(LookupError):
        rig.sit(TEXT, turn=turn(), seen=seen.append)
    assert [] == seen


def test_notebooks_at_once(rig: Rig) -> None:
    """Threads that share a warm parent do not share anything else."""
    found: dict[int, str] = {}

    def one(n: int) -> None:
        found[n] = rig.sit(f"#S\nx = {n}\n#T\nassert x == {n}\nx")["t1"].result_text

    threads = [threading.Thread(target=one, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {n: str(n) for n in range(6)} == found


def test_the_examiner_finds_the_courses_own_files(rig: Rig, tmp_path: Path) -> None:
    """A helper module and a data file beside the master, and nothing of them in the student's folder."""
    (tmp_path / "judge_helper.py").write_text("def same(a, b): return a == b")
    (tmp_path / "wanted.csv").write_text("4")
    text = "#S\ndef f(x): return 2 * x\nimport os\nseen = os.listdir()\n#T\nfrom judge_helper import same\nassert same(f(2), int(open('wanted.csv').read()))\nseen"
    sat = rig.sit(text, terms={"path": (str(tmp_path),)})
    assert (None, "[]") == (sat["t1"].error, sat["t1"].result_text)


def test_what_a_cell_prints_is_kept_when_it_is_killed(rig: Rig) -> None:
    """As far as it had come."""
    sat = rig.sit(
        "#S\nx = 1\n#T\nassert x == 1",
        {"s1": "print('so far', flush=True)\nimport os, time\ntime.sleep(0.5)\nprint('x', flush=True)\nos._exit(1)"},
    )
    assert "so far" in sat.records["s1"].outputs[0]["text"]


def test_texts_of_the_students_are_fit_for_any_file(rig: Rig) -> None:
    """Half characters and control characters of a message reach no report."""
    sat = rig.sit("#S\ndef f(): return 1\n#T\nf()", {"s1": "def f(): raise ValueError('a\\ud800b\\x1b[31mc')"})
    told = sat["t1"].error
    assert told.startswith("ValueError: a") and told.encode() and "\x1b" not in told
    assert "\x1b" not in sat["t1"].detail


def test_what_student_code_says_on_stderr_while_a_test_asks_it_is_in_the_finding(rig: Rig) -> None:
    """nbgrader's own scoring counts it; a test may capture it."""
    text = """#S
import sys
def f(n):
    print("oh", n, file=sys.stderr)
    return n
#T
assert f(1) == 1
#T
import contextlib, io
with contextlib.redirect_stderr(io.StringIO()) as said:
    f(2)
assert said.getvalue() == "oh 2\\n"
"""
    sat = rig.sit(text)
    assert {"t1": True, "t2": True} == sat.passed, sat["t2"]
    assert ("oh 1\n", "") == (sat["t1"].stderr, sat["t2"].stderr)
