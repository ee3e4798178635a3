"""The fingerprint of a grading: one hash of all that can change a mark.

Rule: equal fingerprints mean that running again could not change anything; whatever may change a mark goes in.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

FORMAT = 1
"""Raised whenever the grader itself comes to other marks from the same things."""
PACKAGES = ("autograder", "ipython", "keras", "matplotlib", "numpy", "pandas", "scikit-learn", "scipy", "tensorflow")


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


def of_terms(masters: Sequence[Mapping[str, Any]], files: Mapping[str, str], settings: Mapping[str, Any]) -> str:
    """What all submissions of an assignment share: masters, the course's own files, settings, versions."""
    told = {"format": FORMAT, "masters": list(masters), "files": dict(files), "settings": dict(settings)}
    text = json.dumps({**told, "versions": versions()}, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def of_submission(terms: str, notebooks: Mapping[str, bytes], files: Mapping[str, str], submitted_at: object) -> str:
    """`sha256:` and the hash of one submission under those terms."""
    digest = hashlib.sha256(terms.encode())
    for name in sorted(notebooks):
        digest.update(f"\0{name}\0{hashlib.sha256(notebooks[name]).hexdigest()}".encode("utf-8", "surrogatepass"))
    digest.update(json.dumps([sorted(files.items()), str(submitted_at)]).encode("utf-8", "surrogatepass"))
    return f"sha256:{digest.hexdigest()}"
