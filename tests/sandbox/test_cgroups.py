"""Control groups of version 2: on a tree of plain files anywhere, and on the kernel's where groups can be made."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.errors import GraderError
from autograder.sandbox import cgroups, memory
from autograder.sandbox.cgroups import Group, Place

FILES = {
    "cgroup.procs": "",
    "cgroup.controllers": "cpu memory pids\n",
    "cgroup.subtree_control": "",
    "cgroup.events": "populated 0\nfrozen 0\n",
    "cgroup.kill": "",
    "memory.max": "max\n",
    "memory.swap.max": "max\n",
    "memory.oom.group": "0\n",
    "memory.events": "low 0\nmax 0\noom 0\noom_kill 0\n",
    "pids.max": "max\n",
}


class Tree:
    """A tree of plain files that stands for the kernel's: new groups get files, and every write is noted."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.mount, self.facts = root / "cgroup", root / "self"
        self.writes: list[tuple[str, str]] = []
        self.refused: dict[str, int] = {}
        self.facts.mkdir()
        self.make(self.mount)
        patch.setattr(cgroups, "SELF", self.facts)
        patch.setattr(cgroups, "SYSTEMD", root / "none")
        patch.setattr(cgroups, "make", self.make)
        patch.setattr(cgroups, "remove", shutil.rmtree)
        patch.setattr(cgroups, "write", self.write)
        mount = f"30 23 0:26 / {self.mount} rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
        (self.facts / "mountinfo").write_text(f"23 1 0:21 / /proc rw - proc proc rw\n{mount}")
        self.inside("")

    def make(self, folder: Path) -> Path:
        folder.mkdir()
        for name, text in FILES.items():
            (folder / name).write_text(text)
        return folder

    def inside(self, path: str) -> None:
        """Says in which group this process is."""
        (self.facts / "cgroup").write_text(f"4:memory:/old\n0::/{path}\n")

    def write(self, path: Path, value: object) -> None:
        where = str(path.relative_to(self.mount))
        if where in self.refused:
            raise OSError(self.refused[where], os.strerror(self.refused[where]), str(path))
        self.writes.append((where, str(value)))
        if path.name != "cgroup.procs":
            path.write_text(f"{value}\n")

    def values(self, name: str) -> list[str]:
        return [value for where, value in self.writes if where.endswith(name)]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    return Tree(tmp_path, monkeypatch)


def test_groups_are_made_beside_the_own_one_where_the_one_above_allows(tree: Tree) -> None:
    """Below a user's service manager nothing need be moved."""
    app = tree.make(tree.mount / "app.slice")
    tree.make(app / "run-1.scope")
    tree.inside("app.slice/run-1.scope")
    (app / "cgroup.subtree_control").write_text("cpu memory pids\n")
    assert Place(app, leave=False) == cgroups.find()
    assert "" == cgroups.prepare(Place(app, leave=False))
    assert [] == tree.writes


def test_else_below_the_own_one_which_this_process_leaves_first(tree: Tree) -> None:
    """A group whose members are bounded may hold no process: first the move, then the controllers."""
    own = tree.make(tree.mount / "box")
    tree.inside("box")
    found = cgroups.find()
    assert Place(own, leave=True) == found
    assert "" == cgroups.prepare(found)
    expected = [("box/autograder/cgroup.procs", str(os.getpid())), ("box/cgroup.subtree_control", "+memory +pids")]
    assert expected == tree.writes


def test_others_in_the_own_group_are_not_moved(tree: Tree) -> None:
    """The kernel refuses, this process goes back, and the reason is told."""
    own = tree.make(tree.mount / "box")
    tree.inside("box")
    (own / "cgroup.procs").write_text("17\n18\n")
    tree.refused["box/cgroup.subtree_control"] = errno.EBUSY
    assert "2 other processes share its control group" == cgroups.prepare(Place(own, leave=True))
    assert ("box/cgroup.procs", str(os.getpid())) == tree.writes[-1]
    assert not (own / "autograder").exists()


def test_a_group_that_cannot_be_divided_says_why(tree: Tree) -> None:
    """In the kernel's words."""
    tree.refused["cgroup.subtree_control"] = errno.EACCES
    assert "its control group cannot be divided: Permission denied" == cgroups.prepare(Place(tree.mount, leave=True))


def test_version_1_gives_no_groups(tree: Tree) -> None:
    """Also where a tree of version 2 is there without the controllers."""
    (tree.mount / "cgroup.controllers").write_text("cpu\n")
    assert "control groups of version 2 do not bound memory and pids here" == cgroups.find()
    (tree.facts / "mountinfo").write_text("23 1 0:21 / /proc rw - proc proc rw\n")
    assert "there are no control groups of version 2" == cgroups.find()


