"""Whose fault it is: the exceptions of the whole project.

Rule: a fault of the submission costs points, a fault of ours never does.

    AutograderError            everything this project raises on purpose; carries a mend
    ├── UsageError             wrong command line or course.toml; exit code 2
    ├── MasterError            an instructor's notebook is unsound; nothing is written
    ├── StudentError           the submission's fault: points are lost, with the reason
    │   ├── Ungradable         it cannot be read as a submission at all
    │   └── WireError          the candidate broke a rule of the wire; it is ended
    ├── GraderError            our fault or the machine's: the test stays unscored
    └── Interrupted            a person pressed Ctrl-C; exit code 130, resumable

Messages are one sentence; where a file, a cell or a line is known the message names it.
"""

from __future__ import annotations


class AutograderError(Exception):
    """Base of all errors raised on purpose; `mend` says what the reader can do about it."""

    def __init__(self, message: str, *, mend: str = "") -> None:
        super().__init__(message)
        self.message = message
        """One sentence: what is wrong, and where."""
        self.mend = mend
        """One sentence: what to do about it; empty when nothing can be done."""

    def __str__(self) -> str:
        return f"{self.message} {self.mend}".strip()


class UsageError(AutograderError):
    """A wrong command line or a wrong `course.toml`."""


class MasterError(AutograderError):
    """An instructor's notebook breaks a rule of the format; names notebook and cell."""


class StudentError(AutograderError):
    """The submission is at fault; the message is shown to the student."""


class Ungradable(StudentError):
    """Nothing in the submission can be run: not JSON, not a notebook, a link, too large."""


class WireError(StudentError):
    """A frame from the candidate broke a cap or a rule; the candidate is ended."""


class GraderError(AutograderError):
    """The grader or the machine is at fault; what it touches stays unscored."""


class Interrupted(AutograderError):
    """A person stopped the batch; what was graded is kept and the same command goes on."""
