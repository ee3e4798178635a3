"""What a course is, as frozen values.

Rule: nothing here reads a file but to see which folders of masters there are.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from autograder.errors import UsageError
from autograder.values import Wording

FILE = "course.toml"
NAME = re.compile(r"[^\W_][\w\-. ]*")
"""An assignment's name is a folder's name, and no hidden one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one submission may use; a number too small for honest work is the instructor's to raise."""

    cell_seconds: float = 30.0
    """Wall-clock seconds one cell, or one test, may take."""
    submission_seconds: float = 300.0
    """Wall-clock seconds all cells and tests of one notebook may take together, restarts included."""
    memory: int = 2 * 2**30
    """Bytes of private memory of the student's process (RLIMIT_DATA); of all together where it may start some."""
    output: int = 2**20
    """Bytes of output one cell may leave in the notebook; the rest is dropped with a note."""
    file: int = 64 * 2**20
    """Bytes of the largest file the student's code may write, and of the largest file that may be handed in."""
    processes: int = 0
    """Processes that the student's code may start; 0: none, and no `!command` either."""
    training_seconds: float = 600.0
    """Wall-clock seconds one training cell may take where it is run; they come on top of the submission's."""
    gpu: bool = False
    """Candidates may use the machine's NVIDIA GPU, one submission at a time unless --jobs says otherwise."""


@dataclass(frozen=True, slots=True)
class Late:
    """What lateness costs."""

    method: str = "none"
    """`none`, `zero` (a late submission earns nothing), `per_day` (a share of the maximum a begun day), `plugin`."""
    per_day: float = 0.1
    """Share of the assignment's maximum taken off for each begun day, 0 to 1."""
    grace: int = 0
    """Seconds after the deadline that cost nothing."""
    cap: float = 1.0
    """The largest share that can be taken off, 0 to 1."""
    plugin: str = ""
    """nbgrader's late-submission plugin: `module.Class` or `FILE.py:Class`, from the course's folder."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One assignment: a folder of masters in `source/`."""

    name: str
    title: str = ""
    due: datetime | None = None
    """Deadline, timezone-aware; None when there is none."""
    limits: Limits = field(default_factory=Limits)
    keep: tuple[str, ...] = ()
    """Files beside the notebooks of which the student's own version counts, not the course's."""
    train: str = "artefact"
    """Training cells: `artefact` takes the file handed in, `run` runs the cell, `either` the file if there is one."""
    waived: Mapping[str, str] = field(default_factory=dict)
    """Hash of a mutant that tests need not catch → why (docs/check.md)."""


@dataclass(frozen=True, slots=True)
class Course:
    """Everything `course.toml` says, with all defaults filled in and all paths made absolute."""

    root: Path
    name: str
    title: str
    source: Path
    release: Path
    submitted: Path
    autograded: Path
    feedback: Path
    reports: Path
    ledger: Path
    """`ledger.db`: every grading run, for ever."""
    gradebook: str
    """nbgrader's database URL, or an empty string to write none."""
    grades: Path
    """`grades.csv`."""
    data_dir: Path | None
    """Folder with mnist.npz and the others; None when neither course.toml nor AUTOGRADER_DATA names one."""
    scoring: str
    """`autograder`, or `nbgrader` for that tool's exact rules, flaws included."""
    attempts: str
    """Which attempt of a student's counts: `last_in_time`, `last` or `best`."""
    late: Late
    jail_level: int
    """Lowest level of confinement under which marks may be given (docs/security.md)."""
    limits: Limits
    assignments: Mapping[str, Assignment]
    wording: Wording = field(default_factory=Wording)
    header: Path | None = None
    """A notebook whose cells open every master."""
    footer: Path | None = None
    ignore: tuple[str, ...] = ()
    """Globs of names that are neither released nor graded."""
    exclude: tuple[str, ...] = ()
    """Students who are never graded."""
    shift_tolerance: float = 0.12
    """How far a model's accuracy may fall on images shifted by one pixel before it is reported, 0 to 1."""
    mutation_score: float = 0.8
    """Least share of the wrong solutions, made by `autograder check`, that an assignment's tests must catch."""
    hidden_data: Path | None = None
    """Folder whose NAME.npz hold the course's own hidden images; None: the standard test sets."""
    file_time: bool = True
    """Without a `timestamp.txt` the time of the file itself counts; False: the time is unknown, and never late."""
    cluster: str = ""
    """Address or scheduler file of the Dask cluster on which submissions are graded; empty: this machine."""
    roster: Path = Path("roster.csv")
    """Who is in the class (docs/collect.md); there need not be such a file."""
    timezone: str = "UTC"
    """Of times that archives tell without one."""
    exchange: Path = Path("/usr/local/share/nbgrader/exchange")
    """Root of nbgrader's exchange."""
    remarks: tuple[str, ...] = ()
    """What nbgrader's configuration asks for and is not done, one sentence each."""

    def assignment(self, name: str) -> Assignment:
        """The assignment of that name; one that has a folder but no entry gets the defaults. Raises UsageError."""
        if name in self.assignments:
            return self.assignments[name]
        if NAME.fullmatch(name) and (self.source / name).is_dir():
            return Assignment(name, limits=self.limits)
        known = self.names()
        near = difflib.get_close_matches(name, known, 1)
        hint = f"Did you mean {near[0]!r}?" if near else f"{self.source} holds: {', '.join(known) or 'nothing'}."
        raise UsageError(f"There is no assignment {name!r} in this course.", mend=hint)

    def names(self) -> list[str]:
        """All assignments: those of course.toml first, then other folders of `source/` that hold a notebook."""
        listed = [n for n in self.assignments if (self.source / n).is_dir()]
        found = sorted(path.parent.name for path in self.source.glob("*/*.ipynb"))
        return list(dict.fromkeys([*listed, *filter(NAME.fullmatch, found)]))
