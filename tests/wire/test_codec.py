"""Values to bytes and back, and bytes that are none."""

from __future__ import annotations

import array
import collections
import datetime as dt
import decimal
import fractions
import io
import ipaddress
import math
import re
import time
import tracemalloc
import types
import uuid
import zoneinfo
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import msgpack
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from mangling import cases

from autograder.errors import WireError
from autograder.wire import HANDLE, MAX_DEPTH, Codec
from autograder.wire.builtin import is_namedtuple
from autograder.wire.codec import DECODERS

CODEC = Codec()
atoms = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-(2**2000), 2**2000), st.floats(), st.complex_numbers(), st.text(),
    st.binary(), st.dates(), st.times(), st.datetimes(), st.timedeltas(), st.decimals(), st.fractions(), st.just(...),
    st.binary().map(bytearray), st.binary().map(memoryview), st.lists(st.integers(-9, 9)).map(lambda x: array.array("q", x)),
    st.uuids(), st.ip_addresses(), st.datetimes(timezones=st.sampled_from([zoneinfo.ZoneInfo("Asia/Tokyo"), dt.UTC, dt.timezone(dt.timedelta(hours=2), "X")])),
    st.builds(range, st.integers(-9, 9), st.integers(-9, 9), st.integers(1, 3)), st.builds(slice, st.none() | st.integers()),
    st.sampled_from([np.float32(1.5), np.int8(3), np.str_("a"), np.bool_(True), np.datetime64("2020-01-01"), np.complex64(1j),
                     np.dtype("i4"), np.dtype([("a", "f8"), ("b", "U3")]), re.compile("a+", re.IGNORECASE), pd.Timestamp("2020-01-01"),
                     pd.NaT, pd.NA, np.longdouble(1) / 3]),
)  # fmt: skip
hashable = st.one_of(st.integers(), st.text(), st.booleans(), st.none(), st.tuples(st.integers(), st.text()), st.floats(allow_nan=False))
values = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(hashable, inner, max_size=4),
        st.sets(hashable, max_size=4),
        st.frozensets(hashable, max_size=4),
        st.lists(inner, max_size=3).map(collections.deque),
        st.dictionaries(hashable, inner, max_size=3).map(collections.OrderedDict),
        st.dictionaries(hashable, inner, max_size=3).map(lambda d: collections.defaultdict(list, d)),
        st.lists(hashable, max_size=4).map(collections.Counter),
    ),
    max_leaves=15,
)


def same(a: Any, b: Any) -> bool:
    """Equal and of one type, not-a-numbers included."""
    if type(a) is not type(b):
        return False
    if isinstance(a, decimal.Decimal):
        return str(a) == str(b)
    if isinstance(a, float | np.floating | complex | np.complexfloating) and a != a:
        return b != b
    if a is pd.NA or a is pd.NaT:
        return a is b
    if isinstance(a, dict):
        return len(a) == len(b) and all(k in b and same(v, b[k]) for k, v in a.items())
    if isinstance(a, list | tuple | collections.deque):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


@given(values)
@cases(300)
def test_plain_values_come_back(value: Any) -> None:
    """Every plain value comes back equal and of its own type."""
    assert same(value, CODEC.loads(CODEC.dumps(value)))


dtypes = st.one_of(
    hnp.boolean_dtypes(), hnp.integer_dtypes(), hnp.unsigned_integer_dtypes(), hnp.floating_dtypes(), hnp.complex_number_dtypes(),
    hnp.unicode_string_dtypes(max_len=5), hnp.byte_string_dtypes(max_len=5), hnp.datetime64_dtypes(), hnp.timedelta64_dtypes(),
)  # fmt: skip


@given(hnp.arrays(dtypes, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)))
@cases(300)
def test_arrays_come_back(array: Any) -> None:
    """With dtype, shape and bytes, writable and on their own memory."""
    back = CODEC.loads(CODEC.dumps(array))
    assert (array.dtype, array.shape) == (back.dtype, back.shape)
    assert array.tobytes() == back.tobytes()
    assert back.flags.writeable


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": [1.5, np.nan]}, index=[5, 6]),
        pd.DataFrame(),
        pd.DataFrame({"d": pd.date_range("2020", periods=2), "e": pd.array([1, None], dtype="Int64")}),
        pd.DataFrame([[1, 2], [3, 4]], columns=["a", "a"]),
        pd.DataFrame({"a": [1, 2]}, index=pd.MultiIndex.from_tuples([("x", 1), ("y", 2)], names=["k", "n"])),
        pd.DataFrame({"c": pd.Series(["a", "b"], dtype="category")}),
        pd.DataFrame({"n": [1, 2]}, index=pd.CategoricalIndex(["a", "b"], name="kind")),
        pd.DataFrame({"n": [1, 2]}, index=pd.to_timedelta([1, 2], unit="h")),
    ],
)
def test_frames_come_back(frame: Any) -> None:
    """Columns, dtypes and index."""
    pd.testing.assert_frame_equal(frame, CODEC.loads(CODEC.dumps(frame)), check_freq=False)


