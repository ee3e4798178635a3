"""The jail stops what docs/security.md says it stops, and lets ordinary lessons work."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox import jail, mounts, selfcheck
from autograder.sandbox.linux import CLONE, JailError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the jail needs Linux")

LIBC = """
import ctypes as c, os
l = c.CDLL(None, use_errno=True)
l.mmap.restype = c.c_void_p
l.mmap.argtypes = [c.c_void_p, c.c_size_t, c.c_int, c.c_int, c.c_int, c.c_long]
def must(r):
    if r is None or r < 0 or r == 2**64 - 1:
        raise OSError(c.get_errno(), os.strerror(c.get_errno()))
    return r
"""
UFFD = {"x86_64": 323, "aarch64": 282}
KEYCTL = {"x86_64": 250, "aarch64": 219}
HERE = os.uname().machine

# Name → (lowest level that must stop it, source that ends quietly when it worked); see sandbox/selfcheck.py.
ATTACKS: dict[str, tuple[int, str]] = {
    **{a.name: (a.level, a.source) for a in selfcheck.ATTACKS if a.level},
    "list the machine's root": (2, "import os; assert 'etc' in os.listdir('/')"),
    "climb out with dots": (
        2,
        "import os; here = os.open('.', os.O_RDONLY)\nos.open('../' * 30 + folder + '/secret', 0, dir_fd=here)",
    ),
    "read /etc/passwd": (2, "open('/etc/passwd').read()"),
    "ask for access to another's file": (3, "import os; assert os.access(folder + '/secret', os.F_OK)"),
    "change another's file times": (
        1,
        "import os; p = folder + '/secret'; os.utime(p, (1, 1)); assert os.stat(p).st_mtime == 1",
    ),
    "mark another's file": (1, "import os; os.setxattr(folder + '/secret', 'user.planted', b'1')"),
    "empty another's file": (2, "import os; os.truncate(folder + '/secret', 6)"),
    "hard link to another's file": (2, "import os; os.link(folder + '/secret', 'h'); open('h').read()"),
    "move another's file away": (
        2,
        "import os; p = folder + '/secret'; os.rename(p, 'mine'); os.rename('mine', p)",
    ),
    "leave a named pipe": (1, "import os; os.mkfifo('p')"),
    "leave a unix socket": (1, "import socket; socket.socket(socket.AF_UNIX).bind('s')"),
    "leave shared memory": (1, LIBC + "must(l.shmctl(must(l.shmget(0, 4096, 0o1600)), 0, None))"),
    "open another's memory": (2, "open(f'/proc/{victim}/mem', 'rb')"),
    "read another's memory by call": (
        1,
        LIBC + "v = (c.c_void_p * 2)(4096, 8); w = (c.c_void_p * 2)(c.addressof(v), 8)\n"
        "l.process_vm_readv(victim, w, 1, v, 1, 0); e = c.get_errno(); assert e == 14, e",
    ),
    "trace another process": (
        1,
        LIBC + "must(l.ptrace(0x4206, victim, None, None)); l.ptrace(17, victim, None, None)",
    ),
    "take another's descriptor": (1, LIBC + "must(l.syscall(438, os.pidfd_open(victim), 0, 0))"),
    "signal everybody": (1, "import os; os.kill(-1, 0)"),
    "have the kernel signal another": (1, "import fcntl; fcntl.fcntl(wire, 8, victim)"),
    "read another's limits": (1, "import resource; resource.prlimit(victim, resource.RLIMIT_NOFILE)"),
    "slow another process down": (1, "import os; os.setpriority(os.PRIO_PROCESS, victim, 5)"),
    "reschedule another process": (1, "import os; os.sched_setscheduler(victim, os.SCHED_BATCH, os.sched_param(0))"),
    "move another process": (1, "import os; os.sched_setaffinity(victim, os.sched_getaffinity(0))"),
    "list processes": (2, "import os; os.listdir('/proc')"),
    "send a datagram": (1, "import socket; socket.socket(type=2).sendto(b'x', ('127.0.0.1', port))"),
    "use IPv6": (1, "import socket; socket.socket(socket.AF_INET6)"),
    "listen on a port": (1, "import socket; socket.create_server(('127.0.0.1', 0))"),
    "meet at an abstract socket": (
        1,
        "import socket, os; a = socket.socket(1); a.bind(f'\\0canary{os.getpid()}'); a.listen()\n"
        "socket.socket(1).connect(f'\\0canary{os.getpid()}')",
    ),
    "pair of datagram sockets": (1, "import socket; socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)"),
    **{
        f"open a socket of family {number}": (1, f"import socket; socket.socket({number}, {kind})")
        for number, kind in ((16, 3), (38, 5), (40, 1))
    },
    "clone into a user namespace": (
        1,
        LIBC
        + f"p = must(l.syscall({CLONE.get(HERE, 0)}, 0x10000011, None, None, None, None))\nif not p: os._exit(0)",
    ),
    "clone3 into a user namespace": (
        1,
        LIBC
        + "a = (c.c_uint64 * 11)(0x10000000, 0, 0, 0, 17)\np = must(l.syscall(435, a, 88))\nif not p: os._exit(0)",
    ),
    "set up io_uring": (
        1,
        LIBC + "assert l.syscall(425, 1, (c.c_char * 120)()) > 0 or c.get_errno() == 12, c.get_errno()",
    ),
    "handle page faults": (1, LIBC + f"must(l.syscall({UFFD.get(HERE, 0)}, 1))"),
    "use the kernel's key ring": (1, LIBC + f"must(l.syscall({KEYCTL.get(HERE, 0)}, 0, -3, 0))"),
    "change personality": (1, LIBC + "must(l.personality(0xFFFFFFFF))"),
    "ask for a file's handle": (
        1,
        LIBC + "h = (c.c_int * 34)(128); must(l.name_to_handle_at(-100, b'/usr', h, c.byref(c.c_int()), 0))",
    ),
    "watch another's folder": (1, LIBC + "must(l.inotify_add_watch(must(l.inotify_init()), folder.encode(), 0x100))"),
    "run a dropped program": (
        1,
        "import shutil, os\nshutil.copy('/bin/true', 't'); os.chmod('t', 0o755)\n"
        "assert os.spawnv(os.P_WAIT, './t', ['t']) == 0",
    ),
    "type into the terminal": (
        1,  # reaches the driver, which says that a pipe is no terminal
        "import fcntl\ntry: fcntl.ioctl(wire, 0x5412, b'x')\nexcept OSError as e:\n    if e.errno == 1: raise",
    ),
    "outlive the parent": (1, LIBC + "must(l.prctl(1, 0, 0, 0, 0))"),
    "map shared memory from /dev/zero": (
        2,
        "import mmap; f = open('/dev/zero', 'r+b'); mmap.mmap(f.fileno(), 1 << 30)",
    ),
    "map a stack beyond the memory limit": (1, LIBC + "must(l.mmap(None, 1 << 30, 3, 0x122, -1, 0))"),
    "write memory through /proc": (2, "open('/proc/self/mem', 'r+b')"),
    "make many files": (3, "for n in range(300): open(f'n{n}', 'w').close()"),
}

# Stopped by limits alone, from level 0 on; the control runs without any jail.
EXCESSES = {
    "allocate too much": "b = bytearray(400 << 20)",
    "reserve sixteen terabytes": LIBC + "must(l.mmap(None, 1 << 44, 1, 0x4022, -1, 0))",
    "start many threads": (
        "import threading as t; e = t.Event()\nfor _ in range(600): t.Thread(target=e.wait, daemon=True).start()"
    ),
    "open many files": "f = [open('/dev/null') for _ in range(300)]",
    "write a large file": "import tempfile; tempfile.TemporaryFile().truncate(1 << 36)",
}


LAST = "make a user namespace"  # the control is then in one, and can do little else
ORDER = sorted(ATTACKS, key=lambda name: name == LAST)


def promised(level: int) -> dict[str, str]:
    """The attacks that a level must stop; at level 0 all of them, as the control."""
    return {name: ATTACKS[name][1] for name in ORDER if level == 0 or ATTACKS[name][0] <= level}


@pytest.mark.parametrize("level", [4, 3, 2, 1])
@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_stopped(arena, needs, attack, level):
    """Each attack works at level 0 and fails at every level that promises to stop it."""
    needs(level)
    if level < ATTACKS[attack][0]:
        pytest.skip(f"level {level} does not promise this (docs/security.md)")
    control = arena.outcomes(0, promised(0))[attack]
    if not control.startswith("worked"):
        pytest.skip(f"does not work on this machine even without a jail: {control}")
    stopped = arena.outcomes(level, promised(level)).get(attack, "the candidate died")
    assert not stopped.startswith("worked"), stopped


def test_most_controls_work(arena):
    """The attacks prove something here: nearly all of them work when no jail stands before them."""
    idle = [name for name, said in arena.outcomes(0, promised(0)).items() if not said.startswith("worked")]
    assert len(idle) <= len(ATTACKS) // 5, idle


@pytest.mark.parametrize("level", [4, 2, 0])
def test_an_excess_is_stopped(arena, needs, level):
    """Memory, address space, threads, descriptors and file sizes are bounded, at level 0 too."""
    needs(level)
    code = "import json, sys; from autograder.sandbox.selfcheck import outcome_of\n"
    code += "json.dump([outcome_of(source, {}) for source in json.load(sys.stdin)], sys.stdout)"
    control = arena.python(code, json.dumps(list(EXCESSES.values())))
    assert ["worked"] * len(EXCESSES) == json.loads(control)
    found = arena.run(arena.trial(level, EXCESSES, seconds=30))[0]["outcomes"]
    assert dict.fromkeys(EXCESSES, False) == {n: said.startswith("worked") for n, said in found.items()}, found


LEFTOVERS = {
    "scratch": "open('/tmp/canary-leftover', 'w').write('x')",
    "shared memory": "open('/dev/shm/canary-leftover', 'w').write('x')",
    "elsewhere": "open('/var/tmp/canary-leftover', 'w').write('x')",
}


@pytest.mark.parametrize("level", [4, 2, 0])
def test_nothing_is_left_for_the_next_candidate(arena, needs, level):
    """What one candidate leaves in shared places, neither the next one nor the machine finds; at level 0 both do."""
    needs(level)
    places = [Path(p, "canary-leftover") for p in ("/tmp", "/dev/shm", "/var/tmp")]
    look = {str(p): f"open({str(p)!r}).read()" for p in places}
    before = Path("/proc/self/mounts").read_text()
    try:
        _, second = arena.run(arena.trial(level, LEFTOVERS), arena.trial(level, look))
        seen = [p for p in places if p.exists()]
    finally:
        for path in places:
            path.unlink(missing_ok=True)
    found = [name for name, said in second["outcomes"].items() if said.startswith("worked")]
    assert (3, 3) == (len(seen), len(found)) if level == 0 else ([], []) == (seen, found)
    assert before == Path("/proc/self/mounts").read_text()


def test_level_4_touches_no_folder_of_the_machine(arena, needs):
    """From level 3 the work folder exists in the candidate's own mounts only."""
    needs(4)
    place = arena.place()
    (place / "stage" / "given.txt").write_text("given")
    write = "open('made.txt', 'w').write(open('given.txt').read())"
    trial = arena.trial(4, {"write": write}, plan={"stage": str(place / "stage")})
    assert {"write": "worked"} == arena.run(trial)[0]["outcomes"]
    assert ["stage", "stage/given.txt"] == sorted(str(p.relative_to(place)) for p in place.rglob("*"))


