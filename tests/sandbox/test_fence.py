"""The fence around the tests' process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox import linux

needs_landlock = pytest.mark.skipif(not linux.landlock_abi(), reason="the kernel has no Landlock")
TRIES = {
    "write a file": "open(there / 'kept', 'w').write('forged')",
    "add to a file": "open(there / 'kept', 'a').write('forged')",
    "empty a file": "os.truncate(there / 'kept', 0)",
    "make a file": "(there / 'new').touch()",
    "make a folder": "(there / 'new').mkdir()",
    "remove a file": "(there / 'kept').unlink()",
    "move a file": "(there / 'kept').rename(there / 'moved')",
    "take a file along": "(there / 'kept').rename(mine / 'kept')",
    "put a file there": "(mine / 'own').touch(); (mine / 'own').rename(there / 'kept')",
    "link a file": "os.link(mine / 'own', there / 'linked') if (mine / 'own').write_text('x') else None",
    "write through a link": "(mine / 'l').symlink_to(there / 'kept'); (mine / 'l').write_text('forged')",
    "write by a program": "subprocess.run(['/bin/sh', '-c', f'echo forged > {there}/kept'], check=True, stderr=-3)",
    "read its parent's memory": "open(f'/proc/{os.getppid()}/mem', 'rb').read(0)",
    "mark a table": "sqlite3.connect(there / 'db').execute('update t set a = 2').connection.commit()",
}
FINE = {
    "read a file": "assert (there / 'kept').read_text() == 'kept'",
    "write in its own folder": "(mine / 'a').mkdir(); (mine / 'a' / 'b').write_text('x'); (mine / 'a').rename(mine / 'c')",
    "run a program": "assert subprocess.run(['/bin/echo', 'x'], capture_output=True).stdout == b'x\\n'",
    "throw words away": "open('/dev/null', 'w').write('x')",
    "take a lock": "import multiprocessing; multiprocessing.Lock()",
    "take turns in threads": "import threading; t = threading.Thread(target=print); t.start(); t.join()",
}


def attempt(tmp_path: Path, act: str, *, fenced: bool) -> str:
    """The name of the exception that an act ends in, in a process of its own; empty where it is done."""
    mine, there = tmp_path / "mine", tmp_path / "there"
    mine.mkdir()
    there.mkdir()
    (there / "kept").write_text("kept")
    code = f"""
import os, sqlite3, subprocess, sys
from pathlib import Path
mine, there = Path({str(mine)!r}), Path({str(there)!r})
base = sqlite3.connect(there / "db")
base.execute("create table t (a)"); base.execute("insert into t values (1)"); base.commit(); base.close()
from autograder.sandbox import fence
if {fenced}: fence.put_up([str(mine)])
try:
    {act}
except Exception as e:
    print(type(e).__name__)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@needs_landlock
@pytest.mark.parametrize("act", TRIES)
def test_nothing_outside_can_be_changed(tmp_path: Path, act: str) -> None:
    """Whatever it is; the control: without the fence it is done."""
    if act == "read its parent's memory" and os.geteuid() and Path("/proc/sys/kernel/yama/ptrace_scope").is_file():
        pytest.skip("Yama keeps an ordinary user's processes apart anyway")
    (tmp_path / "open").mkdir()
    (tmp_path / "fenced").mkdir()
    assert "" == attempt(tmp_path / "open", TRIES[act], fenced=False)
    assert "" != attempt(tmp_path / "fenced", TRIES[act], fenced=True)


@pytest.mark.parametrize("act", FINE)
def test_what_tests_do_is_done(tmp_path: Path, act: str) -> None:
    """Reading, its own folder, programs, locks, threads."""
    assert "" == attempt(tmp_path, FINE[act], fenced=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has capabilities to give up")
def test_no_capability_is_left_but_to_read() -> None:
    """A course may be its owner's alone, and graded by root."""
    code = "from autograder.sandbox import fence; fence.put_up([]); print(open('/proc/self/status').read())"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    found = {line.split(":")[0]: line.split()[1] for line in told.splitlines() if line.startswith("Cap")}
    assert ("0" * 15 + "4",) * 2 == (found["CapEff"], found["CapPrm"])
