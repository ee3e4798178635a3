"""Values to bytes and back, under caps.

Rule: what comes out of `loads` is a plain value, or what the caller's own `resolve` made of a handle.

    kind of value                                     how it travels
    None, bool, int64, float, str, bytes, list, dict  MessagePack's own (https://msgpack.org/spec)
    other kinds that `ENCODERS` names                 an extension around a payload of simpler values
    anything else                                     a handle, if the sender has a use for one, else an error
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgpack

from autograder.errors import WireError

MAX_FRAME = 256 * 2**20
"""Bytes of the largest frame."""
MAX_DEPTH = 100
"""Containers within containers."""
MAX_ITEMS = 8_000_000
"""Items of one list or dict."""
BUFFER = 1 << 16
"""Bytes that a packer takes hold of beforehand."""
HANDLE = 0
"""Extension code of a handle: an object that stays where it is."""

Encoder = Callable[["Codec", Any], Any]
Decoder = Callable[["Codec", Any], Any]
ENCODERS: dict[str, tuple[int, Encoder]] = {}
"""Dotted name of a type → (extension code, value → payload of simpler values)."""
DECODERS: dict[int, Decoder] = {}
"""Extension code → (payload → value); whatever it raises on a payload that breaks the rules becomes a WireError."""


def kind(code: int, *names: str) -> Callable[[Encoder], Encoder]:
    """Registers an encoder for the types of those dotted names under that extension code."""

    def register(encoder: Encoder) -> Encoder:
        for name in names:
            ENCODERS[name] = (code, encoder)
        return encoder

    return register


def built(code: int) -> Callable[[Decoder], Decoder]:
    """Registers the decoder of that extension code."""

    def register(decoder: Decoder) -> Decoder:
        DECODERS[code] = decoder
        return decoder

    return register


def must(condition: bool, what: str) -> None:
    """Raises WireError unless the rule holds."""
    if not condition:
        raise WireError(f"A frame breaks a rule: {what}.")


class Codec:
    """Encodes and decodes values.

    `other(codec, object)` gives what travels in place of an object that is no plain value: a plain value or an
    `extension`. `resolve(payload)` gives what a handle stands for on this side.
    """

    def __init__(
        self,
        *,
        other: Callable[[Codec, Any], Any] | None = None,
        resolve: Callable[[Any], Any] | None = None,
        named: Callable[[str, tuple[str, ...]], Any] = lambda name, names: None,
        came: Callable[[Any], None] = lambda path: None,
        deepest: int = MAX_DEPTH - 20,
    ) -> None:
        self._other = other
        self._resolve = resolve
        self.named = named
        """The class for a named tuple of that name and those fields, or None to have one made."""
        self.came = came
        """Told each path that comes: the file that it names may be on the other side."""
        self._deepest = deepest
        """What is encoded is less deep than what may come, so that a test can pass on what it was given."""
        self._depth = self._nested = 0
        self._packers: list[msgpack.Packer] = []
        """One for each value within a value: making one costs more than packing a small value."""

    def dumps(self, value: Any) -> bytes:
        """The value's bytes; raises WireError naming the first type that is no plain value."""
        packed = self._packed(value)
        # MessagePack's bytes begin with one of these: a frame without them holds no buffer.
        if (b"\xc4" in packed or b"\xc5" in packed or b"\xc6" in packed) and _holds_buffer(value):
            packed = self._packed(_tagged(value))
        if not self._nested and _containers(packed) > self._deepest:  # in an extension the outermost value is walked
            check_depth(value, self._deepest)
        return packed

    def _packed(self, value: Any) -> bytes:
        packer = self._packers.pop() if self._packers else self._packer()
        try:
            packed: bytes = packer.pack(value)
        except BufferError:  # a view with gaps
            return self._packed(_tagged(value))
        except (ValueError, OverflowError) as e:
            raise WireError(f"A value is nested too deeply or is too large to travel ({e}).") from None
        if len(packed) < BUFFER:
            self._packers.append(packer)  # one that grew, or failed, is thrown away
        return packed

    def _packer(self) -> msgpack.Packer:
        return msgpack.Packer(
            default=self._default, strict_types=True, unicode_errors="surrogatepass", buf_size=BUFFER
        )

    def loads(self, data: bytes) -> Any:
        """The value of those bytes; raises WireError for whatever is not one, before it costs memory or time."""
        self._depth = 0
        try:
            value = self._unpack(data)
        except WireError:
            raise
        except MemoryError:
            raise WireError("A value was too large for the memory it may use.") from None
        except RecursionError:
            raise WireError("A value is nested too deeply.") from None
        except Exception as e:  # msgpack, struct, NumPy and pandas raise their own on mangled payloads
            raise WireError(f"A frame is mangled ({type(e).__name__}).") from None
        if _containers(data) > MAX_DEPTH:
            check_depth(value, MAX_DEPTH)
        return value

    def _unpack(self, data: bytes) -> Any:
        return msgpack.unpackb(
            data,
            ext_hook=self._extension,
            raw=False,
            strict_map_key=False,
            unicode_errors="surrogatepass",
            max_str_len=MAX_FRAME,
            max_bin_len=MAX_FRAME,
            max_array_len=MAX_ITEMS,
            max_map_len=MAX_ITEMS,
            max_ext_len=MAX_FRAME,
        )

    def _extension(self, code: int, data: bytes) -> Any:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise WireError("A value is nested too deeply.")
        try:
            payload = self._unpack(data)
        finally:
            self._depth -= 1
        if code == HANDLE:
            if self._resolve is None:
                raise WireError("A handle came where only plain values may come.")
            return self._resolve(payload)
        if code not in DECODERS:
            raise WireError(f"A value of unknown kind {code} came.")
        return DECODERS[code](self, payload)

    def _default(self, value: Any) -> Any:
        if type(value) is _Buffer:
            value = value.value
        kind = type(value)
        if kind is tuple and _FLAT.issuperset(map(type, value)) and self._nested < self._deepest:
            return msgpack.ExtType(ENCODERS["builtins.tuple"][0], self._packed(list(value)))  # nothing to look for
        found = ENCODERS.get(f"{kind.__module__}.{kind.__qualname__}")
        if found is not None:
            try:
                return self.extension(found[0], found[1](self, value))
            except NotPlain:
                pass
        if self._other is None:
            raise WireError(f"An object of type {kind.__name__} is not a plain value.")
        instead = self._other(self, value)
        return self._default(instead) if _is_encoded(type(instead)) else instead  # MessagePack asks only once

    def extension(self, code: int, payload: Any) -> msgpack.ExtType:
        """An extension of that code around a payload of simpler values."""
        self._nested += 1
        try:
            if self._nested > self._deepest:
                raise WireError("A value is nested too deeply to travel.")
            return msgpack.ExtType(code, self.dumps(payload))
        finally:
            self._nested -= 1


