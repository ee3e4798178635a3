"""One assignment from end to end, on a bench that runs nothing."""

from __future__ import annotations

from collections.abc import Mapping

from builders import exam, solution
from masters import Bench, master_of, ran, subject_of

from autograder.check import checking
from autograder.check.report import Checked
from autograder.check.trials import Ran, Trial

SUBJECT = subject_of(
    master_of(solution("answer", "def f(x):\n    return x + 1"), exam("t1", "assert f(1) == 2"), exam("t2", "import math\nassert f(2) == 3"))
)


def checked(lost: Mapping[str, str], *, inside: Mapping[str, str] | None = None, seed: int | None = None, **terms: int) -> Checked:
    """A check in which the solution loses those points, with one seed or with all; `inside`: in the student's process."""

    def judge(trial: Trial) -> Ran:
        if trial.name.startswith("solution"):
            return ran(trial, lost if seed in (None, trial.seed) else {})
        return ran(trial, inside or {} if trial.name == "in-kernel" else {"t1": "wrong", "t2": "wrong"})

    bench = Bench(lambda t: ran(t) if t.name == "control" else judge(t))
    return checking.check("squares", bench, [SUBJECT], [], checking.Terms(**terms), lambda stage, total: None)


def rules(told: Checked) -> set[tuple[str, str, bool]]:
    return {(r.rule, r.grade_id, r.fault) for r in told.remarks}


def test_a_sound_assignment_passes() -> None:
    """Every mutant loses a point, and no finding is left."""
    told = checked({})
    assert told.passed
    assert {"killed"} == {f.outcome for f in told.fates}


def test_a_solution_that_loses_with_one_seed_is_told_whatever_the_kernel_says() -> None:
    """A test that fails in the student's process as well is not thereby excused, and nothing passes without mutants."""
    for inside in ({}, {"t2": "too slow"}):
        told = checked({"t2": "bad luck"}, inside=inside, seed=3)
        assert ("unstable", "t2", True) in rules(told)
        assert (False, True, ()) == (told.passed, told.complete, told.fates)


def test_a_test_that_needs_the_kernel_is_told_once() -> None:
    """That it fails outside is the same finding."""
    assert {("in-kernel", "t1", True)} == rules(checked({"t1": "no frame"}))


def test_part_of_a_check_passes_nothing() -> None:
    """Without mutants, or with fewer than are asked for before a release."""
    assert not checked({}, quick=1).passed
    assert not checked({}, mutants=3).passed
    assert checked({}, mutants=0).passed
