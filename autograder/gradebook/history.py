"""Two runs compared, mark by mark, and why a mark moved.

Rule: a run is compared by the state in which it left the class; what is not in the fingerprint is no reason.
Marks given by hand are not in the ledger, and so in no comparison.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from autograder.errors import UsageError
from autograder.gradebook.reading import PAGE, Reader
from autograder.gradebook.rows import plain
from autograder.values import Grade, Verdict

NOTHING = "nothing: it was run again as it was"


@dataclass(frozen=True, slots=True)
class Run:
    """One run over an assignment."""

    number: int
    started: datetime
    ended: datetime | None
    """None when it did not come to its end."""
    who: str
    command: str


@dataclass(frozen=True, slots=True)
class Move:
    """One test whose verdict is another one now."""

    notebook: str
    test: str
    before: Verdict | None
    """None for a test that is new."""
    after: Verdict | None
    """None for a test that is gone."""
    touched: bool
    """The test's own cell, or the submission, changed: that its verdict moved is no wonder."""


@dataclass(frozen=True, slots=True)
class Change:
    """One student whose grade rests on another attempt now."""

    student: str
    before: Grade | None
    """None for a student who had no grade."""
    after: Grade
    moves: tuple[Move, ...]
    """Tests whose points or outcome moved."""
    why: tuple[str, ...]
    """What changed among all that makes a mark, one phrase each."""

    @property
    def moved(self) -> bool:
        """Whether any mark did."""
        return bool(self.moves) or self.before is None or _sums(self.before) != _sums(self.after)

    @property
    def unasked(self) -> tuple[Move, ...]:
        """Verdicts that moved though neither the submission nor the test had changed."""
        return tuple(move for move in self.moves if not move.touched)


def _sums(grade: Grade) -> tuple[float, float, str]:
    return round(grade.score, 9), round(grade.max_score, 9), grade.status.value


def runs(ledger: Reader, assignment: str) -> list[Run]:
    """All runs over an assignment, the oldest first."""
    query = """SELECT id, started, ended, who, command FROM run WHERE assignment = :a
        OR assignment IS NULL AND id IN (SELECT run_id FROM result WHERE assignment = :a) ORDER BY id"""
    return [
        Run(
            row["id"],
            datetime.fromisoformat(row["started"]),
            datetime.fromisoformat(row["ended"]) if row["ended"] else None,
            row["who"],
            row["command"],
        )
        for row in ledger.database.read(query, {"a": plain(assignment)})
    ]


def pair(found: list[Run], before: int | None, after: int | None) -> tuple[Run, Run]:
    """The two runs to compare: by default the last, and the last before it that came to its end.

    Raises UsageError for a number that is none of theirs, and where there are not two.
    """
    numbers = {run.number: run for run in found}
    for number in (before, after):
        if number is not None and number not in numbers:
            last = ", ".join(str(run.number) for run in found[-10:])
            raise UsageError(f"There is no run {number} of this assignment.", mend=f"The last ones are: {last}.")
    if len(found) < 2:
        raise UsageError("There are no two runs of this assignment to compare.", mend="Grade it again, then ask.")
    second = numbers[after] if after is not None else found[-1]
    if before is not None:
        return numbers[before], second
    earlier = [run for run in found if run.number < second.number]
    if not earlier:
        raise UsageError(f"Run {second.number} is the first.", mend="Name a later one: --to N.")
    return next((run for run in reversed(earlier) if run.ended is not None), earlier[0]), second


def changes(ledger: Reader, assignment: str, before: int, after: int) -> Iterator[Change]:
    """What another attempt counts for after run `after` than after run `before`, student by student, by name."""
    last = ""
    while True:
        rows = ledger.database.read(_DIFFER, {"a": plain(assignment), "b": before, "n": PAGE, "o": after, "s": last})
        yield from compared(ledger, [(row["student"], row["was"], row["now"]) for row in rows])
        if len(rows) < PAGE:
            return
        last = rows[-1]["student"]


_STATE = """(SELECT student, attempt_id FROM result WHERE id IN (
    SELECT max(id) FROM result WHERE assignment = :a AND run_id <= :{run} GROUP BY student))"""
