"""Kinds of value of Python's own library that travel as a short text: moments, exact numbers, patterns.

Rule: the text is short, and of the form that the kind itself writes.
"""

from __future__ import annotations

import datetime as dt
import decimal
import fractions
import re
from collections.abc import Callable
from typing import Any

from autograder.wire.codec import Codec, built, kind, must

DATETIME, DATE, TIME, TIMEDELTA, DECIMAL, FRACTION, REGEX = range(16, 23)
MAX_DIGITS = 10_000
"""Characters of the longest decimal, fraction or pattern."""


@kind(DATETIME, "datetime.datetime")
@kind(DATE, "datetime.date")
@kind(TIME, "datetime.time")
def _iso(codec: Codec, value: Any) -> str:
    return str(value.isoformat())


def _from_iso(make: Callable[[str], Any]) -> Callable[[Codec, Any], Any]:
    def decode(codec: Codec, payload: Any) -> Any:
        must(type(payload) is str and len(payload) < 64, "a moment is a short text")
        return make(payload)

    return decode


built(DATETIME)(_from_iso(dt.datetime.fromisoformat))
built(DATE)(_from_iso(dt.date.fromisoformat))
built(TIME)(_from_iso(dt.time.fromisoformat))


@kind(TIMEDELTA, "datetime.timedelta")
def _timedelta(codec: Codec, value: dt.timedelta) -> list[int]:
    return [value.days, value.seconds, value.microseconds]


@built(TIMEDELTA)
def _to_timedelta(codec: Codec, payload: Any) -> dt.timedelta:
    must(all(type(x) is int for x in payload), "a time span is three integers")
    return dt.timedelta(*payload)


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
