"""A course with canaries around it, graded in a process of its own, and what the attacks did to it.

Rule: whether an attack worked is seen from outside (points, files, sockets, processes, the text of a secret) and from
what its own cell printed; it has worked if any of these says so.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import functools
import hashlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from attacks import book
from attacks.case import Case

from autograder import notebook

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1]
UIDS = 8
AS_ROOT = os.geteuid() == 0
NUMBER = 0x7E57
"""Makes the secrets of a run's masters."""
RUN_SECONDS = 400.0
"""How long a class of all attacks may take on a busy machine."""
LIMITS = 'cell_seconds = 1\nsubmission_seconds = 20\nmemory = "512 MiB"\noutput = "256 KiB"\nfile = "4 MiB"\n'
LEAKS = tuple(book.secret(kind, NUMBER) for kind in ("hidden", "motto", "label", "other", "file", "env"))


@dataclasses.dataclass
class Outcome:
    """What became of one attack."""

    told: Mapping[str, Any]
    """What the grader, or the plain kernel, said; see `grader.py`."""
    damage: list[str]
    """All that the attack achieved; empty: it was stopped."""


def _open_to_all(path: str) -> bool:
    real = Path(path).resolve()
    return all(p.stat().st_mode & 0o5 == 0o5 for p in (real, *real.parents))