def test_a_group_of_somebody_else_is_not_used(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may write anywhere, and asks systemd what it was given; others ask the files."""
    tree.make(tree.mount / "session.scope")
    tree.inside("session.scope")
    assert isinstance(cgroups.find(), Place), "the control: without systemd, what root can write is its own"
    if os.geteuid() == 0:
        monkeypatch.setattr(cgroups, "SYSTEMD", tree.facts)
    else:
        (tree.mount / "session.scope").chmod(0o500)
    assert "its control group belongs to somebody else" == cgroups.find()
    monkeypatch.setattr(cgroups, "_attribute", lambda folder, name: b"1" if name == "user.delegate" else b"")
    assert os.geteuid() != 0 or isinstance(cgroups.find(), Place)


def test_a_group_is_bounded_before_anybody_is_in_it(tree: Tree) -> None:
    """Memory without swap, tasks, and all ended together when memory is out."""
    group = Group(Place(tree.mount, leave=False), memory=1 << 30, tasks=80)
    name = group.folder.name
    expected = {"memory.max": str(1 << 30), "pids.max": "80", "memory.swap.max": "0", "memory.oom.group": "1"}
    assert {f"{name}/{file}": value for file, value in expected.items()} == dict(tree.writes)
    group.close()
    assert "1" == tree.values("cgroup.kill")[0]
    assert not group.folder.exists()


def test_a_kernel_without_swap_has_no_bound_on_it(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bound that is not there is not needed; one that is refused is an error, and leaves no group behind."""
    monkeypatch.delitem(FILES, "memory.swap.max")
    group = Group(Place(tree.mount, leave=False), memory=1, tasks=1)
    assert [] == tree.values("memory.swap.max")
    group.close()
    monkeypatch.setattr(tree, "write", None)
    monkeypatch.setattr(cgroups, "write", lambda path, value: (_ for _ in ()).throw(OSError(errno.EINVAL, "no")))
    with pytest.raises(OSError, match="no"):
        Group(Place(tree.mount, leave=False), memory=1, tasks=1)
    assert [] == [path for path in tree.mount.iterdir() if path.is_dir()]


def test_what_a_process_has_started_moves_with_it(tree: Tree) -> None:
    """A candidate behind a waiting process is in the group too."""
    code = "import os, signal\nr, w = os.pipe()\nif not os.fork():\n    if not os.fork(): os.write(w, b'!')\n"
    code += "    signal.pause()\nos.read(r, 1)\nprint('ready', flush=True)\nsignal.pause()"
    first = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, process_group=0)
    try:
        assert first.stdout is not None
        first.stdout.readline()
        group = Group(Place(tree.mount, leave=False), memory=1, tasks=1)
        group.add(first.pid)
        assert set(map(str, memory.Family(first.pid).members())) == set(tree.values("cgroup.procs"))
        assert 3 == len(tree.values("cgroup.procs"))
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.communicate()


class NoProcess:
    """A child that only counts how often it was ended."""

    def __init__(self) -> None:
        self.pid, self.kills = os.getpid(), 0

    def kill(self) -> None:
        self.kills += 1


def test_the_kernels_word_is_the_students_reason(tree: Tree) -> None:
    """Nothing while the bound holds; the sentence once the kernel has counted an end for want of memory."""
    child: Any = NoProcess()
    watch = memory.Bound(Place(tree.mount, leave=False)).watch(child, memory=2 << 30, processes=3)
    assert "" == watch.reason()
    folder = next(path for path in tree.mount.iterdir() if path.is_dir())
    (folder / "memory.events").write_text("low 0\nhigh 0\nmax 31\noom 1\noom_kill 2\noom_group_kill 1\n")
    assert "Its processes together used more than 2 GiB." == watch.reason()
    watch.close()
    assert (1, False) == (child.kills, folder.exists())


def test_a_candidate_that_cannot_be_put_in_runs_nothing(tree: Tree) -> None:
    """It is ended, the group removed, and the error ours."""
    child: Any = NoProcess()
    tree.refused = {f"autograder-{os.getpid()}-{n}/cgroup.procs": errno.EBUSY for n in range(1000)}
    with pytest.raises(GraderError, match="control group of a candidate failed"):
        memory.Bound(Place(tree.mount, leave=False)).watch(child, memory=1, processes=3)
    assert 1 == child.kills
    assert [] == [path for path in tree.mount.iterdir() if path.is_dir()]


