"""What was collected, in the terminal: a line an attempt, then whatever a person must decide.

Rule: it reads the same without colour and at 80 columns, and what a student wrote cannot steer the terminal.
"""

from __future__ import annotations

import enum
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from autograder.reports.terminal import plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

FEW = 5
"""Students of whom the same is said and who are named."""
LONG = 200
"""Attempts of a class that are all listed; of a longer one only what a person may want to see."""

WORDS = {
    "archive": ("~", "those of the files in the archive: its maker tells none"),
    "mark": ("*", "the deadline's: the maker tells only whether it was late"),
}
"""Who tells a time → the mark beside it, and what the mark means."""


class State(enum.Enum):
    """What became of an attempt."""

    NEW = "new"
    AGAIN = "next attempt"
    FORMER = "former attempt"
    SAME = "there already"
    LEFT = "left out"


@dataclass(frozen=True, slots=True)
class Row:
    """One attempt that an archive holds."""

    sender: str
    """In the archive's own words."""
    source: str
    """The archive."""
    student: str = ""
    when: datetime | None = None
    told_by: str = ""
    """Who tells the time."""
    due: datetime | None = None
    """The student's own deadline."""
    files: int = 0
    state: State = State.NEW
    why: str = ""
    """Why it is left out, one sentence."""
    notes: tuple[str, ...] = ()

    @property
    def late(self) -> int:
        """Whole seconds after the deadline."""
        if self.when is None or self.due is None:
            return 0
        return max(0, math.ceil((self.when - self.due).total_seconds()))


def show(rows: Sequence[Row], notes: Sequence[str], sources: Sequence[str], console: Console, *, dry: bool) -> None:
    """Prints it all, by default on stderr."""
    for one in sources:
        console.print(_line(one), markup=False)
    listed = [row for row in rows if row.state is not State.LEFT]
    if len(listed) > LONG:
        listed = [row for row in listed if row.notes or row.late]
        console.print("Those with a note, or late:", markup=False)
    if listed:
        _table(listed, console)
    _list("To look at:", _together(listed), console)
    left = [(f"{row.sender} in {row.source}", row.why) for row in rows if row.state is State.LEFT]
    _list("Left out:", [*left, *(("", note) for note in notes)], console)
    if any(row.state is State.LEFT and not row.student for row in rows):
        mend = "Say who is meant: --map FILE makes a list to fill in, or takes one that is."
        console.print(mend, markup=False)
    console.print(summary(rows, dry=dry), markup=False)


def _table(rows: Sequence[Row], console: Console) -> None:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for head, most in (("Student", 16), ("Sender", 17)):
        table.add_column(head, no_wrap=True, overflow="ellipsis", max_width=most)
    for head in ("Handed in (UTC)", "Files", "Late", ""):
        table.add_column(head, no_wrap=True, justify="right" if head in ("Files", "Late") else "left")
    for row in rows:
        late = _short(row.late) if row.late else ""
        table.add_row(*map(_text, (row.student, row.sender, _when(row), str(row.files), late, row.state.value)))
    console.print(table)
    told = dict.fromkeys(row.told_by for row in rows if row.when is not None)
    for word in told:
        mark, what = WORDS.get(word, ("", f"told by {word}"))
        console.print(_text(f"  Times{f' with {mark}' if mark else ''} are {what}."))


def _when(row: Row) -> str:
    mark = WORDS.get(row.told_by, ("", ""))[0]
    return f"{row.when:%Y-%m-%d %H:%M}{mark}" if row.when is not None else "unknown"


def _short(seconds: int) -> str:
    """A span in its largest unit."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _together(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """Who → what, those of whom the same is said in one line."""
    said: dict[str, dict[str, None]] = {}
    for row in rows:
        for note in row.notes:
            said.setdefault(note, {})[row.student] = None
    return [(_few(list(students)), note) for note, students in said.items()]


def _few(names: Sequence[str]) -> str:
    """The first of them, and how many more."""
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return ", ".join(names[:FEW]) + more


def _list(title: str, told: Iterable[tuple[str, str]], console: Console) -> None:
    from rich.padding import Padding

    told = list(told)
    if told:
        console.print(title, markup=False)
    for who, what in told:
        console.print(Padding(_text(f"{who}: {what}" if who else what), (0, 0, 0, 2)))


def summary(rows: Sequence[Row], *, dry: bool) -> str:
    """The line at the end."""
    counts = Counter(row.state for row in rows)
    told = ", ".join(f"{counts[state]} {state.value}" for state in State if counts[state]) or "nothing"
    return f"{len(rows)} attempts: {told}.{' Nothing was written: --dry-run.' if dry else ''}"


def _text(text: str) -> Text:
    from rich.text import Text

    return Text(_line(text))


def _line(text: str) -> str:
    return " ".join(plain(text).split())
