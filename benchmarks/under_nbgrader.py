"""nbgrader, really run on hostile notebooks: as a user of its own, in a temporary course, with canaries around it.

Rule: every run has an honest student behind the attackers, and is ended when nbgrader falls silent; what that student
got tells a class that was lost from an attack that was held. Whoever nbgrader was at when a class was lost is tried
again alone, and the others without it.
"""

from __future__ import annotations

import contextlib
import importlib
import itertools
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Container, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from benchmarks.fates import Fate, case_module, scene_module

book: Any = importlib.import_module("attacks.book")

CHUNK = 18
"""Attacks that share one run, as students of one class."""
SILENT_SECONDS, TICK = 30.0, 0.5
"""How long nbgrader may say nothing (no cell of its may take longer than 3 s), and how often it is looked at. Looks
are counted, not seconds: while this machine stands still, nobody hangs."""
LOST = ("class lost", "hangs")
CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "attacked"
c.CourseDirectory.student_id_exclude = "another"  # whose work is there to be stolen, not to be graded
c.ExecutePreprocessor.timeout = 3
c.ExecutePreprocessor.interrupt_on_timeout = True
c.ExecutePreprocessor.startup_timeout = 30
"""
HONEST = "zz_honest"
_HELD = Fate("held")
Note = Callable[[str, int, int], None]
"""Told (column, done, of how many) while attacks are run."""


def applying(cases: Sequence[Any]) -> list[Any]:
    """Those that nbgrader can be tried on."""
    return [case for case in cases if case.nbgrader != "none"]


class NoHonestGrade(Exception):
    """nbgrader does not even grade an honest notebook on this machine, so that its column would say nothing."""


def fates(cases: Sequence[Any], note: Note) -> Iterator[tuple[str, Fate]]:
    """What becomes of each attack, as its run ends; one run more at once than there are cores, as some only wait."""
    together = [case for case in cases if case.nbgrader == "together"]
    jobs = [[case] for case in cases if case.nbgrader == "alone"]
    jobs += [together[n : n + CHUNK] for n in range(0, len(together), CHUNK)]
    with (
        tempfile.TemporaryDirectory(prefix="attacks-") as made,
        ThreadPoolExecutor(1 + (os.cpu_count() or 1)) as pool,
    ):
        runs = _Runs(Path(made), len(cases), note)
        running = {pool.submit(runs.one, job) for job in jobs}
        while running:
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            for found, last in (run.result() for run in ended):
                open_ = [case for case in cases if len(found) > 1 and found.get(case.name, _HELD).word in LOST]
                running |= {pool.submit(runs.one, job) for job in _again(open_, last, found)}
                for name in found.keys() - {case.name for case in open_}:
                    runs.through += 1
                    yield name, found[name]
        if cases and not runs.honest:
            raise NoHonestGrade


def _again(lost: list[Any], last: str, tried: Container[str]) -> list[list[Any]]:
    """The runs that tell who lost the class of `tried`: whom nbgrader was at alone, all others of `lost` together."""
    if last not in tried:
        return [[case] for case in lost]
    parts = [[case for case in lost if (case.name == last) == alone] for alone in (True, False)]
    return [part for part in parts if part]


class _Runs:
    """Runs of `nbgrader autograde` on copies of one course, generated once."""

    def __init__(self, made: Path, total: int, note: Note) -> None:
        self.honest = False
        """In one run at least the honest student got all marks."""
        self._slots = itertools.count(os.getpid())
        self._made, self._total, self._note = made, total, note
        self.through = 0
        """Attacks whose fate is known."""
        self._running: dict[int, int] = {}
        with scene_module.Scene(slot=next(self._slots)) as scene:
            course, run = self._course(scene, [])
            run("generate_assignment")
            shutil.copytree(course / "release", made / "release")
            shutil.copy(course / "gradebook.db", made)

    def _course(self, scene: Any, cases: Sequence[Any]) -> tuple[Path, _Runner]:
        """A course of these attacks and an honest student behind them, and how nbgrader is called there."""
        scene.course(cases, honest=0)
        course = scene.root / "course"
        scene._hand_in(course / "submitted" / HONEST / "ps", book.handed_in())
        (course / "gradebook.db").unlink()
        if (self._made / "release").exists():
            shutil.copytree(self._made / "release", course / "release")
            shutil.copy(self._made / "gradebook.db", course)
        (course / "nbgrader_config.py").write_text(CONFIG)
        return course, _Runner(scene.python(), course, scene.root / "cache", _give(course, scene.owners[0]))

    def one(self, cases: Sequence[Any]) -> tuple[dict[str, Fate], str]:
        """Attack → its fate in a class of these and the honest student; and whom nbgrader was at last."""
        slot = next(self._slots)
        with scene_module.Scene(slot=slot) as scene:
            course, run = self._course(scene, cases)
            before = scene._look(cases)

            def tell() -> None:
                seen = len(list((course / "autograded").glob("*"))) if (course / "autograded").exists() else 0
                self._running[slot] = min(seen, len(cases))
                self._note("nbgrader", self.through + sum(self._running.values()), self._total)

            ended = run("autograde", tell)
            self._running.pop(slot, None)
            after = scene._look(cases)
            points = _points(course / "gradebook.db")
            earned = {test: value for test, value in points.get(HONEST, {}).items() if value}
            self.honest = self.honest or earned == case_module.ALL
            return {case.name: _fate(scene, case, points, before, after, ended) for case in cases}, run.last()


class _Runner:
    """Calls nbgrader as another user, and ends what it leaves running."""

    def __init__(self, python: str, course: Path, home: Path, who: dict[str, Any]) -> None:
        self.python, self.course, self.home, self.who = python, course, home, who
        self.tools, self.log = home / "bin", home.parent / "nbgrader.log"
        self.tools.mkdir(exist_ok=True)
        alembic = self.tools / "alembic"  # which nbgrader starts by name, and must find under this interpreter
        alembic.write_text(f"#!{python}\nfrom alembic.config import main\nmain()\n")
        alembic.chmod(0o755)

    def __call__(self, verb: str, tell: Callable[[], None] = lambda: None) -> bool:
        """Whether it came to an end by itself."""
        environment = {
            "PATH": f"{self.tools}:{os.environ['PATH']}", "LANG": "C.UTF-8", "HOME": str(self.home),
            "TMPDIR": str(self.home), "IPYTHONDIR": str(self.home / "ipython"), "JUPYTER_PREFER_ENV_PATH": "1",
            "ATTACKS_CANARY": book.secret("env", scene_module.NUMBER),
        }  # fmt: skip
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                [self.python, "-m", "nbgrader", verb, "ps"], cwd=self.course, env=environment, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self.who,
            )  # fmt: skip
        said, silent = 0, 0.0
        while silent < SILENT_SECONDS:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(TICK)
                return True
            said, before = self.log.stat().st_size, said
            silent = silent + TICK if said == before else 0.0
            tell()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False

    def last(self) -> str:
        """The student whose notebook nbgrader began last."""
        begun = re.findall(rb"Converting notebook \S*?/(?:submitted|autograded)/([^/]+)/ps/", self.log.read_bytes())
        return begun[-1].decode(errors="replace") if begun else ""


def _give(folder: Path, uid: int) -> dict[str, Any]:
    """Makes the course that user's own; how a process is started as that user."""
    if os.geteuid() != 0:
        return {}
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, uid, follow_symlinks=False)
    return {"user": uid, "group": uid, "extra_groups": []}