class Scene:
    """A temporary folder with a course and canaries, and processes to attack; one for all levels."""

    def __init__(self, *, ordinary: bool = False, slot: int | None = None) -> None:
        """`ordinary`: grade as an ordinary user, when started as root; `slot`: makes the uids, one scene's alone."""
        base = 20_000 + (os.getpid() if slot is None else slot) % 4000 * 10
        self.started_as_root = AS_ROOT and not ordinary
        self.uids = [base + n for n in range(UIDS)] if self.started_as_root else []
        self.starter = base + UIDS if AS_ROOT and ordinary else None
        """The uid that grades; None: our own."""
        self.owners = self.uids or [self.starter if self.starter is not None else os.geteuid()]
        self._stack = contextlib.ExitStack()
        self.root = Path(tempfile.mkdtemp(prefix="attacks-", dir="/tmp"))
        self._stack.callback(shutil.rmtree, self.root, ignore_errors=True)
        self._stack.callback(self._kill_strays)
        self.root.chmod(0o711)
        for name in ("tmp", "canaries", "course", "cache", "work"):
            self._folder(self.root / name, 0o777)
        self.victims = {uid: self._victim(uid) for uid in self.owners}
        self._listen()
        self.watch: Callable[[int], None] = lambda done: None
        """Told how many submissions a run is through with, while it runs."""

    def __enter__(self) -> Scene:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    # --- canaries ---------------------------------------------------------------------------------------

    def _folder(self, path: Path, mode: int = 0o755) -> Path:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
        if self.starter is not None:
            os.chown(path, self.starter, self.starter)
        return path

    def _victim(self, uid: int) -> subprocess.Popen[bytes]:
        who: dict[str, Any] = {"user": uid, "group": uid, "extra_groups": []} if AS_ROOT else {}
        code = "trap 'echo hit' USR1 TERM INT HUP; echo up; while :; do read _; [ $? -gt 128 ] || exit; done"
        process = subprocess.Popen(["/bin/sh", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/",
                                   start_new_session=True, **who)  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        os.set_blocking(process.stdout.fileno(), False)

        def end() -> None:
            process.kill()
            process.communicate()

        self._stack.callback(end)
        return process

    def _listen(self) -> None:
        self.listeners = [socket.socket(socket.AF_INET), socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)]
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.door, self.abstract = str(self.root / "door"), f"\0attacks{os.getpid()}{self.root.name}"
        for listener, address in zip(self.listeners, (("127.0.0.1", 0), self.door, self.abstract), strict=True):
            listener.bind(address)
            listener.listen(64)
        os.chmod(self.door, 0o777)
        for one in (*self.listeners, self.udp):
            one.setblocking(False)
            self._stack.callback(one.close)

    def _knocks(self) -> list[str]:
        """What arrived at the listeners since the last look."""
        found = []
        for name, listener in zip(("tcp", "door", "abstract"), self.listeners, strict=True):
            with contextlib.suppress(BlockingIOError):
                while True:
                    listener.accept()[0].close()
                    found.append(f"a connection at {name}")
        with contextlib.suppress(BlockingIOError):
            while True:
                self.udp.recv(100)
                found.append("a datagram arrived")
        return found

    def _canaries(self, case: Case) -> dict[str, Any]:
        folder = self._folder(self.root / "canaries" / case.name, 0o777)
        (folder / "secret").write_text(book.secret("file", NUMBER))
        (folder / "secret").chmod(0o666)
        if AS_ROOT:
            os.chown(folder, self.owners[0], -1)
            os.chown(folder / "secret", self.owners[0], -1)
        for uid in self.owners:
            path = folder / f"own-{uid}"
            path.write_text("own")
            path.chmod(0o600)
            if AS_ROOT:
                os.chown(path, uid, uid)
        return {
            "course": str(self.root / "course"),
            "folder": str(folder),
            "sibling": str(self.root / "course/submitted/another/ps/ps.ipynb"),
            "port": self.listeners[0].getsockname()[1],
            "udp": self.udp.getsockname()[1],
            "door": self.door,
            "abstract": self.abstract,
            "victims": {uid: p.pid for uid, p in self.victims.items()},
        }

    # --- the course -------------------------------------------------------------------------------------

    def course(self, cases: Sequence[Case], honest: int = 1, limits: str = LIMITS) -> None:
        """Lays out the course anew: the master, honest students, another's work to be stolen, and the attacks."""
        course = self.root / "course"
        shutil.rmtree(course)
        self._folder(course, 0o777)
        source = self._folder(course / "source" / "ps")
        (source / "ps.ipynb").write_text(notebook.dumps(book.master(NUMBER)))
        (course / "course.toml").write_text(f'[course]\nname = "attacked"\n[limits]\n{limits}')
        with sqlite3.connect(course / "gradebook.db") as db:
            db.execute("CREATE TABLE grade (student TEXT, extra_credit REAL, manual_score REAL)")
            db.execute("INSERT INTO grade VALUES ('another', 0, 1)")
        db.close()
        for name in ("gradebook.db", "ledger.db"):
            (course / name).touch()
            (course / name).chmod(0o666)
        submitted = self._folder(course / "submitted")
        another = book.handed_in()
        another["cells"].append(book.cell("markdown", f"My essay: {book.secret('other', NUMBER)}"))
        for name, content in {
            "another": another,
            **{f"honest{n:02}": book.handed_in() for n in range(honest)},
        }.items():
            self._hand_in(submitted / name / "ps", content)
        for case in cases:
            made = book.handed_in(case.source, dict(case.snippets), self._canaries(case))
            folder = submitted / case.name / "ps"
            content = case.content(made) if callable(case.content) else case.content
            self._hand_in(folder, made if content is None else content)
            if case.hand_in is not None:
                case.hand_in(folder, made)
        for name in ("gradebook.db", "ledger.db"):
            if self.starter is not None:
                os.chown(course / name, self.starter, -1)

    def _hand_in(self, folder: Path, content: Mapping[str, Any] | bytes) -> None:
        folder.mkdir(parents=True)
        data = content if isinstance(content, bytes) else notebook.dumps(dict(content)).encode()
        (folder / "ps.ipynb").write_bytes(data)

    # --- runs -------------------------------------------------------------------------------------------

    def python(self) -> str:
        """An interpreter that every uid concerned can read: this one, or the system's with the same packages."""
        if not AS_ROOT or (_open_to_all(sys.base_prefix) and _open_to_all(sys.prefix)):
            return sys.executable
        return _readable_python()

    def _run(self, script: str, job: Mapping[str, Any]) -> Any:
        path, out = self.root / f"{script}.job", self.root / "tmp" / f"{script}.out"
        through = self.root / "cache" / f"{script}.through"
        through.unlink(missing_ok=True)
        path.write_text(json.dumps({**job, "out": str(out), "through": str(through), "uids": self.uids}))
        environment = {
            "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(self.root / "cache"), "TMPDIR": str(self.root / "tmp"),
            "XDG_CACHE_HOME": str(self.root / "cache"), "IPYTHONDIR": str(self.root / "cache/ipython"),
            "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "PYTHONDONTWRITEBYTECODE": "1",
            "ATTACKS_CANARY": book.secret("env", NUMBER),
        }  # fmt: skip
        who: dict[str, Any] = {}
        if self.starter is not None:
            who = {"user": self.starter, "group": self.starter, "extra_groups": []}
        with (self.root / f"{script}.err").open("w+b") as errors:
            process = subprocess.Popen(
                [self.python(), str(HERE / f"{script}.py"), str(path)], env=environment, cwd=self.root,
                stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, **who,
            )  # fmt: skip
            self._await(process, through)
            if process.returncode or not out.exists():
                errors.seek(0)
                said = errors.read()[-3000:].decode(errors="replace")
                raise RuntimeError(f"{script}.py ended with {process.returncode}: {said}")
        return json.loads(out.read_text())

    def _await(self, process: subprocess.Popen[bytes], through: Path) -> None:
        deadline = time.monotonic() + RUN_SECONDS
        while process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.25)
            if through.exists():
                self.watch(through.stat().st_size)
            if time.monotonic() > deadline:
                process.kill()
                process.wait()

    def graded(self, level: int, *, jobs: int = 2, reports: bool = False) -> dict[str, Any]:
        """The class graded by the pipeline at that level, and how long it took."""
        job = {
            "course": str(self.root / "course"),
            "assignment": "ps",
            "level": level,
            "jobs": jobs,
            "reports": reports,
        }
        told: dict[str, Any] = self._run("grader", job)
        return told

    def attack(self, cases: Sequence[Case], level: int, **options: Any) -> tuple[dict[str, Outcome], dict[str, Any]]:
        """All cases in one class, graded at that level: name → outcome, and all that was said of everybody."""
        self.course(cases)
        before = self._look(cases)
        self._knocks()
        told = self.graded(level, **options)
        after = self._look(cases)
        self.common = [*self._knocks(), *_changes(before["common"], after["common"]), *self._left_behind()]
        outcomes = {}
        for case in cases:
            one = told["graded"].get(case.name) or {
                "points": {},
                "text": "",
                "outputs": [],
                "status": "missing",
                "reasons": {},
                "notes": [],
                "reason": "",
            }
            named = [item for item in self.common if case.name in item]
            damage = [*_changes(before[case.name], after[case.name]), *named, *judged(case, one, level)]
            outcomes[case.name] = Outcome(one, damage)
        return outcomes, told

    def plain_kernel(self, cases: Sequence[Case], seconds: float = 20.0, *, jobs: int = 2) -> dict[str, Outcome]:
        """All cases under the semantics of one process; what each achieves there."""
        self.course(cases)
        before = self._look(cases)
        job = {
            "notebooks": {},
            "work": str(self.root / "work"),
            "seconds": seconds,
            "jobs": jobs,
            "short": [c.name for c in cases if c.expected == "end"],
            "left_open": str(self.root / "canaries"),
        }
        for case in cases:
            folder = self.root / "course" / "submitted" / case.name / "ps"
            if not (folder / "ps.ipynb").is_file() or (folder / "ps.ipynb").is_symlink():
                continue
            with contextlib.suppress(Exception):
                raw = notebook.loads((folder / "ps.ipynb").read_bytes(), "ps.ipynb")
                job["notebooks"][case.name] = list(_one_process(raw, case.control != "as-handed-in"))
                shutil.copytree(folder, self.root / "work" / case.name, symlinks=True, ignore=_odd)
        told = self._run("kernel", job)
        after = self._look(cases)
        outcomes = {}
        for case in cases:
            one = told.get(case.name, {"points": {}, "text": "", "silent": True})
            damage = [*_changes(before[case.name], after[case.name]), *judged(case, one, 0)]
            if (
                case.expected == "end"
            ):  # for all others an early end proves nothing but our clock or the attack's own crash
                damage += _early_end(one)
            outcomes[case.name] = Outcome(one, damage)
        self._kill_strays()
        return outcomes

    # --- looking ----------------------------------------------------------------------------------------

    def _look(self, cases: Sequence[Case]) -> dict[str, dict[str, str]]:
        course = self.root / "course"
        common = {
            p: s
            for p, s in _snapshot(course).items()
            if not p.startswith(("ledger", "autograded", "feedback", "grades.csv", "."))
        }
        common.pop("", None)
        common |= {f"tmp/{name}": "there" for name in os.listdir(self.root / "tmp") if not name.endswith(".out")}
        common |= {f"victim {uid}": self._condition(p) for uid, p in self.victims.items()}
        looks = {case.name: _snapshot(self.root / "canaries" / case.name) for case in cases}
        return {"common": common, **looks}

    def _condition(self, victim: subprocess.Popen[bytes]) -> str:
        assert victim.stdout is not None
        hits = victim.stdout.read() or b""
        if victim.poll() is not None:
            return "dead"
        return (
            f"{hits!r} nice {os.getpriority(os.PRIO_PROCESS, victim.pid)} {sorted(os.sched_getaffinity(victim.pid))}"
        )

    def _left_behind(self) -> list[str]:
        """Processes, mounts, System V and POSIX memory that the class left."""
        found = [f"process {pid} is left" for pid in self.strays()]
        mounts = Path("/proc/self/mountinfo").read_text()
        found += ["a mount is left"] * (str(self.root) in mounts)
        if self.uids or self.starter is not None:
            for kind in ("shm", "msg", "sem"):
                rows = [line.split() for line in Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]]
                place = {"shm": 7, "msg": 7, "sem": 4}[kind]
                found += [f"System V {kind} {row[1]} is left" for row in rows if int(row[place]) in self.owners]
            for path in (*Path("/dev/shm").iterdir(), *Path("/tmp").iterdir(), *Path("/var/tmp").iterdir()):
                with contextlib.suppress(OSError):
                    if path.lstat().st_uid in self.owners and path != self.root:
                        found.append(f"{path} is left")
        return found

    def strays(self) -> list[int]:
        """Processes of the candidates' uids, or at work in our folder, that are neither victims nor we."""
        known = {os.getpid(), *(p.pid for p in self.victims.values())}
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                ours = (
                    folder.stat().st_uid in self.owners
                    if AS_ROOT
                    else os.readlink(folder / "cwd").startswith(str(self.root))
                )
                state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
                if ours and state != "Z" and int(folder.name) not in known:
                    found.append(int(folder.name))
        return found

    def _kill_strays(self) -> None:
        for pid in self.strays():
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if AS_ROOT:
            for kind, flag in (("shm", "-m"), ("sem", "-s"), ("msg", "-q")):
                with contextlib.suppress(OSError):
                    for line in Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]:
                        row = line.split()
                        if int(row[{"shm": 7, "msg": 7, "sem": 4}[kind]]) in self.owners and shutil.which("ipcrm"):
                            subprocess.run(["ipcrm", flag, row[1]], check=False, capture_output=True)
            for folder in ("/dev/shm", "/tmp", "/var/tmp"):
                for path in Path(folder).iterdir():
                    with contextlib.suppress(OSError):
                        if path.lstat().st_uid in self.owners and path != self.root:
                            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _early_end(told: Mapping[str, Any]) -> list[str]:
    """How a notebook kept a grader in the same process from its verdict."""
    if told.get("hung"):
        return ["it had to be killed"]
    if told.get("silent") and told.get("code") is not None:
        said = "before any test had run" if told["code"] == 0 else "and there is no grade at all"
        return [f"the process ended with code {told['code']} {said}"]
    return []


