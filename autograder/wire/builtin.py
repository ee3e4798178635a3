"""Kinds of value that Python's own library makes (a bytearray travels as bytes, MessagePack's own).

Rule: a decoder builds from values alone and checks each of them; the extension codes are part of the format.
"""

from __future__ import annotations

import collections
import datetime as dt
import decimal
import fractions
import functools
import keyword
import re
from collections.abc import Callable
from typing import Any

from autograder.wire.codec import Codec, NotPlain, built, kind, must

BIGINT, COMPLEX, TUPLE, SET, FROZENSET, RANGE, SLICE = range(1, 8)
DEQUE, DEFAULTDICT, ORDEREDDICT, COUNTER, NAMEDTUPLE, ELLIPSIS = range(9, 15)
DATETIME, DATE, TIME, TIMEDELTA, DECIMAL, FRACTION, REGEX = range(16, 23)
KEYS, VALUES, ITEMS = range(24, 27)
MAX_DIGITS = 10_000
"""Characters of the longest decimal, fraction or pattern."""
MAX_INTEGER = 1 << 20
"""Bytes of the largest integer: to multiply longer ones takes seconds."""
FACTORIES: dict[str, Callable[[], Any] | None] = {
    f.__name__: f for f in (int, float, str, list, dict, set, tuple, bool, complex)
} | {"": None}
"""The default factories a defaultdict may bring."""


@kind(BIGINT, "builtins.int")
def _bigint(codec: Codec, value: int) -> bytes:
    must(value.bit_length() // 8 < MAX_INTEGER, f"an integer has at most {MAX_INTEGER:,} bytes")
    return value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True)


@built(BIGINT)
def _to_int(codec: Codec, payload: Any) -> int:
    must(type(payload) is bytes and len(payload) <= MAX_INTEGER, f"an integer has at most {MAX_INTEGER:,} bytes")
    return int.from_bytes(payload, "big", signed=True)


@kind(COMPLEX, "builtins.complex")
def _complex(codec: Codec, value: complex) -> list[float]:
    return [value.real, value.imag]


@built(COMPLEX)
def _to_complex(codec: Codec, payload: Any) -> complex:
    real, imag = payload
    must(type(real) is float and type(imag) is float, "a complex number is two floats")
    return complex(real, imag)


@kind(TUPLE, "builtins.tuple")
@kind(SET, "builtins.set")
@kind(FROZENSET, "builtins.frozenset")
def _items(codec: Codec, value: Any) -> list[Any]:
    return list(value)


def _from_list(make: Callable[[list[Any]], Any]) -> Callable[[Codec, Any], Any]:
    def decode(codec: Codec, payload: Any) -> Any:
        must(type(payload) is list, "a collection is a list of items")
        return make(payload)

    return decode


built(TUPLE)(_from_list(tuple))
built(SET)(_from_list(set))
built(FROZENSET)(_from_list(frozenset))


@kind(RANGE, "builtins.range")
@kind(SLICE, "builtins.slice")
def _bounds(codec: Codec, value: Any) -> list[Any]:
    return [value.start, value.stop, value.step]


@built(RANGE)
def _to_range(codec: Codec, payload: Any) -> range:
    must(all(type(x) is int for x in payload), "a range is three integers")
    return range(*payload)


@built(SLICE)
def _to_slice(codec: Codec, payload: Any) -> slice:
    start, stop, step = payload
    return slice(start, stop, step)


@kind(ELLIPSIS, "builtins.ellipsis")
def _ellipsis(codec: Codec, value: Any) -> None:
    return None


@built(ELLIPSIS)
def _to_ellipsis(codec: Codec, payload: Any) -> Any:
    return ...


@kind(DEQUE, "collections.deque")
def _deque(codec: Codec, value: Any) -> list[Any]:
    return [list(value), value.maxlen]


@built(DEQUE)
def _to_deque(codec: Codec, payload: Any) -> Any:
    items, maxlen = payload
    must(type(items) is list and (maxlen is None or type(maxlen) is int), "a deque is a list and a length")
    return collections.deque(items, maxlen)


@kind(DEFAULTDICT, "collections.defaultdict")
def _defaultdict(codec: Codec, value: Any) -> list[Any]:
    factory = value.default_factory
    name = "" if factory is None else getattr(factory, "__name__", "?")
    if FACTORIES.get(name, ...) is not factory:
        raise NotPlain
    return [name, dict(value)]


@built(DEFAULTDICT)
def _to_defaultdict(codec: Codec, payload: Any) -> Any:
    name, items = payload
    must(type(items) is dict and name in FACTORIES, "a defaultdict has a plain factory")
    return collections.defaultdict(FACTORIES[name], items)


@kind(ORDEREDDICT, "collections.OrderedDict")
@kind(COUNTER, "collections.Counter")
def _mapping(codec: Codec, value: Any) -> dict[Any, Any]:
    return dict(value)


def _from_dict(make: Callable[[dict[Any, Any]], Any]) -> Callable[[Codec, Any], Any]:
    def decode(codec: Codec, payload: Any) -> Any:
        must(type(payload) is dict, "a mapping is a dict")
        return make(payload)

    return decode


built(ORDEREDDICT)(_from_dict(collections.OrderedDict))
built(COUNTER)(_from_dict(collections.Counter))


@kind(KEYS, "builtins.dict_keys")
@kind(VALUES, "builtins.dict_values")
@kind(ITEMS, "builtins.dict_items")
def _view(codec: Codec, value: Any) -> list[Any]:
    return list(value)


built(KEYS)(_from_list(lambda items: dict.fromkeys(items).keys()))
built(VALUES)(_from_list(lambda items: dict(enumerate(items)).values()))
built(ITEMS)(_from_list(lambda items: dict(items).items()))


def namedtuple_payload(value: Any) -> list[Any]:
    """Payload of any named tuple: its class's name, its fields' names, its items."""
    return [type(value).__name__, list(value._fields), list(tuple.__iter__(value))]


@built(NAMEDTUPLE)
def _to_namedtuple(codec: Codec, payload: Any) -> Any:
    name, names, items = payload
    must(type(names) is list and len(names) == len(items) <= 255, "a named tuple has as many names as items")
    words = [name, *names]
    sound = all(type(w) is str and len(w) < 100 and w.isidentifier() and not keyword.iskeyword(w) for w in words)
    must(sound, "names are words")
    cls = codec.named(name, tuple(names)) or _named(name, tuple(names))
    return tuple.__new__(cls, items)


@functools.lru_cache(maxsize=1000)
def _named(name: str, names: tuple[str, ...]) -> Any:
    made: Any = collections.namedtuple(name, names, rename=True)  # type: ignore[misc]
    made.__module__ = STAND_IN
    return made


STAND_IN = "__autograder__"
"""Module of the named tuples' classes that are made here."""


def is_namedtuple(obj: Any) -> bool:
    """Whether the object is of a class that `collections.namedtuple` may have made."""
    return isinstance(obj, tuple) and hasattr(type(obj), "_fields")


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
