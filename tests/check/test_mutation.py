"""Which mutants are tried where, and what becomes of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from builders import exam, solution
from masters import Bench, master_of, ran

from autograder.check import mutation, variations
from autograder.check.mutation import Mutation, score
from autograder.check.trials import Ran, Trial

MASTER = master_of(
    solution("one", "def f(x):\n    return x + 1"),
    exam("t1", "assert f(1) == 2"),
    solution("two", "def g(x):\n    return f(x) * 2"),
    exam("t2", "assert g(1) == 4"),
)
REGIONS = {"one": {2}, "two": {2}}
WHOLE = ran(Trial("solution", MASTER, variations.solution(MASTER)), seconds={"one": 0.01})


def answer(trial: Trial, lost: dict[str, str] | None = None, **facts: Any) -> Ran:
    """A run in which only those tests lost that the trial holds."""
    there = {c.grade_id for c in trial.master.cells}
    return ran(trial, {t: why for t, why in (lost or {}).items() if t in there}, **facts)


def fates(bench: Bench, **facts: Any) -> dict[str, mutation.Fate]:
    """Changed text → fate."""
    made = Mutation(MASTER, REGIONS, **facts)
    found = list(made.run(bench, WHOLE, lambda stage, total: None))
    assert len(made.made) == len(found)
    return {f.mutant.source.split("return ")[1]: f for f in found}


def test_a_mutant_first_meets_its_own_tests_and_then_the_whole_notebook() -> None:
    """What its own tests miss, a later one may catch; what both miss lives."""

    def judge(trial: Trial) -> Ran:
        text = "".join(c["source"] for c in trial.raw["cells"])
        return answer(trial, {"t1": "f"} if "x - 1" in text else {"t2": "g"} if "x * 1" in text else {})

    bench = Bench(judge)
    found = fates(bench)
    assert ("killed", "t1", ("t1",)) == (found["x - 1"].outcome, found["x - 1"].test, found["x - 1"].asked)
    assert ("killed", "t2") == (found["x * 1"].outcome, found["x * 1"].test)
    assert "survived" == found["x + 2"].outcome
    cells = {t.name: [len(u.master.cells) for u in bench.trials if u.name == t.name] for t in bench.trials}
    assert [2] == cells[found["x - 1"].mutant.hash]
    assert [2, 4] == cells[found["x + 2"].mutant.hash]


def test_a_part_in_which_the_solution_loses_is_not_used() -> None:
    """Where leaving cells out changes what the solution earns, mutants meet the whole notebook at once."""

    def judge(trial: Trial) -> Ran:
        return answer(trial, dict.fromkeys(("t1", "t2"), "something is missing") if len(trial.master.cells) < 4 else {})

    bench = Bench(judge)
    assert {"survived"} == {f.outcome for f in fates(bench).values()}
    assert {4} == {len(t.master.cells) for t in bench.trials if t.name != "control"}


def test_a_waived_mutant_that_lives_is_waived_and_one_that_dies_is_killed() -> None:
    """A waiver says why; it is not asked for again in the whole notebook."""
    hashes = {f.mutant.source.split("return ")[1]: f.mutant.hash for f in fates(Bench(answer)).values()}
    waived = {hashes["x + 2"]: "two is right as well", hashes["x - 1"]: "needless"}
    found = fates(Bench(lambda t: answer(t, {"t1": "f"} if t.name == hashes["x - 1"] else {})), waived=waived)
    assert ("waived", "two is right as well") == (found["x + 2"].outcome, found["x + 2"].reason)
    assert "killed" == found["x - 1"].outcome


def test_the_score_counts_what_was_tried_and_not_waived() -> None:
    """Killed over killed and alive; nothing tried is nothing wrong."""
    one = next(iter(fates(Bench(answer)).values()))
    told = [replace(one, outcome=o) for o in ("killed", "killed", "killed", "survived", "waived", "waived", "left out")]
    assert 0.75 == score(told)
    assert 1.0 == score([])


def test_a_mutants_time_is_a_multiple_of_the_solutions() -> None:
    """Endless loops end soon, and slow answers have the time they need."""
    quick = Bench(lambda t: answer(t, seconds={"one": 0.01}))
    fates(quick)
    slow = Bench(lambda t: answer(t, seconds={"one": 3.0}))
    fates(slow)
    assert {2.0} == {t.cell_seconds for t in quick.trials if t.name != "control" and len(t.master.cells) == 2}
    assert {30.0} == {t.cell_seconds for t in slow.trials if t.name != "control" and len(t.master.cells) == 2}
    assert all(t.first_loss for t in quick.trials if t.name != "control")


def test_a_slow_cell_has_few_mutants_unless_all_are_asked_for() -> None:
    """Training takes minutes: eight mutants at least, and the rest is said to be left out."""
    many = master_of(solution("one", "def f(x):\n    return " + " + ".join(f"x * {n}" for n in range(20))), exam("t1", "assert f(1)"))
    bench = Bench(lambda t: replace(answer(t), whole=20.0))
    whole = replace(ran(Trial("solution", many, variations.solution(many))), whole=20.0)
    for most, tried in ((mutation.MOST, mutation.FEWEST), (0, None)):
        made = Mutation(many, {"one": {2}}, most=most)
        found = list(made.run(bench, whole, lambda stage, total: None))
        assert (tried or len(made.made)) == sum(f.outcome != "left out" for f in found)
        assert len(made.made) == len(found)


def test_a_sample_is_the_same_each_time_and_holds_something_of_everything() -> None:
    """Of every cell and every operator in turn, by hash."""
    made = Mutation(MASTER, REGIONS).made
    few = mutation.sample(made, 8)
    assert few == mutation.sample(list(reversed(made)), 8)[::-1]
    assert {"one", "two"} == {m.grade_id for m in few}
    assert 8 == len(few)
    assert made == mutation.sample(made, 0) == mutation.sample(made, 10_000)


def test_a_cell_that_a_model_file_stands_in_for_has_no_mutants() -> None:
    """What is not run cannot be tested, nor what is needed by nothing else."""
    assert {"one"} == {m.grade_id for m in Mutation(MASTER, REGIONS, untrained={"two"}).made}
    deep = master_of(
        solution("build", "def build():\n    return 1 + 1"),
        solution("train", "model = build() * 2"),
        solution("idle", "unasked = 3 * 3"),
        exam("t", "assert model == 4"),
    )
    lines = {"build": {2}, "train": {1}, "idle": {1}}
    assert {"build", "train", "idle"} == {m.grade_id for m in Mutation(deep, lines).made}
    assert {"idle"} == {m.grade_id for m in Mutation(deep, lines, untrained={"train"}).made}


def test_what_could_not_be_run_is_left_out_and_not_killed() -> None:
    """A fault of the machine's is no merit of a test."""
    found = fates(Bench(lambda t: answer(t) if t.name == "control" else Ran(t, fault="The disk is full.")))
    assert {"left out"} == {f.outcome for f in found.values()}
