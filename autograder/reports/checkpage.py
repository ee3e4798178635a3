"""One page for an instructor and an assignment: which wrong solutions the tests let pass, and all else that is found.

Rule: the page is the instructor's alone: it shows solutions and hidden tests' names, and lies where reports lie.
"""

from __future__ import annotations

from collections.abc import Iterable
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
        alive=_with(mutants, "survived"),
        waived=_with(mutants, "waived"),
        left_out=_with(mutants, "left out"),
        killed=_by_test(_with(mutants, "killed")),
    )


def _headline(told: JSON) -> str:
    if told["faults"]:
        return "does not pass"
    return "passes" if told["passed"] else "not all of it was tried"


def _with(mutants: Iterable[JSON], outcome: str) -> list[JSON]:
    return [{**m, "lines": _lines(m["diff"])} for m in mutants if m["outcome"] == outcome]


def _lines(diff: Iterable[str]) -> list[dict[str, str]]:
    """Each line of a diff with the word that is read out for its colour."""
    words = {"+": "added", "-": "removed"}
    return [{"kind": words.get(line[:1], "kept"), "text": line} for line in diff]


def _by_test(killed: Iterable[JSON]) -> dict[str, list[JSON]]:
    out: dict[str, Any] = {}
    for mutant in killed:
        out.setdefault(mutant["test"], []).append(mutant)
    return out