def test_a_group_that_does_not_empty_is_told(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing waits for ever."""
    monkeypatch.setattr(cgroups, "EMPTY_SECONDS", -1.0)
    group = Group(Place(tree.mount, leave=False), memory=1, tasks=1)
    (group.folder / "cgroup.events").write_text("populated 1\n")
    with pytest.raises(GraderError, match="do not end"):
        group.close()


def test_a_grade_tells_of_the_group(tree: Tree) -> None:
    """And where the group cannot be had after all, the bound is the other one, with the reason."""
    assert "Processes were allowed; their memory was bounded by a control group." == memory.bound().note
    tree.inside("")
    tree.refused["cgroup.subtree_control"] = errno.EBUSY
    (tree.mount / "cgroup.subtree_control").write_text("")
    found = memory.bound()
    assert (None, "its control group cannot be divided: Device or resource busy") == (found.place, found.why_not)


# On the kernel's own tree, in a process of its own: it may have to leave its group.

ON_THE_KERNEL = """
import os, signal, subprocess, sys
from pathlib import Path
from autograder.sandbox import cgroups, limits, memory
from autograder.sandbox.launch import Child

made = memory.bound()
assert made.place is not None, made.why_not

def start(code):
    code = "import os, signal, sys\\nheard, say = os.pipe()\\nsys.stdin.readline()\\n" + code
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    return process, Child(process.pid, os.pidfd_open(process.pid), os.open("/dev/null", os.O_RDONLY))

def result(code, watched=True, size=128 << 20):
    process, child = start(code)
    watch = made.watch(child, memory=size, processes=8) if watched else None
    process.stdin.write(b"go\\n")
    process.stdin.close()
    said = process.stdout.readline().decode().strip()
    code = process.wait()
    reason = watch.reason() if watch else ""
    folder = watch._group.folder if watch else None
    if watch:
        watch.close()
        assert not folder.exists()
    child.close()
    return code, said, reason

HOLD = '''
for _ in range(6):
    if not os.fork():
        held = bytearray(b"x") * (%d << 20)
        os.write(say, b"!")
        signal.pause()
for _ in range(6): assert os.read(heard, 1)
print("all held", flush=True)
%s
'''
"""


def on_the_kernel(code: str) -> str:
    """What a fresh process prints that can make groups."""
    path = str(Path(memory.__file__).parents[2])
    code = f"import sys; sys.path.insert(0, {path!r})\n{ON_THE_KERNEL}{code}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert 0 == done.returncode, done.stderr
    return done.stdout.strip()


@pytest.fixture
def kernel() -> Iterator[None]:
    """Moves this very process out of the way, where that is needed."""
    made = memory.bound()
    if made.place is None:
        pytest.skip(f"no control groups can be made here: {made.why_not}")
    yield
    own = Path("/sys/fs/cgroup")
    assert [] == list(own.rglob("autograder-*")), "a group was left behind"


def test_the_kernel_ends_those_that_hold_too_much_together(kernel: None) -> None:
    """Six of 40 MB are ended under a bound of 128 MB, with the reason; six of 10 MB are not."""
    code = """
print(result(HOLD % (40, "signal.pause()")))
print(result(HOLD % (10, "os._exit(0)")))
"""
    expected = [(-9, "", "Its processes together used more than 128 MiB."), (0, "all held", "")]
    assert "\n".join(map(str, expected)) == on_the_kernel(code)


def test_without_the_group_they_hold_it(kernel: None) -> None:
    """The control: the same six of 40 MB live in no group of ours."""
    code = """
code = HOLD % (40, "os.killpg(0, 9)")
print(result("os.setpgid(0, 0)\\n" + code, watched=False))
"""
    assert "(-9, 'all held', '')" == on_the_kernel(code)


def test_the_kernel_counts_tasks_and_ends_strays(kernel: None) -> None:
    """A fork bomb stops at the number allowed, and what it leaves behind ends with the watch."""
    code = """
bomb = '''
made = 0
try:
    while made < 2000:
        if not os.fork(): os.setsid(); os.close(1); signal.pause()
        made += 1
except BlockingIOError:
    pass
print(made, flush=True)
'''
code, said, reason = result(bomb)
most = limits.THREADS + limits.THREADS_PER_CORE * os.cpu_count() + 8 - 1
print(code, int(said) == most, repr(reason))
left = {p.parent.name for p in Path("/proc").glob("[0-9]*/cmdline") if b"made < 2000" in p.read_bytes()}
print(sorted(left - {str(os.getpid())}))
"""
    assert "0 True ''\n[]" == on_the_kernel(code)