def judged(case: Case, told: Mapping[str, Any], level: int) -> list[str]:
    """What an attack achieved by the words of the grade: points too many, secrets told, its own report."""
    found = []
    due = case.points()
    for test, points in told["points"].items():
        if points is not None and points > due.get(test, 0.0):
            found.append(f"{points:g} points in {test}")
    words = told["text"] + "".join(told.get("outputs", ()))
    found += [f"it told {leak}" for leak in LEAKS if leak in words]
    for line in told["text"].splitlines():
        if line.startswith("PWNED"):
            name = line.removeprefix("PWNED").strip()
            if level >= case.levels.get(name, case.level) or level == 0:
                found.append(f"worked: {name}")
    return found


def _odd(folder: str, names: list[str]) -> list[str]:
    """What is neither a file nor a folder: links would lead anywhere, and a pipe would never end."""
    kinds = {name: os.lstat(os.path.join(folder, name)).st_mode for name in names}
    return [name for name, mode in kinds.items() if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))]


def _one_process(raw: Mapping[str, Any], restore: bool) -> Iterator[dict[str, Any]]:
    """The student's cells, with the master's tests put back as nbgrader does it where `restore`; missing ones stay away."""
    tests = {c["id"]: c for c in book.master(NUMBER)["cells"] if c["metadata"].get("nbgrader", {}).get("grade")}
    for one in raw["cells"]:
        settings = one["metadata"].get("nbgrader", {})
        name = settings.get("grade_id", "")
        used = tests[name] if restore and name in tests else one
        if used["cell_type"] == "code":
            points = used["metadata"].get("nbgrader", {}).get("points", 0)
            yield {"name": name, "source": used["source"], "points": points if isinstance(points, int | float) else 0}


