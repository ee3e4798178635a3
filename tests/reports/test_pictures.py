"""Pictures are what they say they are, or not shown."""

from __future__ import annotations

import base64
import struct
from pathlib import Path

import pytest

from autograder.reports import pictures

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 4, 3) + b"rest"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


def test_a_png_is_carried() -> None:
    """Base64, with line ends as some programs write it, becomes a data URI."""
    text = base64.encodebytes(PNG).decode()
    assert f"data:image/png;base64,{base64.b64encode(PNG).decode()}" == pictures.of_output("image/png", text)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("image/png", "not base64 \" onerror='x'"),
        ("image/png", base64.b64encode(b"<html>").decode()),
        ("image/png", base64.b64encode(PNG[:20]).decode()),
        ("image/jpeg", base64.b64encode(PNG).decode()),
        ("text/html", base64.b64encode(b"<html>").decode()),
        ("image/svg+xml", "no markup"),
    ],
)
def test_what_is_no_picture_is_not_shown(kind: str, value: str) -> None:
    """Wrong bytes, a cut file, another kind: nothing."""
    assert pictures.of_output(kind, value) is None


def test_a_picture_that_would_fill_the_memory_is_not_shown() -> None:
    """A few bytes that spell 60,000 × 60,000 pixels, and megabytes of anything, are refused."""
    bomb = PNG[:16] + struct.pack(">II", 60_000, 60_000) + b"rest"
    assert pictures.uri("image/png", bomb) is None
    assert pictures.uri("image/png", PNG + bytes(pictures.MOST)) is None


def test_only_data_uris_are_addresses() -> None:
    """Nothing that leads out of the page passes."""
    good = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    assert good == pictures.of_uri(good)
    for address in ("https://example.org/x.png", "//x/y.png", "x.png", "data:text/html;base64,PGI+", "javascript:x"):
        assert pictures.of_uri(address) is None


def test_a_file_of_the_course(tmp_path: Path) -> None:
    """Pictures beside a master are carried; other files are not."""
    (tmp_path / "a.svg").write_bytes(SVG)
    (tmp_path / "a.py").write_bytes(SVG)
    assert f"data:image/svg+xml;base64,{base64.b64encode(SVG).decode()}" == pictures.of_file(tmp_path / "a.svg")
    assert pictures.of_file(tmp_path / "a.py") is None
    assert pictures.of_file(tmp_path / "none.png") is None
