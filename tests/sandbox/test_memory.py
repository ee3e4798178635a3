"""What all processes of a candidate hold together is bounded; here by looking, which needs nothing of the kernel."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import GraderError
from autograder.sandbox import cgroups, memory
from autograder.sandbox.hall import Seat
from autograder.sandbox.memory import Bound, Family, Poller

sys.path.insert(0, str(Path(__file__).parents[1] / "exam"))

import rig as rigs

MB = 1 << 20
FORKS = """
#S
import os, signal
heard, say = os.pipe()
def hold(megabytes, then=signal.pause):
    if not os.fork():
        held = bytearray(b"x") * (megabytes << 20)
        os.write(say, b"!")
        then()
def daemon(megabytes):
    if not os.fork():
        os.setsid()
        hold(megabytes, lambda: signal.pause())
        os._exit(0)
    os.wait()
def all_hold(count):
    for _ in range(count):
        assert os.read(heard, 1) == b"!"
#S
pass
#T
assert ended
#T
assert heard
"""
"""The second cell is replaced by each case."""
EXCESSES = {
    "children": "[hold(300) for _ in range(6)]\nall_hold(6)",
    "daemons": "[daemon(300) for _ in range(6)]\nall_hold(6)",
    "files": "[open(str(n), 'wb').write(bytes(99 << 20)) for n in range(4)]\nhold(330), hold(330)\nall_hold(2)",
}
UNTIL_ENDED = "\nwhile True: signal.pause()"
AND_GO_ON = "\nended = True"
ROOM = {"memory": 1 << 30, "file": 100 * MB, "processes": 16}


class Unwatched:
    """No bound: for controls."""

    def watch(self, child: Any, **_: Any) -> None:
        return None


@pytest.fixture(scope="module")
def rig() -> Iterator[rigs.Rig]:
    """A hall whose processes are small, at a level that allows more of them."""
    with rigs.rig() as made:
        if made.level < memory.LEAST_LEVEL:
            pytest.skip("this machine's jail allows no processes")
        yield made


@pytest.fixture(params=["looking", "group"])
def bound(request: pytest.FixtureRequest) -> Bound:
    """Both ways, as far as this machine has them."""
    if request.param == "looking":
        return Bound(None)
    made = memory.bound()
    if made.place is None:
        pytest.skip(f"no control groups can be made here: {made.why_not}")
    return made


@pytest.mark.parametrize("case", EXCESSES)
def test_processes_that_hold_too_much_together_are_ended(rig: rigs.Rig, bound: Bound, case: str) -> None:
    """None holds a third of the bound; the student reads why, and the other tests go on without that cell."""
    sat = rig.sit(FORKS, {"s2": EXCESSES[case] + UNTIL_ENDED}, bound=bound, **ROOM)
    assert "Its processes together used more than 1 GiB." == sat.records["s2"].error
    assert {"t1": False, "t2": True} == sat.passed


@pytest.mark.parametrize("case", EXCESSES)
def test_without_the_bound_they_hold_it(rig: rigs.Rig, case: str) -> None:
    """The control: the same processes hold all that at once when nobody looks, as each keeps its own limit."""
    sat = rig.sit(FORKS, {"s2": EXCESSES[case] + AND_GO_ON}, bound=Unwatched(), **ROOM)
    assert {"t1": True, "t2": True} == sat.passed


def test_processes_that_hold_less_are_left_alone(rig: rigs.Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three quarters of the bound, looked at without pause, pass."""
    monkeypatch.setattr(memory, "PERIOD", 0.001)
    looked = []
    held = Family.held
    monkeypatch.setattr(Family, "held", lambda family, enough: looked.append(held(family, enough)) or looked[-1])
    sat = rig.sit(FORKS, {"s2": "[hold(250) for _ in range(3)]\nall_hold(3)" + AND_GO_ON}, bound=Bound(None), **ROOM)
    assert {"t1": True, "t2": True} == sat.passed
    assert 500 * MB < max(looked) < 1 << 30


class Remembering:
    """A hall that looks at what is left of each candidate's processes when it has ended.

    It keeps the other end of the wire open, so that a candidate does not end by itself.
    """

    def __init__(self, hall: Any) -> None:
        self.hall = hall
        self.before: list[int] = []
        self.after: list[int] = []
        self.wires: list[int] = []

    def candidate(self, wire: int, tray: int | None = None) -> Any:
        seat, told = self.hall.candidate(wire), self

        class Watched:
            kill, wait, reason = seat.kill, seat.wait, seat.reason

            def close(self) -> None:
                members = Family(seat.child.pid).members()
                seat.kill()
                assert -signal.SIGKILL == seat.wait(20)
                os.close(told.wires.pop())
                told.before += members
                told.after += [pid for pid in members if pid in memory.processes()]
                seat.close()

        return Watched()

    def witness(self, wire: int, tray: int, names: Collection[str]) -> Any:
        return self.hall.witness(wire, tray, names)

    def examiner(self, control: int, wire: int, tray: int | None = None, witness: int | None = None) -> Seat:
        self.wires.append(os.dup(wire))
        return self.hall.examiner(control, wire)


def test_what_a_notebook_leaves_running_ends_with_it(rig: rigs.Rig, bound: Bound) -> None:
    """Children and daemons that nobody waits for are there until the end, and gone after it."""
    hall = Remembering(rig.hall(bound=bound, **ROOM))
    rig.sit(FORKS, {"s2": "[hold(1), daemon(1), daemon(1)]\nall_hold(3)" + AND_GO_ON}, hall=hall)
    assert (True, []) == (len(hall.before) >= 4, hall.after)