def _snapshot(top: Path) -> dict[str, str]:
    """Name → kind, mode, owner, size, times and content of everything below."""
    found = {}
    for path in (top, *sorted(top.rglob("*"))):
        about = path.lstat()
        facts = [oct(about.st_mode), about.st_uid, about.st_mtime_ns]
        if stat.S_ISREG(about.st_mode):
            facts += [
                about.st_size,
                hashlib.sha256(path.read_bytes()).hexdigest()[:12] if about.st_size < 1e8 else "",
            ]
        elif stat.S_ISLNK(about.st_mode):
            facts.append(os.readlink(path))
        with contextlib.suppress(OSError):
            facts.append(os.listxattr(path, follow_symlinks=False))
        found[str(path.relative_to(top)) if path != top else ""] = str(facts)
    return found


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    both = {*before, *after}
    return [f"{name or 'the folder'} changed" for name in sorted(both) if before.get(name) != after.get(name)]


@functools.cache
def _readable_python() -> str:
    """The system's Python of this version in a virtual environment that sees this one's packages; one for all scenes."""
    import sysconfig

    system = f"/usr/bin/python3.{sys.version_info.minor}"
    if not os.path.exists(system):
        raise FileNotFoundError(f"{sys.base_prefix} is closed to other users, and there is no {system}.")
    place = Path(tempfile.mkdtemp(prefix="attacks-python-", dir="/tmp"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    place.chmod(0o755)
    subprocess.run([system, "-m", "venv", "--without-pip", str(place)], check=True)
    (packages,) = place.glob("lib/*/site-packages")
    (packages / "attacks.pth").write_text(f"{sysconfig.get_path('purelib')}\n{PACKAGE}\n")
    return str(place / "bin" / "python")


def dedent(text: str) -> str:
    """The text without the blanks that its lines have in common."""
    return textwrap.dedent(text).strip() + "\n"
