"""Kinds of value of Python's own library that travel as a short text: exact numbers, patterns, names of things.

Rule: the text is short, and of the form that the kind itself writes.
"""

from __future__ import annotations

import decimal
import fractions
import os
import pathlib
import re
from typing import Any

from autograder.wire.codec import Codec, NotPlain, built, kind, must

DECIMAL, FRACTION, REGEX = range(20, 23)
UUID, ADDRESS, PATH = range(53, 56)
MAX_DIGITS = 10_000
"""Characters of the longest decimal, fraction or pattern."""
_ADDRESSES = ("IPv4Address", "IPv6Address", "IPv4Network", "IPv6Network", "IPv4Interface", "IPv6Interface")
_PATHLIB = ("pathlib", "pathlib._local")
"""Where paths say that they are from; the latter in Python 3.13."""
_PATHS = ("PosixPath", "PurePosixPath", "PureWindowsPath")


@kind(DECIMAL, "decimal.Decimal")
@kind(FRACTION, "fractions.Fraction")
def _text(codec: Codec, value: Any) -> str:
    text = str(value)
    must(len(text) < MAX_DIGITS, f"a decimal or fraction has at most {MAX_DIGITS} digits")
    return text


@built(DECIMAL)
def _to_decimal(codec: Codec, payload: Any) -> decimal.Decimal:
    must(type(payload) is str and len(payload) < MAX_DIGITS, "a decimal is a short text")
    return decimal.Decimal(payload)


@built(FRACTION)
def _to_fraction(codec: Codec, payload: Any) -> fractions.Fraction:
    must(
        type(payload) is str
        and len(payload) < MAX_DIGITS
        and re.fullmatch(r"-?\d+(/\d+)?", payload) is not None,
        "a fraction is two integers",
    )
    return fractions.Fraction(payload)


@kind(REGEX, "re.Pattern")
def _regex(codec: Codec, value: re.Pattern[Any]) -> list[Any]:
    must(len(value.pattern) < MAX_DIGITS, "a pattern is a short text")
    return [value.pattern, value.flags]


@built(REGEX)
def _to_regex(codec: Codec, payload: Any) -> Any:
    pattern, flags = payload
    must(
        type(pattern) in (str, bytes) and len(pattern) < MAX_DIGITS and type(flags) is int,
        "a pattern is a text",
    )
    return re.compile(pattern, flags & ~re.DEBUG)


@kind(UUID, "uuid.UUID")
def _uuid(codec: Codec, value: Any) -> bytes:
    return bytes(value.bytes)


@built(UUID)
def _to_uuid(codec: Codec, payload: Any) -> Any:
    import uuid

    must(type(payload) is bytes and len(payload) == 16, "a UUID is 16 bytes")
    return uuid.UUID(bytes=payload)


@kind(ADDRESS, *(f"ipaddress.{name}" for name in _ADDRESSES))
def _address(codec: Codec, value: Any) -> list[str]:
    return [type(value).__name__, str(value)]


@built(ADDRESS)
def _to_address(codec: Codec, payload: Any) -> Any:
    import ipaddress

    name, text = payload
    must(name in _ADDRESSES and type(text) is str and len(text) < 100, "an address is a short text")
    return getattr(ipaddress, name)(text)


@kind(PATH, *(f"{module}.{name}" for module in _PATHLIB for name in _PATHS))
def _path(codec: Codec, value: pathlib.PurePath) -> list[Any]:
    """Below the working folder without it: each side has its own. One that leads elsewhere stays where it is."""
    text, here = os.fspath(value), os.getcwd()  # noqa: PTH109  (the text is all that is needed)
    below = type(value) is pathlib.PosixPath and text.startswith(here + "/")
    told = text[len(here) + 1 :] if below else text
    if type(value) is pathlib.PosixPath and not _stays(told):
        raise NotPlain
    return [type(value).__name__, below, told]


def _stays(text: str) -> bool:
    """Whether a path leads nowhere but below the working folder: a test may open, or remove, what it names."""
    return not text.startswith("/") and ".." not in text.split("/") and "\0" not in text


@built(PATH)
def _to_path(codec: Codec, payload: Any) -> Any:
    name, below, text = payload
    must(name in _PATHS and type(text) is str and len(text) < MAX_DIGITS, "a path is a short text")
    must(name != "PosixPath" or _stays(text), "a path stays below the working folder")
    found = getattr(pathlib, name)(os.path.join(os.getcwd(), text) if below else text)  # noqa: PTH109, PTH118
    codec.came(found)
    return found
