"""What a check found, in the terminal.

Rule: it reads the same without colour and at 80 columns; what keeps an assignment from being released comes first.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from autograder.reports.terminal import plain
from autograder.reports.words import count
from autograder.values import JSON

if TYPE_CHECKING:
    from rich.console import Console

SURVIVORS = 8
"""Mutants shown in the terminal; the page has them all."""


class CheckProgress:
    """A bar for people where there is a terminal, a line a stage where there is none."""

    def __init__(self, title: str) -> None:
        from rich.console import Console

        self.console = Console(stderr=True, highlight=False)
        self._title = title
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def stage(self, name: str, total: int) -> None:
        """Something begins that has so many trials."""
        if not self.console.is_terminal:
            self.console.print(f"{self._title}: {name}, {count(total, 'trial')}", markup=False, soft_wrap=True)
            return
        from rich import progress

        if self._bar is None:
            shown = (progress.TextColumn("{task.description}"), progress.BarColumn(bar_width=None))
            counted = (progress.MofNCompleteColumn(), progress.TimeElapsedColumn())
            self._bar = progress.Progress(*shown, *counted, console=self.console, transient=True)
            self._bar.start()
        elif self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(f"{self._title}: {name}", total=total)

    def step(self) -> None:
        """One trial is done."""
        if self._bar is not None:
            self._bar.advance(self._task)


def show(told: JSON, console: Console, page: str = "") -> None:
    """Everything that a person must know of one assignment."""
    console.print(_headline(told), markup=False, soft_wrap=True, style="bold")
    for line in _facts(told):
        _wrapped(console, line)
    for fault in told["faults"]:
        _remark(console, "✗", fault)
    for note in told["notes"]:
        _remark(console, "·", note)
    _survivors(console, told)
    if page:
        console.print(f"  {page}", markup=False, soft_wrap=True)


def _headline(told: JSON) -> str:
    if told["faults"]:
        return f"{told['assignment']}: does not pass, {count(len(told['faults']), 'fault')}"
    return f"{told['assignment']}: {'passes' if told['passed'] else 'no fault found, but not all of it was tried'}"


def _facts(told: JSON) -> list[str]:
    tests, mutation = told["tests"], told["mutation"]
    if not tests:
        return ["nothing was run: what reading shows comes first"] if told["faults"] else []
    hidden = sum(t["hidden"] for t in tests)
    took = f"the solution takes {told['solution_seconds']:.3g} s"
    lines = [f"{count(len(tests), 'test')}, {hidden} with hidden parts; {took}"]
    if mutation["made"]:
        parts = [f"{mutation['killed']} killed", f"{mutation['survived']} live", f"{mutation['waived']} waived"]
        parts += [f"{mutation['left_out']} left out for time"] if mutation["left_out"] else []
        score = f"score {mutation['score']:.3f}, {mutation['threshold']:g} is asked"
        lines.append(f"{count(mutation['made'], 'wrong solution')}: {', '.join(parts)}; {score}")
    if told["papers"]:
        right = sum(p["right"] for p in told["papers"])
        lines.append(f"{count(len(told['papers']), 'paper')}: {right} with the marks they must get")
    if told["preload"]:
        lines.append(f"{count(len(told['preload']), 'module')} to be imported before the forks")
    return [*lines, f"{told['seconds']:.0f} s, student code confined at level {told['jail']}"]


def _remark(console: Console, sign: str, remark: JSON) -> None:
    told = f"{sign} {place(remark)}{remark['what']}. {remark['mend']}"
    _wrapped(console, told, "red" if sign == "✗" else "")


def _wrapped(console: Console, text: str, style: str = "") -> None:
    """A sentence, indented, and more so from its second line on."""
    from rich.text import Text

    lines = Text(plain(text), style=style).wrap(console, console.width - 4)
    for number, line in enumerate(lines):
        console.print(Text("    " if number else "  ") + line, end="\n", soft_wrap=True)


def place(remark: JSON) -> str:
    """Where a finding is, with a colon behind it; empty where it is nowhere in particular."""
    parts = [remark["notebook"]] if remark.get("notebook") else []
    if remark.get("cell"):
        parts.append(f"cell {remark['cell']}" + (f" ({remark['id']})" if remark.get("id") else ""))
    if remark.get("line"):
        parts.append(f"line {remark['line']}")
    return f"{', '.join(parts)}: " if parts else ""


def _survivors(console: Console, told: JSON) -> None:
    alive = [m for m in told["mutants"] if m["outcome"] == "survived"]
    if not alive:
        return
    console.print("  Wrong solutions that keep full marks:", markup=False)
    for mutant in alive[:SURVIVORS]:
        asked = ", ".join(mutant["tests"][:3]) or "no test"
        head = f"{mutant['hash']}  {mutant['id']}, line {mutant['line']}, {mutant['operator']}; asked by {asked}"
        console.print(f"    {head}", markup=False, soft_wrap=True)
        for line in (line for line in mutant["diff"] if line[0] in "+-"):
            console.print(
                f"      {plain(line)}", markup=False, soft_wrap=True, style="green" if line[0] == "+" else "red"
            )
    if len(alive) > SURVIVORS:
        console.print(f"    and {len(alive) - SURVIVORS} more", markup=False)


def summary(reports: Sequence[JSON], console: Console) -> None:
    """One line an assignment."""
    rows = [("assignment", "tests", "mutants", "score", "waived", "papers", "seconds", "")]
    for told in reports:
        m, papers = told["mutation"], told["papers"]
        right = f"{sum(p['right'] for p in papers)}/{len(papers)}"
        score = f"{m['score']:.3f}" if m["made"] else "–"
        verdict = "passes" if told["passed"] else "does not pass" if told["faults"] else "not all tried"
        numbers = (len(told["tests"]), m["made"], score, m["waived"], right, f"{told['seconds']:.0f}")
        rows.append((told["assignment"], *map(str, numbers), verdict))
    widths = [max(len(row[i]) for row in rows) for i in range(8)]
    for row in rows:
        cells = [c.ljust(w) if i in (0, 7) else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]
        console.print("  ".join(cells).rstrip(), markup=False, soft_wrap=True)


def show_items(told: JSON, console: Console) -> None:
    """A class's item analysis."""
    width = max(len(item["id"]) for item in told["items"])
    console.print(f"{told['assignment']}: what a class says of the tests", style="bold", markup=False)
    console.print(f"  {'test'.ljust(width)}  students  difficulty  discrimination", markup=False)
    for item in told["items"]:
        sharp = "     –" if item["discrimination"] is None else f"{item['discrimination']:6.2f}"
        line = f"  {item['id'].ljust(width)}  {item['students']:8}  {item['difficulty']:10.2f}  {sharp.rjust(14)}"
        console.print(line, markup=False, soft_wrap=True)
    for note in told["notes"]:
        _remark(console, "·", note)
    most = max(item["students"] for item in told["items"])
    if most < told["fewest"]:
        console.print(f"  {count(most, 'student')}: too few to conclude anything from; {told['fewest']} are needed.")


def as_line(told: JSON) -> str:
    """A report as one line of JSON."""
    return json.dumps(told, ensure_ascii=False)
