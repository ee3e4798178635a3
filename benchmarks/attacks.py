"""Who stops which attack: nbgrader, a fork without protection, the jail's levels 2 and 4; and what the jail costs.

    python -m benchmarks.attacks [--only S F A] [--without-nbgrader] [--details]

Rule: every column is run now, on the same notebooks. `worked`: points that were not earned, a secret read, something
outside touched, or the attack's own report that it got through. nbgrader runs as a user of its own with nothing to
lose, in a temporary course; attacks that could spoil the class get a run of their own beside an honest student.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import itertools
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
case_module: Any = importlib.import_module("attacks.case")
book: Any = importlib.import_module("attacks.book")
scene_module: Any = importlib.import_module("attacks.scene")

COLUMNS = ("nbgrader", "fork", "level 2", "level 4")
CHUNK = 12
"""Attacks that share one run of nbgrader."""
ALONE_SECONDS, TOGETHER_SECONDS = 90, 240
CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "attacked"
c.ExecutePreprocessor.timeout = 3
c.ExecutePreprocessor.interrupt_on_timeout = True
c.ExecutePreprocessor.startup_timeout = 30
"""
HONEST = "zz_honest"
_SLOTS = itertools.count(os.getpid())


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an attack in one column."""

    word: str
    """`worked`, `held`, `open` (below the level that promises it), `no grade`, `class lost` (nbgrader came to its end
    and the honest student behind has no grade), `our clock` (it was we who ended the run) or `-`."""
    damage: tuple[str, ...] = ()


def main() -> None:
    """Runs all columns and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[""], help="beginnings of the attacks' names")
    parser.add_argument("--without-nbgrader", action="store_true")
    parser.add_argument("--all", action="store_true", help="nbgrader with every variant that needs a run of its own")
    parser.add_argument("--details", action="store_true", help="what each attack achieved")
    parser.add_argument("--submissions", type=int, default=40, help="for the cost of the jail")
    options = parser.parse_args()
    cases = [case for case in case_module.all_cases() if case.name.startswith(tuple(options.only))]
    fates: dict[str, dict[str, Fate]] = {case.name: {} for case in cases}
    with scene_module.Scene() as scene:
        for case, outcome in _named(cases, scene.plain_kernel(cases)):
            fates[case.name]["fork"] = _of_fork(case, outcome)
        for level in (2, 4):
            outcomes, _ = scene.attack(cases, level)
            for case, outcome in _named(cases, outcomes):
                fates[case.name][f"level {level}"] = _of_level(case, outcome, level)
    if not options.without_nbgrader:
        if _one_run([])[HONEST].word != "held":
            raise SystemExit("nbgrader does not grade even an honest notebook here: its column would say nothing.")
        for name, fate in _nbgrader(_applying(cases, options.all)):
            fates[name]["nbgrader"] = fate
    _show(fates, options.details)
    _cost(options.submissions)


