"""One page for an instructor and an assignment: which wrong solutions the tests let pass, and all else that is found.

Rule: the page is the instructor's alone: it shows solutions and hidden tests' names, and lies where reports lie.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from autograder.reports import page as pages
from autograder.reports.checked import place
from autograder.values import JSON


def write(path: Path, told: JSON) -> None:
    """Writes the page of a report; raises GraderError."""
    pages.replace(path, page(told))


def page(told: JSON) -> str:
    """The page's HTML."""
    style = pages.style("feedback", "check")
    mutants = told["mutants"]
    return pages.template("check").render(
        style=style,
        policy=pages.policy(style),
        told=told,
        headline=_headline(told),
        when=told["checked"][:16].replace("T", " ") + " UTC",
        place=place,
        worded=worded,
        alive=_with(mutants, "survived"),
        waived=_with(mutants, "waived"),
        left_out=_with(mutants, "left out"),
        killed=_by_test(_with(mutants, "killed")),
    )


def worded(text: str) -> list[tuple[str, bool]]:
    """The parts of a sentence, and whether they are code, which stands between backticks."""
    return [(part, number % 2 == 1) for number, part in enumerate(re.split(r"`([^`]+)`", text)) if part]


def _headline(told: JSON) -> str:
    if told["faults"]:
        return "does not pass"
    return "passes" if told["passed"] else "not all of it was tried"


def _with(mutants: Iterable[JSON], outcome: str) -> list[JSON]:
    return [{**m, "lines": _lines(m["diff"])} for m in mutants if m["outcome"] == outcome]


def _lines(diff: Sequence[str]) -> list[dict[str, str]]:
    """Each line of a diff: its kind, which is read out for its colour, and its text around what has changed in it."""
    words = {"+": "added", "-": "removed"}
    kinds = [words.get(line[:1], "kept") for line in diff]
    out = [{"kind": kind, "text": line, "new": "", "rest": ""} for kind, line in zip(kinds, diff, strict=True)]
    for old, new in itertools.pairwise(out) if kinds.count("added") == kinds.count("removed") == 1 else ():
        if (old["kind"], new["kind"]) == ("removed", "added"):
            first, last = _alike(old["text"][1:], new["text"][1:])
            for line in (old, new):
                text = line["text"]
                end = len(text) - last
                line |= {"text": text[: first + 1], "new": text[first + 1 : end], "rest": text[end:]}
    return out


def _alike(one: str, other: str) -> tuple[int, int]:
    """How many letters two lines have in common at their beginning, and behind that at their end."""
    first = _common(one, other)
    return first, _common(one[first:][::-1], other[first:][::-1])


def _common(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _by_test(killed: Iterable[JSON]) -> dict[str, list[JSON]]:
    out: dict[str, Any] = {}
    for mutant in killed:
        out.setdefault(mutant["test"], []).append(mutant)
    return out
