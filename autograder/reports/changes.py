"""What moved between two runs, and why: for people a line a test, for programs a JSON line a student.

Rule: a mark that moved though nothing asked it to is told apart from one that was meant to move.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from autograder.reports import jsonl
from autograder.reports.terminal import plain
from autograder.reports.words import number, outcome_of
from autograder.values import Grade, Verdict

if TYPE_CHECKING:
    from rich.console import Console


class Run(Protocol):
    """A run, as far as a report cares."""

    @property
    def number(self) -> int: ...
    @property
    def started(self) -> datetime: ...
    @property
    def ended(self) -> datetime | None: ...
    @property
    def who(self) -> str: ...


class Move(Protocol):
    """A test whose verdict is another one now."""

    @property
    def notebook(self) -> str: ...
    @property
    def test(self) -> str: ...
    @property
    def before(self) -> Verdict | None: ...
    @property
    def after(self) -> Verdict | None: ...
    @property
    def touched(self) -> bool: ...


class Change(Protocol):
    """A student whose grade rests on another attempt now."""

    @property
    def student(self) -> str: ...
    @property
    def before(self) -> Grade | None: ...
    @property
    def after(self) -> Grade: ...
    @property
    def moves(self) -> Sequence[Move]: ...
    @property
    def why(self) -> Sequence[str]: ...
    @property
    def moved(self) -> bool: ...


def show_changes(first: Run, second: Run, changes: Iterable[Change], console: Console) -> None:
    """Prints what moved, student by student; what was run again and stands is counted."""
    console.print(f"From {_run(first)}", f"to   {_run(second)}", sep="\n", markup=False)
    moved, stand, why = 0, 0, None
    for change in changes:
        if not change.moved:
            stand += 1
            continue
        moved += 1
        if change.why != why:
            why = change.why
            console.print(f"\nChanged: {plain('; '.join(why))}", markup=False)
        for told in lines(change):
            console.print(told, markup=False, overflow="ellipsis", no_wrap=True)
    students = "student's marks" if moved == 1 else "students' marks"
    again = f"; {stand} more stand, graded again" if stand else ""
    console.print(f"\n{moved} {students} moved{again}." if moved else f"\nNo mark moved{again}.")


def _run(run: Run) -> str:
    stopped = "" if run.ended is not None else ", which did not come to its end"
    return f"run {run.number}, {run.started.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC, {plain(run.who)}{stopped}"


def lines(change: Change) -> list[str]:
    """A student's line, and one for each test that moved."""
    before = _score(change.before) if change.before is not None else "no grade"
    told = [f"  {plain(change.student)}: {before} → {_score(change.after)}"]
    for move in change.moves:
        wonder = "" if move.touched else ", though neither the test nor the submission changed"
        reason = f": {' '.join(plain(move.after.reason).split())}" if move.after and move.after.reason else ""
        told.append(f"    {move.test}: {_points(move.before)} → {_points(move.after)}{wonder}{reason}")
    return told


def unasked(change: Change) -> str:
    """One line for a run: verdicts that moved though neither the submission nor the test had changed."""
    moves = (f"{m.test} {_points(m.before)} → {_points(m.after)}" for m in change.moves if not m.touched)
    return (
        f"{plain(change.student)}: {', '.join(moves)}, though these tests are as they were ({'; '.join(change.why)})"
    )


def _score(grade: Grade) -> str:
    return f"{number(grade.score)}/{number(grade.max_score)}"


def _points(verdict: Verdict | None) -> str:
    if verdict is None:
        return "–"
    return number(verdict.points) if verdict.points is not None else outcome_of(verdict)[1]


def as_json(first: Run, second: Run, change: Change) -> str:
    """The line, without its newline."""
    before = _side(first, change.before) if change.before is not None else None
    tests = [_test(move) for move in change.moves]
    told = {"student": change.student, "assignment": change.after.assignment, "from": before}
    return jsonl.line({**told, "to": _side(second, change.after), "why": list(change.why), "tests": tests})


def _side(run: Run, grade: Grade) -> dict[str, Any]:
    told = {"run": run.number, "score": jsonl.points(grade.score), "max_score": jsonl.points(grade.max_score)}
    return {**told, "status": grade.status.value, "fingerprint": grade.fingerprint}


def _test(move: Move) -> dict[str, Any]:
    sides = {"from": move.before, "to": move.after}
    told: dict[str, Any] = {"notebook": move.notebook, "id": move.test, "unasked": not move.touched}
    for name, verdict in sides.items():
        told[name] = jsonl.points(verdict.points) if verdict is not None else None
        told[f"{name}_verdict"] = verdict.outcome.value if verdict is not None else None
    return {**told, "reason": move.after.reason if move.after is not None else ""}
