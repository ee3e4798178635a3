"""Whatever a submission does to its own process costs it the tests that break on it, and no more."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import pytest
from rig import Rig, Sat

TEXT = """
#S
def f(x): return 2 * x
#T
assert f(2) == 4
#S
pass
#S
def g(x): return x + 1
#T
assert g(1) == 2
"""
CALLED = """
#S
def f(x): return 2 * x
#T
assert f(2) == 4
#S
def g(x): return x + 1
#T
assert g(1) == 2
#S
def h(x): return x - 1
#T
assert h(1) == 0
"""
LIMITS = {"terms": {"cell_seconds": 1.0, "submission_seconds": 60.0}}
DEATHS = {
    "an exit": ("import os; os._exit(0)", "ended its own process (exit code 0)"),
    "another exit": ("import os; os._exit(7)", "ended its own process (exit code 7)"),
    "a segmentation fault": ("import ctypes; ctypes.string_at(0)", "crashed (segmentation fault)"),
    "an abort": ("import os; os.abort()", ""),
    "a loop that catches the alarm": (
        "import time\nwhile True:\n    try: time.sleep(0.01)\n    except BaseException: pass",
        "took longer than 1 second and did not stop when interrupted",
    ),
    "a hang that holds the interpreter": (
        "import collections, itertools; collections.deque(itertools.repeat(0), maxlen=0)",
        "took longer than 1 second and did not stop when interrupted",
    ),
    "a closed wire": ("import os; os.closerange(3, 50)", "exit code"),
    "a frame of garbage": (
        "import os\nfor fd in range(3, 30):\n    try: os.write(fd, b'\\xff' * 64)\n    except OSError: pass",
        "interfered with the grader's connection",
    ),
    "a stolen wire": (
        "import os, fcntl\nfor fd in range(3, 30):\n    try: os.read(fd, 1)\n    except OSError: pass\nimport time; time.sleep(60)",
        "",
    ),
}


def outcomes(sat: Sat) -> dict[str, str]:
    return {name: f.fault or f.error or "" for name, f in sat.findings.items()}


@pytest.mark.parametrize("name", DEATHS)
def test_a_cell_that_kills_its_process(rig: Rig, name: str) -> None:
    """Tests before and after it stand; the cell shows why it was ended."""
    code, why = DEATHS[name]
    sat = rig.sit(TEXT, {"s2": code}, **LIMITS)
    assert {"t1": "", "t2": ""} == outcomes(sat)
    record = sat.records["s2"]
    if "time.sleep" not in code:
        assert 1 == sat.sitting.restarts
        assert record.error.startswith("This cell ") and record.error.endswith(".")
        assert why in record.error
        assert "Ended" == record.outputs[-1]["ename"]


@pytest.mark.parametrize("name", [n for n in DEATHS if n != "a stolen wire"])
def test_a_function_that_kills_its_process(rig: Rig, name: str) -> None:
    """The test that calls it fails with the reason; those before and after it stand."""
    code, why = DEATHS[name]
    body = "\n".join("    " + line for line in code.splitlines())
    sat = rig.sit(CALLED, {"s2": f"def g(x):\n{body}\n    return x + 1"}, **LIMITS)
    found = outcomes(sat)
    assert "" == found["t1"] == found["t3"]
    assert found["t2"].startswith("The code that this test called ") and why in found["t2"]
    assert "" == sat["t2"].fault


def test_an_endless_loop_is_interrupted(rig: Rig) -> None:
    """A loop that lets itself be interrupted costs no second run, in a cell or in a function."""
    sat = rig.sit(TEXT, {"s2": "while True: pass"}, **LIMITS)
    assert ({"t1": "", "t2": ""}, 0) == (outcomes(sat), sat.sitting.restarts)
    assert "1 second" in sat.records["s2"].error
    sat = rig.sit(CALLED, {"s2": "def g(x):\n    while True: pass"}, **LIMITS)
    assert 0 == sat.sitting.restarts
    assert "The code that this test called took longer than 1 second." == sat["t2"].error
    assert "" == outcomes(sat)["t3"]


def test_fifty_gigabytes(rig: Rig) -> None:
    """More memory than there is gives a MemoryError, in a cell or in a function."""
    sat = rig.sit(TEXT, {"s2": "x = bytearray(50 * 2**30)"})
    assert {"t1": "", "t2": ""} == outcomes(sat) and "MemoryError" in sat.records["s2"].error
    sat = rig.sit(CALLED, {"s2": "def g(x): return bytearray(50 * 2**30)"})
    assert "more memory" in outcomes(sat)["t2"] and "" == outcomes(sat)["t3"]


def test_a_gigabyte_of_printing(rig: Rig) -> None:
    """Output is capped where it is made, and the notebook stays small."""
    endless = "line = 'x' * 10**6\nfor _ in range(1000): print(line)"
    sat = rig.sit(TEXT, {"s2": endless}, terms={"cell_seconds": 20.0})
    assert {"t1": "", "t2": ""} == outcomes(sat)
    assert sum(len(o.get("text", "")) for o in sat.records["s2"].outputs) < 2 << 20
    inside = "def g(x):\n    for _ in range(1000): print('x' * 10**6)\n    return x + 1"
    sat = rig.sit(CALLED, {"s2": inside}, terms={"cell_seconds": 20.0})
    assert {"t1": "", "t2": "", "t3": ""} == outcomes(sat)


def test_a_value_larger_than_the_wire(rig: Rig) -> None:
    """It is an error of that one answer, told in words."""
    sat = rig.sit(CALLED, {"s2": "def g(x): return b'x' * (300 << 20)"}, memory=2 << 30)
    assert "larger than the wire" in outcomes(sat)["t2"] and "" == outcomes(sat)["t3"]
    assert 0 == sat.sitting.restarts


def test_many_deaths_in_one_notebook(rig: Rig) -> None:
    """Each costs its own cell only, the last cell's too."""
    text = "\n".join(f"#S\ndef f{i}(): return {i}\n#T\nassert f{i}() == {i}" for i in range(6))
    dead = {f"s{i}": "import os; os._exit(1)" for i in (2, 4, 6)}
    sat = rig.sit(text, dead)
    found = outcomes(sat)
    assert ["", "", ""] == [found[f"t{i}"] for i in (1, 3, 5)]
    assert all("NameError" in found[f"t{i}"] for i in (2, 4, 6))
    assert 3 == sat.sitting.restarts


