"""A hall with a warm parent, and notebooks of a few lines to be examined in it."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builders import book, cell

from autograder import notebook
from autograder.exam import paper, syllabus
from autograder.exam.findings import Finding
from autograder.exam.invigilator import Invigilator, Sitting, Terms
from autograder.sandbox import levels
from autograder.sandbox.hall import CANDIDATE, EXAMINER, Room, zygote_environment
from autograder.sandbox.launch import Zygote
from autograder.sandbox.mounts import libraries
from autograder.values import CellRecord, Master, Paper, Trained

PACKAGE = str(Path(paper.__file__).parents[1])
ROLES = {"S": {"solution": True}, "T": {"grade": True, "locked": True, "points": 2}, "R": {"locked": True}, "X": {}}


def cells_of(text: str) -> list[tuple[str, str]]:
    """`#S`, `#T`, `#R`, `#X` begin a solution, a test, a locked cell and one without a role: (role, source) each."""
    parts = re.split(r"^#([STRX])\b.*\n", text.strip("\n") + "\n", flags=re.MULTILINE)
    return list(zip(parts[1::2], (p.strip("\n") for p in parts[2::2]), strict=True))


def master_of(
    text: str, *, in_kernel: bool = False, operators: bool = False, train: Mapping[str, Any] | None = None
) -> Master:
    """A sound master of those cells, named s1, s2, ..., t1, t2, ..."""
    cells, counts = [], dict.fromkeys(ROLES, 0)
    for role, source in cells_of(text):
        counts[role] += 1
        name = f"{role.lower()}{counts[role]}" if role != "X" else ""
        made = cell("code", source, name, **ROLES[role])
        made["id"] = f"{role}{counts[role]}"
        if role == "T" and (in_kernel or operators):
            made["metadata"]["autograder"] = {"examine": "in-kernel"} if in_kernel else {"trust": "operators"}
        if name in (train or {}):
            made["metadata"]["autograder"] = {"train": dict((train or {})[name])}
        cells.append(made)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "nb.ipynb")
        path.write_text(json.dumps(book(*cells)))
        return notebook.read_master(path, "ps")


@dataclass(frozen=True)
class Sat:
    """What came of one notebook."""

    paper: Paper
    sitting: Sitting

    @property
    def findings(self) -> dict[str, Finding]:
        return {self.paper.cells[i].grade_id: f for i, f in self.sitting.findings.items()}

    @property
    def records(self) -> dict[str, CellRecord]:
        return {self.paper.cells[i].grade_id: r for i, r in self.sitting.records.items()}

    def __getitem__(self, test: str) -> Finding:
        return self.findings[test]

    @property
    def passed(self) -> dict[str, bool]:
        """Test → whether it ran through; a test at fault itself is in no verdict's favour."""
        return {name: f.error is None and not f.fault for name, f in self.findings.items()}


class Rig:
    """Examines small notebooks."""

    def __init__(self, zygote: Zygote, level: int, **room: Any) -> None:
        self.zygote, self.level, self.room = zygote, level, room

    def hall(self, **changes: Any) -> Room:
        """Seats with small limits."""
        facts: dict[str, Any] = {"zygote": self.zygote, "level": self.level, "read_only": libraries(PACKAGE),
                                 "files": {}, "memory": 1 << 30, "output": 1 << 20, "file": 1 << 22, "seconds": 60.0}  # fmt: skip
        return Room(**{**facts, **self.room, **changes})

    def sit(
        self,
        text: str,
        answers: Mapping[str, str] | None = None,
        *,
        in_kernel: bool = False,
        operators: bool = False,
        terms: Mapping[str, Any] | None = None,
        hall: Any = None,
        trained: Mapping[str, Trained] | None = None,
        train: Mapping[str, Any] | None = None,
        turn: AbstractContextManager[object] | None = None,
        seen: Callable[[int], None] = lambda index: None,
        **room: Any,
    ) -> Sat:
        """The notebook's findings, some of its solution cells replaced by `answers`.

        `trained` names the files that stand in for training cells; `train` marks cells as training cells.
        """
        master = master_of(text, in_kernel=in_kernel, operators=operators, train=train)
        handed = json.loads(json.dumps(master.raw))
        for one in handed["cells"]:
            name = notebook.grade_id_of(one)
            one["source"] = (answers or {}).get(name, one["source"])
        merged = paper.merge(master, handed, trained=trained)
        limits = {"cell_seconds": 10.0, "submission_seconds": 60.0, **(terms or {})}
        invigilator = Invigilator(hall or self.hall(**room), Terms(**limits))
        invigilator.turn, invigilator.seen = turn or nullcontext(), seen
        return Sat(merged, invigilator.examine(merged, syllabus.lessons(master)))


@contextmanager
def rig(*preload: str) -> Iterator[Rig]:
    """A warm parent that has imported those libraries, at the highest level that this machine holds."""
    level = levels.probe(*libraries(PACKAGE)).level
    environment = zygote_environment(threads=1, keras_home=None)
    with Zygote(preload=preload, entries=[CANDIDATE, EXAMINER], environment=environment) as zygote:
        yield Rig(zygote, level)