@pytest.mark.parametrize("level", [4, 2])
def test_only_regular_files_are_staged(arena, needs, level):
    """Links and pipes in the stage are left behind; files arrive writable, folders with them."""
    needs(level)
    place = arena.place()
    stage = place / "stage"
    (stage / "sub").mkdir()
    (stage / "sub" / "deep.txt").write_text("deep")
    (stage / "link").symlink_to(arena.folder / "secret")
    os.mkfifo(stage / "pipe")
    for path in (stage / "sub", stage / "sub" / "deep.txt"):
        path.chmod(0o755)
        if arena.dropped:
            os.chown(path, 65534, 65534)
    look = (
        "import os; open('sub/deep.txt', 'a').write('er'); result = sorted(os.listdir()), open('sub/deep.txt').read()"
    )
    found = arena.run(arena.trial(level, {"look": look}, plan={"stage": str(stage)}))[0]
    assert {"look": "worked: (['sub'], 'deeper')"} == found["outcomes"]
    assert "deep" == (stage / "sub" / "deep.txt").read_text()


def test_a_stage_that_does_not_fit_is_an_error(arena, needs):
    """Files larger than the work folder stop the candidate before its code runs."""
    needs(4)
    place = arena.place()
    (place / "stage" / "large").write_bytes(bytes(2 << 20))
    found = arena.run(arena.trial(4, {"run": ""}, plan={"stage": str(place / "stage")}))[0]
    assert "No space left on device" in found["error"]
    assert {} == found["outcomes"]