def test_more_deaths_than_are_borne(rig: Rig) -> None:
    """After a dozen the rest is given up, with the reason."""
    text = "#S\nx = 1\n#T\nassert x == 1\n" + "#S\npass\n" * 15 + "#T\nassert x == 1"
    sat = rig.sit(text, {f"s{i}": "import os; os._exit(1)" for i in range(2, 17)})
    assert "" == outcomes(sat)["t1"]
    assert "The notebook ended its process too often." == outcomes(sat)["t2"]


def test_the_submission_uses_all_of_its_time(rig: Rig) -> None:
    """What was reached stands, what was not says why."""
    slow = "import time\ntry: time.sleep(60)\nexcept BaseException: time.sleep(60)"
    sat = rig.sit(TEXT, {"s2": slow}, terms={"cell_seconds": 30.0, "submission_seconds": 3.0})
    found = outcomes(sat)
    assert "" == found["t1"]
    assert "The notebook used all of its 3 seconds before this could be tested." == found["t2"]
    assert "" == sat["t2"].fault


@pytest.mark.parametrize(
    ("test", "fault"),
    [
        ("while True: pass", "The test took longer than 1 second. It had asked the submission nothing."),
        ("import os; os._exit(3)", "The test ended the examiner's process (exit code 3)."),
        ("import ctypes; ctypes.string_at(0)", "The test ended the examiner's process (crashed (segmentation fault))."),
        ("def broken(:", "The test is not Python: invalid syntax."),
        ("f(object())", "cannot travel"),
        ("class B(A): pass", "The test derives a class from the submission's A."),
        ("!ls", "needs the student's own kernel"),
    ],
)
def test_a_test_at_fault_is_left_to_a_person(rig: Rig, test: str, fault: str) -> None:
    """A test that hangs, ends or breaks by itself costs the student nothing, nor the other tests."""
    sat = rig.sit(f"#S\ndef f(x): return x\nclass A: pass\n#T\n{test}\n#T\nassert f(1) == 1", **LIMITS)
    assert fault in sat["t1"].fault
    assert sat["t2"].error is None and not sat["t2"].fault


