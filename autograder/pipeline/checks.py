"""`autograder check`: is an assignment any good, before students suffer from it?

Rule: rooms are introduced to one another here; what a check found is kept in `reports/check-<assignment>.json`, with
the fingerprint of all that made it, so that a release need not ask twice.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from autograder import data, notebook
from autograder.authoring import guard, parts, regions
from autograder.authoring import release as releasing
from autograder.authoring.delimiters import Kind
from autograder.batch.jobs import cores
from autograder.check import checking, report, variations, written
from autograder.check.lint import lint
from autograder.check.mutation import MOST
from autograder.check.remarks import Remark, in_order
from autograder.check.report import Checked
from autograder.check.soundness import Subject
from autograder.course import Course
from autograder.errors import Interrupted, MasterError, UsageError
from autograder.gradebook import fingerprint
from autograder.pipeline import kept, sources
from autograder.pipeline.bench import Bench, model_files
from autograder.pipeline.plan import Plan, plan
from autograder.values import JSON, Master

DATA = "Name the folder that holds it: [data] dir in course.toml, or AUTOGRADER_DATA."


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how far a check has come."""

    stage: Callable[[str, int], None] = lambda name, total: None
    """What begins, and how many trials it has."""
    step: Callable[[], None] = lambda: None
    """One trial is done."""


def check(
    course: Course,
    name: str,
    *,
    level: int,
    jobs: int = 0,
    mutants: int = MOST,
    quick: bool = False,
    watch: Watch | None = None,
) -> JSON:
    """Checks an assignment, writes its report, and gives it; raises UsageError when there is no such assignment."""
    watch = watch or Watch()
    found, remarks = read(course, name)
    if found and not any(r.fault for r in remarks):
        checked = _run(course, name, level, jobs, mutants, quick, watch)
        remarks = in_order([*remarks, *checked.remarks])
    else:
        checked = Checked(name, (), complete=False)
    told = replace(checked, remarks=tuple(remarks), jail=level).as_json()
    mark = of_source(course, name) if checked.complete else ""
    told = {"format": report.FORMAT, "fingerprint": mark, "checked": _now(), "course": course.title, **told}
    if not quick:
        kept.write(course, name, told)
    return told


def read(course: Course, name: str) -> tuple[tuple[Master, ...], list[Remark]]:
    """The masters, as far as they can be read, and everything that reading them shows."""
    paths = sorted((course.source / course.assignment(name).name).glob("*.ipynb"))
    if not paths:
        raise UsageError(f"{course.source / name} holds no notebook.", mend="Put the instructor's notebook there.")
    masters: list[Master] = []
    remarks: list[Remark] = []
    for path in paths:
        try:
            master, faults = notebook.examine_master(path, name, sources.setting(course))
            mend = "Mend the cell's metadata (Create Assignment in Jupyter)."
            remarks += [Remark("metadata", f.what, mend, path.name, f.cell, f.grade_id) for f in faults]
            masters.append(master if faults else sources.instantiated(course, master))
        except MasterError as e:
            remarks.append(Remark("unreadable", e.message.removesuffix("."), e.mend, path.name))
    remarks += list(_of_release(course, name, masters, remarks))
    for master in masters:
        remarks += lint(master, *(parts.cut_lines(master, kind) for kind in (Kind.SOLUTION, Kind.HIDDEN)))
    remarks += [
        Remark(
            "no-data", f"{file} is not at hand, so tests meet other data than students' work will", DATA, fault=False
        )
        for file in _not_at_hand(course, masters)
    ]
    return tuple(masters), in_order(remarks)


def _not_at_hand(course: Course, masters: Sequence[Master]) -> list[str]:
    """Files of data sets that the masters name and this machine lacks."""
    names = data.mentioned(cell.source for master in masters for cell in master.cells)
    folder = course.data_dir
    return [f"{name}.npz" for name in names if folder is None or not (folder / f"{name}.npz").is_file()]


def _of_release(course: Course, name: str, masters: Sequence[Master], found: Sequence[Remark]) -> Iterator[Remark]:
    """What would keep the masters from being released, or would be handed out with them.

    Of a cell that cannot be cut nothing is known to be hidden; the others are looked at all the same.
    """
    cut = []
    for master in masters:
        problems = regions.problems(master)
        yield from map(_remark, problems)
        faulty = {r.cell for r in found if r.notebook == master.path.name} | {p.cell for p in problems}
        cut.append(releasing.cut(variations.emptied(master, faulty)))
    yield from map(_remark, guard.leaks(cut, sources.beside(course, name, masters)))


def _remark(problem: regions.Problem) -> Remark:
    p = problem
    return Remark("release", p.what, p.mend, p.notebook, p.cell, p.grade_id, p.line)


def _run(course: Course, name: str, level: int, jobs: int, mutants: int, quick: bool, watch: Watch) -> Checked:
    jobs = jobs or cores()
    made = plan(course, name, jobs=jobs, level=level)
    papers = written.read(course.source / name, made.masters)
    terms = checking.Terms(
        waived=made.assignment.waived,
        threshold=course.mutation_score,
        mutants=mutants,
        untrained=_untrained(made),
        quick=quick,
    )
    with Bench(made, jobs, watch.step) as bench, _stopped():
        return checking.check(name, bench, [_subject(made, m) for m in made.masters], papers, terms, watch.stage)


@contextlib.contextmanager
def _stopped() -> Iterator[None]:
    """A check that a person stops has found nothing; it begins anew."""
    try:
        yield
    except (Interrupted, KeyboardInterrupt):
        raise Interrupted("Stopped; the last report stands.", mend="Run the command again.") from None


def _untrained(made: Plan) -> set[str]:
    """Training cells that are not run, since the solution's model file stands in for them."""
    if made.assignment.train == "run":
        return set()
    return {
        cell.grade_id
        for master in made.masters
        for cell in master.cells
        if (one := notebook.training_of(cell)) is not None and one.file in model_files(made, master)
    }


def _subject(made: Plan, master: Master) -> Subject:
    limits = made.assignment.limits
    return Subject(
        master=master,
        released=made.released[master.name],
        solutions=parts.cut_lines(master, Kind.SOLUTION),
        hidden=parts.cut_lines(master, Kind.HIDDEN),
        cell_seconds=limits.cell_seconds,
        training_seconds=limits.training_seconds,
        submission_seconds=limits.submission_seconds,
    )


# --- what was found is kept -------------------------------------------------------------------------------


def of_source(course: Course, name: str) -> str:
    """The fingerprint of all that a full check depends on; raises MasterError when a master cannot be read."""
    assignment = course.assignment(name)
    folder = course.source / name
    found = sources.masters(course, name)
    papers = {p.name: p for p in (folder / written.FOLDER).glob("*.py")}
    told = {
        "format": report.FORMAT,
        "masters": [m.raw for m in found],
        "files": fingerprint.of_files({**sources.files(course, name), **papers}),
        "settings": [asdict(assignment.limits), assignment.train, dict(assignment.waived), course.mutation_score],
        "scoring": course.scoring,
        "not at hand": _not_at_hand(course, found),
        "versions": fingerprint.versions(),
    }
    text = json.dumps(told, sort_keys=True, default=str)
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def known(course: Course, name: str) -> JSON | None:
    """The report of the last full check, if nothing has changed since; else None."""
    told = kept.read(course, name)
    if not told.get("complete") or told.get("fingerprint") != of_source(course, name):
        return None
    return told