def test_other_arrays_come_back() -> None:
    """Masked, matrix, of objects, of records, transposed, and generators of random numbers."""
    masked = np.ma.array([1.0, 2.0], mask=[0, 1])
    assert [1.0, None] == CODEC.loads(CODEC.dumps(masked)).tolist()
    assert isinstance(CODEC.loads(CODEC.dumps(np.matrix([[1]]))), np.matrix)
    objects = np.empty((2, 1), object)
    objects[:] = [["a"], [None]]
    assert [["a"], [None]] == CODEC.loads(CODEC.dumps(objects)).tolist()
    records = np.array([(1, "a")], dtype=[("n", "i4"), ("s", "U1")])
    assert records.tolist() == CODEC.loads(CODEC.dumps(records)).tolist()
    turned = np.arange(6).reshape(2, 3).T
    assert turned.tolist() == CODEC.loads(CODEC.dumps(turned)).tolist()
    rng = np.random.default_rng(1)
    rng.random(3)
    assert CODEC.loads(CODEC.dumps(rng)).random() == rng.random()
    old = np.random.RandomState(1)
    assert CODEC.loads(CODEC.dumps(old)).rand() == old.rand()


def test_views_and_named_tuples_come_back() -> None:
    """Views behave as views, a named tuple has its names."""
    assert {"a"} == CODEC.loads(CODEC.dumps({"a": 1}.keys())) and [1] == list(CODEC.loads(CODEC.dumps({"a": 1}.values())))
    assert [("a", 1)] == list(CODEC.loads(CODEC.dumps({"a": 1}.items())))
    back = CODEC.loads(CODEC.dumps(msgpack.ExtType(13, CODEC.dumps(["P", ["x", "y"], [1, 2]]))))
    assert is_namedtuple(back) and (1, 2) == back and 2 == back.y


@pytest.mark.parametrize(
    "value",
    [object(), len, type, Ellipsis.__class__, Exception(), iter([]), lambda: 1, math, np.sum, type("I", (int,), {})(3),
     type("L", (list,), {})(), collections.defaultdict(lambda: 1), np.empty(1, dtype=[("o", object)])],
)  # fmt: skip
def test_what_is_no_plain_value_is_named(value: Any) -> None:
    """Objects of other types, subclasses of plain types among them, do not travel by themselves."""
    with pytest.raises(WireError):
        CODEC.dumps([value])


def nested(depth: int, make: Any) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = make(value)
    return value


@pytest.mark.parametrize("make", [lambda x: [x], lambda x: (x,), lambda x: {"a": x}, lambda x: [(x,)], lambda x: collections.OrderedDict(a=x)])
@pytest.mark.parametrize("depth", [150, 600, 5000])
def test_deep_values_do_not_travel(make: Any, depth: int) -> None:
    """Neither there nor back, and never by a crash."""
    with pytest.raises((WireError, RecursionError)):
        CODEC.dumps(nested(depth, make))


def test_a_deep_frame_is_refused() -> None:
    """However it is nested: lists in lists, extensions in extensions."""
    with pytest.raises(WireError):
        CODEC.loads(b"\x91" * 500 + b"\xc0")
    data = CODEC.dumps(0)
    for _ in range(MAX_DEPTH + 5):
        data = msgpack.packb(msgpack.ExtType(3, msgpack.packb([msgpack.ExtType(3, data)])))[:]
        if len(data) > 1 << 16:
            break
    with pytest.raises(WireError):
        CODEC.loads(nest_extensions(MAX_DEPTH + 1))


def nest_extensions(depth: int) -> bytes:
    data = msgpack.packb([])
    for _ in range(depth):
        data = msgpack.packb([msgpack.ExtType(3, data)])
    return bytes(msgpack.packb(msgpack.ExtType(3, data)))


def test_what_is_sent_is_taken() -> None:
    """The limits on the way out are within those on the way in, so no honest value is a broken rule."""
    for make in (lambda x: [x], lambda x: (x,), lambda x: {"a": x}):
        deepest = 0
        for depth in range(1, MAX_DEPTH):
            try:
                data = CODEC.dumps(nested(depth, make))
            except WireError:
                break
            CODEC.loads(data)
            deepest = depth
        assert deepest >= 70


