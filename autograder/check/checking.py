"""One assignment, checked from end to end.

Rule: cheap questions first; a master that loses points by itself is told so before a single mutant is made of it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.check import mutation, preload, soundness, variations
from autograder.check.mutation import KILLED, SURVIVED, Fate, Mutation, score
from autograder.check.remarks import Remark, at, in_order
from autograder.check.report import Checked, Marked, TestLine
from autograder.check.soundness import Subject
from autograder.check.trials import Bench, Ran, Trial
from autograder.check.written import Written
from autograder.values import Role

Stage = Callable[[str, int], None]
"""Told what begins, and how many trials it has."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked of an assignment."""

    waived: Mapping[str, str] = field(default_factory=dict)
    """Mutant's hash → why it may live."""
    threshold: float = 0.8
    """Least mutation score."""
    mutants: int = mutation.MOST
    """Mutants of a notebook that are tried; 0: all."""
    untrained: Collection[str] = ()
    """Cells that are not run because a model file stands in for them."""
    quick: bool = False
    """Without mutants."""


@dataclass(slots=True)
class _Findings:
    remarks: list[Remark] = field(default_factory=list)
    tests: list[TestLine] = field(default_factory=list)
    fates: list[Fate] = field(default_factory=list)
    papers: list[Marked] = field(default_factory=list)
    preload: dict[str, None] = field(default_factory=dict)
    seconds: float = 0.0
    sound: bool = True
    """Whether every solution earned all, each time: else there are notebooks without mutants."""
    made: set[str] = field(default_factory=set)
    """Hashes of all mutants that can be made."""


def check(
    assignment: str, bench: Bench, subjects: Sequence[Subject], papers: Sequence[Written], terms: Terms, stage: Stage
) -> Checked:
    """Everything that running an assignment can show; raises Interrupted when a person stops it."""
    began, found = time.monotonic(), _Findings()
    subjects = [s for s in subjects if any(c.role is Role.TEST for c in s.master.cells)]
    inside = _imports(bench, subjects, found, stage)
    for subject in subjects:
        name = subject.master.name
        told = _prefixed(stage, name) if len(subjects) > 1 else stage
        solution = _soundness(bench, subject, inside[name], found, told)
        _papers(bench, subject, [p for p in papers if p.notebook == name], found, told)
        if solution is None:
            found.sound = False
        elif not terms.quick:
            _mutants(bench, subject, solution, terms, found, told)
    if not terms.quick:
        found.remarks += _of_score(found, terms)
    tried = found.sound or any(r.fault for r in found.remarks)
    return Checked(
        assignment=assignment,
        remarks=tuple(in_order(found.remarks)),
        tests=tuple(found.tests),
        fates=tuple(found.fates),
        papers=tuple(found.papers),
        preload=tuple(found.preload),
        threshold=terms.threshold,
        solution_seconds=found.seconds,
        seconds=time.monotonic() - began,
        complete=tried and not terms.quick and (terms.mutants == 0 or terms.mutants >= mutation.MOST),
    )


def _prefixed(stage: Stage, name: str) -> Stage:
    return lambda what, total: stage(f"{name}, {what}", total)


def _imports(bench: Bench, subjects: Sequence[Subject], found: _Findings, stage: Stage) -> dict[str, Ran]:
    """Notebook → its solution with the tests in the kernel; what these import is imported beforehand from now on."""
    stage("imports", len(subjects))
    runs = {ran.trial.master.name: ran for ran in bench.run([soundness.in_kernel(s) for s in subjects])}
    seen = list(dict.fromkeys(name for ran in runs.values() for name in preload.seen(ran)))
    if seen and bench.learn(seen):
        found.preload |= dict.fromkeys(seen)
    return runs