def _points(database: Path) -> dict[str, dict[str, float]]:
    """Student → test → points, extra credit included, as nbgrader's gradebook has them."""
    query = """
        SELECT s.student_id, b.name, COALESCE(g.manual_score, g.auto_score, 0) + COALESCE(g.extra_credit, 0)
        FROM grade g JOIN submitted_notebook n ON g.notebook_id = n.id
        JOIN submitted_assignment s ON n.assignment_id = s.id JOIN base_cell b ON g.cell_id = b.id
    """
    found: dict[str, dict[str, float]] = {}
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(database)) as db:
        for student, test, points in db.execute(query):
            found.setdefault(student, {})[test] = points
    return found


def _fate(scene: Any, case: Any, points: dict[str, dict[str, float]], before: Any, after: Any, ended: bool) -> Fate:
    earned = {test: value for test, value in points.get(case.name, {}).items() if test != "why"}
    run = scene.root / "course" / "autograded" / case.name / "ps" / "ps.ipynb"
    told: dict[str, Any] = {"points": earned, "text": "", "outputs": []}
    with contextlib.suppress(Exception):
        told["text"], told["outputs"] = _printed(run)
    damage = [*scene_module._changes(before[case.name], after[case.name]), *scene_module.judged(case, told, 0)]
    if case.expected == "safe" and points.get(case.name, {}).get("why", 0) > 0:
        damage.append(f"{points[case.name]['why']:g} points in a cell that a person marks")
    if damage:
        return Fate("worked", tuple(damage))
    if not points.get(HONEST):
        return Fate("class lost" if ended else "hangs", ("the honest student behind it has no grade",))
    if case.expected != "reject" and not run.is_file():
        return Fate("no grade")
    return Fate("held")


def _printed(path: Path) -> tuple[str, list[str]]:
    """What the student's own cells printed, and what they showed; a test's traceback is not theirs."""
    raw = json.loads(path.read_bytes())
    text, shown = "", []
    for cell in raw["cells"]:
        for output in cell.get("outputs", ()):
            if output["output_type"] == "stream":
                text += "".join(output["text"])
            elif output["output_type"] != "error":
                shown.append(str(output))
    return text, shown
