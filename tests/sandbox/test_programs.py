"""What a cell reads that wants to start a process, and that it can where the assignment allows it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.sandbox import memory, programs
from autograder.sandbox.memory import Bound
from autograder.sandbox.mounts import libraries

sys.path.insert(0, str(Path(__file__).parents[1] / "exam"))

import rig as rigs

RAISING = {
    "run": "subprocess.run(['true'], check=True)",
    "shell": "subprocess.check_output('echo 1', shell=True)",
    "popen": "os.popen('echo 1').close()",
    "fork": "if not os.fork(): os._exit(0)",
    "spawn": "os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)",
    "multiprocessing": "with multiprocessing.get_context('fork').Pool(1) as p: p.map(abs, [-1])",
    "bash": "get_ipython().run_cell_magic('bash', '', 'true')",
}
SAYING = {
    "command": "!echo $word {1 + 1}",
    "captured": "lines = !echo $word\nprint(*lines)",
    "system": "os.system('echo here')",
    "magic": "lines = %sx echo here\nprint(*lines)",
}
SETTING = "#X\nimport os, subprocess, multiprocessing\nword = 'here'\nfrom IPython import get_ipython\n#S\n"
TEST = "\n#T\nassert after"


@pytest.fixture(scope="module")
def rig() -> Iterator[rigs.Rig]:
    """A hall whose processes are small."""
    with rigs.rig() as made:
        if made.level < memory.LEAST_LEVEL:
            pytest.skip("this machine's jail allows no processes")
        yield made


def sit(rig: rigs.Rig, code: str, processes: int) -> tuple[str, str, bool]:
    """A cell's error, its text, and whether it went on to the end."""
    readable = libraries(rigs.PACKAGE, *(programs.readable() if processes else ()))
    room = {"processes": processes, "bound": Bound(None), "read_only": readable}
    sat = rig.sit(f"{SETTING}{code}\nafter = True{TEST}", **room)
    record = sat.records["s1"]
    text = "".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in record.outputs)
    return record.error, re.sub(r"\x1b\[[\d;]*m", "", text), sat.passed["t1"]


@pytest.mark.parametrize("case", RAISING)
def test_an_attempt_raises_a_sentence(rig: rigs.Rig, case: str) -> None:
    """What would start a process ends the cell, and the error says why; where allowed, the same lines run."""
    error, _, went_on = sit(rig, RAISING[case], 0)
    assert (f"PermissionError: [Errno 1] {programs.REFUSED}", False) == (error, went_on)
    assert ("", True) == sit(rig, RAISING[case], 8)[::2]


@pytest.mark.parametrize("case", SAYING)
def test_a_command_says_the_sentence(rig: rigs.Rig, case: str) -> None:
    """What never raises says why on stderr, and the cell goes on; where allowed, it does what it should."""
    error, text, went_on = sit(rig, SAYING[case], 0)
    assert ("", True, True) == (error, programs.REFUSED in text, went_on)
    error, text, went_on = sit(rig, SAYING[case], 8)
    assert ("", True, True) == (error, "here" in text, went_on)
    assert programs.REFUSED not in text


def test_the_status_is_a_shells(rig: rigs.Rig) -> None:
    """126: found, and may not be run; where allowed, what the command gave."""
    code = "!exit 3\nassert (_exit_code, os.system('exit 3') >> 8) == expected, _exit_code"
    assert "" == sit(rig, f"expected = (126, 126)\n{code}", 0)[0]
    assert "" == sit(rig, f"expected = (3, 3)\n{code}", 8)[0]


def test_programs_are_where_the_path_says() -> None:
    """What is searched can be read, this Python's own folder first."""
    first, *rest = programs.SEARCHED.split(":")
    assert str(Path(sys.prefix, "bin")) == first
    assert {p for p in rest if Path(p).exists()} <= set(programs.readable())
