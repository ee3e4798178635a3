"""An assignment, read once for all its submissions.

Rule: everything that submissions share is found out here, and nothing that differs between them.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder import data, notebook
from autograder.authoring import parts
from autograder.authoring import release as releasing
from autograder.batch.jobs import cores
from autograder.course import Assignment, Course
from autograder.errors import GraderError, UsageError
from autograder.exam import syllabus
from autograder.gradebook import deadlines, fingerprint
from autograder.grading import plugin as plugins
from autograder.pipeline import kept, models, sources
from autograder.sandbox import kernels, levels, memory, programs
from autograder.sandbox.hall import CANDIDATE, EXAMINER, KERNEL, zygote_environment
from autograder.sandbox.kernels import Kernel
from autograder.sandbox.launch import Zygote
from autograder.sandbox.mounts import libraries
from autograder.values import JSON, Deadline, Master

MOST_GIVEN = 64 << 10
"""Bytes of given code that the warm parent compiles beforehand."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that the submissions of one assignment share."""

    course: Course
    assignment: Assignment
    """With the deadline that holds: course.toml's, or the gradebook's."""
    deadline: Deadline
    masters: tuple[Master, ...]
    lessons: Mapping[str, Mapping[str, syllabus.Lesson]]
    """Notebook → test → what it must know of names."""
    released: Mapping[str, JSON]
    """Notebook → the student version."""
    files: Mapping[str, Path]
    """The course's own files, which go beside every submission."""
    homes: data.Homes
    level: int
    """Level of the jail."""
    read_only: tuple[str, ...]
    """Paths that a candidate may read."""
    terms: fingerprint.Terms
    """All this, as far as it can change a mark, and its hash."""
    threads: int = 1
    seed: int = 0
    plugin: plugins.Penalty | None = None
    """The course's late-submission plugin."""
    bound: memory.Bound | None = None
    """Bounds the memory of all processes of a candidate, where it may start some."""
    kernels: Mapping[str, Kernel | GraderError] = field(default_factory=dict)
    """Notebook in another language → its kernel, or why it cannot be run here."""


def jail_level(course: Course, *, weak: bool = False) -> int:
    """The level of the jail that this machine can hold, tried out; UsageError when the course asks for more."""
    found = levels.probe().level
    if found < course.jail_level and not weak:
        raise UsageError(
            f"This machine can confine student code to level {found}; the course asks for {course.jail_level}.",
            mend="`autograder doctor` says what is missing; --allow-weak-jail grades all the same, and says so.",
        )
    return found


@dataclass(frozen=True, slots=True)
class Premises:
    """What of a plan depends on the machine that grades."""

    homes: data.Homes = field(default_factory=lambda: data.Homes(Path(), Path(), ()))
    read_only: tuple[str, ...] = ()
    bound: memory.Bound | None = None
    kernels: Mapping[str, Kernel | GraderError] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)
    """As far as it can change a mark: plain JSON, for the terms."""


def premises(
    assignment: Assignment,
    masters: Sequence[Master],
    level: int,
    data_dir: Path | None,
    hidden: Path | None,
    at: Path,
) -> Premises:
    """What this machine has for an assignment; data sets are laid out in the folder `at`."""
    homes = data.prepare(data_dir, data_sets(masters), at, hidden)
    foreign = _kernels(masters, level)
    bound = _bound(assignment, level, foreign)
    shown = [str(Path(__file__).parents[1]), str(homes.candidate)]
    told = {
        "stand-ins": list(homes.stand_ins),
        "memory": bound.note if bound is not None else None,
        "kernels": {n: k.told if isinstance(k, Kernel) else str(k) for n, k in foreign.items()},
    }
    read_only = libraries(*shown, *(programs.readable() if assignment.limits.processes else ()))
    return Premises(homes, read_only, bound, foreign, told)


