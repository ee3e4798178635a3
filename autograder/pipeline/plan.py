"""An assignment, read once for all its submissions.

Rule: everything that submissions share is found out here, and nothing that differs between them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder import data, notebook
from autograder.authoring import publish
from autograder.authoring import release as releasing
from autograder.course import Assignment, Course
from autograder.errors import UsageError
from autograder.exam import syllabus
from autograder.gradebook import fingerprint
from autograder.sandbox import levels, memory, programs
from autograder.sandbox.hall import CANDIDATE, EXAMINER, zygote_environment
from autograder.sandbox.launch import Zygote
from autograder.sandbox.mounts import libraries
from autograder.values import JSON, Master


@dataclass(frozen=True, slots=True)
class Plan:
    """All that the submissions of one assignment share."""

    course: Course
    assignment: Assignment
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
    terms: str
    """Fingerprint of all this."""
    threads: int = 1
    seed: int = 0
    bound: memory.Bound | None = None
    """Bounds the memory of all processes of a candidate, where it may start some."""


def masters(course: Course, name: str) -> tuple[Master, ...]:
    """The assignment's masters, by name; raises UsageError when there is none, MasterError when one is unsound."""
    found = sorted((course.source / course.assignment(name).name).glob("*.ipynb"))
    if not found:
        raise UsageError(f"{course.source / name} holds no notebook.", mend="Put the instructor's notebook there.")
    return tuple(notebook.read_master(path, name) for path in found)


def jail_level(course: Course, *, weak: bool = False) -> int:
    """The level of the jail that this machine can hold, tried out; UsageError when the course asks for more."""
    found = levels.probe().level
    if found < course.jail_level and not weak:
        raise UsageError(
            f"This machine can confine student code to level {found}; the course asks for {course.jail_level}.",
            mend="`autograder doctor` says what is missing; --allow-weak-jail grades all the same, and says so.",
        )
    return found


def plan(course: Course, name: str, *, jobs: int, level: int, seed: int = 0) -> Plan:
    """Reads an assignment once for all its submissions."""
    assignment, found = course.assignment(name), masters(course, name)
    files = publish.helpers(course.source / name)[0]
    sets = data.mentioned(cell.source for master in found for cell in master.cells)
    homes = data.prepare(course.data_dir, sets, _cache())
    settings: dict[str, object] = {
        "limits": asdict(assignment.limits),
        "scoring": course.scoring,
        "due": assignment.due,
    }
    settings |= {"late": asdict(course.late), "level": level, "seed": seed, "stand_ins": homes.stand_ins}
    bound = _bound(assignment, level)
    settings |= {"bound": bound.note} if bound is not None else {}
    shown = [str(Path(__file__).parents[1]), str(homes.candidate)]
    return Plan(
        course=course,
        assignment=assignment,
        masters=found,
        lessons={m.name: syllabus.lessons(m) for m in found},
        released={m.name: releasing.make(m) for m in found},
        files=files,
        homes=homes,
        level=level,
        read_only=libraries(*shown, *(programs.readable() if bound is not None else ())),
        terms=fingerprint.of_terms([m.raw for m in found], fingerprint.of_files(files), settings),
        threads=max(1, (os.cpu_count() or 1) // jobs),
        seed=seed,
        bound=bound,
    )


def _bound(assignment: Assignment, level: int) -> memory.Bound | None:
    """The bound on what a candidate's processes hold together; None where it may start none."""
    if not assignment.limits.processes:
        return None
    if level < memory.LEAST_LEVEL:
        raise UsageError(
            f"{assignment.name} allows processes, and at level {level} of the jail nothing would end strays.",
            mend=f"Grade it on a machine of level {memory.LEAST_LEVEL} (`autograder doctor`), or set processes = 0.",
        )
    return memory.bound()


def zygote(plan: Plan) -> Zygote:
    """The warm parent for the assignment: it has imported what the masters import."""
    return Zygote(
        preload=syllabus.imports(plan.masters),
        entries=[CANDIDATE, EXAMINER],
        environment=zygote_environment(threads=plan.threads, keras_home=plan.homes.candidate),
    )


def _cache() -> Path:
    import platformdirs

    path = Path(platformdirs.user_cache_dir("autograder")) / "data"
    path.mkdir(parents=True, exist_ok=True)
    return path
