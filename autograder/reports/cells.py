"""The cells of an executed notebook as HTML.

Rule: nothing between the delimiters of hidden tests or marking schemes is shown, and no output of such a cell.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from autograder.notebook import WORDING, nbgrader_of, source_of
from autograder.reports import pictures, prose, terminal
from autograder.values import JSON, Cell, Master, Role, Verdict, Wording

CODE = 50_000
"""Characters of a cell's code that are coloured."""
PAGE = 12 * 2**20
"""Characters of outputs that one page shows."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One cell, ready for the template; `body` and `outputs` are safe HTML."""

    kind: str
    """`text`, `code` or `test`."""
    number: int
    """Position in the notebook, from 1."""
    body: str
    outputs: tuple[str, ...] = ()
    verdict: Verdict | None = None
    secret: bool = False
    """Part of the cell is kept from the student."""


def show(
    notebook: JSON, master: Master | None, verdicts: Mapping[str, Verdict], files: Mapping[str, Path]
) -> list[Shown]:
    """All cells. What the master has a say in is shown as the master has it, whatever the notebook claims."""
    masters = {c.grade_id: c for c in master.cells if c.grade_id} if master is not None else {}
    wording = master.wording if master is not None else WORDING
    left = PAGE
    out = []
    for number, cell in enumerate(notebook.get("cells", []), 1):
        name = str(nbgrader_of(cell).get("grade_id", ""))
        shown = _cell(cell, number, masters.get(name), verdicts.get(name), files, left, wording)
        left -= sum(map(len, shown.outputs))
        out.append(shown)
    return out


def _cell(
    cell: JSON,
    number: int,
    master: Cell | None,
    verdict: Verdict | None,
    files: Mapping[str, Path],
    left: int,
    wording: Wording,
) -> Shown:
    locked = master is not None and master.role in (Role.TEST, Role.READONLY, Role.TASK)
    whole = master.source if master is not None and locked else source_of(cell)
    secret = has_secret(whole, wording) or has_secret(source_of(cell), wording)
    source = without_secrets(whole, wording)
    if cell.get("cell_type") != "code":
        attached = cell.get("attachments")
        body = prose.markdown(source, attached if isinstance(attached, dict) else {}, files)
        return Shown("text", number, body, verdict=verdict, secret=secret)
    outputs = () if secret else tuple(_capped(cell.get("outputs", []), left))
    is_test = master is not None and master.role is Role.TEST
    return Shown("test" if is_test else "code", number, code(source), outputs, verdict, secret)


def _secrets(wording: Wording) -> tuple[tuple[str, str], ...]:
    return (wording.hidden_tests, wording.mark_scheme)


def has_secret(source: str, wording: Wording = WORDING) -> bool:
    """Whether a text holds a delimiter of hidden tests or of a marking scheme."""
    return any(mark in source for pair in _secrets(wording) for mark in pair)


def without_secrets(source: str, wording: Wording = WORDING) -> str:
    """The text without hidden regions; one never closed runs to the end, one never begun from the start."""
    for begin, end in _secrets(wording):
        kept: list[str] = []
        inside = False
        for line in source.split("\n"):
            if begin in line:
                inside = True
            elif end in line:
                kept = kept if inside else []
                inside = False
            elif not inside:
                kept.append(line)
        source = "\n".join(kept)
    return source.strip("\n")


def code(source: str) -> str:
    """Python, coloured; what is too long is shown plain and cut."""
    if len(source) > CODE:
        return f"<pre>{html.escape(terminal.shorten(terminal.plain(source)))}</pre>"
    from pygments import highlight  # type: ignore[import-untyped]

    lexer, formatter = _colouring()
    return f"<pre>{highlight(terminal.plain(source), lexer, formatter)}</pre>"


@cache
def _colouring() -> tuple[Any, Any]:
    from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
    from pygments.lexers import PythonLexer  # type: ignore[import-untyped]

    return PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)


@cache
def colours() -> str:
    """CSS of coloured code, for light and dark."""
    from pygments.formatters import HtmlFormatter

    light = HtmlFormatter(style="default").get_style_defs(".cell")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".cell")
    return f"{_only_tokens(light)}\n@media (prefers-color-scheme: dark) {{\n{_only_tokens(dark)}\n}}"


def _only_tokens(css: str) -> str:
    """Without rules for the box itself, and without backgrounds: those are the page's."""
    rules = [line for line in css.splitlines() if line.startswith(".cell .") and "border" not in line]
    return "\n".join(rule for rule in rules if "background" not in rule)


def _capped(outputs: Any, left: int) -> Iterator[str]:
    """Outputs as HTML as long as there is room on the page."""
    for output in outputs if isinstance(outputs, list) else []:
        shown = _output(output) if isinstance(output, dict) else ""
        left -= len(shown)
        if left < 0:
            yield '<p class="left-out">More output than this page can show is left out.</p>'
            return
        if shown:
            yield shown


def _output(output: JSON) -> str:
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        label = '<span class="label">stderr</span>' if name == "stderr" else ""
        return f'{label}<pre class="{name}">{terminal.to_html(_text(output.get("text")))}</pre>'
    if kind == "error":
        lines = output.get("traceback")
        told = "\n".join(map(_text, lines)) if isinstance(lines, list) else ""
        told = told or f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}"
        return f'<span class="label">error</span><pre class="error">{terminal.to_html(told)}</pre>'
    data = output.get("data")
    return _rich(data) if isinstance(data, dict) else ""


def _rich(data: Mapping[str, Any]) -> str:
    """The richest form that can be shown: cleaned HTML, a picture, markdown, or text."""
    if "text/html" in data and (cleaned := prose.output(_text(data["text/html"]))):
        return f'<div class="html">{cleaned}</div>'
    for kind in pictures.KINDS:
        if kind in data and (uri := pictures.of_output(kind, _text(data[kind]))):
            words = html.escape(terminal.plain(_text(data.get("text/plain"))).strip()[:200] or "Picture")
            return f'<img src="{uri}" alt="{words}">'
    if "text/markdown" in data:
        return f'<div class="html">{prose.markdown(_text(data["text/markdown"]), {}, {})}</div>'
    plain = _text(data.get("text/plain", data.get("text/latex", "")))
    return f"<pre>{terminal.to_html(plain)}</pre>" if plain else ""


def _text(value: Any) -> str:
    """Text of an output, which nbformat writes as a string or a list of lines; anything else as JSON."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return json.dumps(value)
