"""The gate before a release, and a check as a person asks for it.

Rule: what does not pass is not released; who insists is told what is ignored.
"""

from __future__ import annotations

import json

from autograder import notebook
from autograder.check import items
from autograder.check.mutation import MOST
from autograder.check.remarks import Remark
from autograder.course import Course
from autograder.errors import MasterError, UsageError
from autograder.pipeline import checks, kept, writing
from autograder.pipeline.checks import Watch
from autograder.pipeline.plan import jail_level
from autograder.reports import checked, page
from autograder.values import JSON


def admit(course: Course, name: str, *, force: bool) -> list[str]:
    """Lets an assignment pass to its release, or raises MasterError; gives what `force` lets pass all the same.

    A check that is missing or older than its sources is run first; `force` never runs one, and tells what reading
    the masters shows.
    """
    told = checks.known(course, name)
    if told is None and force:
        seen = [str(remark) for remark in checks.read(course, name)[1] if remark.fault]
        return ["it has not been checked as it is now", *seen]
    told = told or _checked(course, name)
    faults = [str(_as_remark(fault)) for fault in told["faults"]]
    if force or told["passed"]:
        return faults
    mend = f"\n{kept.path_of(course, name, '.html')} says more; --force releases it all the same."
    raise MasterError(f"{name} does not pass its check:" + "".join(f"\n  {f}" for f in faults), mend=mend)


def _as_remark(fault: JSON) -> Remark:
    place = (fault.get("notebook", ""), fault.get("cell", 0), fault.get("id", ""), fault.get("line", 0))
    return Remark(fault["rule"], fault["what"], fault["mend"], *place)


def _checked(course: Course, name: str, jobs: int = 0, mutants: int = MOST, *, quick: bool = False) -> JSON:
    level = jail_level(course, weak=True)
    with checked.CheckProgress(name) as progress:
        watch = Watch(progress.stage, progress.step)
        return checks.check(course, name, level=level, jobs=jobs, mutants=mutants, quick=quick, watch=watch)


def shown(
    course: Course,
    names: list[str],
    *,
    jobs: int | None,
    mutants: int,
    quick: bool,
    mark: bool,
    from_ledger: bool,
    as_json: bool,
) -> int:
    """Checks assignments and shows what was found; the exit code: 0 when all pass."""
    console = checked.CheckProgress("").console
    reports = []
    if from_ledger:
        names = _graded(course, names)
    for name in names:
        told = of_class(course, name) if from_ledger else _checked(course, name, jobs or 0, mutants, quick=quick)
        reports.append(told)
        if as_json:
            print(checked.as_line(told), flush=True)
        elif from_ledger:
            checked.show_items(told, console)
        else:
            checked.show(told, console, "" if quick else str(kept.path_of(course, name, ".html")))
        for sentence in marked(course, name, told) if mark and not from_ledger else ():
            console.print(sentence, markup=False, soft_wrap=True)
    if len(reports) > 1 and not from_ledger and not as_json:
        checked.summary(reports, console)
    return 0 if from_ledger else int(any(told["faults"] for told in reports))


def marked(course: Course, name: str, told: JSON) -> list[str]:
    """Marks the tests that need the live kernel, in `source/`; gives one sentence for each."""
    wanted = {(f["notebook"], f["id"]) for f in told["faults"] if f["rule"] == "in-kernel"}
    for file in sorted({file for file, _ in wanted}):
        path = course.source / name / file
        raw = json.loads(path.read_text(encoding="utf-8"))
        for cell in raw["cells"]:
            if (file, notebook.grade_id_of(cell)) in wanted:
                cell["metadata"].setdefault(notebook.OWN, {})["examine"] = "in-kernel"
        page.replace(path, notebook.dumps(raw))
    return [f"{file}: {test} is marked; its points can be forged from now on." for file, test in sorted(wanted)]


def _graded(course: Course, names: list[str]) -> list[str]:
    """Those of several assignments in which somebody has been graded; all of them where nobody has in any."""
    if not course.ledger.is_file():
        return names
    return [name for name in names if next(iter(writing.latest(course, name)), None) is not None] or names


def of_class(course: Course, name: str) -> JSON:
    """Item analysis of the grades in the ledger; raises UsageError when there are none."""
    found = items.items(writing.latest(course, name)) if course.ledger.is_file() else []
    if not found:
        raise UsageError(f"Nobody has been graded in {name}.", mend=f"Run `autograder autograde {name}` first.")
    told = [r.as_json() for r in items.remarks(found)]
    return {"assignment": name, "items": [item.as_json() for item in found], "notes": told, "fewest": items.FEWEST}
