"""Is a master sound? Its solution earns all, the blank and the liar nothing, and every test can fail.

Rule: each answer here was given by the real grading path, and each finding names the test.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from autograder.check import liar, preload, variations
from autograder.check.remarks import Remark, at
from autograder.check.trials import Ran, Trial, full, unscored
from autograder.notebook.code import names
from autograder.values import JSON, Cell, Master, Role, Verdict

SEEDS = 5
"""Runs of the solution, each with other random numbers."""
HALF = 0.5
"""Share of its limits that a solution may use: students' machines and code are slower than their teacher's."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A master, and what else must be known to examine it."""

    master: Master
    released: JSON
    """The notebook as students get it."""
    solutions: Mapping[str, Collection[int]]
    """Answer's id → the lines, from 1, that are solution."""
    hidden: Mapping[str, Collection[int]]
    """Test → the lines, from 1, of its hidden tests."""
    cell_seconds: float
    training_seconds: float
    submission_seconds: float

    def test(self, name: str) -> Cell:
        return next(c for c in self.master.cells if c.grade_id == name)


def solutions(subject: Subject) -> list[Trial]:
    """The solution, with different random numbers; the last time with half of the memory."""
    raw = variations.solution(subject.master)
    shares = [1.0] * (SEEDS - 1) + [HALF]
    return [
        Trial(f"solution, seed {seed}", subject.master, raw, seed, share=share, models=True)
        for seed, share in enumerate(shares)
    ]


def in_kernel(subject: Subject) -> Trial:
    """The solution with its tests in its own process, watched for what it imports."""
    raw = preload.watched(variations.solution(subject.master))
    return Trial("in-kernel", variations.in_kernel(subject.master), raw, models=True)


def others(subject: Subject) -> dict[str, Trial]:
    """The blank, the empty, the liars and, where tests are marked, the solution without marks, each by its name."""
    master, soft = subject.master, variations.softened(subject.master, subject.hidden)
    raws = {f"liar: {claim}": liar.answers(master, claim) for claim in liar.claims(master)}
    raws |= {f"always: {value}": liar.always(master, value) for value in liar.EMPTY}
    trials = [Trial(name, master, variations.solution(master, answers)) for name, answers in raws.items()]
    trials += [
        Trial("blank", master, subject.released),
        Trial("hidden tests, blank", soft, subject.released),
        Trial("hidden tests, hollow", soft, variations.solution(master, liar.always(master, "None"))),
    ]
    if any(c.own.get("examine") == "in-kernel" for c in master.cells):
        trials.append(Trial("unmarked", variations.unmarked(master), variations.solution(master), models=True))
    return {trial.name: trial for trial in trials}


def of_solutions(subject: Subject, runs: Sequence[Ran]) -> Iterator[Remark]:
    """What the solution lost, whether it wavers, and whether it comes near its limits."""
    yield from broken(subject, runs)
    whole = [ran for ran in runs if ran.trial.share == 1.0 and not ran.fault]
    halved = [ran for ran in runs if ran.trial.share < 1.0 and not ran.fault]
    lost: dict[str, list[Verdict]] = {}
    for ran in whole:
        for verdict in (v for v in ran.verdicts if not full(v)):
            lost.setdefault(verdict.test, []).append(verdict)
    for name, verdicts in lost.items():
        yield _lost(subject, name, verdicts, len(whole))
    for verdict in (v for ran in halved for v in ran.verdicts if not full(v) and v.test not in lost):
        told = f"with half of the memory and file sizes the solution loses points here ({verdict.reason})"
        mend = "Raise `memory` or `file` in [limits], so that students have room."
        yield at(subject.master, subject.test(verdict.test), "near-limits", told, mend)
    yield from _slow(subject, whole)


def _lost(subject: Subject, name: str, verdicts: Sequence[Verdict], runs: int) -> Remark:
    cell, first = subject.test(name), verdicts[0]
    why = (first.reason or "no reason given").rstrip(".")
    if len(verdicts) < runs:
        told = f"the solution passes in {runs - len(verdicts)} of {runs} runs with different seeds ({why})"
        return at(subject.master, cell, "unstable", told, "Seed what the test draws, or allow what chance brings.")
    told = f"the solution does not earn all points ({why})"
    return at(subject.master, cell, "solution-loses", told, "Mend the test or the solution.")


