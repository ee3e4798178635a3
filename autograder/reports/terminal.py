"""Text that a program wrote for a terminal, as HTML.

Rule: what comes out is escaped text and `span`s with classes of ours; whatever is no colour is dropped.

Colours and weights (SGR, ECMA-48 8.3.117) become spans; carriage returns and backspaces do what they do on a
terminal, so that a progress bar is one line.
"""

from __future__ import annotations

import html
import re

COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_ESCAPE = re.compile(r"\x1b(?:\[([0-9;:?<=>]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~]?)")
# Controls, and the marks that turn the direction of text round and so make a line read as another.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]")
HEAD, TAIL = 200, 100
"""Lines of a long text that are shown at its beginning and its end."""
MOST = 20_000
"""Characters of a text that are shown."""


def plain(text: str) -> str:
    """The text without colours and controls; line ends and tabs stay."""
    return _CONTROL.sub("", _ESCAPE.sub("", text))


def to_html(text: str) -> str:
    """Escaped HTML of a terminal's text, cut to what a person reads."""
    out: list[str] = []
    style: frozenset[str] = frozenset()
    place = 0
    text = shorten(_overwritten(text))
    for match in _ESCAPE.finditer(text):
        out.append(_span(text[place : match.start()], style))
        place = match.end()
        if match[2] == "m":
            style = _restyled(style, match[1])
    out.append(_span(text[place:], style))
    return "".join(out)


def shorten(text: str) -> str:
    """Beginning and end of a long text, with a line between them that says how much is left out."""
    lines = text.split("\n")
    if len(lines) > HEAD + TAIL + 1:
        lines[HEAD:-TAIL] = [f"… {len(lines) - HEAD - TAIL:,} lines left out …"]
    joined = "\n".join(lines)
    if len(joined) <= MOST:
        return joined
    half = MOST // 2
    return f"{joined[:half]}\n… {len(joined) - 2 * half:,} characters left out …\n{joined[-half:]}"


def _overwritten(text: str) -> str:
    """What a terminal would still show after its cursor went back."""
    return "\n".join(_line(line) for line in text.replace("\r\n", "\n").split("\n"))


def _line(line: str) -> str:
    if "\b" in line:
        line = re.sub("\b+", "\r", line)  # in practice: a progress bar on its way back to the line's beginning
    if "\r" not in line:
        return line
    parts = [part for part in line.split("\r") if plain(part).strip()]
    return parts[-1] if parts else ""


def _span(text: str, style: frozenset[str]) -> str:
    shown = html.escape(_CONTROL.sub("", text))
    return f'<span class="{" ".join(sorted(style))}">{shown}</span>' if style and shown else shown


def _restyled(style: frozenset[str], told: str) -> frozenset[str]:
    """The style after one SGR sequence; colours beyond the first sixteen are passed over."""
    codes = [int(c) if c.isdigit() and len(c) < 4 else 0 for c in told.replace(":", ";").split(";")[:16]]
    while codes:
        code = codes.pop(0)
        if code in (38, 48):
            codes = codes[{5: 2, 2: 4}.get(codes[0] if codes else 0, 1) :]
        elif code == 0:
            style = frozenset()
        elif code == 1:
            style |= {"ansi-bold"}
        elif code == 22:
            style -= {"ansi-bold"}
        elif code == 39 or 30 <= code <= 37 or 90 <= code <= 97:
            style = frozenset(s for s in style if s == "ansi-bold")
            style |= {f"ansi-{COLOURS[code % 10]}"} if code != 39 else set()
    return style
