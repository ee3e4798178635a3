"""The supervisor's side of the warm parent: asking, watching, ending, and starting again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.errors import GraderError, UsageError
from autograder.sandbox import launch
from autograder.sandbox.hall import zygote_environment
from autograder.sandbox.launch import Zygote

FORKED = '''
import os, signal, time

def leave(arguments, fds): return arguments["code"]
def die(arguments, fds): os.kill(os.getpid(), arguments["signal"])
def stay(arguments, fds): time.sleep(60)
def echo(arguments, fds):
    os.write(fds[0], os.read(fds[0], 100).upper())
    return 0
def breaks(arguments, fds): raise ValueError("no")
def environment(arguments, fds):
    os.write(fds[0], repr(sorted(os.environ)).encode())
    return 0
def descriptors(arguments, fds):
    os.write(fds[0], repr(sorted(int(n) for n in os.listdir("/proc/self/fd"))).encode())
    return 0
'''


@pytest.fixture
def zygote(tmp_path: Path) -> Iterator[Zygote]:
    """A warm parent that knows the functions above."""
    (tmp_path / "forked.py").write_text(FORKED)
    environment = zygote_environment(threads=1, keras_home=None) | {"PYTHONPATH": str(tmp_path)}
    with Zygote(preload=["forked"], entries=[], environment=environment) as made:
        yield made


def eventually(condition: Callable[[], bool]) -> bool:
    """Whether it comes true within some seconds: the kernel buries the dead when it likes."""
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        pass
    return condition()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def talk(zygote: Zygote, entry: str) -> bytes:
    """What a child says over the descriptor that it is given."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        child = zygote.spawn(f"forked:{entry}", {}, [theirs.fileno()])
        theirs.close()
        if entry == "echo":
            ours.sendall(b"hello")
        said = ours.recv(10_000)
        child.wait(10)
        child.close()
        return said


@pytest.mark.parametrize("code", [0, 3, 255])
def test_an_exit_code_is_told(zygote: Zygote, code: int) -> None:
    """As often as it is asked for."""
    child = zygote.spawn("forked:leave", {"code": code}, [])
    assert [code, code] == [child.wait(10), child.wait(10)]
    child.close()


def test_a_signal_is_told_as_a_negative_code(zygote: Zygote) -> None:
    """As `subprocess` does."""
    child = zygote.spawn("forked:die", {"signal": signal.SIGSEGV}, [])
    assert -signal.SIGSEGV == child.wait(10)
    child.close()


@pytest.mark.parametrize(("cpu", "told"), [(0, -signal.SIGXCPU), (100, -signal.SIGKILL)])
def test_a_kill_for_processor_time_is_told_apart(zygote: Zygote, cpu: int, told: int) -> None:
    """The kernel kills the first process of a namespace where it would send others SIGXCPU."""
    child = zygote.spawn("forked:die", {"signal": signal.SIGKILL, "plan": {"level": 0, "cpu": cpu}}, [])
    assert told == child.wait(20)
    child.close()


def test_an_exception_is_an_exit_code_and_the_parent_goes_on(zygote: Zygote) -> None:
    """Nothing of a child falls back into the parent's loop."""
    child = zygote.spawn("forked:breaks", {}, [])
    assert 70 == child.wait(10)
    child.close()
    assert b"HELLO" == talk(zygote, "echo")


def test_a_child_that_lives_is_not_waited_for_beyond_the_time(zygote: Zygote) -> None:
    """And closing ends it."""
    child = zygote.spawn("forked:stay", {}, [])
    assert child.wait(0.01) is None and alive(child.pid)
    child.close()
    assert eventually(lambda: not alive(child.pid))


