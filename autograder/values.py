"""The nouns that rooms hand to one another.

Rule: nothing here computes anything but sums of its own fields, and nothing here changes after it is made.
Cells of notebooks are plain JSON data (`dict`), as nbformat 4 defines them; everything else is a frozen value.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

JSON = dict[str, Any]
"""A JSON object: a notebook, a cell or an output as nbformat 4 spells it."""


class Role(enum.Enum):
    """What a cell is for, decided by the master alone (nbgrader's cell types under shorter names)."""

    TEXT = "text"
    """Not an nbgrader cell: ordinary text or code of either author."""
    READONLY = "readonly"
    """Locked, not graded: the instructor's words, imports, data, pictures."""
    SOLUTION = "solution"
    """Autograded answer: the student writes it, a later test judges it."""
    TEST = "test"
    """Autograder test: locked, worth points."""
    MANUAL = "manual"
    """Manually graded answer: the student writes it, a person marks it."""
    TASK = "task"
    """Manually graded task: the instructor's words, marked by a person on cells around it."""


class Outcome(enum.Enum):
    """What became of one graded cell."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    UNSCORED = "unscored"
    """The grader or the machine was at fault: a person must look; it is not a zero."""
    BY_HAND = "by_hand"
    """A person marks this cell; `points` is what a person gave so far, or None."""


class Status(enum.Enum):
    """What became of one submission."""

    GRADED = "graded"
    NEEDS_PERSON = "needs_person"
    UNGRADABLE = "ungradable"


@dataclass(frozen=True, slots=True)
class Wording:
    """The words by which a course marks what students must not see, and what they see instead; nbgrader's own."""

    solution: tuple[str, str] = ("BEGIN SOLUTION", "END SOLUTION")
    """What the first and the last line of a solution hold."""
    hidden_tests: tuple[str, str] = ("BEGIN HIDDEN TESTS", "END HIDDEN TESTS")
    mark_scheme: tuple[str, str] = ("BEGIN MARK SCHEME", "END MARK SCHEME")
    text_stub: str = "YOUR ANSWER HERE"
    """What stands in place of a written solution."""
    code_stubs: Mapping[str, str] = field(
        default_factory=lambda: {
            "python": "# YOUR CODE HERE\nraise NotImplementedError()",
            "R": "# YOUR CODE HERE\nfail()",
            "matlab": "% YOUR CODE HERE\nerror('No Answer Given!')",
            "octave": "% YOUR CODE HERE\nerror('No Answer Given!')",
            "sas": "/* YOUR CODE HERE */\n %notImplemented;",
            "java": "// YOUR CODE HERE",
        }
    )
    """Language that a notebook's kernelspec names → what stands in place of a solution in code."""

    @property
    def regions(self) -> tuple[tuple[str, str], ...]:
        """The three pairs of delimiters: solutions, hidden tests, marking schemes."""
        return (self.solution, self.hidden_tests, self.mark_scheme)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a master, with its nbgrader metadata read and checked."""

    index: int
    """Position in the notebook, from 0."""
    kind: str
    """`code`, `markdown` or `raw`."""
    source: str
    """The whole text, solution and hidden tests included."""
    role: Role
    grade_id: str = ""
    """nbgrader's id; empty for a `TEXT` cell."""
    points: float = 0.0
    """Points it is worth; 0.0 unless `TEST`, `MANUAL` or `TASK`."""
    own: Mapping[str, Any] = field(default_factory=dict)
    """`metadata.autograder`: this project's own keys (examine, trust, train)."""


@dataclass(frozen=True, slots=True)
class Master:
    """An instructor's notebook: the only authority on cells, roles, points and tests."""

    assignment: str
    name: str
    """File name without `.ipynb`; nbgrader's notebook id."""
    path: Path
    cells: tuple[Cell, ...]
    raw: JSON = field(repr=False)
    """The notebook as read, nbformat 4; never changed: copy before editing."""
    wording: Wording = field(default_factory=Wording, repr=False)
    """The course's delimiters and stubs."""
    schemas: frozenset[int] = frozenset({3})
    """Versions of nbgrader's metadata that its file names; `raw` and `cells` have the newest."""
    stubs: bool = False
    """Its answers are the stubs that students were given: it comes from the gradebook; nobody has the solution."""

    @property
    def graded(self) -> tuple[Cell, ...]:
        """Cells worth points (0 included), in order."""
        return tuple(c for c in self.cells if c.role in (Role.TEST, Role.MANUAL, Role.TASK))

    @property
    def max_score(self) -> float:
        """Points that can be had."""
        return sum(c.points for c in self.graded)


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when an assignment could be handed in."""

    due: datetime | None = None
    """Timezone-aware; None when there is none."""
    extensions: Mapping[str, timedelta] = field(default_factory=dict)
    """Student → what he or she was given on top."""

    @property
    def told(self) -> dict[str, float]:
        """Student → seconds of extension."""
        return {student: given.total_seconds() for student, given in sorted(self.extensions.items())}

    def of(self, student: str) -> datetime | None:
        """A student's own deadline."""
        return None if self.due is None else self.due + self.extensions.get(student, timedelta())


@dataclass(frozen=True, slots=True)
class Submission:
    """What one student handed in for one assignment: bytes, read once under caps, links never followed."""

    student: str
    assignment: str
    folder: Path
    """`submitted/<student>/<assignment>`, for messages."""
    notebooks: Mapping[str, bytes]
    """Notebook id → the file's bytes."""
    files: Mapping[str, Path]
    """Relative name of every other regular file (helper modules, data, models) → where it lies."""
    submitted_at: datetime | None = None
    """From `timestamp.txt` or the file's own time, timezone-aware (UTC); None when unknown."""
    notes: tuple[str, ...] = ()
    """What was passed over while reading, one sentence each."""


MODEL_FORMATS = (".weights.h5", ".keras", ".h5")
"""Endings of the model files that are taken, the longest first."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A model file that stands in for a training cell."""

    binds: str
    """Name under which the notebook finds the model."""
    file: str
    """Name of the file that the master gives."""
    path: str = ""
    """Name of the handed-in file, relative to the work folder; empty where there is none that can be used."""
    build: str = ""
    """The notebook's function that makes the network, for a file of bare weights."""
    fault: str = ""
    """Why there is none, one sentence for the student."""
    rebound: bool = False
    """The master gives the name to something else as well, so that it need not stand for what the file holds."""


class Step(enum.Enum):
    """Who runs a cell of a paper."""

    CANDIDATE = "candidate"
    """The student's process."""
    EXAMINER = "examiner"
    """The trusted process: a test cell of the master."""
    NOBODY = "nobody"
    """Text, or a cell left out."""


@dataclass(frozen=True, slots=True)
class PaperCell:
    """A cell as it will be run: its text is the master's wherever the master has a say."""

    step: Step
    source: str
    raw: JSON = field(repr=False)
    """The whole cell as it goes into the executed notebook, metadata restored."""
    role: Role = Role.TEXT
    grade_id: str = ""
    points: float = 0.0
    in_kernel: bool = False
    """The test runs inside the student's process, as its author asked; the verdict is labelled forgeable."""
    trust_operators: bool = False
    """The student's own `==`, `<`, truth and arithmetic may decide, as the author asked; labelled."""
    answered: bool = True
    """For `MANUAL`: whether the student changed the cell at all."""
    hidden: bool = False
    """The master's text holds hidden tests: what they print goes to the instructor's record alone."""
    training: bool = False
    """A training cell: where it is run, it has the training's seconds."""
    trained: Trained | None = None
    """What is done in place of running a training cell."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One notebook of one submission, ready to be run: the master and the student's work, merged."""

    notebook: str
    cells: tuple[PaperCell, ...]
    raw: JSON = field(repr=False)
    """Notebook-level nbformat data (metadata, nbformat numbers) without the cells."""
    notes: tuple[str, ...] = ()
    """What was repaired (restored, put back, ignored), one sentence each."""
    kernel: str = ""
    """Kernelspec's name where the language is not Python: all its cells, tests too, run in that kernel."""


@dataclass(frozen=True, slots=True)
class CellRecord:
    """What running one cell left."""

    outputs: tuple[JSON, ...] = ()
    """nbformat outputs, capped."""
    execution_count: int | None = None
    seconds: float = 0.0
    """Wall-clock seconds the cell itself took, as its own process says (information, never evidence)."""
    error: str = ""
    """One sentence for the student when the cell failed or was ended; empty when it ran through."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one graded cell earned, and why."""

    notebook: str
    test: str
    """nbgrader's grade_id."""
    outcome: Outcome
    points: float | None
    """Points earned, 0 ≤ points ≤ max_points; None when UNSCORED, or BY_HAND and not yet marked."""
    max_points: float
    reason: str = ""
    """One sentence that the student may read; never hidden test text."""
    detail: str = ""
    """For the instructor alone: the traceback and what the test printed."""
    labels: tuple[str, ...] = ()
    """`in-kernel`, `operators` or `own-word` where the student's own process had a say."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Grade:
    """All verdicts of one submission, and what made them."""

    student: str
    assignment: str
    status: Status
    verdicts: tuple[Verdict, ...]
    reason: str = ""
    """Why a submission is ungradable or needs a person."""
    late_seconds: int = 0
    late_penalty: float = 0.0
    """Points taken off for lateness."""
    jail: int = 0
    """Level of confinement under which it ran; see docs/security.md."""
    fingerprint: str = ""
    """`sha256:` of the submission, the master's tests, the environment, the limits and the jail level."""
    seconds: float = 0.0
    cell_seconds: float = 0.0
    """Seconds that the student's code and the tests' own took: the floor that no grader can beat."""
    notes: tuple[str, ...] = ()
    """Repairs and remarks, one sentence each."""
    submitted_at: datetime | None = None

    @property
    def score(self) -> float:
        """Points earned so far, lateness taken off, never below 0."""
        earned = sum(v.points for v in self.verdicts if v.points is not None)
        return max(0.0, earned - self.late_penalty)

    @property
    def max_score(self) -> float:
        """Points that can be had."""
        return sum(v.max_points for v in self.verdicts)

    @property
    def by_hand(self) -> int:
        """How many cells still wait for a person's mark."""
        return sum(v.outcome is Outcome.BY_HAND and v.points is None for v in self.verdicts)
