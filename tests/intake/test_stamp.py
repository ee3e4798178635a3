"""Times that students' machines, nbgrader and people write."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.intake.stamp import from_mtime, moment

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01 12:00:00.000000 UTC",
        "2026-03-01 12:00:00 UTC\n",
        "2026-03-01 12:00:00",
        "2026-03-01T12:00:00Z",
        "2026-03-01T12:00",
        "2026-03-01T21:00:00.000+09:00",
        "2026-03-01 21:00:00.000000 +0900",
        "2026-03-01 21:00:00.000000 KST",
        "2026-03-01T07:30:00-04:30",
    ],
)
def test_known(text: str) -> None:
    """nbgrader's format and ISO 8601 name the same moment, in UTC; without a zone it is UTC."""
    assert NOON == moment(text)


@pytest.mark.parametrize("text", ["2026-03-01 12:00:00.123456 UTC", "2026-03-01T12:00:00.123456+00:00"])
def test_microseconds(text: str) -> None:
    """Parts of a second are kept."""
    assert NOON.replace(microsecond=123456) == moment(text)


def test_same_as_nbgrader() -> None:
    """nbgrader reads the same moment out of the format that it writes."""
    from nbgrader.utils import parse_utc

    text = "2026-03-01 12:00:00.250000 UTC"
    assert parse_utc(text).replace(tzinfo=UTC) == moment(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-13-01 12:00:00 UTC",
        "2026-03-01 25:00:00 UTC",
        "2026-03-01 12:00:00 XYZ",
        "2026-03-01 12:00:00 +99:99",
        "0001-01-01 00:00:00 +0900",
        "٢٠٢٦-03-01 12:00:00 UTC",
        "2026-03-01 12:00:00 UTC; rm -rf",
        "1e99",
    ],
)
def test_unknown(text: str) -> None:
    """What is no time, or of a zone that nobody knows, is None and no guess."""
    assert moment(text) is None


@given(st.text(alphabet="0123456789-+: TZ.UC", max_size=40))
def test_anything(text: str) -> None:
    """Any text is a time in UTC or None."""
    found = moment(text)
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize("seconds", [1e300, float("nan"), -1e300])
def test_impossible_mtime(seconds: float) -> None:
    """A file's time beyond all calendars is None."""
    assert from_mtime(seconds) is None
    assert NOON == from_mtime(NOON.timestamp())