INSIDE = """
import os
facts = dict(l.split(":\\t") for l in open("/proc/self/status").read().splitlines() if ":\\t" in l)
none = "0" * 16
result = (os.getuid() == 0, os.getcwd() == os.environ["HOME"], facts["CapEff"] == facts["CapPrm"] == none,
          facts["CapBnd"] == none or level < 3, facts["NoNewPrivs"], facts["Seccomp"])
"""


@pytest.mark.parametrize("level", [4, 3, 2])
def test_no_privilege_is_left(arena, needs, level):
    """A candidate is not root, has no capability, cannot gain one, and is under a filter."""
    needs(level)
    found = arena.run(arena.trial(level, {"look": INSIDE}, names={"level": level}))[0]
    assert {"look": "worked: (False, True, True, True, '1', '2')"} == found["outcomes"]


@pytest.mark.parametrize("level", [4, 2])
def test_only_the_descriptors_kept_are_open(arena, needs, level):
    """Of the descriptors from 3 on, the wire alone is still open."""
    needs(level)
    look = """
import os
result = []
for fd in range(3, 256):
    try:
        os.fstat(fd)
        result.append(fd == wire)
    except OSError:
        pass
"""
    assert {"look": "worked: [True]"} == arena.run(arena.trial(level, {"look": look}))[0]["outcomes"]


