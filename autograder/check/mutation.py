"""Mutants are handed in, one by one: which of them does a test catch?

Rule: a mutant is killed when the real grading path takes a point from it, and only then. It first meets the tests of
its own cell, with the cells that these need; those were shown to earn all points with the right solution. What
survives there is handed in whole.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.check import needs, variations
from autograder.check.mutate import Mutant, mutants
from autograder.check.trials import Bench, Ran, Trial
from autograder.values import Master, Role

MOST = 200
"""Mutants of one notebook that are tried, unless more are asked for; 0 asks for all, whatever they cost."""
SLOW, SECONDS, FEWEST = 2.0, 60.0, 8
"""Where the solution takes more seconds than `SLOW`, the mutants of one cell may cost `SECONDS` all together; a few
are tried in any case."""
LEAST_LIMIT, SLOWER = 2.0, 10.0
"""A mutant's cell may take as many times as long as the solution's slowest, and never less than these seconds."""
KILLED, SURVIVED, WAIVED, LEFT_OUT = "killed", "survived", "waived", "left out"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a mutant."""

    mutant: Mutant
    outcome: str
    """`killed`, `survived`, `waived` or `left out`."""
    test: str = ""
    """The test that took the first point."""
    reason: str = ""
    """What that test said; of a waived mutant, why it is waived."""
    asked: tuple[str, ...] = ()
    """The tests that read what the cell binds, and should have caught it."""

    def as_json(self) -> dict[str, Any]:
        """The fate for programs."""
        m = self.mutant
        told = {"hash": m.hash, "notebook": m.notebook, "cell": m.cell, "id": m.grade_id, "operator": m.operator}
        told |= {"line": m.line, "outcome": self.outcome, "test": self.test, "reason": self.reason}
        return {**told, "tests": list(self.asked), "diff": m.diff}


@dataclass(frozen=True, slots=True)
class Focus:
    """The part of a notebook in which the mutants of one cell are tried first."""

    master: Master
    limit: float
    """Seconds that a cell may take."""
    whole: float
    """Seconds that the solution took in it."""
    complete: bool
    """Whether it is the whole notebook."""


