"""Grading what arrives as it arrives.

Rule: what is half written is waited for; a change of the course begins a new run; trouble that passes is waited out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autograder import course as courses
from autograder.course import Course
from autograder.errors import AutograderError, Interrupted
from autograder.intake.arrivals import Arrivals, Settling, signature
from autograder.pipeline import autograding, writing
from autograder.pipeline.crew import Listener, Order
from autograder.pipeline.one import Graded
from autograder.pipeline.run import Run

LOOK = 1.0
"""Seconds between two looks; longer where a look takes more than a tenth of that."""
AGAIN = 10.0
"""Seconds after which what failed is tried again."""


@dataclass(slots=True)
class Watch:
    """A folder that is watched."""

    root: Path
    """The course's folder."""
    name: str
    """The assignment."""
    order: Order
    told: Listener = field(default_factory=Listener)
    settling: Callable[[], Settling] = Settling
    pause: Callable[[float], None] = time.sleep

    def graded(self) -> Iterator[Graded]:
        """All that is and will be handed in, until a person presses Ctrl-C; gradebook and grades.csv go with it.

        Raises UsageError or MasterError for a course that is wrong from the beginning.
        """
        last = ""
        begun = False
        while True:
            try:
                course = courses.load(self.root)
                with autograding.begun(course, self.name, self.order, self.told) as run:
                    begun = True
                    yield from self._rounds(course, run)
            except KeyboardInterrupt:
                return
            except AutograderError as why:
                if isinstance(why, Interrupted) or not begun:
                    raise
                if str(why) != last:
                    self.told.remark(f"{why} It is tried again every {AGAIN:.0f} seconds.")
                last = str(why)
                self.pause(AGAIN)

    def _rounds(self, course: Course, run: Run) -> Iterator[Graded]:
        """Round after round, until the course has changed."""
        arrivals = Arrivals(course.submitted, self.name, self.order.students, self.settling(), course.exclude)
        changes = self.settling()
        at_first = self._signature(course)
        while True:
            began = time.monotonic()
            now = self._signature(course)
            if now != at_first and changes.rested("course", now):
                self.told.remark("The course has changed: all submissions are looked at again.")
                return
            names = arrivals.new()
            looked = time.monotonic() - began
            if names:
                self.told.began(len(names))
                yield from run.over(names)
                for note in writing.enter(course, self.name):
                    self.told.remark(note)
                writing.refresh_csv(course)
            self.pause(max(LOOK, 10 * looked))

    def _signature(self, course: Course) -> int:
        return signature(course.root / courses.FILE, course.source / self.name)