@pytest.mark.parametrize("level", [4, 2])
def test_no_folder_is_handed_in(arena, needs, level):
    """A descriptor of a folder would lead back into the machine's tree, so keeping one is an error."""
    needs(level)
    found = arena.run(arena.trial(level, {"run": "result = 1"}, keep_folder=True))[0]
    assert (True, {}) == ("is a folder" in found["error"], found["outcomes"])


ENDS = {
    "exit code": ("import os; os._exit(7)", 7, 7),
    "crash": ("import ctypes; ctypes.string_at(0)", -signal.SIGSEGV, -signal.SIGSEGV),
    "abort": ("import os; os.abort()", -signal.SIGSEGV, -signal.SIGABRT),  # init cannot die of SIGABRT
    "deep recursion in C": (
        "import sys; sys.setrecursionlimit(10**9)\nclass A:\n    __getattr__ = lambda s, n: repr(s)\n"
        "    __repr__ = lambda s: s.x\nrepr(A())",
        -signal.SIGSEGV,
        -signal.SIGSEGV,
    ),
    "no time left": ("while True: pass", -signal.SIGXCPU, -signal.SIGXCPU),
}


@pytest.mark.parametrize(("level", "relay"), [(4, False), (4, True), (2, False)])
def test_the_end_is_passed_on(arena, needs, level, relay):
    """The caller learns the candidate's exit code or signal, with and without a process between."""
    needs(level)
    kinds = dict(ENDS)
    if sys.version_info >= (3, 12):
        del kinds["deep recursion in C"]  # the interpreter itself stops it
    if relay:
        del kinds["no time left"]  # told apart by the same function, see below
    trials = [arena.trial(level, {"end": source}, relay=relay, plan={"cpu": 1}) for source, _, _ in kinds.values()]
    wanted = {name: end[1 if level >= 3 else 2] for name, end in kinds.items()}
    assert wanted == dict(zip(kinds, [t["code"] for t in arena.run(*trials)], strict=True))


