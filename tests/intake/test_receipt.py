"""Receipts: what does not fit is told, and nothing rests on it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from autograder.intake.receipt import MAX_BYTES, remarks

WORK = {"net.ipynb": b"{}", "net.keras": b"weights", "notes.txt": b"mine"}


def receipt(files: dict[str, bytes] = WORK, assignment: Any = "net", **changes: Any) -> bytes:
    """As the last cell of a notebook writes it."""
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items() if name != "notes.txt"}
    return json.dumps({"assignment": assignment, "student": "Ada", "sha256": {**hashes, **changes}}).encode()


def told(files: dict[str, bytes], **changes: Any) -> tuple[str, ...]:
    return remarks({**files, "receipt.json": receipt(**changes)}, "net")


def test_a_receipt_that_fits_says_nothing() -> None:
    """Nor does none; files of other kinds need not stand on it, and a name may have changed on the way."""
    assert () == remarks(WORK, "net") == told(WORK)
    assert () == told({"net.ipynb": b"{}", "net (1).keras": b"weights"})


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (WORK | {"net.keras": b"another's"}, "receipt.json: 'net.keras' has been changed since it was written."),
        (WORK | {"net.ipynb": b"{ }"}, "receipt.json: 'net.ipynb' has been changed since it was written."),
        ({"net.ipynb": b"{}"}, "receipt.json: 'net.keras' is on it and was not handed in."),
        (WORK | {"deep.keras": b"more"}, "receipt.json: 'deep.keras' is not on it."),
    ],
    ids=["model", "notebook", "missing", "added"],
)
def test_what_does_not_fit_is_named(files: dict[str, bytes], says: str) -> None:
    """A file that was changed, left out or added after the receipt was written."""
    assert (says,) == told(files)


def test_the_receipt_of_another_assignment_is_told() -> None:
    """By its name."""
    assert ("receipt.json is that of another assignment, 'gates'.",) == told(WORK, assignment="gates")


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"sha256": 5, "assignment": "net"}', b'{"assignment": "net", "sha256": {"a": 1}}',
     b"[" * 60_000, b'{"assignment": 1, "sha256": {}}', b" " * MAX_BYTES + b"{}"],
)  # fmt: skip
def test_a_receipt_that_is_none_is_told(data: bytes) -> None:
    """Whatever bytes it is made of."""
    assert ("receipt.json is not understood.",) == remarks({**WORK, "receipt.json": data}, "net")


def test_many_misfits_are_told_in_few_sentences() -> None:
    """And each is cut to a length that a table can show."""
    listed = {f"{i:03}{'x' * 300}.keras": "0" * 64 for i in range(100)}
    found = told(WORK, **listed)
    assert 6 == len(found) and "95 further files" in found[-1] and max(map(len, found)) < 140