_DIFFER = f"""SELECT new.student AS student, old.attempt_id AS was, new.attempt_id AS now
    FROM {_STATE.format(run="o")} AS new LEFT JOIN {_STATE.format(run="b")} AS old USING (student)
    WHERE new.student > :s AND new.attempt_id IS NOT old.attempt_id ORDER BY new.student LIMIT :n"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class _Made:
    """What an attempt was made from."""

    fingerprint: str
    terms: Mapping[str, Any] | None
    """None where they were not written down yet."""
    content: str | None
    submitted_at: str | None


def compared(ledger: Reader, pairs: Sequence[tuple[str, int | None, int]]) -> Iterator[Change]:
    """(student, attempt or None, attempt) → what changed from one to the other."""
    numbers = {n for _, old, new in pairs for n in (old, new) if n is not None}
    grades, made = ledger.grades(numbers), _made(ledger, numbers)
    for student, old, new in pairs:
        if old is None:
            yield Change(student, None, grades[new], moves(None, grades[new]), ("the first grade",))
        else:
            same = _same_cells(made[old], made[new])
            found = moves(grades[old], grades[new], same)
            yield Change(student, grades[old], grades[new], found, tuple(_reasons(made[old], made[new])))


def _made(ledger: Reader, attempts: Iterable[int]) -> dict[int, _Made]:
    query = """SELECT attempt.id, fingerprint, terms, content, attempt.submitted_at FROM attempt
        LEFT JOIN submission ON submission.id = submission_id WHERE attempt.id IN"""
    rows = list(ledger.database.among(query, attempts))
    hashes = {row["terms"] for row in rows if row["terms"]}
    found = ledger.database.among("SELECT hash, told FROM terms WHERE hash IN", hashes)
    terms = {row["hash"]: json.loads(row["told"]) for row in found}
    return {
        row["id"]: _Made(row["fingerprint"], terms.get(row["terms"]), row["content"], row["submitted_at"])
        for row in rows
    }


def _same_cells(old: _Made, new: _Made) -> frozenset[tuple[str, str]]:
    """(notebook, cell) of what did not change, if it was the same submission."""
    if old.content != new.content or old.terms is None or new.terms is None:
        return frozenset()
    before = {(name, *cell) for name, cells in old.terms["masters"].items() for cell in cells}
    after = {(name, *cell) for name, cells in new.terms["masters"].items() for cell in cells}
    return frozenset((name, cell) for name, cell, _ in before & after)


def moves(before: Grade | None, after: Grade, same: Container[tuple[str, str]] = frozenset()) -> tuple[Move, ...]:
    """Tests whose points, maximum or outcome differ; `same`: (notebook, test) of those that did not change."""
    old = {(v.notebook, v.test): v for v in before.verdicts} if before is not None else {}
    new = {(v.notebook, v.test): v for v in after.verdicts}
    found = (Move(*key, old.get(key), new.get(key), touched=key not in same) for key in {**new, **old})
    return tuple(move for move in found if _worth(move.before) != _worth(move.after))


def _worth(verdict: Verdict | None) -> tuple[Any, ...] | None:
    if verdict is None:
        return None
    return verdict.outcome, None if verdict.points is None else round(verdict.points, 9), verdict.max_points


def _reasons(old: _Made, new: _Made) -> Iterator[str]:
    """Which ingredients of the fingerprint differ between two attempts."""
    if old.fingerprint == new.fingerprint:
        yield NOTHING
    elif old.terms is None or new.terms is None:
        yield "unknown: one of the two was graded before reasons were written down"
    else:
        yield from ingredients(old.terms, new.terms)
        if old.content != new.content:
            yield "the submission"
        elif old.submitted_at != new.submitted_at:
            yield "when it was handed in"


def ingredients(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """What differs between two terms, one phrase each: `limits: memory 1 → 2`, `test_or of gates`."""
    for name in (n for n in {**before, **after} if n != "masters"):
        yield from _of_setting(name, before.get(name), after.get(name))
    old, new = before.get("masters", {}), after.get("masters", {})
    for notebook in {**old, **new}:
        if notebook not in old or notebook not in new:
            yield f"the notebook {notebook} is {'new' if notebook in new else 'gone'}"
            continue
        yield from _of_cells(notebook, dict(old[notebook]), dict(new[notebook]))
        before_names, after_names = ([name for name, _ in cells] for cells in (old[notebook], new[notebook]))
        if before_names != after_names and sorted(before_names) == sorted(after_names):
            yield f"the order of the cells of {notebook}"


def _of_setting(name: str, old: Any, new: Any) -> Iterator[str]:
    if old == new:
        return
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield f"{name} {_shown(old)} → {_shown(new)}"
        return
    for key in (k for k in {**old, **new} if old.get(k) != new.get(k)):
        if name == "files":
            yield f"the course's file {key}"
        else:
            yield f"{name}: {key} {_shown(old.get(key))} → {_shown(new.get(key))}"


def _of_cells(notebook: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    for cell in {**new, **old}:
        if old.get(cell) != new.get(cell):
            fate = "" if cell in old and cell in new else " is new" if cell in new else " is gone"
            yield f"{cell} of {notebook}{fate}"


def _shown(value: Any) -> str:
    return "none" if value is None else str(value)
