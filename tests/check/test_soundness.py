"""What runs of the solution, the blank, the liar and the kernel say of a master."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import exam, solution
from masters import master_of, ran, subject_of

from autograder.check import soundness
from autograder.check.soundness import Subject
from autograder.check.trials import Ran

CELLS = [solution("answer", "def f(x):\n    return x"), exam("t1", "assert f(1) == 1"), exam("t2", "import math\nassert f(2) == 2")]
SUBJECT = subject_of(master_of(*CELLS))
RUNS = soundness.solutions(SUBJECT)


def marked(**own: str) -> Subject:
    """The subject with its second test marked."""
    cells = [{**c, "metadata": {**c["metadata"], "autograder": own}} if c["id"] == "t2" else c for c in CELLS]
    return subject_of(master_of(*cells))


def rules(remarks: object) -> list[tuple[str, str, bool]]:
    return [(r.rule, r.grade_id, r.fault) for r in remarks]  # type: ignore[attr-defined]


def test_the_solution_is_run_five_times_with_different_seeds_once_with_half_the_memory() -> None:
    """No two runs draw the same numbers; model files go with each."""
    assert [0, 1, 2, 3, 4] == [t.seed for t in RUNS]
    assert [1.0, 1.0, 1.0, 1.0, 0.5] == [t.share for t in RUNS]
    assert all(t.models for t in RUNS)


def test_a_sound_solution_has_no_findings() -> None:
    """Five times all points, quickly."""
    assert [] == rules(soundness.of_solutions(SUBJECT, [ran(t) for t in RUNS]))


def test_a_test_that_always_fails_is_the_solutions_loss() -> None:
    """The test is named with what it said."""
    (found,) = soundness.of_solutions(SUBJECT, [ran(t, {"t2": "two is not 2."}) for t in RUNS])
    assert ("solution-loses", "t2", 3) == (found.rule, found.grade_id, found.cell)
    assert "two is not 2)" in found.what


def test_a_test_that_fails_sometimes_is_unstable() -> None:
    """How often it passed is told."""
    (found,) = soundness.of_solutions(SUBJECT, [ran(t, {"t1": "bad luck."} if t.seed == 2 else {}) for t in RUNS])
    assert ("unstable", "t1") == (found.rule, found.grade_id)
    assert "3 of 4 runs" in found.what


def test_a_solution_that_needs_more_than_half_of_the_memory_is_told() -> None:
    """Only the run with half the memory loses."""
    (found,) = soundness.of_solutions(SUBJECT, [ran(t, {"t1": "MemoryError"} if t.share < 1 else {}) for t in RUNS])
    assert ("near-limits", "t1") == (found.rule, found.grade_id)


@pytest.mark.parametrize(("seconds", "whole", "wanted"), [(4.9, 29, []), (5.1, 29, ["answer"]), (1, 31, [""])])
def test_a_solution_that_takes_more_than_half_of_its_time_is_told(seconds: float, whole: float, wanted: list[str]) -> None:
    """A cell of 10 seconds, a notebook of 60; the median counts."""
    runs = [replace(ran(t, seconds={"answer": seconds}), whole=whole) for t in RUNS]
    runs[1] = replace(runs[1], seconds={"answer": 9.9}, whole=59.0)
    assert [("near-limits", name, True) for name in wanted] == rules(soundness.of_solutions(SUBJECT, runs))


def test_a_test_that_the_blank_passes_is_named_with_why() -> None:
    """One asks for the answer and should not pass; another asks nothing at all."""
    master = master_of(*CELLS, exam("t3", "assert 1 + 1 == 2"))
    subject = subject_of(master)
    blank = soundness.others(subject)["blank"]
    one, other = soundness.of_blank(subject, ran(blank, {"t1": "NotImplementedError"}))
    assert ("blank-earns", "t2") == (one.rule, one.grade_id)
    assert "`f` is not answered" in one.what
    assert "reads no name that an answer binds" in other.what


def test_a_test_that_a_liar_passes_is_named_with_what_it_claims() -> None:
    """A fault, unless the author trusts the student's operators, which is labelled in every grade."""
    for subject, fault in ((SUBJECT, True), (marked(trust="operators"), False), (marked(examine="in-kernel"), False)):
        trials = {n: t for n, t in soundness.others(subject).items() if n.startswith("liar")}
        runs = {n: ran(t, {"t1": "no."}) for n, t in trials.items()}
        assert [("liar-earns", "t2", fault)] == rules(soundness.of_liars(subject, runs))