@given(st.binary(max_size=200))
@cases(500)
def test_any_bytes_are_a_value_or_an_error(data: bytes) -> None:
    """Bytes that are no value raise WireError and nothing else."""
    try:
        CODEC.loads(data)
    except WireError:
        pass


payloads = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=6) | st.binary(max_size=12)
    | st.sampled_from(["O", "<f8", "|O", "<U0", "S0", "V0", "<M8[ns]", "bfloat16", "range", "multi", "index", "PCG64", "category", "Int64", "MT19937"]),
    lambda x: st.lists(x, max_size=4) | st.dictionaries(st.text(max_size=5), x, max_size=3)
    | st.tuples(st.sampled_from(sorted(DECODERS)), x).map(lambda t: msgpack.ExtType(t[0], msgpack.packb(t[1]))),
    max_leaves=10,
)  # fmt: skip


@given(st.sampled_from(sorted(DECODERS)), payloads)
@cases(1500)
def test_any_payload_of_any_kind_is_a_value_or_an_error(code: int, payload: Any) -> None:
    """And what comes out of it can be passed on, so a test never fails for passing on what it was given."""
    try:
        value = CODEC.loads(msgpack.packb(msgpack.ExtType(code, msgpack.packb(payload))))
    except WireError:
        return
    Codec(other=lambda codec, obj: codec.extension(HANDLE, []), deepest=MAX_DEPTH).dumps(value) if not is_namedtuple(value) else None


@given(values, st.integers(0, 10_000), st.integers(0, 255))
@cases(500)
def test_a_mangled_byte_is_a_value_or_an_error(value: Any, place: int, byte: int) -> None:
    """One byte of a sound frame replaced by any other."""
    data = bytearray(CODEC.dumps(value))
    data[place % len(data)] = byte
    try:
        CODEC.loads(bytes(data))
    except WireError:
        pass


BOMBS = {
    "a list of four billion": b"\xdd\xff\xff\xff\xff",
    "a dict of four billion": b"\xdf\xff\xff\xff\xff",
    "a text of four billion": b"\xdb\xff\xff\xff\xff",
    "an extension of four billion": b"\xc9\xff\xff\xff\xff\x20",
    "an array of 2**40": msgpack.packb(msgpack.ExtType(32, msgpack.packb(["<f8", [2**39], b""]))),
    "an array without a size": msgpack.packb(msgpack.ExtType(32, msgpack.packb(["<U0", [2**39], b""]))),
    "an array of many axes": msgpack.packb(msgpack.ExtType(32, msgpack.packb(["<f8", [2**20] * 40, b""]))),
    "an empty array with large axes": msgpack.packb(msgpack.ExtType(32, msgpack.packb(["<f8", [0, 2**39, 2**39], b""]))),
    "a huge item": msgpack.packb(msgpack.ExtType(32, msgpack.packb(["<U9999999", [1], b""]))),
    "a huge integer": msgpack.packb(msgpack.ExtType(1, msgpack.packb(b"\x7f" * (2 << 20)))),
    "a huge decimal": msgpack.packb(msgpack.ExtType(20, msgpack.packb("1" * 20_000))),
    "a long pattern": msgpack.packb(msgpack.ExtType(22, msgpack.packb(["a" * 20_000, 0]))),
    "a view of 2**40": msgpack.packb(msgpack.ExtType(28, msgpack.packb(["B", [2**40, 2**40], False, b"a"]))),
    "a file that is read far behind its end": msgpack.packb(msgpack.ExtType(31, msgpack.packb([b"", 2**60]))),
    "a tuple with ten thousand names": msgpack.packb(msgpack.ExtType(13, msgpack.packb(["P", ["a"] * 10_000, [0] * 10_000]))),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_no_memory(name: str) -> None:
    """A frame that claims to be large is refused before anything is built."""
    tracemalloc.start()
    try:
        with pytest.raises(WireError):
            CODEC.loads(BOMBS[name])
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()


def test_a_handle_where_values_alone_may_come() -> None:
    """It is refused."""
    with pytest.raises(WireError, match="handle"):
        CODEC.loads(msgpack.packb(msgpack.ExtType(HANDLE, msgpack.packb([1]))))


def test_dates_and_fractions_are_their_own() -> None:
    """A timezone and a sign are kept."""
    for value in (dt.datetime(2020, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=9))), fractions.Fraction(-1, 3), decimal.Decimal("-Infinity")):
        assert value == CODEC.loads(CODEC.dumps(value))