def test_nothing_of_the_supervisors_environment_is_passed_on(zygote: Zygote, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable of ours is not in the child."""
    monkeypatch.setenv("SECRET_OF_THE_SUPERVISOR", "x")
    assert b"SECRET" not in talk(zygote, "environment")


def test_a_child_holds_its_own_descriptors_alone(zygote: Zygote) -> None:
    """Standard streams, the one that it was given, and that of the listing; others' exit codes stay the parent's."""
    others = [zygote.spawn("forked:stay", {}, []) for _ in range(3)]
    assert 5 == len(eval(talk(zygote, "descriptors")))
    for other in others:
        other.close()


def test_a_killed_parent_is_started_again(zygote: Zygote) -> None:
    """The next request does not notice."""
    assert b"HELLO" == talk(zygote, "echo")
    zygote._process.kill()
    zygote._process.wait()
    assert b"HELLO" == talk(zygote, "echo")


def test_a_killed_parent_takes_its_children_along_and_is_no_students_fault(zygote: Zygote) -> None:
    """Nobody can tell the exit code: that is an error of ours."""
    child = zygote.spawn("forked:stay", {}, [])
    zygote._process.kill()
    with pytest.raises(GraderError, match="warm parent"):
        child.wait(10)
    assert eventually(lambda: not alive(child.pid))
    child.close()


def test_a_parent_that_cannot_start_is_an_error_that_says_how_to_see_why() -> None:
    """After one start, not after many."""
    with pytest.raises(GraderError, match="did not come up") as told:
        Zygote(preload=[], entries=["no_such_module:main"], environment={}).start()
    assert "AUTOGRADER_DEBUG" in str(told.value)


def test_a_parent_of_another_installation_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two versions would not understand each other, and each student would pay for it."""
    zygote = Zygote(preload=[], entries=[], environment=zygote_environment(threads=1, keras_home=None))
    with zygote:
        zygote.start()
    monkeypatch.setattr(launch, "HOME", "/elsewhere/autograder")
    with pytest.raises(UsageError, match="This is the autograder in /elsewhere") as told:
        zygote.start()
    assert "Unset PYTHONPATH" in str(told.value)


def test_threads_share_a_parent(zygote: Zygote) -> None:
    """Each gets its own child and its own answer."""
    codes: list[int | None] = []

    def ask(n: int) -> None:
        child = zygote.spawn("forked:leave", {"code": n}, [])
        codes.append(child.wait(10))
        child.close()

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(range(16)) == sorted(codes)


def test_no_descriptor_is_left(zygote: Zygote) -> None:
    """Neither here nor in the parent, after hundreds of children."""
    talk(zygote, "echo")
    parent = Path(f"/proc/{zygote._process.pid}/fd")
    before = len(os.listdir("/proc/self/fd"))
    for n in range(200):
        child = zygote.spawn("forked:leave", {"code": n % 5}, [])
        child.wait(10)
        child.close()
    assert before == len(os.listdir("/proc/self/fd"))
    assert eventually(lambda: len(list(parent.iterdir())) <= 5)  # three standard streams and the socket


def test_a_killed_supervisor_leaves_nobody(tmp_path: Path) -> None:
    """The parent and its children end when the supervisor is killed."""
    (tmp_path / "forked.py").write_text(FORKED)
    code = (
        "from autograder.sandbox.launch import Zygote\nimport time\n"
        f"z = Zygote(preload=['forked'], entries=[], environment={{'PYTHONPATH': {str(tmp_path)!r}, 'PATH': '/usr/bin'}})\n"
        "c = z.spawn('forked:stay', {}, [])\nprint(z._process.pid, c.pid, flush=True)\ntime.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as supervisor:
        pids = [int(pid) for pid in supervisor.stdout.readline().split()]
        assert all(map(alive, pids))
        supervisor.kill()
    assert eventually(lambda: not any(map(alive, pids)))


def test_a_parent_that_was_ended_for_good_does_not_start_again(zygote: Zygote) -> None:
    """Whoever still asks is told; one that was only closed starts again."""
    zygote.close()
    assert 7 == zygote.spawn("forked:leave", {"code": 7}, []).wait(20)
    zygote.close(for_good=True)
    with pytest.raises(GraderError, match="its batch is over"):
        zygote.spawn("forked:leave", {"code": 7}, [])
