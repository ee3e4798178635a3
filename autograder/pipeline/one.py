"""One submission, from bytes to grade.

Rule: whatever was handed in, a grade comes back: a fault of the submission costs points, a fault of ours leaves it to
a person, and neither is raised. A notebook of which nothing changed is not run again.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder import notebook
from autograder.authoring import parts
from autograder.batch.slots import Unbegun
from autograder.errors import AutograderError, GraderError, StudentError, Ungradable
from autograder.exam import paper as papers
from autograder.exam.executed import executed
from autograder.exam.imports import modules
from autograder.exam.invigilator import Invigilator, Terms
from autograder.gradebook import fingerprint
from autograder.gradebook.ledger import Part
from autograder.grading import late
from autograder.grading.verdicts import judge
from autograder.intake.match import match
from autograder.pipeline import models
from autograder.pipeline.parcel import Parcel, laid_out
from autograder.pipeline.plan import Plan
from autograder.sandbox import kernels, programs
from autograder.sandbox.hall import Room
from autograder.sandbox.launch import Zygote
from autograder.values import JSON, Grade, Outcome, Paper, Status, Submission, Verdict

Seen = Callable[[str, int, int], None]
"""Told before each cell: the notebook, the cell's number from 1, the number of cells."""
Turn = contextlib.AbstractContextManager[object]
"""Held while cells run."""
nothing_held: Turn = contextlib.nullcontext()


@dataclass(frozen=True, slots=True)
class Graded:
    """A grade as the run left it, and what goes with it."""

    grade: Grade
    executed: Mapping[str, bytes] = field(default_factory=dict)
    """Notebook id → the executed notebook."""
    parts: Mapping[str, Part] = field(default_factory=dict)
    """Notebook id → what the next run need not run again."""
    fresh: bool = True
    """Run just now, and not known from an earlier run."""


def nothing_seen(notebook: str, cell: int, cells: int) -> None:
    """For those who need not know what runs."""


def grade(
    plan: Plan,
    warm: Zygote,
    student: str,
    handed: Parcel | AutograderError,
    mark: str,
    *,
    known: Mapping[str, Part] | None = None,
    seen: Seen = nothing_seen,
    turn: Turn = nothing_held,
) -> Graded:
    """One submission, from bytes to grade; a fault of ours leaves it to a person, and is never raised.

    `mark`: its fingerprint; `known`: notebooks that were run before, by their own fingerprints; `turn`: held while
    cells run.
    """
    began = time.monotonic()
    try:
        if isinstance(handed, AutograderError):
            raise handed
        with laid_out(handed, plan.course.submitted / student / plan.assignment.name) as submission:
            graded = _examine(plan, warm, handed, submission, known or {}, seen, turn)
    except (StudentError, GraderError) as why:
        graded = failed(plan, student, why)
    except (AutograderError, Unbegun):
        raise
    except Exception as why:  # a fault of this program's, at which one submission must not hold up the class
        if os.environ.get("AUTOGRADER_DEBUG"):
            raise
        told = f"autograder itself failed on it ({type(why).__name__}: {why})."
        graded = failed(plan, student, GraderError(told, mend="Please report this; AUTOGRADER_DEBUG=1 says where."))
    made = signed(plan, graded, student, handed, mark)
    return replace(made, grade=replace(made.grade, seconds=time.monotonic() - began))


def signed(plan: Plan, graded: Graded, student: str, handed: Parcel | AutograderError, mark: str) -> Graded:
    """With whose it is, when it was handed in, and the fingerprint of what made it."""
    when = handed.submitted_at if isinstance(handed, Parcel) else None
    grade = replace(graded.grade, student=student, assignment=plan.assignment.name, submitted_at=when)
    return replace(graded, grade=replace(grade, fingerprint=mark, jail=plan.level))


def failed(plan: Plan, student: str, why: StudentError | GraderError) -> Graded:
    """The grade of a submission that was not run: zero if it is at fault, unscored if we are."""
    status = Status.NEEDS_PERSON if isinstance(why, GraderError) else Status.UNGRADABLE
    return Graded(_without(plan, student, status, str(why)))


def _examine(
    plan: Plan,
    warm: Zygote,
    parcel: Parcel,
    handed: Submission,
    known: Mapping[str, Part],
    seen: Seen,
    turn: Turn,
) -> Graded:
    """All notebooks of a submission, one after the other."""
    found, notes = _notebooks(plan, handed)
    verdicts: list[Verdict] = []
    sat: dict[str, Part] = {}
    run: dict[str, bytes] = {}
    fresh = False
    content = parcel.content
    for master in plan.masters:
        if master.name not in found:
            verdicts += papers.absent(master)
            continue
        name, read = found[master.name]
        trained, told = models.chosen(plan.assignment, master, handed)
        paper = papers.merge(master, read, parts.sources(plan.released[master.name]), trained)
        mark = fingerprint.of_part(plan.terms, master.name, content.notebooks[name], content.files)
        if isinstance(missing := plan.kernels.get(master.name), GraderError):
            verdicts += _unscored(judge(paper, {}, plan.course.scoring), str(missing))
            run[master.name] = executed(paper, {})
            fresh = True
            continue
        if mark not in known:
            fresh = True
            sat[master.name] = _sit(plan, warm, handed, paper, mark, seen, turn)
        else:
            sat[master.name] = known[mark]
        verdicts += sat[master.name].verdicts
        run[master.name] = sat[master.name].executed
        notes += [f"{master.name}: {note}" for note in (*told, *paper.notes, *sat[master.name].notes)]
    if plan.bound is not None:
        notes.append(plan.bound.note)
    if plan.level < (asked := plan.course.jail_level):
        notes.append(f"Graded at level {plan.level} of the jail, below the {asked} that the course asks for.")
    seconds = sum(part.cell_seconds for part in sat.values())
    return Graded(_finished(plan, handed, verdicts, notes, seconds), run, sat, fresh)


