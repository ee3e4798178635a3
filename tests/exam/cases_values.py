"""Kinds of value that few courses use, each of which a test of some course did: bytes, moments, paths, files."""

BUFFERS = {
    "a bytearray that is returned": """
#S
def f(): return bytearray(b"ab")
def deep(): return {"a": [bytearray(b"ab")], "b": (bytearray(b"c"), b"d")}
class Packet(bytearray): pass
#T
x = f()
assert isinstance(x, bytearray) and type(x) is bytearray and x == b"ab" and f() is not x
x.append(1)
d = deep()
d["a"][0] += b"!"
assert Packet(b"ab") == b"ab" and isinstance(Packet(b"a"), bytearray) and len(Packet(b"ab")) == 2
x, d, [type(i).__name__ for i in d["b"]]
""",
    "a bytearray that the student's function changes": """
#S
def fill(b):
    b[0] = 1
    b.append(7)
    return b
def deep(d): d["a"][0].extend(b"zz")
def kind(x): return type(x).__name__
#T
b = bytearray(b"xyz")
assert fill(b) is b and b == b"\\x01yz\\x07"
inner = bytearray(b"a")
d = {"a": [inner]}
deep(d)
b, inner, d, kind(b), kind(b"a")
""",
    "a bytearray of the notebook's": """
#S
buffer = bytearray(3)
def write(i): buffer[i] = 5
def total(): return sum(data)
#T
kept = buffer
write(1)
buffer[0] = 9
write(2)
assert kept is buffer
data = bytearray([1, 2])
assert total() == 3
data.append(4)
buffer, total()
""",
    "bytes for a bytearray fails": """
#S
def f(): return b"ab"
#T
assert isinstance(f(), bytearray)
""",
    "views of memory and typed arrays": """
#S
import array
import numpy as np
def view(): return memoryview(b"abc")
def grid(): return memoryview(np.arange(6, dtype="i4").reshape(2, 3))
def gaps(): return memoryview(b"abcdef")[::2]
def fill(m): m[0] = 65
def typed(): return array.array("i", [1, 2])
def grow(a): a.append(5)
#T
import array
assert isinstance(view(), memoryview) and view() == b"abc" and view().readonly
b = bytearray(b"xyz")
fill(memoryview(b))
a = array.array("d", [1.0])
grow(a)
assert isinstance(typed(), array.array) and typed() == array.array("i", [1, 2])
b, a, grid().shape, grid().tolist(), bytes(gaps()), typed().typecode
""",
    "files in memory": """
#S
import io
def read(f): return f.read()
def lines(f): return [line for line in f]
def write(f): print("hello", file=f)
def made(): return io.StringIO("made")
#T
import contextlib, io
out = io.StringIO()
write(out)
source = io.BytesIO(b"abc")
source.read(1)
with contextlib.redirect_stdout(io.StringIO()) as printed:
    import sys
    write(sys.stdout)
out.getvalue(), read(source), source.read(), lines(io.StringIO("a\\nb")), made().getvalue(), printed.getvalue()
""",
}
MOMENTS = {
    "zones": """
#S
import datetime as dt, zoneinfo
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
def made(): return dt.datetime(2020, 7, 1, tzinfo=BERLIN)
def utc(): return dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc)
def zone(): return dt.timezone.utc, BERLIN, dt.timezone(dt.timedelta(hours=2), "X")
def told(x): return str(x.tzinfo), x.tzname(), x.fold
def placed(z): return dt.datetime(2020, 1, 1, tzinfo=z).isoformat()
class Day(dt.date): pass
#T
import datetime as dt, zoneinfo
berlin = zoneinfo.ZoneInfo("Europe/Berlin")
assert made().tzinfo == berlin and utc().tzinfo is dt.timezone.utc and zone()[0] == dt.timezone.utc
assert Day(2020, 1, 1) == dt.date(2020, 1, 1) and Day(2020, 1, 1) < dt.date(2020, 1, 2)
winter = made() + dt.timedelta(days=180)
made().tzname(), winter.isoformat(), zone(), told(dt.datetime(2020, 10, 25, 2, 30, tzinfo=berlin, fold=1)), placed(berlin)
""",
    "structs of time": """
#S
import time
def f(): return time.gmtime(0)
#T
f().tm_year, f()[:3], f() == tuple(f())
""",
}
THINGS = {
    "paths": """
#S
from pathlib import Path
def f(): return Path("a") / "b.txt"
def here(): return Path.cwd() / "a"
def named(p): return Path(p).name, isinstance(p, Path), str(p)
#T
from pathlib import Path
assert f() == Path("a/b.txt") and isinstance(f(), Path) and here() == Path.cwd() / "a"
f().suffix, str(f()), f().parent, named(Path("a") / "c.txt")
""",
    "UUIDs, addresses, read-only mappings": """
#S
import ipaddress, types, uuid
def f(): return uuid.UUID(int=5), ipaddress.ip_address("1.2.3.4"), types.MappingProxyType({"a": 1})
def g(u, a, m): return u.hex, str(a), m["a"]
#T
import ipaddress, types, uuid
assert f() == (uuid.UUID(int=5), ipaddress.ip_address("1.2.3.4"), {"a": 1})
f(), g(*f()), g(uuid.UUID(int=6), ipaddress.ip_address("::1"), types.MappingProxyType({"a": 2}))
""",
    "members of a library's enumerations": """
#S
import http, re, uuid
def f(): return http.HTTPStatus.NOT_FOUND
def g(): return re.I | re.M
def told(m): return m.name, m.value
#T
import http, re, uuid
assert f() is http.HTTPStatus.NOT_FOUND and f() == 404 and isinstance(f(), http.HTTPStatus) and g() == re.I | re.M
f().name, told(http.HTTPStatus.OK), told(uuid.SafeUUID.safe)
""",
    "Python's own classes": """
#S
to = int
def f() -> str: return {"a": int, "b": [str]}
#T
assert f()["a"] is int and f() == {"a": int, "b": [str]} and f.__annotations__ == {"return": str}
to("3"), isinstance(3, to)
""",
    "errors of more of Python's library": """
#S
import dataclasses, queue, struct
@dataclasses.dataclass(frozen=True)
class P: x: int
def empty(): queue.Queue().get_nowait()
def packed(): struct.pack("i", "a")
#T
import dataclasses, queue, struct
caught = []
for kind, call in ((queue.Empty, empty), (struct.error, packed), (dataclasses.FrozenInstanceError, lambda: setattr(P(1), "x", 2))):
    try:
        call()
    except kind:
        caught.append(kind.__name__)
caught
""",
    "named tuples with methods": """
#S
from collections import namedtuple
from typing import NamedTuple
class P(namedtuple("P", "x y")):
    def total(self): return self.x + self.y
class Q(NamedTuple):
    x: int
    y: int = 3
    def total(self): return self.x + self.y
R = namedtuple("R", "x y")
def f(): return P(1, 2)
def g(p): return p.total()
def plain(): return R(1, 2)
def moved(p): return p._replace(x=5)
#T
from collections import namedtuple
T = namedtuple("T", "x y")
p = f()
a, b = p
assert p == (1, 2) and isinstance(p, tuple) and isinstance(p, P) and type(plain()) is R and type(plain()) == R
assert type(moved(T(1, 2))) is T and moved(T(1, 2)) == T(5, 2)
p.total(), Q(1).total(), p[0], len(p), g(P(3, 4)), {p: 1}[f()], p < (1, 3), p + (3,), sorted([P(2, 1), P(1, 5)])[0].x
""",
    "values that classes of the library carry": """
#S
import collections, decimal, fractions
from collections.abc import Mapping, Set
class D(collections.UserDict): pass
class F(fractions.Fraction): pass
class Few(Set):
    def __init__(self, items): self.items = list(items)
    def __contains__(self, x): return x in self.items
    def __iter__(self): return iter(self.items)
    def __len__(self): return len(self.items)
class Half(Mapping):
    def __getitem__(self, k): return {"a": 1}[k]
    def __iter__(self): return iter("a")
    def __len__(self): return 1
def chain(): return collections.ChainMap({"a": 1}, {"b": 2})
def keys(): return collections.OrderedDict(a=1).keys()
#T
from fractions import Fraction
assert D(a=1) == {"a": 1} and F(1, 2) == Fraction(1, 2) and chain() == {"a": 1, "b": 2} and keys() == {"a"}
assert Few([1, 2]) == {1, 2} and Few([1]) <= {1, 2} and Half() == {"a": 1}
F(1, 2) + 1, Half().get("z", 3), dict(D(a=1)), len(chain())
""",
}
CASES = BUFFERS | MOMENTS | THINGS
