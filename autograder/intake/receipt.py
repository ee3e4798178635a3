"""The receipt that the last cell of a released notebook packs beside the work: does it fit what was handed in?

Rule: it is a student's own words, so nothing rests on it; what does not fit is told to a person, and costs nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from autograder.intake.opening import shown
from autograder.values import MODEL_FORMATS

NAME = "receipt.json"
MAX_BYTES = 1 << 16
MAX_TOLD = 5
"""Files that are told one by one."""
_LISTED = (".ipynb", *MODEL_FORMATS)
"""Endings of what belongs on a receipt."""


def remarks(files: Mapping[str, bytes], assignment: str) -> tuple[str, ...]:
    """What a person should know, a sentence each; none where all fits, or where there is no receipt.

    `files`: relative name → bytes of all that was handed in. Receipt: `assignment`, and `sha256`, name → hash.
    """
    if NAME not in files:
        return ()
    told = _read(files[NAME])
    if told is None:
        return (f"{NAME} is not understood.",)
    name, listed = told
    notes = [f"{NAME} is that of another assignment, {shown(name)}."] if name != assignment else []
    wrong = list(_misfits(files, listed))
    notes += [f"{NAME}: {one}." for one in wrong[:MAX_TOLD]]
    if len(wrong) > MAX_TOLD:
        notes.append(f"{NAME}: {len(wrong) - MAX_TOLD} further files do not fit.")
    return tuple(notes)


def _read(data: bytes) -> tuple[str, dict[str, str]] | None:
    """The assignment's name, and the files' hashes; None where that is not what it holds."""
    try:
        told: Any = json.loads(data) if len(data) <= MAX_BYTES else None
        name, listed = told["assignment"], told["sha256"]
        sound = isinstance(name, str) and all(isinstance(hexes, str) for hexes in listed.values())
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return (name, listed) if sound else None


def _misfits(files: Mapping[str, bytes], listed: Mapping[str, str]) -> Iterator[str]:
    """What does not fit; a file may have got another name on its way."""
    present = {name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != NAME}
    known, there = set(listed.values()), set(present.values())
    for name, hexes in sorted(listed.items()):
        if hexes not in there:
            changed = "has been changed since it was written" if name in present else "is on it and was not handed in"
            yield f"{shown(name)} {changed}"
    for name, hexes in sorted(present.items()):
        if name not in listed and hexes not in known and name.lower().endswith(_LISTED):
            yield f"{shown(name)} is not on it"
