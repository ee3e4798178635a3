"""Kinds of value that NumPy makes.

Rule: an array travels as dtype, shape and bytes, and the three must agree; object arrays as lists of values.
Nothing here imports a library before a value of it comes.
"""

from __future__ import annotations

import math
import re
import sys
from typing import Any

from autograder.wire import hollow
from autograder.wire.codec import Codec, NotPlain, built, kind, must

ARRAY, SCALAR, MASKED, MATRIX, DTYPE, GENERATOR, RANDOMSTATE, OBJECTS = range(32, 40)
_PLAIN = re.compile(r"[<>|=]?(?:[biufc]\d{1,2}|[SU]\d{1,7}|V\d{1,7}|[mM]8(?:\[\d*[a-zA-Zμ]{1,2}\])?|\?)")
_SCALARS = (
    "bool",
    "bool_",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "longlong",
    "ulonglong",
    "intc",
    "float16",
    "float32",
    "float64",
    "longdouble",
    "complex64",
    "complex128",
    "clongdouble",
    "str_",
    "bytes_",
    "datetime64",
    "timedelta64",
)
_NARROW = ("bfloat16", "float8_e5m2", "float8_e4m3fn")


def _spell(dtype: Any) -> Any:
    """A dtype as text, or as a list of [name, dtype] for a record; NotPlain for object and extension dtypes."""
    if dtype.names is not None:
        if dtype.subdtype is not None or any(dtype.fields[n][0].subdtype for n in dtype.names):
            raise NotPlain
        return [[name, _spell(dtype.fields[name][0])] for name in dtype.names]
    if not dtype.itemsize or dtype.hasobject or not _PLAIN.fullmatch(dtype.str):
        raise NotPlain
    return dtype.str


def _dtype(spelt: Any) -> Any:
    import numpy as np

    if type(spelt) is list:
        must(len(spelt) <= 1000 and all(type(name) is str for name, _ in spelt), "a record has named fields")
        return np.dtype([(name, _dtype(inner)) for name, inner in spelt])
    must(type(spelt) is str and _PLAIN.fullmatch(spelt) is not None, "a dtype is plain")
    return np.dtype(spelt)


def _shape(shape: Any) -> tuple[int, ...]:
    must(type(shape) is list and len(shape) <= 32, "an array has at most 32 axes")
    must(all(type(n) is int and 0 <= n < 2**40 for n in shape), "a shape is made of whole numbers")
    return tuple(shape)


@kind(ARRAY, "numpy.ndarray")
@kind(MATRIX, "numpy.matrix")
def _array(codec: Codec, value: Any) -> list[Any]:
    import numpy as np

    plain = np.asarray(value)
    if plain.dtype == object:
        return ["O", list(plain.shape), plain.ravel().tolist()]
    if type(value).__module__ == "numpy" and plain.dtype.name in _NARROW:
        return [plain.dtype.name, list(plain.shape), plain.astype("float32").tobytes()]
    return [_spell(plain.dtype), list(plain.shape), plain.tobytes()]


@built(ARRAY)
def _to_array(codec: Codec, payload: Any) -> Any:
    import numpy as np

    spelt, shape, data = payload
    shape = _shape(shape)
    if spelt == "O":
        must(type(data) is list and len(data) == math.prod(shape), "an array's shape fits its items")
        out = np.empty(len(data), dtype=object)
        for place, item in enumerate(data):  # all at once, NumPy would look into the items
            out[place] = item
        hollow.note(out)
        return out.reshape(shape)
    narrow = spelt in _NARROW if type(spelt) is str else False
    dtype = np.dtype("float32") if narrow else _dtype(spelt)
    must(dtype.itemsize > 0, "an item has a size")
    fits = type(data) is bytes and len(data) == math.prod(shape) * dtype.itemsize
    must(fits, "an array's shape fits its bytes")
    out = np.frombuffer(data, dtype).reshape(shape)
    hollow.note(out)
    if narrow and "ml_dtypes" in sys.modules:
        return out.astype(getattr(sys.modules["ml_dtypes"], spelt))
    return out.copy()  # frombuffer's is read-only


@built(MATRIX)
def _to_matrix(codec: Codec, payload: Any) -> Any:
    import numpy as np

    return np.asmatrix(_to_array(codec, payload))


@kind(SCALAR, *(f"numpy.{name}" for name in _SCALARS))
def _scalar(codec: Codec, value: Any) -> list[Any]:
    return [_spell(value.dtype), value.tobytes()]


@built(SCALAR)
def _to_scalar(codec: Codec, payload: Any) -> Any:
    spelt, data = payload
    return _to_array(codec, [spelt, [], data])[()]


@kind(MASKED, "numpy.ma.MaskedArray", "numpy.ma.core.MaskedArray")
def _masked(codec: Codec, value: Any) -> list[Any]:
    import numpy as np

    return [np.asarray(value.data), np.ma.getmaskarray(value)]


@built(MASKED)
def _to_masked(codec: Codec, payload: Any) -> Any:
    import numpy as np

    data, mask = payload
    must(isinstance(data, np.ndarray) and isinstance(mask, np.ndarray), "a masked array is two arrays")
    must(data.shape == mask.shape and mask.dtype == bool, "a mask fits its array")
    out = np.ma.array(data, mask=mask)
    hollow.note(out)
    return out


def _numpy_dtypes() -> tuple[str, ...]:
    """Names of NumPy's dtype classes, which differ from version to version."""
    names = (
        "Bool",
        "Int8",
        "Int16",
        "Int32",
        "Int64",
        "UInt8",
        "UInt16",
        "UInt32",
        "UInt64",
        "Long",
        "ULong",
        "LongLong",
        "ULongLong",
        "Byte",
        "UByte",
        "Short",
        "UShort",
        "Int",
        "UInt",
        "IntC",
        "UIntC",
        "Float16",
        "Float32",
        "Float64",
        "LongDouble",
        "Complex64",
        "Complex128",
        "CLongDouble",
        "Str",
        "Bytes",
        "Void",
        "DateTime64",
        "TimeDelta64",
    )
    return (*(f"numpy.dtypes.{n}DType" for n in names), "numpy.dtype")


@kind(DTYPE, *_numpy_dtypes())
def _dtype_payload(codec: Codec, value: Any) -> Any:
    return _spell(value)


@built(DTYPE)
def _to_dtype(codec: Codec, payload: Any) -> Any:
    return _dtype(payload)


@kind(GENERATOR, "numpy.random._generator.Generator", "numpy.random.Generator")
def _generator(codec: Codec, value: Any) -> Any:
    state = value.bit_generator.state
    if state.get("bit_generator") != "PCG64":
        raise NotPlain
    return state


@built(GENERATOR)
def _to_generator(codec: Codec, payload: Any) -> Any:
    import numpy as np

    must(type(payload) is dict and payload.get("bit_generator") == "PCG64", "a generator is a PCG64")
    bits = np.random.PCG64(0)
    bits.state = payload
    return np.random.Generator(bits)


@kind(RANDOMSTATE, "numpy.random.mtrand.RandomState")
def _randomstate(codec: Codec, value: Any) -> list[Any]:
    name, keys, position, has_gauss, gauss = value.get_state()
    return [name, keys, int(position), int(has_gauss), float(gauss)]


@built(RANDOMSTATE)
def _to_randomstate(codec: Codec, payload: Any) -> Any:
    import numpy as np

    out = np.random.RandomState(0)
    out.set_state(tuple(payload))
    return out