@dataclass(slots=True)
class Mutation:
    """All mutants of one notebook, tried."""

    master: Master
    regions: Mapping[str, Collection[int]]
    """Solution cell's id → the lines, from 1, that are solution."""
    waived: Mapping[str, str] = field(default_factory=dict)
    """Mutant's hash → why it is no fault to let it live."""
    most: int = MOST
    """How many are tried; 0: all."""
    untrained: Collection[str] = ()
    """Solution cells that are not run, since a model file stands in for them; what only they need has no mutants."""
    made: list[Mutant] = field(init=False)
    uses: list[needs.Uses] = field(init=False)

    def __post_init__(self) -> None:
        self.uses = needs.uses(self.master)
        idle = {u.cell.grade_id for u in self.uses if u.cell.role is Role.SOLUTION and self._is_idle(u)}
        self.made = [m for m in mutants(self.master, self.regions) if m.grade_id not in idle]

    def _is_idle(self, answer: needs.Uses) -> bool:
        """Whether a training cell that is not run is all that asks for an answer, or the answer itself."""
        run = [u for u in self.uses if u.cell.grade_id not in self.untrained]
        if answer not in run:
            return True
        return bool(needs.judges(self.uses, answer)[1]) and not needs.judges(run, answer)[1]

    def run(self, bench: Bench, solution: Ran, stage: Callable[[str, int], None]) -> Iterator[Fate]:
        """Each mutant's fate, as it is known; `solution`: a run of the right one."""
        chosen = sample(self.made, self.most)
        focuses = self._focuses(bench, solution, dict.fromkeys(m.grade_id for m in chosen), stage)
        tried, left_out = _affordable(chosen, focuses) if self.most else (chosen, [])
        stage("wrong solutions", len(tried))
        yield from (Fate(m, LEFT_OUT) for m in left_out)
        alive: list[Mutant] = []
        for mutant, ran in self._tried(bench, tried, focuses):
            lost = ran.lost
            if lost is not None or ran.fault:
                yield self._killed(mutant, ran)
            elif mutant.hash in self.waived or focuses[mutant.grade_id].complete:
                yield self._alive(mutant)
            else:
                alive.append(mutant)
        whole = self._whole(solution)
        if alive:
            stage("those that live, in the whole notebook", len(alive))
        for mutant, ran in self._tried(bench, alive, dict.fromkeys(focuses, whole)):
            yield self._killed(mutant, ran) if ran.lost is not None or ran.fault else self._alive(mutant)

    def _tried(
        self, bench: Bench, made: Iterable[Mutant], focuses: Mapping[str, Focus]
    ) -> Iterator[tuple[Mutant, Ran]]:
        known = {m.hash: m for m in made}
        for ran in bench.run(_trial(m, focuses[m.grade_id]) for m in known.values()):
            yield known[ran.trial.name], ran

    def _focuses(
        self, bench: Bench, solution: Ran, answers: Iterable[str], stage: Callable[[str, int], None]
    ) -> dict[str, Focus]:
        """Solution cell → where its mutants are tried first: a part in which the solution earns all."""
        cells = {name: frozenset(self._cells(name)) for name in answers}
        parts = {kept: variations.part(self.master, kept) for kept in dict.fromkeys(cells.values())}
        trials = [Trial("control", part, variations.solution(part), models=True) for part in parts.values()]
        stage("parts of the notebook", len(trials))
        controls = {id(ran.trial.master): ran for ran in bench.run(trials)}
        return {name: self._focus(controls[id(parts[kept])], solution) for name, kept in cells.items()}

    def _focus(self, control: Ran, solution: Ran) -> Focus:
        if control.fault or not control.verdicts or control.lost is not None:
            return self._whole(solution)
        complete = len(control.trial.master.cells) == len(self.master.cells)
        return Focus(control.trial.master, _limit(control), control.whole, complete)

    def _whole(self, solution: Ran) -> Focus:
        return Focus(self.master, _limit(solution), solution.whole, complete=True)

    def _cells(self, answer: str) -> set[int]:
        """The cells in which an answer is tried: itself, the tests that ask for it, and what these need."""
        mine = next(u.cell.index for u in self.uses if u.cell.grade_id == answer)
        return {mine}.union(*(needs.needed(self.uses, test) for test in self._tests(answer)))

    def _tests(self, answer: str) -> list[needs.Uses]:
        mine = next(u for u in self.uses if u.cell.grade_id == answer)
        near, every = needs.judges(self.uses, mine)
        return near or every

    def _asked(self, mutant: Mutant) -> tuple[str, ...]:
        return tuple(u.cell.grade_id for u in self._tests(mutant.grade_id))

    def _killed(self, mutant: Mutant, ran: Ran) -> Fate:
        if ran.lost is None:
            return Fate(mutant, LEFT_OUT, reason=ran.fault)
        return Fate(mutant, KILLED, ran.lost.test, ran.lost.reason, self._asked(mutant))

    def _alive(self, mutant: Mutant) -> Fate:
        why = self.waived.get(mutant.hash, "")
        return Fate(mutant, WAIVED if why else SURVIVED, reason=why, asked=self._asked(mutant))


def _trial(mutant: Mutant, focus: Focus) -> Trial:
    raw = variations.solution(focus.master, {mutant.grade_id: mutant.source})
    return Trial(mutant.hash, focus.master, raw, cell_seconds=focus.limit, models=True, first_loss=True)


def _limit(ran: Ran) -> float:
    return max(LEAST_LIMIT, SLOWER * max(ran.seconds.values(), default=0.0))


def sample(made: Sequence[Mutant], most: int) -> list[Mutant]:
    """At most so many mutants, the same ones each time: of every cell and every operator in turn."""
    if not most or len(made) <= most:
        return list(made)
    groups: dict[tuple[str, str], list[Mutant]] = {}
    for mutant in sorted(made, key=lambda m: m.hash):
        groups.setdefault((mutant.grade_id, mutant.operator), []).append(mutant)
    turns = itertools.zip_longest(*(groups[key] for key in sorted(groups)))
    chosen = {m.hash for m in itertools.islice((m for turn in turns for m in turn if m is not None), most)}
    return [m for m in made if m.hash in chosen]


def _affordable(chosen: Sequence[Mutant], focuses: Mapping[str, Focus]) -> tuple[list[Mutant], list[Mutant]]:
    """Those that are tried, and those of slow cells for which there is no time."""
    tried: list[Mutant] = []
    left_out: list[Mutant] = []
    for name in dict.fromkeys(m.grade_id for m in chosen):
        own = [m for m in chosen if m.grade_id == name]
        took = focuses[name].whole
        kept = {m.hash for m in (sample(own, max(FEWEST, int(SECONDS / took))) if took > SLOW else own)}
        tried += [m for m in own if m.hash in kept]
        left_out += [m for m in own if m.hash not in kept]
    return tried, left_out


def score(fates: Iterable[Fate]) -> float:
    """Killed, of all that were tried and are not waived; 1 where there was none."""
    counted = [f for f in fates if f.outcome in (KILLED, SURVIVED)]
    return sum(f.outcome == KILLED for f in counted) / len(counted) if counted else 1.0
