"""One submission, from bytes to grade.

Rule: whatever was handed in, a grade comes back: a fault of the submission costs points, a fault of ours leaves it to
a person, and neither is raised.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from autograder import notebook
from autograder.authoring import parts
from autograder.errors import AutograderError, GraderError, StudentError, Ungradable
from autograder.exam import paper as papers
from autograder.exam.executed import executed
from autograder.exam.invigilator import Invigilator, Terms
from autograder.gradebook import fingerprint
from autograder.grading import late
from autograder.grading.verdicts import judge
from autograder.intake import folder, opening
from autograder.intake.match import match
from autograder.pipeline.plan import Plan
from autograder.sandbox import programs
from autograder.sandbox.hall import Room
from autograder.sandbox.launch import Zygote
from autograder.values import JSON, Grade, Outcome, Status, Submission, Verdict


@dataclass(frozen=True, slots=True)
class Graded:
    """A grade as the run left it, and the executed notebooks that go with it."""

    grade: Grade
    executed: Mapping[str, bytes] = field(default_factory=dict)
    fresh: bool = True
    """Run just now, and not known from an earlier run."""


def handed_in(plan: Plan, student: str) -> tuple[Submission | AutograderError, str]:
    """A submission and its fingerprint; that of an unreadable one is of the reason."""
    name = plan.assignment.name
    try:
        handed = folder.read(plan.course.submitted, student, name, largest=plan.assignment.limits.file)
        files = {name: _hash(handed, name) for name in sorted(handed.files)}
    except (StudentError, GraderError) as why:
        return why, fingerprint.of_submission(plan.terms, {"": str(why).encode()}, {}, None)
    return handed, fingerprint.of_submission(plan.terms, handed.notebooks, files, handed.submitted_at)


def _hash(handed: Submission, name: str) -> str:
    """SHA-256 of a file that lies beside the notebooks; links are not followed here either."""
    with opening.opened(handed, name) as file:
        return hashlib.sha256(file.read()).hexdigest()


def grade(plan: Plan, warm: Zygote, student: str, handed: Submission | AutograderError, mark: str) -> Graded:
    """One submission, from bytes to grade; a fault of ours leaves it to a person, and is never raised."""
    began = time.monotonic()
    try:
        if isinstance(handed, AutograderError):
            raise handed
        graded = _examine(plan, warm, handed)
    except StudentError as why:
        graded = Graded(_without(plan, student, Status.UNGRADABLE, str(why)))
    except GraderError as why:
        graded = Graded(_without(plan, student, Status.NEEDS_PERSON, str(why)))
    grade = replace(graded.grade, fingerprint=mark, jail=plan.level, seconds=time.monotonic() - began)
    return replace(graded, grade=grade)


def _examine(plan: Plan, warm: Zygote, handed: Submission) -> Graded:
    """All notebooks of a submission, one after the other."""
    found, notes = _notebooks(plan, handed)
    verdicts: list[Verdict] = []
    run: dict[str, bytes] = {}
    seconds = 0.0
    for master in plan.masters:
        if master.name not in found:
            verdicts += papers.absent(master)
            continue
        released = parts.sources(plan.released[master.name])
        paper = papers.merge(master, found[master.name], released)
        sitting = _invigilator(plan, warm, handed).examine(paper, plan.lessons[master.name])
        verdicts += judge(paper, sitting.findings, plan.course.scoring)
        run[master.name] = executed(paper, sitting.records)
        notes += [f"{master.name}: {note}" for note in (*paper.notes, *sitting.left_out)]
        seconds += sitting.cell_seconds
    if plan.bound is not None:
        notes.append(plan.bound.note)
    return Graded(_finished(plan, handed, verdicts, notes, seconds), run)


def _notebooks(plan: Plan, handed: Submission) -> tuple[dict[str, JSON], list[str]]:
    """Master's name → what was handed in for it; raises Ungradable when nothing can be read."""
    read: dict[str, JSON] = {}
    faults: list[Ungradable] = []
    for name, content in sorted(handed.notebooks.items()):
        try:
            read[name] = notebook.loads(content, f"{name}.ipynb")
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
    return found, [*handed.notes, *map(str, faults), *notes]


def _invigilator(plan: Plan, warm: Zygote, handed: Submission) -> Invigilator:
    limits = plan.assignment.limits
    home = {"KERAS_HOME": str(plan.homes.candidate)}
    if limits.processes:
        home["PATH"] = programs.SEARCHED
    room = Room(
        zygote=warm,
        level=plan.level,
        read_only=plan.read_only,
        files={**handed.files, **plan.files},
        memory=limits.memory,
        output=limits.output,
        file=limits.file,
        seconds=limits.submission_seconds,
        environment=home,
        examiner_environment={"KERAS_HOME": str(plan.homes.examiner)},
        seed=plan.seed,
        processes=limits.processes,
        bound=plan.bound,
    )
    source = str(plan.course.source / plan.assignment.name)
    terms = Terms(limits.cell_seconds, limits.submission_seconds, (source,), plan.seed, output=limits.output)
    return Invigilator(room, terms)


def _finished(plan: Plan, handed: Submission, verdicts: list[Verdict], notes: list[str], seconds: float) -> Grade:
    unscored = [v for v in verdicts if v.outcome is Outcome.UNSCORED]
    over = late.seconds_late(handed.submitted_at, plan.assignment.due)
    points = sum(v.points or 0.0 for v in verdicts)
    return Grade(
        student=handed.student,
        assignment=plan.assignment.name,
        status=Status.NEEDS_PERSON if unscored else Status.GRADED,
        verdicts=tuple(verdicts),
        reason=f"{unscored[0].test}: {unscored[0].reason}" if unscored else "",
        late_seconds=over,
        late_penalty=late.penalty(points, sum(v.max_points for v in verdicts), over, plan.course.late),
        cell_seconds=seconds,
        notes=tuple(notes),
        submitted_at=handed.submitted_at,
    )


def _without(plan: Plan, student: str, status: Status, reason: str) -> Grade:
    """The grade of a submission that was not run: zero if it is at fault, unscored if we are."""
    ours = status is Status.NEEDS_PERSON
    verdicts = tuple(
        replace(v, outcome=Outcome.UNSCORED if ours else v.outcome, points=None if ours else v.points, reason=reason)
        for master in plan.masters
        for v in papers.absent(master)
    )
    return Grade(student, plan.assignment.name, status, verdicts, reason)