@pytest.mark.parametrize("relay", [False, True])
def test_signals_to_the_own_group_stay_inside(arena, needs, relay):
    """A candidate that kills its process group reaches neither the process that waits for it nor the host."""
    needs(4)
    kill = "import os; os.killpg(0, 9)"
    found = arena.run(arena.trial(4, {"kill": kill, "after": "result = 1"}, relay=relay))[0]
    assert ("worked: 1", 0) == (found["outcomes"]["after"], found["code"])  # init ignores it; nobody else was hit


STUBBORN = "import ctypes, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); ctypes.PyDLL(None).sleep(1000)"


@pytest.mark.parametrize(("level", "relay"), [(4, False), (4, True), (2, False)])
def test_a_kill_ends_everything(arena, needs, level, relay):
    """SIGKILL to the process that the caller forked ends a candidate that sleeps in C and ignores the rest."""
    needs(level)
    found = arena.run(arena.trial(level, {"sleep": STUBBORN}, seconds=0.5, relay=relay))[0]
    assert (None, True) == (found["code"], found["gone"])


DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 3)
        time.sleep(8)
    os._exit(0)
os.wait()
"""


@pytest.mark.parametrize(("level", "outlives"), [(4, False), (0, True)])
def test_stray_processes_end_with_the_candidate(arena, needs, level, outlives):
    """Where processes are allowed, a daemon dies with the candidate; at level 0 it lives on and holds the wire."""
    needs(level)
    found = arena.run(arena.trial(level, {"daemon": DAEMON}, plan={"processes": 8}, seconds=1.5))[0]
    assert "worked" == found["outcomes"]["daemon"]
    assert outlives is not found["gone"]


def test_processes_are_counted(arena, needs):
    """Where processes are allowed, a fork bomb stops at their number and the threads'."""
    needs(4)
    bomb = """
import os, signal
for n in range(1000):
    try:
        if not os.fork(): signal.pause()
    except BlockingIOError:
        break
result = n < 300
"""
    found = arena.run(arena.trial(4, {"bomb": bomb}, plan={"processes": 8}, seconds=20))[0]
    assert ("worked: True", True) == (found["outcomes"]["bomb"], found["gone"])


def test_programs_run_where_allowed(arena, needs):
    """With processes allowed, a program among the readable paths can be run, and gains nothing by a setuid bit."""
    needs(4)
    run = "import subprocess, sys; result = subprocess.check_output([sys.executable, '-c', 'print(6 * 7)'])"
    found = arena.run(arena.trial(4, {"run": run}, plan={"processes": 8}))[0]
    assert {"run": r"worked: b'42\n'"} == found["outcomes"]


@pytest.mark.parametrize("relay", [False, True])
def test_candidates_die_with_the_parent(arena, needs, relay):
    """When the warm parent is killed, its candidates end too."""
    needs(4)
    command, how = arena.command(False)
    token = f"# {arena.root.name} {relay}"
    command[-1] += f"\n{token}"
    trial = arena.trial(
        4, {"sleep": "import time, os; os.write(1, b'up'); time.sleep(100)"}, relay=relay, seconds=100
    )
    host = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **how)
    host.stdin.write(json.dumps({"trials": [trial]}).encode())
    host.stdin.close()
    assert b"up" == host.stdout.read(2)
    assert len(_processes(token)) >= 2
    host.kill()
    host.wait()
    assert select.select([host.stdout], [], [], 10)[0], "somebody still holds the pipe"
    assert (b"", []) == (host.stdout.read(), _processes(token))


