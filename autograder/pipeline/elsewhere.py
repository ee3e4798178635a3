"""Grading on a machine that has no course: what it is asked, what it is sent, and what it makes of that.

Rule: what is sent once is the plan and the course's own files; nothing of it lies on this machine's disk when the
batch is over. A submission comes as bytes and goes back as bytes.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograder import data
from autograder.course import Assignment, Course, Late
from autograder.course.building import data_dir
from autograder.gradebook import fingerprint
from autograder.pipeline import kept, letters, one, sources
from autograder.pipeline.plan import Plan, cache, data_sets, premises, zygote
from autograder.sandbox import folders, levels
from autograder.values import Deadline, Master


@dataclass(frozen=True, slots=True)
class Question:
    """What a machine is asked before it is trusted with anything: names of things, and no test."""

    assignment: Assignment
    masters: tuple[Master, ...]
    """Without cells or sources: in which languages they are."""
    sets: tuple[str, ...]
    """Data sets that they name."""
    data_dir: Path | None
    """Where the course has its data sets, which a shared disk may show here too."""


@dataclass(frozen=True, slots=True)
class Kit:
    """What a machine is sent, once for all submissions."""

    plan: Plan
    files: Mapping[str, bytes]
    """The course's own files that go beside every submission."""
    hidden: Mapping[str, bytes]
    """Data set → the course's own hidden split."""
    preload: tuple[str, ...]
    """Modules that the solution imports while it runs."""


def question(course: Course, name: str) -> Question:
    """What machines are asked that are to grade an assignment; raises UsageError or MasterError."""
    masters = sources.masters(course, name)
    bare = tuple(replace(m, cells=(), raw={"metadata": m.raw["metadata"], "cells": []}) for m in masters)
    return Question(sources.assignment(course, name), bare, tuple(data_sets(masters)), course.data_dir)


def kit(plan: Plan) -> Kit:
    """What machines are sent that are to grade; what lateness costs is not theirs to know."""
    hidden = plan.course.hidden_data
    paths = {name: hidden / f"{name}.npz" for name in data_sets(plan.masters)} if hidden is not None else {}
    return Kit(
        plan=replace(plan, course=replace(plan.course, late=Late()), deadline=Deadline(), plugin=None),
        files={name: path.read_bytes() for name, path in plan.files.items()},
        hidden={name: path.read_bytes() for name, path in paths.items() if path.is_file()},
        preload=tuple(kept.preloaded(plan.course, plan.assignment.name)),
    )


@lru_cache(maxsize=1)
def code() -> str:
    """Hash of the grader's own program: one that is being worked on has the same version for weeks."""
    root = Path(__file__).parents[1]
    hashed = [(str(p.relative_to(root)), fingerprint.of_bytes(p.read_bytes())) for p in sorted(root.rglob("*.py"))]
    return hashlib.sha256(repr(hashed).encode()).hexdigest()[:16]


def look(question: Question) -> bytes:
    """What this machine has, as JSON: versions, the jail's level, data sets, and what else can change a mark."""
    level = levels.probe().level
    found = _data_dir(question.data_dir)
    at_hand = [name for name in question.sets if found is not None and (found / f"{name}.npz").is_file()]
    # Nothing is laid out here: that needs the hidden split, and the time.
    told = premises(question.assignment, question.masters, level, None, None, cache()).told
    stand_ins = data.standing_in(found, question.sets)
    said = {"versions": fingerprint.versions(), "code": code(), "level": level, "data": at_hand}
    return json.dumps({**said, "premises": {**told, "stand-ins": stand_ins}}).encode()


def _data_dir(named: Path | None) -> Path | None:
    """AUTOGRADER_DATA of this machine; else the course's own folder, where it can be seen from here."""
    own = data_dir(Path(), None)
    return own if own is not None else named if named is not None and named.is_dir() else None


class Bench:
    """Grades submissions that come as bytes."""

    def __init__(self, kit: Kit, threads: int) -> None:
        folders.remove_abandoned()
        self._folder = folders.make()
        plan = kit.plan
        source = self._folder / "source"
        (source / plan.assignment.name).mkdir(parents=True)  # where tests look for the course's files
        files = {name: _put(source / plan.assignment.name / name, held) for name, held in kit.files.items()}
        hidden = self._folder / "hidden" if kit.hidden else None
        for name, held in kit.hidden.items():
            _put(self._folder / "hidden" / f"{name}.npz", held)
        at = self._folder if hidden is not None else cache()
        here = premises(plan.assignment, plan.masters, plan.level, _data_dir(plan.course.data_dir), hidden, at)
        self._plan = replace(
            plan,
            course=replace(plan.course, source=source),
            files=files,
            homes=here.homes,
            read_only=here.read_only,
            bound=here.bound,
            kernels=here.kernels,
            threads=threads,
        )
        self._warm = zygote(self._plan, kit.preload)

    def work(self, request: bytes, step: Callable[[str, int, int], None]) -> bytes:
        """A submission's grade."""
        handed, mark, known = letters.question(request)
        made = one.grade(self._plan, self._warm, handed.student, handed, mark, known=known, seen=step)
        return letters.answered(made, known)

    def close(self) -> None:
        """Ends what runs, and removes what was sent."""
        self._warm.close(for_good=True)  # what it was running would start it again
        shutil.rmtree(self._folder, ignore_errors=True)


def build(kit: Any, places: int, threads: int) -> Bench:
    """A bench for so many submissions at once, each with so many threads."""
    del places
    return Bench(kit, threads)


def _put(path: Path, held: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(held)
    return path
