"""An attack, read from its file in `cases/`.

Rule: one attack is one file, and the file alone says what must become of it.

A file's docstring is the claim; its constants are

    EXPECTED   stop    an exception inside, nothing outside changed, everything honest keeps its marks
               end     the process is ended, the status says why, the cells after it keep their marks
               zero    no credit for what was not done
               reject  refused before anything runs, with the file's name in the reason
               safe    treated as data: marks as if it were not there
    LEVEL      lowest level of the jail at which that holds
    CONTROL    unprotected   the same submission at level 0 does the damage
               one-process   the same notebook, tests and all in one IPython shell, does the damage
               as-handed-in  likewise, where the tests are those of the student's own file
               none          nothing to compare with; WHY says why
    SNIPPETS   name → Python that ends quietly when it worked; beside an honest submission
    SOURCE     what stands in the cell `prize` in place of the answers
    CONTENT    or bytes, or a function of the honest notebook that gives bytes or a notebook
    hand_in    or a function (folder, book) that writes the whole submission; `book` is the notebook made so far
    VARIANTS   name → constants that differ: each is an attack of its own
    MACHINE    the architecture that it is written for
    EARNS      points by test, where they are not those of the honest part
    LEVELS     snippet → its own lowest level;  UNPROVEN  snippet → why its control cannot work
    TELLS      words that reasons, notes or outputs of the grade must hold
    NBGRADER   together, alone (it would spoil the run for others) or none, for the table of benchmarks.attacks
"""

from __future__ import annotations

import importlib.util
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent / "cases"
HONEST = {"test_honest": 1.0, "test_after": 1.0}
"""What the honest part of a forger's notebook is worth."""
ALL = HONEST | {
    "test_prize": 2.0,
    "test_parts": 4.0,
    "test_table": 2.0,
    "test_divisors": 2.0,
    "test_error": 1.0,
    "test_colours": 1.0,
}
"""What honest work earns; `test_motto` and `test_labels` can only be earned by a leak."""
SECRETS = {"test_motto": 1.0, "test_labels": 1.0}


@dataclass(frozen=True)
class Case:
    """One attack and what must become of it."""

    name: str
    """The file's name, `S01_other_submission`."""
    claim: str
    expected: str
    level: int
    control: str
    why: str
    snippets: Mapping[str, str]
    source: str
    content: Any
    hand_in: Callable[[Path, dict[str, Any]], None] | None
    earns: Mapping[str, float]
    levels: Mapping[str, int]
    unproven: Mapping[str, str]
    tells: tuple[str, ...]
    nbgrader: str
    machine: str

    @property
    def id(self) -> str:
        """Its line in the catalogue, `S01`."""
        return self.name.partition("_")[0]

    def points(self) -> dict[str, float]:
        """Test → what the submission must get; nothing where it is refused."""
        earned = {} if self.expected == "reject" else self.earns
        return {test: earned.get(test, 0.0) for test in [*ALL, *SECRETS]}


def load(path: Path) -> list[Case]:
    """Reads a file of `cases/`: one attack, or one for each variant."""
    spec = importlib.util.spec_from_file_location(f"attack_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    facts = vars(module)
    variants = facts.get("VARIANTS")
    if variants is None:
        return [_case(path.stem, facts)]
    return [_case(f"{path.stem}.{name}", {**facts, **changes}) for name, changes in variants.items()]


def _case(name: str, facts: Mapping[str, Any]) -> Case:
    source = facts.get("SOURCE", "")
    return Case(
        name=name,
        claim=(facts["__doc__"] or "").strip(),
        expected=facts["EXPECTED"],
        level=facts["LEVEL"],
        control=facts["CONTROL"],
        why=facts.get("WHY", ""),
        snippets=facts.get("SNIPPETS", {}),
        source=source,
        content=facts.get("CONTENT"),
        hand_in=facts.get("hand_in"),
        earns=facts.get("EARNS", HONEST if source else ALL),
        levels=facts.get("LEVELS", {}),
        unproven=facts.get("UNPROVEN", {}),
        tells=facts.get("TELLS", ()),
        nbgrader=facts.get("NBGRADER", "together"),
        machine=facts.get("MACHINE", ""),
    )


def all_cases() -> list[Case]:
    """Every attack for this machine, by name."""
    found = [case for path in sorted(CASES.glob("[A-Z]*.py")) for case in load(path)]
    return [case for case in found if case.machine in ("", platform.machine())]