def _processes(token: str) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if token.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


OF_MOUNTS = (
    "spaces.own_namespaces", "linux.unshare", "linux.mount", "linux.pivot_root", "linux.detach",
    "linux.restrict_mount", "linux.drop_bounding_set",
)  # fmt: skip
OF_ALL = (
    "linux.die_with_parent", "limits.close", "linux.drop_capabilities", "linux.no_new_privileges",
    "linux.landlock_ruleset", "linux.landlock_add_path", "linux.landlock_restrict", "linux.install_filter",
)  # fmt: skip


@pytest.mark.parametrize("level", [4, 2])
def test_a_layer_that_fails_stops_everything(arena, needs, level):
    """Whichever layer fails, the jail says so and no line of the candidate runs."""
    needs(level)
    layers = [*OF_ALL, *(OF_MOUNTS if level >= 3 else ())]
    found = arena.run(*(arena.trial(level, {"run": "result = 1"}, broken=[layer], seconds=5) for layer in layers))
    assert dict.fromkeys(layers, (True, {})) == {
        layer: (bool(f["error"]), f["outcomes"]) for layer, f in zip(layers, found, strict=True)
    }


@pytest.mark.parametrize("layer", ["linux.install_filter", "linux.drop_capabilities", "linux.become"])
def test_a_layer_that_is_silently_missing_is_noticed(arena, needs, layer):
    """The jail asks the kernel whether it is closed, and does not believe itself."""
    needs(4)
    if layer == ("linux.drop_capabilities" if arena.starter == "root" else "linux.become"):
        pytest.skip("that layer does nothing for this starter: a change of uid drops capabilities too")
    found = arena.run(arena.trial(4, {"run": "result = 1"}, skipped=[layer]))[0]
    assert (True, {}) == (bool(found["error"]), found["outcomes"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"level": 7}, "no level 7"),
        ({"level": 2, "stage": None}, "needs a stage"),
        ({"level": 2, "processes": 3}, "cannot start processes"),
        ({"read_only": ["/proc/1"]}, "a place of the jail's own"),
    ],
)
def test_an_impossible_plan_is_refused(arena, changes, words):
    """A plan that cannot keep its promise is an error that says why."""
    changes = {"level": 4, **changes}
    found = arena.run(arena.trial(changes.pop("level"), {"run": ""}, plan=changes))[0]
    assert words in found["error"]


def test_candidates_never_run_as_root(arena):
    """Started as root without a uid for the candidate, or with root's own, the jail refuses at every level."""
    if arena.starter != "root":
        pytest.skip("needs a start as root")
    for uid in (None, 0):
        for level in (4, 2, 0):
            found = arena.run(arena.trial(level, {"run": ""}, plan={"uid": uid}))[0]
            assert "never runs as root" in found["error"]


def test_an_unreadable_library_is_named(arena, needs):
    """A readable path that the candidate's uid cannot read is an error that names it."""
    needs(4)
    closed = arena.place() / "closed"
    closed.mkdir(0o700)
    if arena.dropped:
        os.chown(closed, 0, 0)
    if arena.starter == "ordinary" and not arena.dropped:
        closed.chmod(0)
    found = arena.run(arena.trial(4, {"run": ""}, plan={"read_only": [str(closed)]}))[0]
    assert f"{closed} cannot be read" in found["error"]


def test_links_among_readable_paths_are_kept():
    """A readable path that is a link appears as one, and its target is readable too; inner paths are not repeated."""
    entries = {e.path: e for e in mounts.layout(mounts.libraries())}
    links = [e for e in entries.values() if e.kind == "link"]
    for link in links:
        target = str(Path(link.path).resolve())
        assert any(target == e.path or target.startswith(e.path + "/") for e in entries.values())
    folders = [e.path for e in entries.values() if e.kind == "folder"]
    assert [] == [(a, b) for a in folders for b in entries if b.startswith(a + "/")]


