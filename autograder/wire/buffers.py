"""Kinds of value that are bytes in memory: a bytearray, a view, a typed array, a file in memory.

Rule: content and form must agree, and what is built is as long as what came.
"""

from __future__ import annotations

import io
import re
from typing import Any

from autograder.wire.codec import Codec, NotPlain, built, kind, must

BYTEARRAY, MEMORYVIEW, TYPED, TEXTFILE, BYTESFILE = range(27, 32)
_FORMAT = re.compile(r"[cbB?hHiIlLqQnNefd]")
"""Those of the struct module that a view can be cast to."""
_TYPECODE = re.compile(r"[bBhHiIlLqQfdu]")
_NEWLINES = (None, "", "\n", "\r", "\r\n")


@kind(BYTEARRAY, "builtins.bytearray")
def _bytearray(codec: Codec, value: bytearray) -> bytes:
    return bytes(value)


@built(BYTEARRAY)
def _to_bytearray(codec: Codec, payload: Any) -> bytearray:
    must(type(payload) is bytes, "a bytearray is bytes")
    return bytearray(payload)


@kind(MEMORYVIEW, "builtins.memoryview")
def _memoryview(codec: Codec, value: memoryview) -> list[Any]:
    shape = list(value.shape or ())
    if not _FORMAT.fullmatch(value.format) or not shape or (len(shape) > 1 and 0 in shape):
        raise NotPlain
    return [value.format, shape, value.readonly, value.tobytes()]


@built(MEMORYVIEW)
def _to_memoryview(codec: Codec, payload: Any) -> memoryview:
    """On its own memory, in one piece."""
    form, shape, readonly, data = payload
    must(type(form) is str and _FORMAT.fullmatch(form) is not None, "a view has a plain format")
    must(type(data) is bytes and type(shape) is list, "a view is bytes in a shape")
    must(all(type(n) is int for n in shape), "a shape is made of whole numbers")
    flat = memoryview(data if readonly else bytearray(data))
    return flat.cast(form, shape) if len(shape) > 1 else flat.cast(form)


@kind(TYPED, "array.array")
def _typed(codec: Codec, value: Any) -> list[Any]:
    return [value.typecode, value.tounicode() if value.typecode == "u" else value.tobytes()]


@built(TYPED)
def _to_typed(codec: Codec, payload: Any) -> Any:
    import array

    code, content = payload
    must(type(code) is str and _TYPECODE.fullmatch(code) is not None, "an array has a type code")
    must(type(content) is (str if code == "u" else bytes), "an array's content is of its type")
    return array.array(code, content)


@kind(TEXTFILE, "_io.StringIO")
@kind(BYTESFILE, "_io.BytesIO")
def _file(codec: Codec, value: Any) -> list[Any]:
    """Content, for a text its newlines, and place; NotPlain for a closed one, or one with attributes of its own."""
    try:
        content, *newline, place, own = value.__getstate__()
    except ValueError:
        raise NotPlain from None
    if own or place > len(content):
        raise NotPlain
    return [content, *newline, place]


@built(TEXTFILE)
def _to_text_file(codec: Codec, payload: Any) -> io.StringIO:
    content, newline, place = payload
    must(type(content) is str and newline in _NEWLINES, "a text in memory is a text")
    must(type(place) is int and 0 <= place <= len(content), "its place is within it")
    made = io.StringIO()
    made.__setstate__((content, newline, place, None))  # type: ignore[attr-defined]
    return made


@built(BYTESFILE)
def _to_bytes_file(codec: Codec, payload: Any) -> io.BytesIO:
    content, place = payload
    must(type(content) is bytes, "bytes in memory are bytes")
    must(type(place) is int and 0 <= place <= len(content), "the place is within them")
    made = io.BytesIO(content)
    made.seek(place)
    return made