def _is_encoded(kind: type) -> bool:
    return f"{kind.__module__}.{kind.__qualname__}" in ENCODERS and kind is not int


class NotPlain(Exception):
    """An encoder's word that this one object of its type is not a plain value after all."""


class _Buffer:
    """Stands around an object that MessagePack would write as bytes without asking."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


_BUFFERS = (bytearray, memoryview)
_FLAT = frozenset((type(None), bool, int, float, str, bytes))


def _holds_buffer(value: Any) -> bool:
    """Whether one lies in it, or in its lists and dicts: MessagePack asks about everything else."""
    level = [value]
    while level:
        below: list[Any] = []
        for item in level:
            kind = type(item)
            if kind in _BUFFERS:
                return True
            inside = item if kind is list else item.values() if kind is dict else ()
            if not _FLAT.issuperset(map(type, inside)):
                below += inside
        level = below
    return False


def _tagged(value: Any) -> Any:
    """The value with a `_Buffer` around each of them."""
    kind = type(value)
    if kind in _BUFFERS:
        return _Buffer(value)
    if kind is list:
        return [_tagged(item) for item in value]
    if kind is dict:
        return {key: _tagged(item) for key, item in value.items()}
    return value


def _containers(data: bytes) -> int:
    """At most so many containers are in a frame: each begins with one of these bytes, and so may other things.

    Nothing lies deeper than there are containers, and counting bytes is far cheaper than walking a value.
    """
    return len(data) - len(data.translate(None, _BEGINNINGS))


_BEGINNINGS = bytes((*range(0x80, 0xA0), *range(0xC7, 0xCA), *range(0xD4, 0xD9), *range(0xDC, 0xE0)))
"""First bytes of MessagePack's maps, arrays and extensions."""


def check_depth(value: Any, deepest: int) -> None:
    """Raises WireError when lists and dicts lie more than that deep; walks without recursion."""
    if type(value) not in _CONTAINERS:
        return
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > deepest:
            raise WireError("A value is nested too deeply.")
        below: list[Any] = []
        for item in level:
            kind = type(item)
            if kind in _CONTAINERS and len(item) > MAX_ITEMS:
                raise WireError(f"A value has more than {MAX_ITEMS:,} items.")
            if kind in (list, tuple, set, frozenset):
                below += [x for x in item if type(x) in _CONTAINERS]
            elif kind is dict:
                below += [x for x in item.values() if type(x) in _CONTAINERS]
        level = below


_CONTAINERS = frozenset((list, dict, tuple, set, frozenset))