def _named(cases: Sequence[Any], outcomes: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    for case in cases:
        yield case, outcomes[case.name]


def _of_fork(case: Any, outcome: Any) -> Fate:
    """Where a file is to be refused, a fork has no say: it runs what it is given."""
    told = outcome.told
    if case.expected == "reject" or told.get("code") is None:
        return Fate("-")
    if outcome.damage:
        return Fate("worked", tuple(outcome.damage))
    return Fate("no grade" if told.get("silent") else "held")


def _of_level(case: Any, outcome: Any, level: int) -> Fate:
    if outcome.damage:
        return Fate("worked", tuple(outcome.damage))
    due = {test: points for test, points in case.points().items() if points}
    lost = [test for test, points in due.items() if outcome.told["points"].get(test) != points]
    if lost:
        return Fate("marks lost", tuple(lost))
    beaten = [line for line in outcome.told["text"].splitlines() if line.startswith("PWNED")]
    return Fate("open" if beaten and level < 4 else "held", tuple(beaten))


def _applying(cases: Sequence[Any], every: bool) -> list[Any]:
    """Those that nbgrader can be tried on; of variants that need a run of their own the first, unless `every`."""
    found, seen = [], set()
    for case in cases:
        family = case.name.partition(".")[0]
        if case.nbgrader == "together" or (case.nbgrader == "alone" and (every or family not in seen)):
            found.append(case)
            seen.add(family)
    return found


# --- nbgrader -----------------------------------------------------------------------------------------------


def _nbgrader(cases: Sequence[Any]) -> Iterator[tuple[str, Fate]]:
    """Every attack under nbgrader, two runs at a time."""
    together = [case for case in cases if case.nbgrader == "together"]
    jobs = [together[n : n + CHUNK] for n in range(0, len(together), CHUNK)]
    jobs += [[case] for case in cases if case.nbgrader == "alone"]
    with ThreadPoolExecutor(2) as pool:
        by_name = {case.name: case for case in cases}
        again = []
        for job, found in zip(jobs, pool.map(_one_run, jobs), strict=True):
            for name, fate in found.items():
                if len(job) > 1 and fate.word in ("class lost", "our clock"):
                    again.append([by_name[name]])  # who of them lost the class shows in a run of its own
                else:
                    yield name, fate
        for found in pool.map(_one_run, again):
            yield from found.items()


def _one_run(cases: Sequence[Any]) -> dict[str, Fate]:
    """One course, one `nbgrader autograde`."""
    with scene_module.Scene(slot=next(_SLOTS)) as scene:
        scene.course(cases, honest=0)
        course = scene.root / "course"
        scene._hand_in(course / "submitted" / HONEST / "ps", book.handed_in())
        (course / "gradebook.db").unlink()
        (course / "nbgrader_config.py").write_text(CONFIG)
        who = _give(course, scene.owners[0])
        run = _Runner(scene.python(), course, scene.root / "cache", who)
        run("generate_assignment", 60)
        before = scene._look(cases)
        ended = run("autograde", ALONE_SECONDS if len(cases) == 1 else TOGETHER_SECONDS)
        after = scene._look(cases)
        points = _points(course / "gradebook.db")
        if not cases:
            earned = {t: p for t, p in points.get(HONEST, {}).items() if p}
            return {HONEST: Fate("held" if earned == case_module.ALL else "no grade")}
        return {case.name: _of_nbgrader(scene, case, points, before, after, ended) for case in cases}


class _Runner:
    """Calls nbgrader as another user, and ends what it leaves running."""

    def __init__(self, python: str, course: Path, home: Path, who: dict[str, Any]) -> None:
        self.python, self.course, self.home, self.who = python, course, home, who
        self.tools = home / "bin"
        self.tools.mkdir(exist_ok=True)
        alembic = self.tools / "alembic"  # which nbgrader starts by name, and must find under this interpreter
        alembic.write_text(f"#!{python}\nfrom alembic.config import main\nmain()\n")
        alembic.chmod(0o755)

    def __call__(self, verb: str, seconds: float) -> bool:
        """Whether it came to an end by itself."""
        environment = {
            "PATH": f"{self.tools}:{os.environ['PATH']}", "LANG": "C.UTF-8", "HOME": str(self.home),
            "TMPDIR": str(self.home), "IPYTHONDIR": str(self.home / "ipython"), "JUPYTER_PREFER_ENV_PATH": "1",
            "ATTACKS_CANARY": book.secret("env", scene_module.NUMBER),
        }  # fmt: skip
        process = subprocess.Popen(
            [self.python, "-m", "nbgrader", verb, "ps"], cwd=self.course, env=environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.who,
        )  # fmt: skip
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return False
        return True


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


def _of_nbgrader(
    scene: Any,
    case: Any,
    points: dict[str, dict[str, float]],
    before: Any,
    after: Any,
    ended: bool,
) -> Fate:
    earned = {test: value for test, value in points.get(case.name, {}).items() if test != "why"}
    run = scene.root / "course" / "autograded" / case.name / "ps" / "ps.ipynb"
    told = {"points": earned, "text": "", "outputs": []}
    with contextlib.suppress(Exception):
        told["text"], told["outputs"] = _printed(run)
    damage = [*scene_module._changes(before[case.name], after[case.name]), *scene_module.judged(case, told, 0)]
    if case.expected == "safe" and "why" in points.get(case.name, {}) and points[case.name]["why"] > 0:
        damage.append(f"{points[case.name]['why']:g} points in a cell that a person marks")
    if damage:
        return Fate("worked", tuple(damage))
    if not points.get(HONEST):
        return Fate("class lost" if ended else "our clock", ("the honest student behind it has no grade",))
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


# --- what people see ----------------------------------------------------------------------------------------


def _show(fates: dict[str, dict[str, Fate]], details: bool) -> None:
    print(f"{'attack':38}" + "".join(f"{name:>10}" for name in COLUMNS))
    for name, columns in fates.items():
        print(f"{name[:38]:38}" + "".join(f"{columns.get(c, Fate('-')).word:>10}" for c in COLUMNS))
        for column in COLUMNS if details else ():
            if damage := columns.get(column, Fate("-")).damage:
                print(f"    {column}: {'; '.join(damage)}"[:80])
    print()
    for column in COLUMNS:
        counted = Counter(columns[column].word for columns in fates.values() if column in columns)
        counted.pop("-", None)
        print(f"{column:10} " + ", ".join(f"{count} {word}" for word, count in counted.most_common()))


def _cost(count: int) -> None:
    """Milliseconds a submission at levels 4, 2 and 0, one job, in one run."""
    best: dict[int, float] = {}
    with scene_module.Scene() as scene:
        for _ in range(3):
            for level in (4, 2, 0):
                scene.course([], honest=count - 1)
                each = scene.graded(level, jobs=1)["each"] * 1e3
                best[level] = min(each, best.get(level, each))
    print(f"\n{count} honest submissions, one job, best of three: ms a submission")
    for level, each in best.items():
        print(f"  level {level}  {each:6.1f} ms  {each - best[0]:+6.1f} ms  x{each / best[0]:.2f}")


if __name__ == "__main__":
    main()
