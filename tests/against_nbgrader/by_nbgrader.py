"""What nbgrader makes of the course, in one process: importing it takes longer than all else.

Run as a program: `python by_nbgrader.py COURSE`. Everything is as its commands do it, with their own configuration.
"""

from __future__ import annotations

import shutil
import sys
from datetime import timedelta
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "authoring")]
    from against_nbgrader import material
    from nbgrader.api import Gradebook
    from nbgrader.apps.autogradeapp import AutogradeApp
    from nbgrader.apps.generateassignmentapp import GenerateAssignmentApp
    from nbgrader.utils import parse_utc

    root = Path(sys.argv[1])

    def command(app: type, *words: str) -> None:
        """One of nbgrader's commands, in the course's folder."""
        made = app()
        made.initialize(list(words))
        made.start()
        app.clear_instance()

    command(GenerateAssignmentApp, "ps1")
    for student, handed in material.STUDENTS.items():
        material.hand_in(root, student, *handed)
    with Gradebook(f"sqlite:///{root}/gradebook.db", "oracle") as book:
        book.update_or_create_assignment("ps1", duedate=parse_utc("2026-03-01 12:00:00 UTC"))
        book.update_or_create_student("solved")
        book.update_or_create_submission("ps1", "solved")
        submission = book.find_submission("ps1", "solved")
        submission.extension = timedelta(hours=2)
        book.db.commit()
    shutil.copy(root / "gradebook.db", root / "before.db")
    command(AutogradeApp, "ps1")
