"""The fingerprint of a grading: one hash of all that can change a mark, and the ingredients it is made from.

Rule: equal fingerprints mean that running again could not change a mark; whatever may change one goes in. Words that
only people read (an instructor's text cells, outputs saved in a master) stay out.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from autograder.values import Cell, Master, Role

FORMAT = 2
"""Raised whenever the grader itself comes to other marks from the same things."""
PACKAGES = ("autograder", "ipython", "keras", "matplotlib", "numpy", "pandas", "scikit-learn", "scipy", "tensorflow")
Cells = tuple[tuple[str, str], ...]
"""A master's cells in their order: name and hash."""


@dataclass(frozen=True, slots=True)
class Terms:
    """All that the submissions of an assignment share and that can change a mark."""

    shared: Mapping[str, Any]
    """Ingredient → plain JSON: what every notebook's verdicts depend on."""
    deadline: Mapping[str, Any]
    """What lateness is reckoned from: no notebook need be run again for it."""
    masters: Mapping[str, Cells]
    """Notebook → its cells."""
    hash: str
    """Of all this."""

    @property
    def told(self) -> dict[str, Any]:
        """Plain JSON, from which `diff` says what changed."""
        masters = {name: [list(pair) for pair in cells] for name, cells in self.masters.items()}
        return {**self.shared, "deadline": dict(self.deadline), "masters": masters}


@dataclass(frozen=True, slots=True)
class Content:
    """What was handed in, as hashes."""

    notebooks: Mapping[str, str]
    """Notebook's name → SHA-256 of its bytes."""
    files: Mapping[str, str]
    """Relative name → SHA-256, of all other files."""

    @property
    def hash(self) -> str:
        """Of all names and bytes."""
        return _hash([sorted(self.notebooks.items()), sorted(self.files.items())])


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that student code meets; an absent one is left out."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def of_files(files: Mapping[str, Path]) -> dict[str, str]:
    """Relative name → SHA-256 of the content."""
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in sorted(files.items())}


def of_bytes(data: bytes) -> str:
    """SHA-256."""
    return hashlib.sha256(data).hexdigest()


def of_master(master: Master, released: Mapping[str, str]) -> Cells:
    """The cells of a master that can change a mark; `released`: grade_id → the text that students were given."""
    kernel = master.raw["metadata"].get("kernelspec", {}).get("name", "")
    return (("kernel", str(kernel)), *_cells(master.cells, released))


def _cells(cells: Iterable[Cell], released: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    number = 0
    for cell in cells:
        number += cell.kind == "code"
        words = cell.kind != "code" and cell.role in (Role.TEXT, Role.READONLY)
        if words and not cell.grade_id:
            continue
        told = [] if words else [cell.source, released.get(cell.grade_id, ""), cell.points, cell.own]
        yield cell.grade_id or f"code cell {number}", _hash([cell.role.value, cell.kind, *told])[:16]


def terms(shared: Mapping[str, Any], deadline: Mapping[str, Any], masters: Mapping[str, Cells]) -> Terms:
    """The terms, with the versions of the libraries and their hash."""
    everything = {"format": FORMAT, **shared, "versions": versions()}
    plain: dict[str, Any] = json.loads(_text(everything))
    return Terms(plain, json.loads(_text(deadline)), masters, _hash([plain, deadline, masters]))


def of_submission(terms: Terms, content: str, submitted_at: object) -> str:
    """`sha256:` and the hash of one submission under those terms; `content` is `Content.hash`."""
    return "sha256:" + _hash([terms.hash, content, str(submitted_at)])


def of_fault(terms: Terms, why: str) -> str:
    """The fingerprint of a submission that cannot be read: of the reason."""
    return "sha256:" + _hash([terms.hash, why])


def of_part(terms: Terms, notebook: str, handed: str, files: Mapping[str, str]) -> str:
    """Hash of all that the verdicts of one notebook depend on; `handed`: hash of what was handed in for it."""
    return _hash([terms.shared, terms.masters[notebook], handed, sorted(files.items())])


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _hash(value: object) -> str:
    return hashlib.sha256(_text(value).encode("utf-8", "surrogatepass")).hexdigest()
