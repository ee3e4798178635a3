"""Kinds of value that Python's own library makes.

Rule: a decoder builds from values alone and checks each of them; the extension codes are part of the format.
"""

from __future__ import annotations

import collections
import functools
import keyword
import types
from collections.abc import Callable
from typing import Any

from autograder.wire.codec import Codec, NotPlain, built, kind, must

BIGINT, COMPLEX, TUPLE, SET, FROZENSET, RANGE, SLICE = range(1, 8)
DEQUE, DEFAULTDICT, ORDEREDDICT, COUNTER, NAMEDTUPLE, ELLIPSIS = range(9, 15)
KEYS, VALUES, ITEMS = range(24, 27)
MAPPINGPROXY = 56
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
@kind(MAPPINGPROXY, "builtins.mappingproxy")
def _mapping(codec: Codec, value: Any) -> dict[Any, Any]:
    return dict(value)


def _from_dict(make: Callable[[dict[Any, Any]], Any]) -> Callable[[Codec, Any], Any]:
    def decode(codec: Codec, payload: Any) -> Any:
        must(type(payload) is dict, "a mapping is a dict")
        return make(payload)

    return decode


built(ORDEREDDICT)(_from_dict(collections.OrderedDict))
built(COUNTER)(_from_dict(collections.Counter))
built(MAPPINGPROXY)(_from_dict(types.MappingProxyType))


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


_BARE: Any = collections.namedtuple("_BARE", ())
_OF_ANY = {*vars(_BARE), "__dict__", "__weakref__", "__annotations__", "__orig_bases__", "__replace__"}


def has_more(kind: Any) -> bool:
    """Whether a named tuple's class has methods or attributes besides its fields."""
    return any(set(vars(c)) - _OF_ANY - set(kind._fields) for c in type.mro(kind) if c not in (tuple, object))
