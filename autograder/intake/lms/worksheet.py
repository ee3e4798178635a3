"""Moodle's grading worksheet, in whatever language its reader has.

Rule: a column is known by its place and the form of what stands in it, as Moodle's grading table
(`mod/assign/gradingtable.php`) makes it: first the participant, a word of the language with the number of this
assignment; second the full name, but for blind marking; then fields of the person that the site chose, of which only
an e-mail shows what it is; state and grade; then the time of the submission, before anything that a student wrote. In
English the words of the first line count.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

Row = Mapping[str, str]
_NUMBER = re.compile(r"(\D*)(\d+)\s*")
_MAIL = re.compile(r"[^\s@]+@[^\s@]+")
_TIMES = (
    "%A, %d %B %Y, %I:%M %p",
    "%A, %B %d, %Y, %I:%M %p",
    "%A, %d %B %Y, %H:%M",
    "%d %B %Y, %I:%M %p",
    "%d %B %Y, %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
)
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})[:.](\d{2})(?:[:.]\d{2})?(?!\d)")
_HALF = re.compile(r"\b([ap])\.?\s?m\b|(오전|上午|午前)|(오후|下午|午後)", re.IGNORECASE)
_FIGURES = re.compile(r"(?<!\d)(\d{4})\s*[-./年년]\s*(\d{1,2})\s*[-./月월]\s*(\d{1,2})(?!\d)")
_YEAR, _DAY = re.compile(r"(?<!\d)(\d{4})(?!\d)"), re.compile(r"(?<!\d)(\d{1,2})(?!\d)")
LANGUAGES = tuple(
    "de fr es it pt nl pl cs sk sl hr sr_Latn sv da nb fi hu ro bg el ru uk tr ca eu gl lt lv et id vi".split()  # noqa: SIM905
)
"""Whose names of months are known; times in figures need none."""


@dataclass(frozen=True, slots=True)
class Participant:
    """One row."""

    name: str = ""
    """The second column's word, which is a name unless participants are hidden."""
    ids: tuple[str, ...] = ()
    hidden: str = ""
    """What stands in place of a name for a hidden participant."""
    when: str = ""
    english: bool = False


def read(rows: Sequence[Row]) -> dict[str, Participant]:
    """The participants by their number in the assignment."""
    kinds: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        kinds.setdefault(tuple(row), []).append(row)
    found: dict[str, Participant] = {}
    for columns, same in kinds.items():
        found |= _english(same) if "identifier" in columns else _by_place(columns, same)
    return found


def _english(rows: Iterable[Row]) -> dict[str, Participant]:
    found = {}
    for row in rows:
        if match := _NUMBER.fullmatch(row.get("identifier", "")):
            ids = tuple(w for key in ("id number", "username", "email address") if (w := row.get(key, "").strip()))
            when = row.get("last modified (submission)", "")
            found[match[2]] = Participant(row.get("full name", ""), ids, "participant", when, english=True)
    return found


def _by_place(columns: Sequence[str], rows: Sequence[Row]) -> dict[str, Participant]:
    """What comes after the time may be a student's own text, and is not looked at."""
    times = next((n for n in range(2, len(columns)) if _all_times([row.get(columns[n], "") for row in rows])), 0)
    found = {}
    for row in rows:
        cells = [row.get(column, "") for column in columns[: times or 3]]
        if (match := _NUMBER.fullmatch(cells[0])) and match[1]:
            mails = tuple(cell for cell in cells[2:] if _MAIL.fullmatch(cell))
            name = cells[1] if len(cells) > 1 else ""
            when = row.get(columns[times], "") if times else ""
            found[match[2]] = Participant(name, mails, match[1].strip().lower(), when)
    return found


def _all_times(cells: Iterable[str]) -> bool:
    told = [cell for cell in cells if cell.strip(" -")]
    return bool(told) and all(moment(cell, UTC) is not None for cell in told)


def moment(text: str, zone: tzinfo) -> datetime | None:
    """A worksheet's time, to the minute; None where its language is not known."""
    for form in _TIMES:
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=zone).astimezone(UTC)
        except ValueError:
            continue
    clock, day = _CLOCK.search(text), _day(text)
    if clock is None or day is None:
        return None
    hour, half = int(clock[1]), _HALF.search(text)
    if half is not None:
        hour = hour % 12 + (12 if half[3] or (half[1] or "").lower() == "p" else 0)
    try:
        return datetime(*day, hour, int(clock[2]), tzinfo=zone).astimezone(UTC)
    except ValueError:
        return None


def _day(text: str) -> tuple[int, int, int] | None:
    """Year, month and day, in figures or with the month's name."""
    if figures := _FIGURES.search(text):
        return int(figures[1]), int(figures[2]), int(figures[3])
    rest = _CLOCK.sub(" ", text)
    year, day = _YEAR.search(rest), _DAY.search(rest)
    months = {_months()[word] for word in re.findall(r"[^\W\d_]+", text.casefold()) if word in _months()}
    return (int(year[1]), months.pop(), int(day[1])) if year and day and len(months) == 1 else None


@functools.cache
def _months() -> dict[str, int]:
    """Name → month, of those that mean one month in whatever language."""
    from babel import Locale

    found: dict[str, set[int]] = {}
    for language in LANGUAGES:
        names = Locale.parse(language).months
        for form in ("format", "stand-alone"):
            for number, name in names[form]["wide"].items():
                found.setdefault(name.casefold(), set()).add(number)
    return {name: numbers.pop() for name, numbers in found.items() if len(numbers) == 1}
