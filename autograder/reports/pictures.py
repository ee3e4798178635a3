"""Pictures, checked and carried within the page.

Rule: a page loads nothing from anywhere; a picture is a data URI whose bytes are what they say they are.
"""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path

MOST = 4 * 2**20
"""Bytes of the largest picture that is shown."""
PIXELS = 40_000_000
"""Pixels of the largest picture that is shown: a few bytes can spell a picture that fills a machine's memory."""
_MAGIC = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
    "image/svg+xml": b"<",
}
_SUFFIX = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
}
KINDS = tuple(_MAGIC)
URI = re.compile(r"data:(image/(?:png|jpeg|gif|svg\+xml));base64,([A-Za-z0-9+/=\s]+)")


def uri(kind: str, data: bytes) -> str | None:
    """A data URI for an `<img>`, where scripts in an SVG do not run; None when the bytes are not of that kind."""
    if not data[:256].lstrip().startswith(_MAGIC.get(kind, b"\0none")) or len(data) > MOST:
        return None
    if kind == "image/png" and not _bearable(data):
        return None
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def of_output(kind: str, value: str) -> str | None:
    """A data URI of an output's picture: base64 text, or the text itself for SVG."""
    if len(value) > 2 * MOST:
        return None
    return uri(kind, value.encode("utf-8", "replace")) if kind == "image/svg+xml" else of_base64(kind, value)


def of_base64(kind: str, value: str) -> str | None:
    """A data URI of base64 text, checked; None when it is none."""
    try:
        return uri(kind, base64.b64decode("".join(value.split()), validate=True))
    except (binascii.Error, ValueError):
        return None


def of_uri(value: str) -> str | None:
    """A data URI as a page may carry it; None for any other address."""
    match = URI.fullmatch(value.strip()) if len(value) <= 2 * MOST else None
    return of_base64(match[1], match[2]) if match else None


def of_file(path: Path) -> str | None:
    """A data URI of a picture file; None when it is none."""
    kind = _SUFFIX.get(path.suffix.lower(), "")
    try:
        return uri(kind, path.read_bytes()) if kind and path.stat().st_size <= MOST else None
    except OSError:
        return None


def _bearable(png: bytes) -> bool:
    """Width times height of a PNG's first chunk, which stands at a fixed place."""
    if len(png) < 24:
        return False
    width, height = int.from_bytes(png[16:20]), int.from_bytes(png[20:24])
    return 0 < width * height <= PIXELS