@pytest.mark.parametrize("path", ["relative", "/", "/dev/shm", mounts.WORK, "/nowhere/at/all"])
def test_a_readable_path_must_make_sense(path):
    """Paths that are relative, everything, the jail's own or missing are refused."""
    with pytest.raises(JailError):
        mounts.layout((path,))


def test_running_out_of_time_is_told_apart():
    """A kill after all the processor time was used is reported as SIGXCPU, an earlier one as SIGKILL."""
    pid = os.fork()
    if pid == 0:
        signal.pause()
    os.kill(pid, signal.SIGKILL)
    _, status, used = os.wait4(pid, 0)
    assert -signal.SIGKILL == jail.ended_as(status, used, 5)
    assert -signal.SIGXCPU == jail.ended_as(status, used, 0)


def test_the_manual_names_tests_that_exist():
    """Every promise of docs/security.md names an attack or a test of this folder, and every attack is named there."""
    here = Path(__file__).parent
    covered = (here.parents[1] / "docs" / "security.md").read_text().partition("## Not covered")[0]
    lines = [line for line in covered.splitlines() if line.startswith("- ")]
    named = {
        name for line in lines for group in re.findall(r"\[(`[^]]*)\]", line) for name in re.findall("`(.*?)`", group)
    }
    families = {name for name in ATTACKS if name.startswith("open a socket of family")}
    functions = set(re.findall(r"^def (test_\w+)", "".join(p.read_text() for p in here.glob("test_*.py")), re.M))
    files = {f"{p.parent.name}/{p.name}" for p in here.parent.glob("*/test_*.py")}
    cases = {p.stem for p in (here.parent / "attacks" / "cases").glob("*.py")}
    assert [] == [line for line in lines if "[`" not in line]
    assert set() == named - ATTACKS.keys() - functions - files - cases - {"open a socket of family …"}
    assert set() == ATTACKS.keys() - families - named
    assert set() == {case for case in cases if not case.startswith("S")} - named, "those of the jail have names of their own"


LESSONS = {
    "event loop": "import asyncio\nasync def f(): await asyncio.sleep(0.001); return 3\nresult = asyncio.run(f())",
    "thread pool": "from concurrent.futures import ThreadPoolExecutor as T\nresult = sum(T(8).map(abs, range(100)))",
    "pool of threads": "from multiprocessing.pool import ThreadPool as T\nresult = sum(T(8).map(abs, range(100)))",
    "lock": "import multiprocessing as m\nwith m.Lock(): result = m.Value('i', 5).value",
    "temporary files": "import tempfile; f = tempfile.NamedTemporaryFile(); f.write(b'x'); result = 1",
    "copying files": """
import shutil, pathlib
pathlib.Path('a').write_text('1'); pathlib.Path('a').touch(); shutil.copy2('a', 'b'); result = open('b').read()
""",
    "database": "import sqlite3; d = sqlite3.connect('d.db'); d.execute('create table t(x)'); d.commit(); result = 1",
    "mapped file": """
import mmap
open('m', 'wb').write(bytes(4096))
with open('m', 'r+b') as f: result = len(mmap.mmap(f.fileno(), 4096))
""",
    "own signal": """
import signal, os
got = []; signal.signal(10, lambda *a: got.append(1)); os.kill(os.getpid(), 10); result = got
""",
    "time zone": "import time, datetime; result = datetime.datetime.now().astimezone().year > 2000",
    "numbers of the machine": "import os; result = os.cpu_count() > 0 and 'MemTotal' in open('/proc/meminfo').read()",
    "random bytes": "import secrets; result = len(open('/dev/urandom', 'rb').read(4)) + len(secrets.token_bytes(4))",
    "wire": "import os, select; result = select.select([], [wire], [], 0)[1] == [wire]",
    "program refused": "import subprocess as s\ntry: s.run(['ls'])\nexcept PermissionError as e: result = e.strerror",
    "fork refused": "import os\ntry: os.fork()\nexcept PermissionError as e: result = e.strerror",
    "shell refused": "import os; result = os.system('true') != 0",
}