def test_a_test_that_empty_answers_pass_is_named_once() -> None:
    """With the first value that passes it; one that the blank passes is told of already."""
    blank = ran(soundness.others(SUBJECT)["blank"], {"t2": "NotImplementedError"})
    trials = {n: t for n, t in soundness.others(SUBJECT).items() if n.startswith("always")}
    assert [f"always: {value}" for value in ("None", "[]", "''", "{}", "float('nan')")] == list(trials)
    runs = {n: ran(t, {} if n.endswith(("[]", "nan')")) else {"t2": "no."}) for n, t in trials.items()}
    (found,) = soundness.of_empty(SUBJECT, blank, runs)
    assert ("empty-earns", "t2", False) == (found.rule, found.grade_id, found.fault)
    assert "all `[]` earn 1 of 1 points" in found.what
    assert "a loop over nothing" in found.mend


def test_hidden_tests_that_fail_for_nothing_are_named() -> None:
    """Those that fail for the blank or for None can fail."""
    subject = subject_of(SUBJECT.master, hidden={"t1": {1}, "t2": {2}})
    trials = [t for n, t in soundness.others(subject).items() if n.startswith("hidden")]
    assert 2 == len(trials)
    runs = [ran(trials[0], {}), ran(trials[1], {"t1": "None is not 1"})]
    assert [("hidden-cannot-fail", "t2", True)] == rules(soundness.of_hidden(subject, runs))


def test_visible_tests_cannot_keep_hidden_ones_from_being_reached() -> None:
    """In the softened master a visible statement that fails is passed over; imports, helpers and hidden lines stay."""
    source = "import math\ndef near(a, b):\n    assert a == b\ngot = f(1)\nassert got == 1\nnear(f(2), 2)\nf(3) * 2.0"
    subject = subject_of(master_of(CELLS[0], exam("t", source)), hidden={"t": {6}})
    soft = next(t for n, t in soundness.others(subject).items() if n == "hidden tests, blank").master.cells[1].source
    namespace: dict = {"f": lambda x: 2 if x == 2 else 1 / 0}
    exec(soft, namespace)
    assert "near" in namespace
    namespace["f"] = lambda x: 1 / 0
    with pytest.raises(ZeroDivisionError):
        exec(soft, namespace)


def test_a_test_that_needs_the_live_kernel_is_found_by_running_it_both_ways() -> None:
    """It passes within and fails outside; one already marked is not told of again."""
    trial = soundness.in_kernel(SUBJECT)
    outside, inside = ran(RUNS[0], {"t2": "no frame."}), ran(trial)
    assert [("in-kernel", "t2", True)] == rules(soundness.of_kernel(SUBJECT, outside, inside))
    assert [] == rules(soundness.of_kernel(marked(examine="in-kernel"), outside, inside))
    assert [] == rules(soundness.of_kernel(SUBJECT, ran(RUNS[0], {"t2": "x"}), ran(trial, {"t2": "x"})))
    assert [("not-in-kernel", "t1", False)] == rules(soundness.of_kernel(SUBJECT, ran(RUNS[0]), ran(trial, {"t1": "NameError"})))
    assert all(c.own == {"examine": "in-kernel"} for c in trial.master.cells)


def test_a_mark_that_is_not_needed_is_found() -> None:
    """A test that passes without its mark has points that nobody need be able to forge."""
    subject = marked(examine="in-kernel")
    trial = soundness.others(subject)["unmarked"]
    assert not any(c.own.get("examine") for c in trial.master.cells)
    assert [("needless-mark", "t2", False)] == rules(soundness.of_marks(subject, ran(trial)))
    assert [] == rules(soundness.of_marks(subject, ran(trial, {"t2": "no frame."})))
    assert "unmarked" not in soundness.others(SUBJECT)


def test_what_the_machine_could_not_run_is_no_verdict_on_the_master() -> None:
    """A disk that is full is told as such, and costs no test its good name."""
    broken = Ran(RUNS[0], fault="The disk is full.")
    assert [("not-run", "", True)] == rules(soundness.of_solutions(SUBJECT, [broken]))
    assert [("not-run", "", True)] == rules(soundness.of_blank(SUBJECT, broken))