def _slow(subject: Subject, runs: Sequence[Ran]) -> Iterator[Remark]:
    """Medians, lest one slow moment of the machine count."""
    middle = sorted(ran.whole for ran in runs)[len(runs) // 2] if runs else 0.0
    if middle > HALF * subject.submission_seconds:
        told = f"the solution takes {middle:.3g} s, more than half of the {subject.submission_seconds:g} s allowed"
        yield Remark("near-limits", told, "Raise submission_seconds in [limits].", subject.master.path.name)
    for cell in (c for c in subject.master.cells if c.kind == "code" and c.grade_id):
        took = sorted(ran.seconds.get(cell.grade_id, 0.0) for ran in runs)
        allowed = subject.training_seconds if "train" in cell.own else subject.cell_seconds
        if took and took[len(took) // 2] > HALF * allowed:
            told = f"the cell takes {took[len(took) // 2]:.3g} s, more than half of the {allowed:g} s allowed"
            yield at(subject.master, cell, "near-limits", told, "Raise cell_seconds in [limits], or do less.")


def broken(subject: Subject, runs: Sequence[Ran]) -> Iterator[Remark]:
    """Trials that the machine could not run."""
    for ran in runs:
        if ran.fault:
            mend = "Run the check again; `autograder doctor` says what this machine lacks."
            yield Remark(
                "not-run", f"{ran.trial.name} could not be run ({ran.fault})", mend, subject.master.path.name
            )


def of_blank(subject: Subject, ran: Ran) -> Iterator[Remark]:
    """Every test that gives points for nothing, and why."""
    yield from broken(subject, [ran])
    bound = {n for c in subject.master.cells if c.role is Role.SOLUTION for n in names(c.source).bound}
    for verdict in (v for v in ran.verdicts if v.points):
        cell = subject.test(verdict.test)
        asks = names(cell.source).read | names(cell.source).read_in_functions
        told = f"the blank notebook earns {verdict.points:g} of {verdict.max_points:g} points here"
        if not asks & bound:
            why = ": the test reads no name that an answer binds"
        else:
            why = ", though " + ", ".join(f"`{n}`" for n in sorted(asks & bound)[:3]) + " is not answered"
        mend = "Have it fail when there is no answer; look for a `try` that catches too much."
        yield at(subject.master, cell, "blank-earns", told + why, mend)


def of_liars(subject: Subject, runs: Mapping[str, Ran]) -> Iterator[Remark]:
    """Every test that an object passes which says yes to everything."""
    passed: dict[str, list[str]] = {}
    for name, ran in runs.items():
        yield from broken(subject, [ran])
        for verdict in (v for v in ran.verdicts if v.points):
            passed.setdefault(verdict.test, []).append(name.partition(": ")[2])
    for test, claimed in passed.items():
        cell = subject.test(test)
        trusting = cell.own.get("trust") == "operators" or cell.own.get("examine") == "in-kernel"
        told = f"an object that says yes to everything earns points here, claiming to be {_listed(claimed)}"
        mend = (
            "Its author lets the student's own process decide; its marks are labelled."
            if trusting
            else "Compare plain values: `float(answer)`, `np.array(answer, dtype=float)`, `answer == 4`."
        )
        yield at(subject.master, cell, "liar-earns", told, mend, fault=not trusting)


def of_empty(subject: Subject, blank: Ran, runs: Mapping[str, Ran]) -> Iterator[Remark]:
    """Every test that empty answers pass, and not the blank, of which more is said."""
    told = {v.test for v in blank.verdicts if v.points}
    for name, ran in runs.items():
        yield from broken(subject, [ran])
        value = name.partition(": ")[2]
        for verdict in (v for v in ran.verdicts if v.points and v.test not in told):
            told.add(verdict.test)
            what = f"answers that are all `{value}` earn {verdict.points:g} of {verdict.max_points:g} points here"
            yield at(subject.master, subject.test(verdict.test), "empty-earns", what, liar.EMPTY[value], fault=False)


def _listed(claims: Sequence[str]) -> str:
    told = [claim.replace("object", "just an object") for claim in claims[:3]]
    return ", ".join(told) + (" or others" if len(claims) > len(told) else "")


def of_hidden(subject: Subject, runs: Sequence[Ran]) -> Iterator[Remark]:
    """Hidden tests that fail for no wrong answer at all."""
    failed = {v.test for ran in runs for v in ran.verdicts if not full(v)}
    for ran in runs:
        yield from broken(subject, [ran])
    for name in (n for n, lines in subject.hidden.items() if lines and n not in failed):
        cell = next((c for c in subject.master.cells if c.grade_id == name and c.role is Role.TEST), None)
        if cell is not None:
            told = "the hidden tests fail neither on the blank notebook nor on answers that are None"
            yield at(subject.master, cell, "hidden-cannot-fail", told, "Have them assert something of the answer.")


def of_kernel(subject: Subject, outside: Ran, inside: Ran) -> Iterator[Remark]:
    """Tests that say one thing beside the student and another in the student's own process."""
    yield from broken(subject, [inside])
    within = {v.test: v for v in inside.verdicts}
    for verdict in () if inside.fault else outside.verdicts:
        cell, other = subject.test(verdict.test), within.get(verdict.test)
        marked = cell.own.get("examine") == "in-kernel"
        if marked:
            continue
        if not full(verdict) and other is not None and full(other):
            told = f"the test passes in the student's own process alone ({verdict.reason.rstrip('.')})"
            mend = 'Rewrite it, or mark it `examine = "in-kernel"` (--mark does so); its points can then be forged.'
            yield at(subject.master, cell, "in-kernel", told, mend)
        elif full(verdict) and other is not None and not full(other):
            told = (
                f"the test would fail in the student's own process, as nbgrader runs it ({other.reason.rstrip('.')})"
            )
            yield at(subject.master, cell, "not-in-kernel", told, "It is graded well here.", fault=False)


def of_marks(subject: Subject, outside: Ran) -> Iterator[Remark]:
    """Tests that are run in the kernel without need."""
    for verdict in outside.verdicts:
        cell = subject.test(verdict.test)
        if cell.own.get("examine") == "in-kernel" and full(verdict):
            told = "the test is marked to run in the student's own process, and passes outside of it as well"
            mend = "Take the mark away, and its points cannot be forged."
            yield at(subject.master, cell, "needless-mark", told, mend, fault=False)


def faulty(subject: Subject, runs: Sequence[Ran]) -> Iterator[Remark]:
    """Tests that could not be decided for a wrong answer: an error of the test's own."""
    told = {(v.test, v.reason) for ran in runs for v in unscored(ran)}
    for test, reason in sorted(told):
        what = f"a wrong answer leaves the test undecided ({reason.rstrip('.')})"
        yield at(
            subject.master, subject.test(test), "test-breaks", what, "Have it ask the answer first.", fault=False
        )
