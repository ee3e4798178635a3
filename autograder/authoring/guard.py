"""The last look before anything is written: does the release still hold a line that was cut out?

Rule: the guard trusts neither the scissors nor the file format. It looks at every text of the finished
notebooks (sources, outputs, metadata, attachments, names of keys) and of the files that go with them. A
line that the master also shows outside its regions is no secret; neither is one too short to tell
anything.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from autograder.authoring import delimiters, regions
from autograder.authoring.delimiters import Kind, Words
from autograder.authoring.regions import Problem
from autograder.authoring.release import StudentVersion
from autograder.values import JSON, Cell

_TELLING = 12
"""Letters and digits from which on a line found inside another text is no coincidence."""
MAX_TEXT = 4 * 2**20
"""Bytes of a helper file up to which it is read as text; larger ones are data."""


@dataclass(frozen=True, slots=True)
class Secret:
    """One piece that was cut out, its lines with single spaces, without those shown elsewhere."""

    notebook: str
    cell: Cell
    what: str
    lines: tuple[str, ...]

    @property
    def origin(self) -> str:
        """Where the piece stands in the masters."""
        return f"the {self.what} of {self.notebook}, cell {self.cell.index + 1} ({self.cell.grade_id})"

    @property
    def telling(self) -> list[str]:
        """Lines long enough to be looked for inside other texts."""
        return [line for line in self.lines if _tells(line)]


def leaks(versions: Sequence[StudentVersion], files: Mapping[str, Path]) -> list[Problem]:
    """Every place in a release where a stripped line shows; reads the helper files, raises OSError."""
    secrets = _secrets(versions)
    found: list[Problem] = []
    for version in versions:
        found += _in_sources(version, secrets)
        found += _in_the_rest(version, secrets)
        found += _orphans(version)
    for name, path in files.items():
        found += _in_file(name, path, secrets, {text for version in versions for text in version.words.all})
    return found


def _secrets(versions: Sequence[StudentVersion]) -> list[Secret]:
    shown = {""}
    for version in versions:
        wording = version.master.wording
        stubs = (*wording.code_stubs.values(), wording.text_stub)
        shown.update(_plain(line) for stub in stubs for line in stub.split("\n"))
        shown.update(_plain(line) for cell in version.master.cells for line in _shown(cell, version.words))
    return [
        Secret(
            version.master.path.name,
            cell,
            cut.kind.value,
            tuple(line for line in map(_plain, cut.lines) if line not in shown),
        )
        for version in versions
        for cell, cut in version.cuts
    ]


def _shown(cell: Cell, words: Words) -> Iterator[str]:
    """The lines of a master's cell that stand outside its regions, found without the help of the scissors."""
    if cell.role in regions.ANSWERS and words.begin[Kind.SOLUTION] not in cell.source:
        return
    hidden = False
    for line in cell.source.split("\n"):
        marks = delimiters.exact(line, words)
        if marks:
            hidden = marks[0][1]
        elif not hidden:
            yield line


def _in_sources(version: StudentVersion, secrets: Sequence[Secret]) -> Iterator[Problem]:
    """Whole lines: whatever the scissors should have cut and did not."""
    owners = {line: secret for secret in secrets for line in secret.lines}
    for index, cell in enumerate(version.raw["cells"]):
        for number, line in enumerate(cell["source"].split("\n"), 1):
            secret = owners.get(_plain(line))
            if secret is not None or delimiters.exact(line, version.words):
                origin = secret.origin if secret else "a region"
                what = f"`{line.strip()}` would be handed out, a line of {origin}"
                yield _problem(version, index, what, "This is a fault of ours: report it.", number)


def _in_the_rest(version: StudentVersion, secrets: Sequence[Secret]) -> Iterator[Problem]:
    """Telling lines inside any other text of the notebook."""
    telling = {line: secret for secret in secrets for line in secret.telling}
    for index, place, text in _other_texts(version.raw):
        for line in _found(text, telling):
            what = f"{place} holds `{line}`, a line of {telling[line].origin}"
            yield _problem(version, index, what, "Take it out of the master.")


def _other_texts(raw: JSON) -> Iterator[tuple[int, str, str]]:
    """(index of the cell or -1, name of the place, text) of all texts of a notebook but the sources."""
    rest = {key: value for key, value in raw.items() if key != "cells"}
    yield from ((-1, f"the notebook's {place}", text) for place, text in _texts(rest, ""))
    for index, cell in enumerate(raw["cells"]):
        rest = {key: value for key, value in cell.items() if key != "source"}
        yield from ((index, place, text) for place, text in _texts(rest, ""))


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, child in value.items():
            yield place or key, key
            yield from _texts(child, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        lines = [child for child in value if isinstance(child, str)]
        yield place, "\n".join(lines)
        for child in value:
            if not isinstance(child, str):
                yield from _texts(child, place)


def _orphans(version: StudentVersion) -> Iterator[Problem]:
    """Pictures attached to a cell that only the part cut out has shown."""
    for cell in {cell.index: cell for cell, _ in version.cuts}.values():
        student = version.raw["cells"][cell.index]
        attached = student.get("attachments")
        for name in attached if isinstance(attached, dict) else ():
            if unquote(f"attachment:{name}") not in unquote(student["source"]):
                what = f"the attached {name!r} would be handed out, though only the part cut out shows it"
                mend = "Embed it in the text instead (a `data:` address), or take it out."
                yield _problem(version, cell.index, what, mend)


def _in_file(name: str, path: Path, secrets: Sequence[Secret], words: Collection[str]) -> Iterator[Problem]:
    """A helper file is copied as it is: no delimiter may stand in it, nor two telling lines of one region."""
    if path.stat().st_size > MAX_TEXT:
        return
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return
    for number, line in enumerate(text.split("\n"), 1):
        if any(text in line for text in words):
            what = f"`{line.strip()[:80]}` stands in a file that is copied as it is, so nothing of it is hidden"
            yield Problem(name, what, "Take the file out of the assignment's folder.", line=number)
            return
    for secret in secrets:
        seen = list(_found(text, secret.telling))
        if seen and len(seen) >= min(2, len(secret.telling)):
            what = f"it holds `{seen[0]}`, a line of {secret.origin}"
            yield Problem(name, what, "Take the line out of the file, or the file out of the folder.")


def _found(text: str, telling: Iterable[str]) -> Iterator[str]:
    if len(text) < _TELLING:
        return iter(())
    plain = _plain(text)
    # The same text inside a JSON string or a page of HTML.
    escaped = _plain(html.unescape(text).replace("\\n", " ").replace('\\"', '"'))
    return (line for line in telling if line in plain or line in escaped)


def _plain(text: str) -> str:
    return " ".join(text.split())


def _tells(line: str) -> bool:
    return len(re.findall(r"[^\W_]", line)) >= _TELLING and not line.isidentifier()


def _problem(version: StudentVersion, index: int, what: str, mend: str, line: int = 0) -> Problem:
    grade_id = version.master.cells[index].grade_id if index >= 0 else ""
    return Problem(version.master.path.name, what, mend, index + 1, grade_id, line)