def test_a_test_that_hangs_on_what_it_was_given(rig: Rig) -> None:
    """If it had asked the submission, the time is the submission's."""
    sat = rig.sit("#S\ndef f(): return 1\n#T\nwhile f(): pass\n#T\nassert f() == 1", **LIMITS)
    assert "" == sat["t1"].fault and "longer than 1 second" in sat["t1"].error
    assert sat["t2"].error is None


def test_a_swallowed_loss_is_no_verdict(rig: Rig) -> None:
    """A test's bare except does not turn a dead process, or the end of its time, into a pass."""
    swallowing = "try:\n    f()\nexcept:\n    pass"
    text = f"#S\ndef f(): return 1\n#T\n{swallowing}\n#S\nx = 1\n#T\nassert x == 1"
    assert {"t1": "", "t2": ""} == outcomes(rig.sit(text))
    dead = rig.sit(text, {"s1": "import os\ndef f(): os._exit(0)"})
    assert "ended its own process" in dead["t1"].error and dead["t2"].error is None
    slow = rig.sit(text, {"s1": "def f():\n    while True: pass"}, **LIMITS)
    assert "longer than 1 second" in slow["t1"].error and slow["t2"].error is None


def test_nothing_is_left(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process, no folder and no descriptor outlives a notebook, however it ended.

    Another test's threads may open a descriptor meanwhile, but not one for each of these notebooks.
    """
    place = Path(tempfile.mkdtemp())
    place.chmod(0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(place))

    def left() -> tuple[int, list[Path], int]:
        children = 0
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                children += entry.read_text().rsplit(")", 1)[1].split()[1] == str(rig.zygote._process.pid)
            except OSError:
                continue
        return children, list(place.iterdir()), len(os.listdir("/proc/self/fd"))

    def gone() -> bool:
        processes, folders, descriptors = left()
        return (processes, folders) == (0, []) and descriptors < before + len(DEATHS)

    rig.sit(TEXT)
    before = left()[2]
    for code, _ in DEATHS.values():
        rig.sit(TEXT, {"s2": code}, **LIMITS)
    rig.sit("#S\nx = 1\n#T\nimport os; os._exit(1)")
    deadline = time.monotonic() + 10
    while not gone() and time.monotonic() < deadline:  # the kernel takes a moment to bury the dead
        pass
    assert gone(), left()
    place.rmdir()


def test_a_traceback_ends_where_the_students_code_does(rig: Rig) -> None:
    """Neither the alarm that stops a cell nor what puts a refusal into words is shown as a frame."""
    sat = rig.sit(TEXT, {"s1": "import os\nos.fork()", "s2": "while True:\n    pass"}, **LIMITS)
    traces = {name: "".join(sat.records[name].outputs[-1]["traceback"]) for name in ("s1", "s2")}
    assert ("fork" in traces["s1"], "not allowed" in traces["s1"], "longer than 1 second" in traces["s2"]) == (True,) * 3
    assert [] == [name for name, trace in traces.items() if "sandbox" in trace]


def test_no_frame_of_this_program_is_in_what_a_failing_test_tells(rig: Rig) -> None:
    """Not even where a refusal of the kernel is put into words, below the student's last line."""
    told = rig.sit("#S\ndef f(): return 1\n#T\nassert f() == 1", {"s1": "import os\ndef f():\n    return os.fork()"})
    trace = "".join(told["t1"].outputs[-1]["traceback"])
    assert "Starting processes is not allowed" in trace and "in f" in trace
    assert "autograder/" not in trace



def test_what_a_test_leaves_is_bounded(rig: Rig) -> None:
    """However much code prints while it is tested, and whatever its exception says, the test's record stays small."""
    loud = "def f(n): print('x' * n)\ndef g(): raise ValueError('y' * (1 << 20))"
    sat = rig.sit(f"#S\n{loud}\n#T\nfor _ in range(20): f(10_000)\n#T\ng()", terms={"output": 50_000})
    printed, error = sat["t1"].outputs, sat["t2"].outputs
    assert ["x" * 10] == [o["text"][:10] for o in printed]
    assert 50_000 == len(printed[0]["text"])
    assert len(error[-1]["evalue"]) <= 5000
    assert len(error[-1]["traceback"]) < 100
    assert sat["t2"].error is not None
    assert sat["t2"].error.startswith("ValueError: yyy")
