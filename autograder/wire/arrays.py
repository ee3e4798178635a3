"""Kinds of value that NumPy, pandas and TensorFlow make.

Rule: an array travels as dtype, shape and bytes, and the three must agree; object arrays as lists of values.
Nothing here imports a library before a value of it comes.
"""

from __future__ import annotations

import math
import re
import sys
from typing import Any

from autograder.wire.codec import Codec, NotPlain, built, kind, must

ARRAY, SCALAR, MASKED, MATRIX, DTYPE, GENERATOR, RANDOMSTATE, OBJECTS = range(32, 40)
FRAME, SERIES, INDEX, TIMESTAMP, NAT = range(40, 45)
TENSOR = 48
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
_COLUMN = re.compile(
    r"u?int\d{1,2}|U?Int\d{1,2}|float\d{2}|Float\d{2}|bool|boolean|object|str|string|category|"
    r"(datetime64|timedelta64)\[(s|ms|us|ns)\]|complex\d{2,3}"
)


def _spell(dtype: Any) -> Any:
    """A dtype as text, or as a list of [name, dtype] for a record; NotPlain for object and extension dtypes."""
    if dtype.names is not None:
        if dtype.subdtype is not None or any(dtype.fields[n][0].subdtype for n in dtype.names):
            raise NotPlain
        return [[name, _spell(dtype.fields[name][0])] for name in dtype.names]
    if dtype.hasobject or not _PLAIN.fullmatch(dtype.str):
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
        out[:] = data
        return out.reshape(shape)
    narrow = spelt in _NARROW if type(spelt) is str else False
    dtype = np.dtype("float32") if narrow else _dtype(spelt)
    must(
        type(data) is bytes and len(data) == math.prod(shape) * dtype.itemsize,
        "an array's shape fits its bytes",
    )
    out = np.frombuffer(data, dtype).reshape(shape) if dtype.itemsize else np.empty(shape, dtype)
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
    return np.ma.array(data, mask=mask)


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
    return tuple(f"numpy.dtypes.{n}DType" for n in names) + ("numpy.dtype",)


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


def _column(values: Any) -> list[Any]:
    """A pandas column or index as [dtype's name, values]."""
    name = str(values.dtype)
    if not _COLUMN.fullmatch(name):
        raise NotPlain
    plain = values.to_numpy()
    if name.startswith(("Int", "UInt", "Float", "boolean", "string", "category", "str", "object")):
        import pandas as pd

        items = [None if x is pd.NA else x for x in plain.tolist()]
        return [name, items]
    return [name, plain]


def _from_column(payload: Any) -> tuple[Any, str]:
    name, values = payload
    must(type(name) is str and _COLUMN.fullmatch(name) is not None, "a column's dtype is plain")
    return values, name


@kind(SERIES, "pandas.core.series.Series", "pandas.Series")
def _series(codec: Codec, value: Any) -> list[Any]:
    return [_column(value), value.index, value.name]


@built(SERIES)
def _to_series(codec: Codec, payload: Any) -> Any:
    import pandas as pd

    column, index, name = payload
    values, dtype = _from_column(column)
    return pd.Series(values, index=index, name=name, dtype=dtype)


@kind(
    INDEX,
    *(
        f"pandas.core.indexes.{n}"
        for n in (
            "base.Index",
            "range.RangeIndex",
            "datetimes.DatetimeIndex",
            "timedeltas.TimedeltaIndex",
            "category.CategoricalIndex",
            "multi.MultiIndex",
        )
    ),
    "pandas.Index",
    "pandas.RangeIndex",
    "pandas.DatetimeIndex",
    "pandas.MultiIndex",
)
def _index(codec: Codec, value: Any) -> list[Any]:
    kind_name = type(value).__name__
    if kind_name == "RangeIndex":
        return ["range", [value.start, value.stop, value.step], value.name]
    if kind_name == "MultiIndex":
        return ["multi", value.tolist(), list(value.names)]
    return ["index", _column(value), value.name]


@built(INDEX)
def _to_index(codec: Codec, payload: Any) -> Any:
    import pandas as pd

    form, content, name = payload
    if form == "range":
        must(all(type(x) is int for x in content), "a range index is three integers")
        return pd.RangeIndex(*content, name=name)
    if form == "multi":
        return pd.MultiIndex.from_tuples(content, names=name)
    must(form == "index", "an index has a known form")
    values, dtype = _from_column(content)
    return pd.Index(values, dtype=dtype, name=name)


@kind(FRAME, "pandas.core.frame.DataFrame", "pandas.DataFrame")
def _frame(codec: Codec, value: Any) -> list[Any]:
    return [value.columns, value.index, [_column(value.iloc[:, i]) for i in range(value.shape[1])]]


@built(FRAME)
def _to_frame(codec: Codec, payload: Any) -> Any:
    import pandas as pd

    columns, index, content = payload
    must(isinstance(columns, pd.Index) and isinstance(index, pd.Index), "a frame has two indexes")
    must(len(columns) == len(content), "a frame has as many names as columns")
    parts = [pd.Series(v, index=index, dtype=d) for v, d in map(_from_column, content)]
    out = pd.concat(parts, axis=1) if parts else pd.DataFrame(index=index)
    out.columns = columns
    return out


@kind(TIMESTAMP, "pandas._libs.tslibs.timestamps.Timestamp", "pandas.Timestamp")
def _timestamp(codec: Codec, value: Any) -> str:
    return str(value.isoformat())


@built(TIMESTAMP)
def _to_timestamp(codec: Codec, payload: Any) -> Any:
    import pandas as pd

    must(type(payload) is str and len(payload) < 64, "a moment is a short text")
    return pd.Timestamp(payload)


@kind(
    NAT,
    "pandas._libs.tslibs.nattype.NaTType",
    "pandas._libs.missing.NAType",
    "pandas.api.typing.NaTType",
    "pandas.api.typing.NAType",
)
def _missing(codec: Codec, value: Any) -> str:
    return type(value).__name__


@built(NAT)
def _to_missing(codec: Codec, payload: Any) -> Any:
    import pandas as pd

    return pd.NA if payload == "NAType" else pd.NaT


@kind(TENSOR, "tensorflow.python.framework.ops.EagerTensor")
def _tensor(codec: Codec, value: Any) -> list[Any]:
    return [value.dtype.name, value.numpy()]


@built(TENSOR)
def _to_tensor(codec: Codec, payload: Any) -> Any:
    import numpy as np

    dtype, content = payload
    must(
        type(dtype) is str and re.fullmatch(r"[a-z]+\d*[a-z0-9_]*", dtype) is not None, "a tensor has a dtype"
    )
    must(isinstance(content, np.ndarray | np.generic | bytes), "a tensor carries an array")
    if "tensorflow" not in sys.modules:
        return content
    return sys.modules["tensorflow"].constant(content, dtype=dtype)