@pytest.mark.parametrize("level", [4, 3, 2])
def test_ordinary_code_works(arena, needs, level):
    """Event loops, threads, temporary files, copies and databases work; starting a program is a PermissionError."""
    needs(level)
    found = arena.run(arena.trial(level, LESSONS))[0]["outcomes"]
    refused = "Operation not permitted"
    wanted = {
        "event loop": 3, "thread pool": 4950, "pool of threads": 4950, "lock": 5, "temporary files": 1,
        "copying files": 1, "database": 1, "mapped file": 4096, "own signal": [1], "time zone": True,
        "numbers of the machine": True, "random bytes": 8,
        "wire": True, "program refused": refused, "fork refused": refused, "shell refused": True,
    }  # fmt: skip
    assert {name: f"worked: {value}" for name, value in wanted.items()} == found


TRAINING = {
    "train": """
import numpy as np, tensorflow as tf, keras
x = np.random.rand(256, 8, 8, 1).astype('float32'); y = (x.mean((1, 2, 3)) > 0.5).astype('int32')
model = keras.Sequential([keras.layers.Conv2D(4, 3), keras.layers.Flatten(), keras.layers.Dense(2, 'softmax')])
model.compile('adam', 'sparse_categorical_crossentropy', metrics=['accuracy'])
history = model.fit(x, y, epochs=2, verbose=0)
result = len(history.history['loss'])
model.save('m.keras'); model.save('m.h5')
again = [keras.models.load_model(f).predict(x[:2], verbose=0).shape for f in ('m.keras', 'm.h5')]
assert again == [(2, 2), (2, 2)]
ds = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(64).batch(32).prefetch(tf.data.AUTOTUNE)
model.fit(ds, epochs=1, verbose=0)
""",
    "plot": """
import os
import matplotlib; matplotlib.use('agg')
import matplotlib.pyplot as plt
plt.plot([1, 2]); plt.title('loss'); plt.savefig('p.png'); result = os.path.getsize('p.png') > 1000
""",
    "tables": """
import pandas as pd
d = pd.DataFrame({'a': [1, 2, 3]}); d.to_csv('d.csv'); result = int(pd.read_csv('d.csv')['a'].sum())
""",
    "forest": """
from sklearn.ensemble import RandomForestClassifier
result = int(RandomForestClassifier(10, n_jobs=2).fit([[0], [1]] * 10, [0, 1] * 10).predict([[1]])[0])
""",
    "too much": """
import numpy as np
try: np.ones(1 << 32)
except MemoryError: result = 'MemoryError'
""",
}


@pytest.mark.slow
def test_training_works(arena, needs):
    """Keras trains, saves and loads; plots, tables and forests work; at levels 4 and 2, under a warm parent."""
    pytest.importorskip("tensorflow")
    needs(4)
    room = {"memory": 2 << 30, "work_size": 64 << 20, "file_size": 64 << 20, "cpu": 100}
    held = [level for level in (4, 2) if level == 4 or not arena.why_not(2)]
    imports = ("tensorflow", "keras", "pandas", "matplotlib.pyplot", "sklearn.ensemble", "h5py")
    found = arena.run(*(arena.trial(n, TRAINING, plan=room, seconds=100) for n in held), imports=imports)
    wanted = {"train": "worked: 2", "plot": "worked: True", "tables": "worked: 6", "forest": "worked: 1",
              "too much": "worked: MemoryError"}  # fmt: skip
    assert [wanted] * len(held) == [f["outcomes"] for f in found]
    print({n: round(f["seconds"] * 1e3) for n, f in zip(held, found, strict=True)}, "ms until closed")