def test_a_fork_bomb_stops_at_the_number_allowed(rig: rigs.Rig) -> None:
    """A hundred more allowed is a hundred more made: it is this limit and nothing else that stops it."""
    bomb = """
#S
import os, signal
made = 0
try:
    while made < 2000:
        if not os.fork(): signal.pause()
        made += 1
except BlockingIOError:
    print(made)
#T
assert made < 2000
"""

    def made(processes: int) -> int:
        sat = rig.sit(bomb, bound=Bound(None), **{**ROOM, "processes": processes})
        assert sat.passed["t1"]
        return int(sat.records["s1"].outputs[0]["text"])

    assert 100 == made(108) - made(8)


def test_no_candidate_may_start_processes_unbounded(rig: rigs.Rig) -> None:
    """A hall that was given no bound is our mistake, and runs nothing."""
    with pytest.raises(GraderError, match="without a bound"):
        rig.sit(FORKS, processes=1)


def family(code: str) -> subprocess.Popen[str]:
    """A process that has done what `code` says, and waits."""
    code = f"import os, signal\n{code}\nprint('ready', flush=True)\nsignal.pause()"
    made = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, process_group=0)
    assert made.stdout is not None
    assert "ready\n" == made.stdout.readline()
    return made


def ended(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def test_pages_held_in_common_count_once() -> None:
    """Four children that only read what their parent made add next to nothing; crude figures count it five times."""
    parent = family("x = bytearray(b'x') * (200 << 20)\nfor _ in range(4):\n    if not os.fork(): signal.pause()")
    try:
        exact = Family(parent.pid).held(300 * MB)
        crude = sum(map(memory.resident, Family(parent.pid).members()))
        assert 200 * MB < exact < 260 * MB
        assert 1000 * MB < crude
        assert crude == Family(parent.pid).held(1 << 40), "cheap figures do where they stay below the bound"
    finally:
        ended(parent)


@pytest.mark.parametrize(("enough", "looks"), [(20 * MB, 1), (200 * MB, 3)])
def test_nobody_is_looked_at_more_closely_than_needed(
    monkeypatch: pytest.MonkeyPatch, enough: int, looks: int
) -> None:
    """One look shows that too much is held; that 300 MB are really 100 held in common takes a look at all three."""
    parent = family("x = bytearray(b'x') * (100 << 20)\nfor _ in range(2):\n    if not os.fork(): signal.pause()")
    try:
        looked: list[int] = []
        private = memory.private
        monkeypatch.setattr(memory, "private", lambda pid: looked.append(pid) or private(pid))
        assert (enough < 100 * MB) is (enough < Family(parent.pid).held(enough))
        assert looks == len(looked)
    finally:
        ended(parent)


def test_hidden_figures_count_as_the_largest() -> None:
    """A process that hides from a supervisor who is not root is counted all the same."""
    code = f"""
import ctypes, os, signal, sys
sys.path.insert(0, {str(Path(memory.__file__).parents[2])!r})
from pathlib import Path
from autograder.sandbox import memory
if os.geteuid() == 0:
    os.setresgid(65534, 65534, 65534), os.setresuid(65534, 65534, 65534)
heard, say = os.pipe()
child = os.fork()
if not child:
    held = bytearray(b"x") * (100 << 20)
    ctypes.CDLL(None).prctl(4, 0)
    os.write(say, b"!")
    signal.pause()
os.read(heard, 1)
try:
    Path(f"/proc/{{child}}/smaps_rollup").read_text()
    print("seen", end=" ")
except PermissionError:
    print("hidden", end=" ")
print(memory.private(child) >> 20)
os.kill(child, 9)
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "hidden" == said[0]
    assert 100 <= int(said[1]) < 200


def test_a_process_that_has_ended_holds_nothing() -> None:
    """No error, and no members, for a pid that is gone."""
    gone = family("")
    ended(gone)
    assert ([], 0) == (Family(gone.pid).members(), Family(gone.pid).held(0))
    assert (0, 0, 0) == (memory.private(gone.pid), memory.resident(gone.pid), memory.stored(gone.pid))


class NoProcess:
    """A child that only notes that it was ended."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.killed = threading.Event()

    def kill(self) -> None:
        self.killed.set()


def test_a_look_that_fails_is_our_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A candidate that cannot be watched is ended, and no test is lost for it."""
    monkeypatch.setattr(memory, "PROC", tmp_path / "none")
    child: Any = NoProcess()
    watch = Poller(child, 1 << 40)
    assert child.killed.wait(20)
    with pytest.raises(GraderError, match="could not be watched"):
        watch.reason()
    watch.close()


def test_a_bound_that_was_kept_gives_no_reason() -> None:
    """Nothing is said, and the thread ends with the watch."""
    watch = Poller(NoProcess(), 1 << 40)  # type: ignore[arg-type]
    watch.close()
    assert "" == watch.reason()


def test_a_grade_tells_which_bound_it_was(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By looking where no control group can be had, with the reason why not; an error where neither can."""
    monkeypatch.setattr(cgroups, "find", lambda: "there is none")
    assert Bound(None, "there is none") == memory.bound()
    assert "Processes were allowed; their memory was bounded by polling every 0.1 s." == memory.bound().note
    monkeypatch.setattr(memory, "PROC", tmp_path)
    with pytest.raises(GraderError, match=re.escape("set processes = 0")):
        memory.bound()


@pytest.mark.parametrize(
    ("size", "words"), [(2 << 30, "2 GiB"), (3 << 29, "1.5 GiB"), (512 << 20, "512 MiB"), (1000, "1 KiB")]
)
def test_the_student_reads_the_bound_as_the_course_gives_it(size: int, words: str) -> None:
    """In the unit that fits."""
    assert f"Its processes together used more than {words}." == memory.too_much(size)