def _soundness(bench: Bench, subject: Subject, inside: Ran, found: _Findings, stage: Stage) -> Ran | None:
    """Solution, blank, liars and the rest; gives a run of the solution if it earns all."""
    trials, more = soundness.solutions(subject), soundness.others(subject)
    stage("the solution", len(trials))
    runs = sorted(bench.run(trials), key=lambda ran: ran.trial.seed)
    stage("the blank and the liars", len(more))
    other = {ran.trial.name: ran for ran in bench.run(more.values())}
    liars = {n: ran for n, ran in other.items() if n.startswith("liar")}
    in_kernel = list(soundness.of_kernel(subject, runs[0], inside))
    explained = {r.grade_id for r in in_kernel if r.fault}
    lost = [r for r in soundness.of_solutions(subject, runs) if r.grade_id not in explained]
    found.remarks += [*lost, *in_kernel, *soundness.of_blank(subject, other["blank"])]
    found.remarks += soundness.of_liars(subject, liars)
    empty = {n: ran for n, ran in other.items() if n.startswith("always")}
    found.remarks += soundness.of_empty(subject, other["blank"], empty)
    found.remarks += soundness.of_marks(subject, other["unmarked"]) if "unmarked" in other else ()
    found.remarks += soundness.of_hidden(subject, [r for n, r in other.items() if n.startswith("hidden")])
    found.remarks += soundness.faulty(subject, list(liars.values()))
    found.tests += _lines(subject, runs)
    found.seconds += statistics.median(ran.whole for ran in runs)
    sound = [ran for ran in runs if not ran.fault and ran.lost is None]
    return sound[0] if len(sound) == len(runs) else None


def _lines(subject: Subject, runs: Sequence[Ran]) -> Iterator[TestLine]:
    for cell in (c for c in subject.master.cells if c.role is Role.TEST):
        took = statistics.median(ran.seconds.get(cell.grade_id, 0.0) for ran in runs)
        hidden = bool(subject.hidden.get(cell.grade_id))
        yield TestLine(subject.master.name, cell.grade_id, cell.points, hidden, took, 0, 0)


def _papers(bench: Bench, subject: Subject, papers: Sequence[Written], found: _Findings, stage: Stage) -> None:
    if not papers:
        return
    stage("papers", len(papers))
    by_name = {str(p.path): p for p in papers}
    ran = {r.trial.name: r for r in bench.run([_trial(subject, p) for p in papers])}
    found.remarks += soundness.broken(subject, list(ran.values()))
    for name, paper in by_name.items():
        reasons = {v.test: v.reason for v in ran[name].verdicts}
        marked = Marked(paper, ran[name].earned, reasons)
        found.papers.append(marked)
        for test, (wanted, got) in marked.astray.items():
            why = f" ({reasons[test].rstrip('.')})" if reasons.get(test) else ""
            told = f"the paper {paper.path.name} must get {wanted:g} points here and gets {got:g}{why}"
            mend = "Mend the test, or what the paper's head says."
            found.remarks.append(at(subject.master, subject.test(test), "paper-astray", told, mend))


def _trial(subject: Subject, paper: Written) -> Trial:
    rest = subject.released if paper.rest == "blank" else subject.master.raw
    raw = variations.answered(rest, paper.answers)
    return Trial(str(paper.path), subject.master, raw, models=True)


def _mutants(bench: Bench, subject: Subject, solution: Ran, terms: Terms, found: _Findings, stage: Stage) -> None:
    name = subject.master.name
    all_ = Mutation(subject.master, subject.solutions, terms.waived, terms.mutants, terms.untrained)
    fates = list(all_.run(bench, solution, stage))
    order = {m.hash: i for i, m in enumerate(all_.made)}
    found.fates += sorted(fates, key=lambda f: order[f.mutant.hash])
    found.made |= {m.hash for m in all_.made}
    found.tests = [_counted(line, fates) if line.notebook == name else line for line in found.tests]


def _counted(line: TestLine, fates: Sequence[Fate]) -> TestLine:
    killed = sum(f.test == line.test for f in fates)
    missed = sum(f.outcome == SURVIVED and line.test in f.asked for f in fates)
    return TestLine(line.notebook, line.test, line.points, line.hidden, line.seconds, killed, missed)


def _of_score(found: _Findings, terms: Terms) -> Iterator[Remark]:
    """The score, and waivers of what needs none."""
    reached = score(found.fates)
    if reached < terms.threshold:
        alive = sum(f.outcome == SURVIVED for f in found.fates)
        told = f"{alive} wrong solutions keep full marks: mutation score {reached:.3f}, {terms.threshold:g} is asked"
        mend = "Ask for more in the tests beside them, or waive in course.toml those that are right after all."
        yield Remark("mutation-score", told, mend)
    killed = {f.mutant.hash: f.test for f in found.fates if f.outcome == KILLED}
    for waived in terms.waived if found.fates else ():
        if waived not in found.made:
            told = f"course.toml waives {waived}, and no mutant has that hash any more"
            yield Remark("needless-waiver", told, "Take the line out.", fault=False)
        elif waived in killed:
            told = f"course.toml waives {waived}, and {killed[waived]} kills it"
            yield Remark("needless-waiver", told, "Take the line out.", fault=False)