def _sit(plan: Plan, warm: Zygote, handed: Submission, paper: Paper, mark: str, seen: Seen, turn: Turn) -> Part:
    """Runs one notebook to its end."""
    examination = invigilator(plan, warm, handed, models.training_seconds(plan.assignment, paper), paper.notebook)
    examination.seen = lambda index: seen(paper.notebook, index + 1, len(paper.cells))
    examination.turn = turn
    sitting = examination.examine(paper, plan.lessons[paper.notebook])
    verdicts = tuple(judge(paper, sitting.findings, plan.course.scoring))
    left = executed(paper, sitting.records)
    return Part(mark, verdicts, left, sitting.cell_seconds, sitting.notes(paper), sitting.weights)


def _notebooks(plan: Plan, handed: Submission) -> tuple[dict[str, tuple[str, JSON]], list[str]]:
    """Master's name → the file handed in for it, by name and read; raises Ungradable when nothing can be read."""
    read: dict[str, JSON] = {}
    faults: list[Ungradable] = []
    twins: list[str] = []
    for name, content in sorted(handed.notebooks.items()):
        try:
            read[name] = notebook.loads(content, f"{name}.ipynb", twins)
        except Ungradable as why:
            faults.append(why)
    found, notes = match(plan.masters, read)
    if not found:
        raise (
            faults[0]
            if faults
            else Ungradable(
                f"{handed.folder} holds no notebook of the assignment {plan.assignment.name}.",
                mend="Hand in the notebook that was released.",
            )
        )
    names = {id(raw): name for name, raw in read.items()}
    named = {master: (names[id(raw)], raw) for master, raw in found.items()}
    return named, [*handed.notes, *map(str, faults), *twins, *notes]


def invigilator(
    plan: Plan, warm: Zygote, handed: Submission, training: float = 0.0, notebook: str = ""
) -> Invigilator:
    """Who examines a notebook of a submission; `training`: seconds that all its training cells may take."""
    limits = plan.assignment.limits
    home = {"KERAS_HOME": str(plan.homes.candidate)}
    kernel = plan.kernels.get(notebook)
    if isinstance(kernel, GraderError):
        raise kernel
    processes = max(limits.processes, kernels.PROCESSES) if kernel is not None else limits.processes
    if processes:
        home["PATH"] = programs.SEARCHED
    room = Room(
        zygote=warm,
        level=plan.level,
        read_only=plan.read_only,
        files=_beside(plan, handed),
        memory=limits.memory,
        output=limits.output,
        file=limits.file,
        seconds=limits.submission_seconds + training,
        environment=home,
        examiner_environment={"KERAS_HOME": str(plan.homes.examiner)},
        seed=plan.seed,
        processes=processes,
        gpu=limits.gpu,
        bound=plan.bound,
        kernel=kernel,
    )
    source = str(plan.course.source / plan.assignment.name)
    terms = Terms(
        cell_seconds=limits.cell_seconds,
        submission_seconds=limits.submission_seconds + training,
        path=(source,),
        seed=plan.seed,
        output=limits.output,
        training_seconds=limits.training_seconds,
        gap=plan.course.shift_tolerance,
        handed=modules(handed.files),
        kept=modules(set(plan.assignment.keep) & set(handed.files)),
    )
    return Invigilator(room, terms)


def _beside(plan: Plan, handed: Submission) -> dict[str, Path]:
    """The files that lie beside the notebook: the course's above the student's, but for those that are to be kept."""
    kept = set(plan.assignment.keep) & set(handed.files)
    course = {name: path for name, path in plan.files.items() if name not in kept}
    return {**{name: path for name, path in handed.files.items() if not _in_the_way(name, course)}, **course}


def _in_the_way(name: str, course: Iterable[str]) -> bool:
    """Whether a file has a name that one of the course's needs for a folder, or lies below one of the course's."""
    return any(one.startswith(f"{name}/") or name.startswith(f"{one}/") for one in course)


def _finished(plan: Plan, handed: Submission, verdicts: list[Verdict], notes: list[str], seconds: float) -> Grade:
    unscored = [v for v in verdicts if v.outcome is Outcome.UNSCORED]
    grade = Grade(
        student=handed.student,
        assignment=plan.assignment.name,
        status=Status.NEEDS_PERSON if unscored else Status.GRADED,
        verdicts=tuple(verdicts),
        reason=f"{unscored[0].test}: {unscored[0].reason}" if unscored else "",
        cell_seconds=seconds,
        notes=tuple(notes),
        submitted_at=handed.submitted_at,
    )
    return late.assessed(grade, plan.deadline, plan.course.late, plan.plugin)


def _unscored(verdicts: Iterable[Verdict], reason: str) -> list[Verdict]:
    """Those on a notebook that was not run, each with the reason why; what a person marks can be marked."""
    return [replace(v, reason=reason) if v.outcome is Outcome.UNSCORED else v for v in verdicts]


def _without(plan: Plan, student: str, status: Status, reason: str) -> Grade:
    ours = status is Status.NEEDS_PERSON
    verdicts = tuple(
        replace(v, outcome=Outcome.UNSCORED if ours else v.outcome, points=None if ours else v.points, reason=reason)
        for master in plan.masters
        for v in papers.absent(master)
    )
    return Grade(student, plan.assignment.name, status, verdicts, reason)
