"""Kinds of value that are moments, and their zones.

Rule: a moment is a text of the form that Python writes; a zone of a name is one that this machine knows.
"""

from __future__ import annotations

import datetime as dt
import functools
import time
from collections.abc import Callable
from typing import Any

from autograder.wire.codec import Codec, NotPlain, built, kind, must

DATETIME, DATE, TIME, TIMEDELTA = range(16, 20)
TIMEZONE, ZONEINFO, STRUCTTIME = range(50, 53)


@kind(DATETIME, "datetime.datetime")
@kind(TIME, "datetime.time")
def _moment(codec: Codec, value: Any) -> list[Any]:
    """Text without the zone, zone, and which of two equal hours when clocks are turned back."""
    zone = value.tzinfo
    if zone is None or type(zone) is dt.timezone or _is_known(zone):
        return [value.replace(tzinfo=None).isoformat(), zone, value.fold]
    return [value.isoformat(), None, 0]  # of another zone its distance from UTC is told


def _is_known(zone: Any) -> bool:
    """Whether it is a zone of a name that every process of this machine knows."""
    return _is_zoneinfo(zone) and type(zone.key) is str and zone.key in _known_zones()


def _is_zoneinfo(zone: Any) -> bool:
    return (type(zone).__module__, type(zone).__qualname__) == ("zoneinfo", "ZoneInfo")


def _from_iso(text: Any, make: Callable[[str], Any]) -> Any:
    must(type(text) is str and len(text) < 64, "a moment is a short text")
    return make(text)


def _to_moment(make: Callable[[str], Any]) -> Callable[[Codec, Any], Any]:
    def decode(codec: Codec, payload: Any) -> Any:
        text, zone, fold = payload
        must(zone is None or type(zone) is dt.timezone or _is_zoneinfo(zone), "a zone is one")
        made = _from_iso(text, make)
        return made if zone is None and not fold else made.replace(tzinfo=zone or made.tzinfo, fold=fold)

    return decode


built(DATETIME)(_to_moment(dt.datetime.fromisoformat))
built(TIME)(_to_moment(dt.time.fromisoformat))


@kind(DATE, "datetime.date")
def _date(codec: Codec, value: dt.date) -> str:
    return value.isoformat()


@built(DATE)
def _to_date(codec: Codec, payload: Any) -> Any:
    return _from_iso(payload, dt.date.fromisoformat)


@kind(TIMEDELTA, "datetime.timedelta")
def _timedelta(codec: Codec, value: dt.timedelta) -> list[int]:
    return [value.days, value.seconds, value.microseconds]


@built(TIMEDELTA)
def _to_timedelta(codec: Codec, payload: Any) -> dt.timedelta:
    must(all(type(x) is int for x in payload), "a time span is three integers")
    return dt.timedelta(*payload)


@kind(TIMEZONE, "datetime.timezone")
def _timezone(codec: Codec, value: Any) -> list[Any]:
    """Its distance from UTC, and its name if it was given one."""
    return list(value.__getinitargs__())


@built(TIMEZONE)
def _to_timezone(codec: Codec, payload: Any) -> dt.timezone:
    offset, *name = payload
    must(type(offset) is dt.timedelta, "a zone has a distance")
    must(not name or (type(name[0]) is str and len(name[0]) < 100), "a zone's name is short")
    return dt.timezone(offset, *name)


@kind(ZONEINFO, "zoneinfo.ZoneInfo")
def _zoneinfo(codec: Codec, value: Any) -> str:
    if not _is_known(value):
        raise NotPlain
    return str(value.key)


@functools.cache
def _known_zones() -> frozenset[str]:
    import zoneinfo

    return frozenset(zoneinfo.available_timezones())


@built(ZONEINFO)
def _to_zoneinfo(codec: Codec, payload: Any) -> Any:
    import zoneinfo

    must(payload in _known_zones(), "a zone is one of this machine's")
    return zoneinfo.ZoneInfo(payload)


@kind(STRUCTTIME, "time.struct_time")
def _struct_time(codec: Codec, value: Any) -> list[int]:
    return [*value, value.tm_zone, value.tm_gmtoff]


@built(STRUCTTIME)
def _to_struct_time(codec: Codec, payload: Any) -> Any:
    *numbers, zone, offset = payload
    must(len(numbers) == 9 and all(type(n) is int for n in numbers), "a time is nine integers")
    must(zone is None or (type(zone) is str and len(zone) < 100), "a zone's name is short")
    must(offset is None or type(offset) is int, "a zone's distance is an integer")
    return time.struct_time((*numbers, zone, offset))