def plan(
    course: Course, name: str, *, jobs: int, level: int, seed: int = 0, there: Mapping[str, Any] | None = None
) -> Plan:
    """Reads an assignment once for all its submissions.

    `there`: what `premises` told on the machines that grade, where this one does not.
    """
    assignment, found = sources.assignment(course, name), sources.masters(course, name)
    deadline = deadlines.read(course.gradebook, name, assignment.due)
    assignment = replace(assignment, due=deadline.due)
    files = sources.files(course, name)
    released = {m.name: releasing.make(m) for m in found}
    if there is None:
        here = premises(assignment, found, level, course.data_dir, course.hidden_data, cache())
    else:
        here = Premises(told=there)
    machine = here.told
    shared = {
        "limits": asdict(assignment.limits),
        "grading": {"scoring": course.scoring, "seed": seed, "stand-ins": machine["stand-ins"]},
        "models": {"train": assignment.train, "hidden": data.hidden_hashes(data_sets(found), course.hidden_data)},
        "jail": {"level": level, "memory": machine["memory"]},
        "files": fingerprint.of_files(files),
        "kernels": machine["kernels"],
    }
    told = {"due": assignment.due, "late": asdict(course.late), "extensions": deadline.told}
    told["plugin"] = fingerprint.of_files(plugins.find(course.late.plugin, course.root))
    cells = {m.name: fingerprint.of_master(m, parts.sources(released[m.name])) for m in found}
    return Plan(
        course=course,
        assignment=assignment,
        deadline=deadline,
        plugin=plugins.load(course.late.plugin, course.root) if course.late.method == "plugin" else None,
        masters=found,
        lessons={m.name: syllabus.lessons(m) if m.name not in machine["kernels"] else {} for m in found},
        released=released,
        files=files,
        homes=here.homes,
        level=level,
        read_only=here.read_only,
        terms=fingerprint.terms(shared, told, cells),
        threads=max(1, cores() // jobs),
        seed=seed,
        bound=here.bound,
        kernels=here.kernels,
    )


def data_sets(masters: Sequence[Master]) -> list[str]:
    """Data sets that an assignment names."""
    return data.mentioned(cell.source for master in masters for cell in master.cells)


def _kernels(masters: Sequence[Master], level: int) -> dict[str, Kernel | GraderError]:
    """Name of each master in another language → its kernel, or why it cannot be run here."""
    out: dict[str, Kernel | GraderError] = {}
    for master in masters:
        if name := notebook.kernel_of(master.raw):
            try:
                out[master.name] = kernels.find(name, f"{master.assignment}/{master.path.name}", level)
            except GraderError as why:
                out[master.name] = why
    return out


def _bound(assignment: Assignment, level: int, foreign: Mapping[str, Kernel | GraderError]) -> memory.Bound | None:
    """The bound on what a candidate's processes hold together; None where it may start none."""
    if not assignment.limits.processes:
        return memory.bound() if any(isinstance(kernel, Kernel) for kernel in foreign.values()) else None
    if level < memory.LEAST_LEVEL:
        raise UsageError(
            f"{assignment.name} allows processes, and at level {level} of the jail nothing would end strays.",
            mend=f"Grade it on a machine of level {memory.LEAST_LEVEL} (`autograder doctor`), or set processes = 0.",
        )
    return memory.bound()


def zygote(plan: Plan, further: Sequence[str] | None = None) -> Zygote:
    """The warm parent for the assignment: it has imported what the masters import, or import while they run.

    `further`: the latter; without it, what the last `autograder check` saw.
    """
    if further is None:
        further = kept.preloaded(plan.course, plan.assignment.name)
    return Zygote(
        preload=[*syllabus.imports(m for m in plan.masters if m.name not in plan.kernels), *further],
        entries=[CANDIDATE, EXAMINER, *([KERNEL] if plan.kernels else [])],
        cells=_given(plan),
        environment=zygote_environment(
            threads=plan.threads,
            keras_home=plan.homes.candidate,
            gpu=plan.assignment.limits.gpu,
            exact=not models.trains(plan.masters),
        ),
    )


def _given(plan: Plan) -> list[str]:
    """The code that students were given and that counts as it is, as far as it fits on a command line."""
    cells = [c for m in plan.masters if m.name not in plan.kernels for c in plan.released[m.name]["cells"]]
    found = [c["source"] for c in cells if c["cell_type"] == "code" and not _is_asked(c)]
    sizes = itertools.accumulate(len(repr(source).encode("utf-8", "replace")) for source in found)
    return [source for source, size in zip(found, sizes, strict=True) if size < MOST_GIVEN]


def _is_asked(cell: JSON) -> bool:
    """Whether nbgrader's settings make it an answer or a test."""
    told = cell["metadata"].get("nbgrader", {})
    return any(told.get(flag) for flag in ("grade", "solution", "task"))


def cache() -> Path:
    """Where data sets are laid out."""
    import platformdirs

    path = Path(platformdirs.user_cache_dir("autograder")) / "data"
    path.mkdir(parents=True, exist_ok=True)
    return path
