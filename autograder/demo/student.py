"""A student of the demo class: what is handed in, and the fate that it must meet.

Rule: a student is a value; the points expected are counted from the master's own, never written down twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from autograder.values import Grade, Master, Role, Status, Verdict

CLOSE = 1e-6
"""Points by which sums of floating-point numbers may differ."""


class Everything(tuple[str, ...]):
    """All names: of answers or of tests."""

    __slots__ = ()

    def __contains__(self, name: object) -> bool:
        return True


ALL = Everything()


@dataclass(frozen=True, slots=True)
class Fate:
    """What must become of a submission."""

    earns: tuple[str, ...] = ALL
    """Tests that earn all their points."""
    loses: tuple[str, ...] = ()
    """Tests that earn nothing, whatever `earns` says."""
    partly: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Tests → the least and the most points that are right."""
    status: Status = Status.GRADED
    penalty: float = 0.0
    """Share of the maximum that lateness costs."""
    word: str = ""
    """What some reason or note of the grade must contain."""

    def bounds(self, masters: tuple[Master, ...]) -> dict[str, tuple[float, float]]:
        """Test → the least and the most points."""
        tests = [c for master in masters for c in master.cells if c.role is Role.TEST]
        return {c.grade_id: self._of(c.grade_id, c.points) for c in tests}

    def _of(self, test: str, points: float) -> tuple[float, float]:
        if test in self.partly:
            return self.partly[test]
        earned = points if test in self.earns and test not in self.loses else 0.0
        return earned, earned

    def score(self, masters: tuple[Master, ...]) -> tuple[float, float]:
        """The least and the most points of the whole submission, lateness taken off."""
        bounds = self.bounds(masters).values()
        taken = self.penalty * sum(master.max_score for master in masters)
        low, high = (max(0.0, sum(b[end] for b in bounds) - taken) for end in (0, 1))
        return low, high

    def departures(self, grade: Grade, masters: tuple[Master, ...]) -> Iterator[str]:
        """In what the grade is not this fate, one sentence each."""
        if grade.status is not self.status:
            yield f"status {grade.status.value}, expected {self.status.value}"
        found = {v.test: v for v in grade.verdicts}
        for test, bounds in self.bounds(masters).items():
            if not _within(found[test].points if test in found else None, bounds):
                yield f"{test}: {_told(found.get(test))}, expected {_range(bounds)}"
        if not _within(grade.score, self.score(masters)):
            yield f"score {grade.score:g}, expected {_range(self.score(masters))}"
        if self.word and not any(self.word in text for text in texts(grade)):
            yield f"no reason or note says {self.word!r}"


@dataclass(frozen=True, slots=True)
class Student:
    """One student and one submission, told in the terms of the released notebook's cells."""

    name: str
    assignment: str
    """A folder of `source/` with one master of the same name."""
    story: str
    """One sentence: what this student did."""
    expected: Fate
    solves: tuple[str, ...] = ()
    """Answers filled in with the master's own solution."""
    writes: Mapping[str, str] = field(default_factory=dict)
    """Cell → the text that stands there instead; a test cell may be named too. `@COURSE@` is the course's path."""
    before: Mapping[str, str] = field(default_factory=dict)
    """Cell → the text of a code cell of the student's own just before it."""
    copies: Mapping[str, str] = field(default_factory=dict)
    """Cell → the text of a copy, id and all, left just before it."""
    drops: tuple[str, ...] = ()
    """Cells that the student deleted."""
    beside: Mapping[str, str] = field(default_factory=dict)
    """Further files: name → text."""
    models: Mapping[str, str] = field(default_factory=dict)
    """Model files: name → the kind of file, a key of `files.MAKERS`."""
    file: bytes | None = None
    """What stands in the `.ipynb` file instead of a notebook."""
    torn: bool = False
    """The upload broke off in the middle of the file."""
    late: timedelta = timedelta(0)
    """How long after the deadline it came; without it, a day before."""
    with_nbgrader: float | None = None
    """Points that nbgrader 0.9.6 gives for the tests, extra credit included; see forgers.py."""


def texts(grade: Grade) -> Iterator[str]:
    """All that the grade says in words, tests named."""
    if grade.reason:
        yield grade.reason
    yield from (f"{v.test}: {v.reason}" for v in grade.verdicts if v.reason)
    yield from grade.notes


def _within(points: float | None, bounds: tuple[float, float]) -> bool:
    return points is not None and bounds[0] - CLOSE <= points <= bounds[1] + CLOSE


def _told(verdict: Verdict | None) -> str:
    if verdict is None:
        return "no verdict"
    points = "no points" if verdict.points is None else f"{verdict.points:g}"
    return f"{points} ({verdict.reason or verdict.outcome.value})"


def _range(bounds: tuple[float, float]) -> str:
    low, high = bounds
    return f"{low:g}" if high - low < CLOSE else f"{low:g} to {high:g}"
