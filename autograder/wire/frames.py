"""Kinds of value that pandas makes.

Rule: a frame travels as its index and its columns, each a list or a plain array; what does not fit together is an
error. pandas is not imported before a value of it comes.
"""

from __future__ import annotations

import re
from typing import Any

from autograder.wire.codec import Codec, NotPlain, built, kind, must

FRAME, SERIES, INDEX, TIMESTAMP, NAT = range(40, 45)
_COLUMN = re.compile(
    r"u?int\d{1,2}|U?Int\d{1,2}|float\d{2}|Float\d{2}|bool|boolean|object|str|string|category|"
    r"(datetime64|timedelta64)\[(s|ms|us|ns)\]|complex\d{2,3}"
)

_INDEXES = frozenset(("Index", "RangeIndex", "DatetimeIndex", "TimedeltaIndex", "CategoricalIndex", "MultiIndex"))


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


def _check(*indexes: Any) -> None:
    """A frame with an index of another kind (periods, intervals) stays where it is, as a whole."""
    if not all(type(index).__name__ in _INDEXES for index in indexes):
        raise NotPlain


@kind(SERIES, "pandas.core.series.Series", "pandas.Series")
def _series(codec: Codec, value: Any) -> list[Any]:
    _check(value.index)
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
    "pandas.TimedeltaIndex",
    "pandas.CategoricalIndex",
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
    _check(value.columns, value.index)
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
