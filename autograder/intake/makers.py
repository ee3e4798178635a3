"""Which system made an archive.

Rule: the names decide, and they must agree: where two systems could have made half of them, a person says which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from autograder.errors import UsageError
from autograder.intake.entries import Entry, common_root
from autograder.intake.handed import Handed, Maker, Told
from autograder.intake.lms import blackboard, canvas, folders, google, gradescope, moodle
from autograder.intake.opening import shown

MAKERS: dict[str, Maker] = {
    m.NAME: m for m in cast("Sequence[Maker]", (canvas, moodle, blackboard, gradescope, google, folders))
}
"""What `--from` takes → the module that knows its names."""
_LAST = (google.NAME, folders.NAME)
"""Those whose names are so plain that others come first."""


def sort(entries: Sequence[Entry], told: Told, name: str, forced: str = "") -> tuple[str, list[Handed], list[str]]:
    """The maker's name, who handed in what, and one sentence for each file that is nobody's.

    `name`: what messages call the archive. Raises UsageError where its maker is not clear, StudentError where the
    maker's own files are not there.
    """
    maker, root = _maker(entries, name, forced)
    inner = [replace(entry, place=entry.place[root:]) for entry in entries]
    found, left = maker.sort([entry for entry in inner if entry.place], told)
    notes = [f"{shown(e.path)} in {name} was passed over: {e.fault or 'nobody stands in its name'}." for e in left]
    return maker.NAME, found, notes


def _maker(entries: Sequence[Entry], name: str, forced: str) -> tuple[Maker, int]:
    """The maker, and how many folders lie around all."""
    named = [entry for entry in entries if not entry.fault or entry.size]
    if not named:
        raise UsageError(f"{name} holds no file that can be taken.", mend="Download it again.")
    root = common_root([entry.place for entry in entries])
    counts = {(m, r): _fitting(MAKERS[m], named, r) for m in MAKERS for r in range(root + 1)}
    if forced:
        return MAKERS[forced], _root(forced, counts, root)
    likely = {m for (m, _), n in counts.items() if 2 * n >= len(named) and n}
    for choice in (likely - set(_LAST), likely & {_LAST[0]}, likely & {_LAST[1]}):
        if len(choice) == 1:
            maker = choice.pop()
            return MAKERS[maker], _root(maker, counts, root)
        if choice:
            told = f"{name} could come from {' or '.join(sorted(choice))}."
            raise UsageError(told, mend="Say which with --from.")
    told = f"Nobody knows who made {name}: its first file is {shown(named[0].path)}."
    raise UsageError(told, mend=f"Say it with --from: {', '.join(MAKERS)}.")


def _root(maker: str, counts: Mapping[tuple[str, int], int], root: int) -> int:
    """How many folders lie around all: as few as will do, but for folders of students, which may lie in one more."""
    sign = 1 if maker == folders.NAME else -1
    return max(range(root + 1), key=lambda r: (counts[maker, r], sign * r))


def _fitting(maker: Maker, entries: Sequence[Entry], root: int) -> int:
    return sum(len(e.place) > root and maker.fits(e.place[root:]) for e in entries)