def test_what_messagepack_takes_for_bytes_keeps_its_kind() -> None:
    """However deep it lies, in lists and dicts, tuples and extensions; and nothing that is handed over is changed."""
    value = {"a": [bytearray(b"x"), {"b": (bytearray(b"y"), b"z")}], "c": collections.deque([memoryview(b"v")])}
    back = CODEC.loads(CODEC.dumps(value))
    assert value == back
    assert [bytearray, bytearray, bytes] == [type(back["a"][0]), *map(type, back["a"][1]["b"])]
    assert type(value["a"][0]) is bytearray and memoryview is type(back["c"][0])


@pytest.mark.parametrize("view", [memoryview(b"abcdef")[::2], memoryview(np.arange(6, dtype="i4").reshape(2, 3)), memoryview(array.array("d", [1.5])), memoryview(bytearray(b"ab")), memoryview(b"")])
def test_views_of_memory_come_back(view: memoryview) -> None:
    """With format, shape and content, in one piece; one that can be written to still can."""
    back = CODEC.loads(CODEC.dumps([view]))[0]
    assert (view.format, view.shape, view.readonly, view.tolist()) == (back.format, back.shape, back.readonly, back.tolist())


def test_files_in_memory_come_back() -> None:
    """With content, newlines and the place at which they are read; closed ones do not travel."""
    text, data = io.StringIO("one\r\ntwo", newline=""), io.BytesIO(b"abc")
    text.readline(), data.read(1)
    back = CODEC.loads(CODEC.dumps([text, data]))
    assert ["two", b"bc"] == [file.read() for file in back] and "one\r\ntwo" == back[0].getvalue()
    text.close()
    with pytest.raises(WireError):
        CODEC.dumps(text)


def test_moments_keep_their_zone() -> None:
    """The zone itself, not its distance from UTC alone; which of two hours; and a zone by itself."""
    zone = zoneinfo.ZoneInfo("Europe/Berlin")
    for value in (dt.datetime(2020, 10, 25, 2, 30, tzinfo=zone, fold=1), dt.time(1, fold=1), dt.time(2, tzinfo=dt.UTC), zone, dt.timezone(dt.timedelta(hours=1), "X")):
        assert repr(value) == repr(CODEC.loads(CODEC.dumps(value)))
    hidden = dt.datetime(2020, 7, 1, tzinfo=zoneinfo.ZoneInfo.no_cache("posix/UTC"))
    assert hidden == CODEC.loads(CODEC.dumps(hidden))
    assert dt.UTC is CODEC.loads(CODEC.dumps(dt.UTC))
    assert time.gmtime(0).tm_yday == CODEC.loads(CODEC.dumps(time.gmtime(0))).tm_yday


def test_names_of_things_come_back() -> None:
    """Addresses, UUIDs, paths of all flavours, read-only mappings."""
    for value in (uuid.UUID(int=7), ipaddress.ip_network("10.0.0.0/8"), Path("a/b"), PurePosixPath("/etc"), PurePosixPath("x"), PureWindowsPath("c:/x"), types.MappingProxyType({"a": 1})):
        back = CODEC.loads(CODEC.dumps(value))
        assert type(value) is type(back) and value == back


def test_a_path_below_the_working_folder_is_one_on_the_other_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each side has a folder of its own; and the other side is told of it."""
    told: list[Any] = []
    monkeypatch.chdir(tmp_path)
    data = CODEC.dumps([Path.cwd() / "out.txt", Path("out.txt")])
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert [tmp_path / "other" / "out.txt", Path("out.txt")] == Codec(came=told.append).loads(data) == told


@pytest.mark.parametrize("text", ["/etc/passwd", "../up", "a/../../up", "/", "a\0b"])
def test_a_path_that_leads_elsewhere_does_not_travel(text: str) -> None:
    """Neither by the sender's will nor forged: a test may read, or remove, what an answer names."""
    with pytest.raises(WireError):
        CODEC.dumps(Path(text))
    for below in (True, False):
        with pytest.raises(WireError):
            CODEC.loads(msgpack.packb(msgpack.ExtType(55, msgpack.packb(["PosixPath", below, text]))))


@pytest.mark.parametrize("zone", ["../../etc/passwd", "/etc/localtime", "No/Where", "", 5, None])
def test_a_zone_that_this_machine_does_not_know_is_refused(zone: Any) -> None:
    """No file is opened by a name that came."""
    with pytest.raises(WireError):
        CODEC.loads(msgpack.packb(msgpack.ExtType(51, msgpack.packb(zone))))
