"""An author's papers: right and wrong solutions with the marks that they must get, in `source/<assignment>/papers/`.

Rule: a right solution that loses marks is as bad as a wrong one that keeps them.

A paper is a Python file. Its head is a comment block of TOML, as PEP 723 has it; its cells are headed by the id of
the solution cell that they replace, as in jupytext's percent format:

    # /// paper
    # story = "Wrote >= for >: right but on the very edge."
    # [marks]
    # test_fires = 0
    # ///

    # %% fires
    def fires(x, w, theta):
        ...

Tests that `[marks]` does not name must give all their points, or none where `rest = "blank"`. Cells that the paper
does not name hold the solution, or what was released where `rest = "blank"`.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import UsageError
from autograder.values import Master, Role

FOLDER = "papers"
KEYS = ("story", "notebook", "rest", "marks")
_HEAD = re.compile(r"^# /// paper[ \t]*\n(?P<text>(?:#(?: .*)?\n)*?)# ///[ \t]*$", re.MULTILINE)
_CELL = re.compile(r"^# %%[ \t]*(?P<name>.*?)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Written:
    """One paper."""

    path: Path
    notebook: str
    story: str
    """One sentence: whose work it is like."""
    rest: str
    """`solution` or `blank`: what stands in the other cells."""
    answers: Mapping[str, str]
    """Solution cell's id → its text."""
    marks: Mapping[str, float]
    """Test → points that it must give; all tests of the notebook."""


def read(folder: Path, masters: Sequence[Master]) -> list[Written]:
    """All papers of an assignment, by name; raises UsageError with the file, the line and the mend."""
    return [_read(path, masters) for path in sorted((folder / FOLDER).glob("*.py"))]


def _read(path: Path, masters: Sequence[Master]) -> Written:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise UsageError(f"{path}: cannot be read ({e}).", mend="Save it as UTF-8 text.") from None
    head, table = _head(path, text)
    master = _master(path, table, masters)
    rest = table.get("rest", "solution")
    if rest not in ("solution", "blank"):
        raise UsageError(f"{path}: rest = {rest!r}.", mend='Give "solution" or "blank".')
    return Written(
        path=path,
        notebook=master.name,
        story=str(table.get("story", "")),
        rest=rest,
        answers=_answers(path, text, head, master),
        marks=_marks(path, table, master, blank=rest == "blank"),
    )


def _head(path: Path, text: str) -> tuple[int, dict[str, Any]]:
    """Where the head ends, and what it says."""
    found = _HEAD.search(text)
    if found is None:
        mend = "Begin it with `# /// paper`, lines of TOML behind `# `, and `# ///`."
        raise UsageError(f"{path}: has no head.", mend=mend)
    lines = [line[2:] for line in found["text"].splitlines()]
    first = text[: found.start()].count("\n") + 2
    try:
        table = tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError as e:
        raise UsageError(f"{path}, line {first} and behind: {e}.", mend="See https://toml.io.") from None
    for key in table:
        if key not in KEYS:
            raise UsageError(f"{path}: there is no key {key!r}.", mend=_near(key, KEYS))
    return found.end(), table


def _master(path: Path, table: Mapping[str, Any], masters: Sequence[Master]) -> Master:
    names = [m.name for m in masters]
    name = table.get("notebook", names[0] if len(names) == 1 else "")
    if name not in names:
        told = f"there is no notebook {name!r}" if name else "it does not say for which notebook it is"
        raise UsageError(f"{path}: {told}.", mend=f'Write notebook = "{names[0]}" in its head.')
    return masters[names.index(name)]


def _answers(path: Path, text: str, head: int, master: Master) -> dict[str, str]:
    known = [c.grade_id for c in master.cells if c.role in (Role.SOLUTION, Role.MANUAL)]
    cells = list(_CELL.finditer(text, head))
    ends = [c.start() for c in cells] + [len(text)]
    if not all(line.startswith("#") or not line.strip() for line in text[head : ends[0]].splitlines()):
        raise UsageError(f"{path}: code stands before the first cell.", mend=f"Write `# %% {known[0]}` above it.")
    out: dict[str, str] = {}
    for cell, end in zip(cells, ends[1:], strict=True):
        name, line = cell["name"], text[: cell.start()].count("\n") + 1
        if name not in known:
            raise UsageError(f"{path}, line {line}: no answer has the id {name!r}.", mend=_near(name, known))
        if name in out:
            raise UsageError(f"{path}, line {line}: {name!r} stands here twice.", mend="Keep one of the two.")
        out[name] = text[cell.end() : end].strip("\n") + "\n"
    if not out:
        raise UsageError(f"{path}: answers nothing.", mend=f"Write `# %% {known[0]}` and a solution behind it.")
    return out


def _marks(path: Path, table: Mapping[str, Any], master: Master, *, blank: bool) -> dict[str, float]:
    tests = {c.grade_id: c.points for c in master.cells if c.role is Role.TEST}
    told = table.get("marks", {})
    if not isinstance(told, dict):
        raise UsageError(f"{path}: marks = {told!r}.", mend="Write [marks] on a line of its own, and test = points.")
    for name, points in told.items():
        if name not in tests:
            raise UsageError(f"{path}: there is no test {name!r}.", mend=_near(name, list(tests)))
        if isinstance(points, bool) or not isinstance(points, int | float) or not 0 <= points <= tests[name]:
            raise UsageError(f"{path}: {name} = {points!r}.", mend=f"Give a number from 0 to {tests[name]:g}.")
    return {name: float(told.get(name, 0.0 if blank else points)) for name, points in tests.items()}


def _near(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, 1, 0.5)
    return f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(known)}."
