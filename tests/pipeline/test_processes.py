"""An assignment that allows processes, from course.toml to the grade."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from builders import SQUARE, Course, answered

from autograder import course as courses
from autograder import pipeline
from autograder.errors import UsageError
from autograder.pipeline import machine
from autograder.sandbox import cgroups, memory

SUM = "import subprocess\ndef square(x):\n    return int(subprocess.check_output(['expr', str(x), '*', str(x)]))"
LIMITS = "cell_seconds = 3\nsubmission_seconds = 20\nprocesses = {}"


def grade(course: Course, processes: int) -> pipeline.Graded:
    """A submission that squares by a program, graded."""
    root = course({"ann": answered(SQUARE, {"square": SUM})}, limits=LIMITS.format(processes))
    found = courses.load(root)
    level = pipeline.jail_level(found, weak=True)
    if processes and level < memory.LEAST_LEVEL:
        pytest.skip("this machine's jail allows no processes")
    (graded,) = pipeline.autograde(found, "squares", level=level, jobs=1)
    return graded


def test_a_program_may_help_where_processes_are_allowed(course: Course) -> None:
    """Full marks, and a note that tells how the memory was bounded."""
    found = grade(course, 4).grade
    assert 2.0 == next(v.points for v in found.verdicts if v.test == "test_square")
    assert memory.bound().note in found.notes


def test_none_may_by_default(course: Course) -> None:
    """The reason names the rule, the note is not there, and the grade is another one once the rule changes."""
    found = grade(course, 0).grade
    verdict = next(v for v in found.verdicts if v.test == "test_square")
    assert (0.0, True) == (verdict.points, "Starting processes is not allowed in this assignment" in verdict.reason)
    assert () == found.notes
    assert found.fingerprint != grade(course, 4).grade.fingerprint


def test_a_level_that_ends_no_strays_is_refused(course: Course) -> None:
    """Before anything is graded, with the assignment's name and the mend."""
    found = courses.load(course(limits=LIMITS.format(4)))
    with pytest.raises(UsageError, match=r"squares allows processes, .* or set processes = 0"):
        pipeline.plan(found, "squares", jobs=1, level=memory.LEAST_LEVEL - 1)
    none = replace(found.assignment("squares"), limits=replace(found.limits, processes=0))
    assert pipeline.plan(replace(found, assignments={"squares": none}), "squares", jobs=1, level=2).bound is None


def test_doctor_says_whether_groups_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where they cannot: why, what it costs, and how to get them."""
    monkeypatch.setattr(cgroups, "find", lambda: "there is none")
    fact = machine.groups()
    assert "not delegated: there is none" == fact.value
    assert "every 0.1 s" in fact.mend
    assert "systemd-run" in fact.mend
    monkeypatch.setattr(cgroups, "find", lambda: cgroups.Place(Path("/sys/fs/cgroup/box"), leave=True))
    assert ("version 2, delegated: groups can be made in /sys/fs/cgroup/box", "") == (
        machine.groups().value,
        machine.groups().mend,
    )
