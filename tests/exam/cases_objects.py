"""More of what tests of real courses do: the student's own objects, exceptions, random numbers, figures, libraries."""

OBJECTS = {
    "instances, attributes and methods": """
#S
class Dog:
    kind = "dog"
    def __init__(self, name): self.name = name
    def bark(self, n=1): return "wuff " * n + self.name
#T
d = Dog("Rex")
assert d.name == "Rex" and Dog.kind == "dog"
assert isinstance(d, Dog)
d.bark(2), d.kind
""",
    "setting and deleting attributes": """
#S
class Box: pass
def look(b): return b.x
#T
b = Box()
b.x = 5
assert look(b) == 5
setattr(b, "y", [1])
assert b.y == [1]
del b.x
hasattr(b, "x"), hasattr(b, "y")
""",
    "a list attribute changed in place": """
#S
class Stack:
    def __init__(self): self.items = []
    def push(self, x): self.items.append(x)
    def size(self): return len(self.items)
#T
s = Stack()
s.push(1)
s.items.append(2)
assert s.size() == 2
s.items
""",
    "type(x) == C": """
#S
class A: pass
class B(A): pass
def make(): return B()
#T
x = make()
assert type(x) == B and type(x) != A
assert type(x) is B
type(x) in (A, B), type(x).__name__, type(make) == type(len)
""",
    "type of plain values": """
#S
def f(): return 1
def g(): return [1]
#T
assert type(f()) == int and type(f()) is int and type(g()) in (list, tuple)
isinstance(type(f()), type)
""",
    "isinstance of student classes and bases": """
#S
class A: pass
class B(A): pass
#T
assert isinstance(B(), A) and not isinstance(A(), B)
assert issubclass(B, A) and not issubclass(A, B)
isinstance(3, A), isinstance(B(), (int, A)), isinstance(B, type)
""",
    "the class's own name": """
#S
class A: pass
#T
a = A()
a.__class__.__name__, type(a).__name__, A.__name__, a.__class__ == A
""",
    "bases and mro": """
#S
class A: pass
class B(A): pass
#T
assert B.__bases__ == (A,)
[c.__name__ for c in B.__mro__]
""",
    "== of two student objects": """
#S
class P:
    def __init__(self, x): self.x = x
    def __eq__(self, other): return isinstance(other, P) and self.x == other.x
    def __hash__(self): return hash(self.x)
#T
assert P(1) == P(1) and P(1) != P(2)
len({P(1), P(1), P(2)}), {P(1): "a"}[P(1)], P(1) in [P(2), P(1)]
""",
    "identity of student objects": """
#S
class Node:
    def __init__(self, v, next=None): self.v, self.next = v, next
#T
a = Node(1)
b = Node(2, a)
assert b.next is a and a.next is None
assert b.next == a and b != a
b.next.next is None
""",
    "a linked list walked with while": """
#S
class Node:
    def __init__(self, v, next=None): self.v, self.next = v, next
def build(items):
    head = None
    for i in reversed(items): head = Node(i, head)
    return head
#T
node, out = build([1, 2, 3]), []
while node:
    out.append(node.v)
    node = node.next
out
""",
    "a linked list built by the test": """
#S
class Node:
    def __init__(self, v): self.v, self.next = v, None
def total(n):
    out = 0
    while n is not None: out, n = out + n.v, n.next
    return out
#T
a, b = Node(1), Node(2)
a.next = b
assert total(a) == 3
b.next = Node(10)
total(a)
""",
    "a tree by recursion of the test": """
#S
class Tree:
    def __init__(self, v, left=None, right=None): self.v, self.left, self.right = v, left, right
def insert(t, v):
    if t is None: return Tree(v)
    if v < t.v: t.left = insert(t.left, v)
    else: t.right = insert(t.right, v)
    return t
#T
t = None
for v in [3, 1, 2, 5]: t = insert(t, v)
def walk(t): return walk(t.left) + [t.v] + walk(t.right) if t else []
walk(t)
""",
    "len, index, iteration, slices": """
#S
class Seq:
    def __len__(self): return 3
    def __getitem__(self, i):
        if isinstance(i, slice): return list(range(3))[i]
        if i >= 3: raise IndexError(i)
        return i * 10
#T
s = Seq()
assert len(s) == 3 and s[1] == 10
assert [x for x in s] == [0, 10, 20]
s[1:], list(s), sum(s)
""",
    "iter and next": """
#S
class Count:
    def __init__(self): self.n = 0
    def __iter__(self): return self
    def __next__(self):
        self.n += 1
        if self.n > 3: raise StopIteration
        return self.n
#T
c = Count()
assert next(c) == 1
assert list(c) == [2, 3]
next(c, "end")
""",
    "contains by iteration": """
#S
class Bag:
    def __init__(self, *a): self.a = a
    def __iter__(self): return iter(self.a)
#T
b = Bag(1, 2)
1 in b, 5 in b, list(enumerate(b)), list(zip(b, "ab"))
""",
    "arithmetic of two student objects": """
#S
class V:
    def __init__(self, x): self.x = x
    def __add__(self, o): return V(self.x + o.x)
    def __sub__(self, o): return V(self.x - o.x)
    def __neg__(self): return V(-self.x)
    def __abs__(self): return abs(self.x)
    def __lt__(self, o): return self.x < o.x
#T
a, b = V(1), V(2)
assert (a + b).x == 3 and (a - b).x == -1 and (-a).x == -1
a < b, abs(V(-3)), sorted([b, a])[0].x, max(a, b).x
""",
    "float, int, round, format, str, repr": """
#S
class N:
    def __float__(self): return 1.5
    def __int__(self): return 1
    def __index__(self): return 2
    def __round__(self, n=0): return 7
    def __str__(self): return "N!"
    def __repr__(self): return "N()"
    def __format__(self, spec): return f"<{spec}>"
#T
n = N()
float(n), int(n), [1, 2, 3][n], round(n), str(n), repr(n), f"{n:x}", f"{n}", "%s" % n
""",
    "context managers": """
#S
class Door:
    def __init__(self): self.log = []
    def __enter__(self):
        self.log.append("in")
        return self
    def __exit__(self, kind, value, trace):
        self.log.append(kind.__name__ if kind else "out")
        return kind is ValueError
#T
d = Door()
with d as inside:
    assert inside is d
with d:
    raise ValueError("x")
d.log
""",
    "contextlib of the student's": """
#S
from contextlib import contextmanager
seen = []
@contextmanager
def noted(x):
    seen.append(x)
    yield x + 1
    seen.append("end")
#T
with noted(1) as y:
    assert y == 2
seen
""",
    "setitem and delitem": """
#S
class D:
    def __init__(self): self.d = {}
    def __getitem__(self, k): return self.d[k]
    def __setitem__(self, k, v): self.d[k] = v
    def __delitem__(self, k): del self.d[k]
#T
d = D()
d["a"] = 1
d["b"] = [2]
del d["a"]
d["b"], d.d
""",
    "properties and class attributes": """
#S
class C:
    count = 0
    def __init__(self): C.count += 1; self._t = 20
    @property
    def t(self): return self._t
    @t.setter
    def t(self, v):
        if v < 0: raise ValueError("cold")
        self._t = v
    @classmethod
    def many(cls, n): return [cls() for _ in range(n)]
    @staticmethod
    def twice(x): return 2 * x
#T
c = C()
c.t = 30
C.many(2)
try:
    c.t = -1
    told = ""
except ValueError as e:
    told = str(e)
c.t, C.count, C.twice(4), told
""",
    "dataclasses": """
#S
from dataclasses import dataclass
@dataclass(order=True)
class P:
    x: int
    y: int = 0
#T
p = P(1)
assert p == P(1, 0) and p < P(2)
import dataclasses
repr(p), dataclasses.is_dataclass(p), p.__dict__, vars(p)
""",
    "named tuples": """
#S
from collections import namedtuple
P = namedtuple("P", "x y")
def make(): return P(1, 2)
#T
p = make()
assert p == (1, 2) and p.x == 1 and isinstance(p, tuple)
assert isinstance(p, P) and type(p).__name__ == "P"
x, y = p
p._fields, p._replace(x=5), len(p), P(3, 4).y, p == P(1, 2)
""",
    "a named tuple goes back to the student": """
#S
from collections import namedtuple
P = namedtuple("P", "x y")
def make(): return P(1, 2)
def norm(p): return p.x + p.y
#T
norm(make()), norm(P(2, 3))
""",
    "enums": """
#S
from enum import Enum, IntEnum
class Color(Enum):
    RED = 1
    BLUE = 2
class Level(IntEnum):
    LOW = 1
def pick(): return Color.RED
#T
assert pick() == Color.RED and pick() is Color.RED and pick() != Color.BLUE
pick().name, pick().value, [c.name for c in Color], Level.LOW == 1, Level.LOW < 2
""",
    "a method of the task's own class is asked, whatever its name": """
#S
class Box:
    def __init__(self, *items): self.items = list(items)
    def issubset(self, other): return len(self.items) < len(other)
    def equals(self, other): return self.items == list(other)
    def count(self, x): return 40 + self.items.count(x)
    def __contains__(self, x): return x in self.items
    def sub(self, x): return [i - x for i in self.items]
    def __iter__(self): return iter(self.items)
#T
b = Box(1, 2)
assert b.issubset({7, 8, 9}) and b.equals([1, 2]) and not b.equals([1]) and b.__contains__(1)
b.count(1), b.sub(1), list(map(b.equals, [[1], [1, 2]])), Box.equals(b, [1, 2]), b.equals.__name__
""",
    "methods of plain types through subclasses that do not touch them": """
#S
class Pile(list):
    def top(self): return self[-1]
class Names(set): pass
class Word(str): pass
class Table(dict): pass
#T
p = Pile([1, 2, 2])
p.remove(1)
assert p.count(2) == 2 and p.index(2) == 0 and Names("ab").issubset({"a", "b", "c"})
n = Names("ab")
n.add("z")
assert n.union({"q"}) == {"a", "b", "z", "q"} and not n.isdisjoint({"z"}) and n == {"a", "b", "z"}
assert Word("hello").startswith("he") and Word("hello").find("l") == 2 and not Word("a").endswith("b")
t = Table(a=1)
t.update(b=2)
sorted(t.keys()), t.get("c", 5), sorted(n.difference({"a"})), n <= {"a", "b", "z"}, list(p)
""",
    "methods inherited of collections": """
#S
import collections
from collections.abc import Set
class Few(Set):
    def __init__(self, items): self.items = list(items)
    def __contains__(self, x): return x in self.items
    def __iter__(self): return iter(self.items)
    def __len__(self): return len(self.items)
class Line(collections.UserList): pass
#T
assert Few([1, 2]).isdisjoint({3}) and not Few([1]).isdisjoint([1])
Line([1, 1]).count(1), Line("ab").index("b")
""",
    "attributes that are called like a set's methods": """
#S
class Pair:
    def __init__(self): self.difference, self.union, self.eq = 3, "both", [1]
def pair():
    p = Pair()
    p.compare = lambda x: x + 1
    return p
#T
p = pair()
p.difference, p.union, p.eq, p.compare(2), hasattr(p, "issubset")
""",
    "two of the student's own are compared by their methods": """
#S
def made(n): return type("Hidden", (), {"n": n, "equals": lambda self, other: self.n == other.n})()
#T
made(1).equals(made(1)), made(1).equals(made(2))
""",
    "a subclass of list": """
#S
class Pile(list):
    def top(self): return self[-1]
#T
p = Pile([1, 2])
p.append(3)
assert p == [1, 2, 3] and isinstance(p, list)
p.top(), len(p), p[0], sorted(p), [1, 2, 3] == p
""",
    "subclasses of dict, str, int and float": """
#S
class D(dict): pass
class S(str): pass
class I(int): pass
class F(float): pass
#T
assert D(a=1) == {"a": 1} and S("ab") == "ab" and I(3) == 3 and F(.5) == .5
assert I(3) + 1 == 4 and S("a") + "b" == "ab" and "x" + S("y") == "xy" and 2 * F(.5) == 1
S("abc").upper(), D(a=1)["a"], I(7) > 3, F(2.5) / 2, 3 < I(5), S("ab") in {"ab": 1}
""",
    "an abstract class": """
#S
from abc import ABC, abstractmethod
class Shape(ABC):
    @abstractmethod
    def area(self): ...
class Square(Shape):
    def __init__(self, s): self.s = s
    def area(self): return self.s ** 2
#T
try:
    Shape()
    told = "made"
except TypeError:
    told = "abstract"
import abc
told, Square(3).area(), isinstance(Square(1), Shape), issubclass(Square, Shape)
""",
    "callable objects": """
#S
class Scale:
    def __init__(self, k): self.k = k
    def __call__(self, x): return x * self.k
#T
s = Scale(3)
assert callable(s) and not callable(Scale)  if False else callable(s)
s(4), list(map(s, [1, 2]))
""",
    "generators of the student's": """
#S
def count(n):
    for i in range(n): yield i
def forever():
    i = 0
    while True:
        yield i
        i += 1
#T
import types, itertools
g = count(3)
assert next(g) == 0
assert list(g) == [1, 2]
assert list(g) == []
assert isinstance(count(1), types.GeneratorType)
list(itertools.islice(forever(), 3)), next(count(0), None), sum(count(5)), list(count(2))
""",
    "an exhausted generator fails": """
#S
def count(n):
    for i in range(n): yield i
#T
g = count(1)
next(g)
next(g)
""",
    "send and close": """
#S
def echo():
    got = None
    while True:
        got = yield got
#T
g = echo()
next(g)
r = g.send(5)
g.close()
r
""",
    "map, filter, zip objects and dict views": """
#S
def m(): return map(abs, [-1, 2])
def z(): return zip([1], [2])
def k(): return {"a": 1}.keys()
def v(): return {"a": 1}.values()
def i(): return {"a": 1}.items()
#T
assert list(m()) == [1, 2] and list(z()) == [(1, 2)] and dict(z()) == {1: 2}
list(k()), sorted(v()), list(i()), k() == {"a"}, "a" in k(), len(v())
""",
    "objects in containers": """
#S
class A:
    def __init__(self, n): self.n = n
def some(): return {"a": A(1), "l": [A(2), A(3)], "t": (A(4),)}
#T
s = some()
s["a"].n, [x.n for x in s["l"]], s["t"][0].n, len(s)
""",
    "a student's object in a test's container goes back": """
#S
class A:
    def __init__(self, n): self.n = n
def total(items): return sum(a.n for a in items)
def keys(d): return sorted(d)
#T
a = A(5)
total([a, A(6)]), total({1: a}.values()), keys({"x": a})
""",
    "a list of student objects sorted in place": """
#S
class A:
    def __init__(self, n): self.n = n
def order(items): items.sort(key=lambda a: a.n)
#T
a, b = A(2), A(1)
items = [a, b]
order(items)
items[0] is b, [x.n for x in items]
""",
    "monkeypatching a method": """
#S
class A:
    def f(self): return 1
    def g(self): return self.f() + 1
#T
a = A()
a.f = lambda: 10
a.g()
""",
    "a method of a class, unbound": """
#S
class A:
    def f(self, x): return x + 1
#T
a = A()
A.f(a, 1), a.f.__name__, hasattr(A, "f"), callable(A.f), callable(getattr(a, "f"))
""",
    "dir and vars of objects": """
#S
class A:
    def __init__(self): self.x = 1
    def f(self): pass
#T
assert "x" in dir(A()) and "f" in dir(A)
vars(A()), A().__dict__
""",
    "copy and deepcopy of plain answers": """
#S
def f(): return [[1]]
#T
import copy
a = f()
b = copy.deepcopy(a)
b[0].append(2)
a, b
""",
    "a test passes student objects between functions": """
#S
class Account:
    def __init__(self, b): self.b = b
def transfer(a, b, n):
    a.b -= n
    b.b += n
#T
x, y = Account(10), Account(0)
transfer(x, y, 4)
x.b, y.b
""",
    "default truth of objects": """
#S
class A: pass
class E:
    def __len__(self): return 0
#T
bool(A()), not A(), len(E())
""",
    "a student's metaclass and class decorator": """
#S
class Meta(type):
    def __call__(cls, *a):
        if not hasattr(cls, "one"): cls.one = super().__call__(*a)
        return cls.one
class Single(metaclass=Meta):
    pass
#T
Single() is Single()
""",
    "modules of the student's": """
#S
import math as m
import types
#T
m.pi, isinstance(m, types.ModuleType), m.sqrt(9)
""",
    "numpy types of answers": """
#S
import numpy as np
def f(): return np.float64(1.5)
def g(): return np.arange(6).reshape(2, 3)
#T
import numpy as np
assert isinstance(f(), float) and isinstance(g(), np.ndarray)
assert g().shape == (2, 3) and g().dtype == np.int64
np.testing.assert_allclose(g(), [[0, 1, 2], [3, 4, 5]])
f(), g().sum(), g()[1, 2], g().mean(axis=0).tolist(), np.array_equal(g(), g())
""",
    "masked arrays, matrices and records": """
#S
import numpy as np
def m(): return np.ma.array([1, 2], mask=[0, 1])
def x(): return np.matrix([[1, 2]])
def r(): return np.array([(1, "a")], dtype=[("n", "i4"), ("s", "U1")])
#T
import numpy as np
assert isinstance(m(), np.ma.MaskedArray)
m().sum(), x() * x().T, r()["s"].tolist(), type(x()).__name__
""",
    "a subclass of ndarray": """
#S
import numpy as np
class Sig(np.ndarray):
    pass
def f(): return np.arange(3).view(Sig)
#T
import numpy as np
assert isinstance(f(), np.ndarray)
assert np.array_equal(f(), [0, 1, 2])
int(np.sum(f())), f().shape, bool((f() == np.arange(3)).all()), np.exp(f()).shape
""",
    "an object with __array__": """
#S
import numpy as np
class A:
    def __array__(self, dtype=None, copy=None): return np.arange(3.0)
#T
import numpy as np
np.asarray(A()).tolist(), np.sum(np.asarray(A())), np.allclose(A(), [0, 1, 2])
""",
    "frames and series": """
#S
import pandas as pd
def f(): return pd.DataFrame({"a": [1, 2], "b": ["x", None]}, index=[5, 6])
def g(): return f().groupby("a").size()
#T
import pandas as pd
assert isinstance(f(), pd.DataFrame)
pd.testing.assert_frame_equal(f(), f().copy())
f().shape, list(f().columns), f().loc[5, "a"], f()["a"].mean(), g().tolist(), f().isna().sum().sum()
""",
    "time series and categories": """
#S
import pandas as pd
def f(): return pd.Series([1.0, 2.0], index=pd.date_range("2020-01-01", periods=2), name="s")
def c(): return pd.Series(["a", "b", "a"], dtype="category")
#T
f().index[0].year, f().name, f().sum(), c().value_counts()["a"], str(c().dtype)
""",
}

EXCEPTIONS = {
    "a builtin exception is caught by its class": """
#S
def f(x):
    if x < 0: raise ValueError("negative", x)
    return x
#T
try:
    f(-1)
    told = None
except ValueError as e:
    told = e.args
told
""",
    "pytest.raises": """
#S
def f(x):
    if x < 0: raise ValueError("x is negative")
#T
import pytest
with pytest.raises(ValueError, match="negative") as info:
    f(-1)
assert "negative" in str(info.value)
info.type.__name__
""",
    "pytest.raises when nothing is raised fails": """
#S
def f(x): return x
#T
import pytest
with pytest.raises(ValueError):
    f(1)
""",
    "pytest.raises with another exception fails": """
#S
def f(x): raise KeyError(x)
#T
import pytest
with pytest.raises(ValueError):
    f(1)
""",
    "unittest": """
#S
def f(x):
    if x is None: raise TypeError("none")
    return x
#T
import unittest
t = unittest.TestCase()
t.assertEqual(f(3), 3)
t.assertRaises(TypeError, f, None)
with t.assertRaises(TypeError):
    f(None)
t.assertAlmostEqual(f(.1) + .2, .3)
""",
    "an error in student code fails": """
#S
def f(x): return 1 / x
#T
assert f(0) == 0
""",
    "KeyError, IndexError and their texts": """
#S
def k(d): return d["b"]
def i(l): return l[5]
#T
out = []
for f, x in [(k, {}), (i, [])]:
    try:
        f(x)
    except (KeyError, IndexError) as e:
        out.append((type(e).__name__, str(e), e.args))
out
""",
    "the student's own exception class": """
#S
class Broke(Exception):
    def __init__(self, need):
        super().__init__(f"need {need}")
        self.need = need
def pay(n): raise Broke(n)
#T
try:
    pay(5)
    told = None
except Broke as e:
    told = (str(e), e.need, isinstance(e, Broke), isinstance(e, Exception), type(e).__name__)
told
""",
    "pytest.raises of the student's own class": """
#S
class Empty(Exception): pass
class Stack:
    def pop(self): raise Empty("nothing")
#T
import pytest
with pytest.raises(Empty):
    Stack().pop()
with pytest.raises(Exception) as info:
    Stack().pop()
str(info.value)
""",
    "a hierarchy of exception classes": """
#S
class Base(Exception): pass
class Child(Base): pass
class Other(Base, ValueError): pass
def f(): raise Child("c")
def g(): raise Other("o")
#T
out = []
for h in (f, g):
    try:
        h()
    except Base as e:
        out.append(type(e).__name__)
try:
    g()
except ValueError:
    out.append("value")
assert issubclass(Child, Base) and issubclass(Child, Exception) and not issubclass(Base, Child)
out
""",
    "the other branch of a hierarchy fails": """
#S
class A(Exception): pass
class B(Exception): pass
def f(): raise A("x")
#T
try:
    f()
except B:
    pass
""",
    "an exception with its own str": """
#S
class E(Exception):
    def __str__(self): return "mine"
def f(): raise E(1)
#T
try:
    f()
except E as e:
    told = str(e), e.args
told
""",
    "an instance of the student's exception class made by the test": """
#S
class E(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.code = code
#T
e = E(4)
e.code, isinstance(e, Exception), str(e)
""",
    "the test raises the student's exception": """
#S
class E(Exception): pass
def guard(f):
    try:
        f()
    except E:
        return "caught"
#T
def bad(): raise E("x")
guard(bad)
""",
    "chained exceptions": """
#S
def f():
    try:
        1 / 0
    except ZeroDivisionError as e:
        raise ValueError("bad") from e
#T
try:
    f()
except ValueError as e:
    told = type(e.__cause__).__name__, str(e.__cause__)
told
""",
    "SystemExit is caught by its class": """
#S
import sys
def f(): sys.exit(3)
#T
try:
    f()
    told = None
except SystemExit as e:
    told = e.code
told
""",
    "an uncaught exit in a called function fails": """
#S
import sys
def f(): sys.exit(0)
#T
f()
""",
    "KeyboardInterrupt in a called function fails": """
#S
def f(): raise KeyboardInterrupt
#T
f()
""",
    "StopIteration": """
#S
def f(): return next(iter([]))
#T
try:
    f()
    told = 1
except StopIteration:
    told = 2
told
""",
    "NotImplementedError and the stub fail": """
#S
def f(): raise NotImplementedError()
#T
assert f() == 1
""",
    "exceptions of libraries": """
#S
import json, numpy as np, subprocess, collections
def f(): json.loads("{")
def g(): np.linalg.inv(np.zeros((2, 2)))
#T
import json, numpy as np
out = []
for h, kind in ((f, json.JSONDecodeError), (g, np.linalg.LinAlgError)):
    try:
        h()
    except kind as e:
        out.append(type(e).__name__)
out
""",
    "UnicodeDecodeError and OSError": """
#S
def f(): b"\\xff".decode()
def g(): open("/nowhere/at/all")
#T
out = []
for h in (f, g):
    try:
        h()
    except UnicodeDecodeError as e:
        out.append((e.start, e.reason))
    except FileNotFoundError as e:
        out.append((e.errno, e.filename))
out
""",
    "exception objects as values": """
#S
def f(): return ValueError("x")
#T
e = f()
isinstance(e, ValueError), str(e), e.args
""",
    "a bare except of the test": """
#S
def f(): raise RuntimeError
#T
try:
    f()
    score = 1
except:
    score = 0.5
score
""",
    "a message of the test fails": """
#S
def f(): return 3
#T
assert f() == 4, f"f() is {f()}, not 4; fails"
""",
    "raise from within a property fails": """
#S
class A:
    @property
    def x(self): raise AttributeError("no x here")
#T
A().x
""",
    "AttributeError and hasattr": """
#S
class A: pass
#T
try:
    A().y
    told = ""
except AttributeError as e:
    told = type(e).__name__
told, getattr(A(), "y", 5)
""",
    "NameError in a student function": """
#S
def f(): return undefined_thing
#T
try:
    f()
    told = ""
except NameError as e:
    told = str(e)
told
""",
    "assertion errors of the student's fail": """
#S
def f(): assert False, "mine"
#T
f()
""",
}

CHANCE = {
    "numpy's seed holds in student code": """
#S
import numpy as np
def draw(n): return np.random.rand(n)
#T
import numpy as np
np.random.seed(0)
a = draw(3)
b = np.random.rand(2)
c = draw(1)
a.tolist(), b.tolist(), c.tolist()
""",
    "python's seed holds in student code": """
#S
import random
def roll(): return [random.randint(1, 6) for _ in range(5)]
#T
import random
random.seed(7)
a = roll()
b = random.random()
a, b, roll()
""",
    "student code that seeds itself": """
#S
import numpy as np
def init():
    np.random.seed(3)
    return np.random.randn(2)
#T
import numpy as np
np.random.seed(1)
a = init()
b = np.random.randn(2)
a.tolist(), b.tolist()
""",
    "random.seed in student code": """
#S
import random
def init():
    random.seed(42)
    return random.random()
#T
import random
random.seed(1)
init(), random.random()
""",
    "shuffle, choice and normals": """
#S
import numpy as np, random
def f():
    x = list(range(5)); random.shuffle(x)
    return x, np.random.choice(5), np.random.normal(), random.gauss(0, 1)
#T
import numpy as np, random
np.random.seed(5); random.seed(5)
f(), np.random.normal(), random.gauss(0, 1), f()
""",
    "a generator of the student's": """
#S
import numpy as np
def f(seed): return np.random.default_rng(seed).normal(size=2)
#T
f(1).tolist()
""",
    "many draws between": """
#S
import numpy as np
def burn(n): np.random.rand(n); return 1
#T
import numpy as np
np.random.seed(2)
burn(100_000)
np.random.rand()
""",
}

PRINTING = {
    "printing captured by redirect_stdout": """
#S
def hello(name): print("Hello", name)
#T
import io, contextlib
out = io.StringIO()
with contextlib.redirect_stdout(out):
    hello("Ada")
out.getvalue()
""",
    "printing captured by replacing sys.stdout": """
#S
def hello(): print("Hi"); print("there", end="")
#T
import io, sys
old, sys.stdout = sys.stdout, io.StringIO()
hello()
text, sys.stdout = sys.stdout.getvalue(), old
text
""",
    "printing in order with the test's own": """
#S
def hello(f): print("a"); f(); print("c")
#T
import io, contextlib
out = io.StringIO()
with contextlib.redirect_stdout(out):
    hello(lambda: print("b"))
out.getvalue()
""",
    "printing of a cell is not the test's": """
#S
print("before")
def f(): pass
#T
import io, contextlib
out = io.StringIO()
with contextlib.redirect_stdout(out):
    f()
out.getvalue()
""",
    "patched print": """
#S
def hello(): print("x")
#T
from unittest.mock import patch
import io
with patch("sys.stdout", new_callable=io.StringIO) as out:
    hello()
out.getvalue()
""",
    "sys.stdout.write": """
#S
import sys
def hello(): sys.stdout.write("w")
#T
import io, contextlib
out = io.StringIO()
with contextlib.redirect_stdout(out):
    hello()
out.getvalue()
""",
}

LOCKED = {
    "a locked helper judges in the tests' process": """
#R
def check(got, wanted):
    assert got == wanted
    return True
#S
def f(): return 3
#T
check(f(), 3)
""",
    "locked imports and constants": """
#R
import numpy as np
from math import pi
N = 5
NAMES = ("a", "b")
#S
def f(): return np.full(N, pi)
#T
assert f().shape == (N,) and NAMES == ("a", "b")
np.allclose(f(), pi)
""",
    "locked data": """
#R
data = {"x": [1, 2, 3]}
#S
def total(): return sum(data["x"])
#T
assert total() == sum(data["x"])
data["x"].append(4)
total()
""",
    "a locked class": """
#R
class Item:
    def __init__(self, w): self.w = w
#S
def heaviest(items): return max(items, key=lambda i: i.w)
#T
items = [Item(1), Item(5)]
heaviest(items) is items[1], heaviest(items).w
""",
    "a locked helper that calls student code": """
#S
def f(x): return x * 2
#R
def table(): return [f(i) for i in range(3)]
#T
table()
""",
    "imports of the student's": """
#S
import numpy as np
from collections import Counter
def f(): return Counter("aab")
#T
f()["a"], np.sum([1, 2])
""",
    "an import of the test's that student code needs": """
#S
def f(x): return math.sqrt(x)
#T
import math
f(16)
""",
    "from-import of the test's that student code needs": """
#S
def f(x): return sqrt(x) + np.sum([1])
#T
from math import sqrt
import numpy as np
f(16)
""",
    "magics that mean nothing to a test": """
#S
%matplotlib inline
x = 1
#T
%matplotlib inline
assert x == 1
""",
    "a semicolon hides the value": """
#S
x = 1
#T
x + 1;
""",
    "the last value may be nothing": """
#S
x = 1
#T
None
""",
}

FIGURES = {
    "axes that are returned": """
#S
import matplotlib.pyplot as plt
def draw():
    fig, ax = plt.subplots()
    ax.plot([1, 2, 3], [2, 4, 8], label="a")
    ax.set_title("Growth")
    ax.set_xlabel("t")
    ax.legend()
    return fig, ax
#T
import matplotlib
fig, ax = draw()
assert ax.get_title() == "Growth" and ax.get_xlabel() == "t"
assert len(ax.lines) == 1
assert isinstance(ax, matplotlib.axes.Axes)
line = ax.lines[0]
line.get_xdata().tolist(), line.get_label(), [t.get_text() for t in ax.get_legend().get_texts()], len(fig.axes)
""",
    "axes kept in a name": """
#S
import matplotlib.pyplot as plt
fig, axes = plt.subplots(1, 2)
axes[0].bar([1, 2], [3, 4])
#T
assert len(axes) == 2
[p.get_height() for p in axes[0].patches], axes[0].get_xlim()[0] < 1
""",
    "the current figure after a call": """
#S
import matplotlib.pyplot as plt
def draw():
    plt.plot([1, 2])
    plt.title("T")
#T
import matplotlib.pyplot as plt
plt.close("all")
draw()
plt.gca().get_title(), len(plt.gca().lines), plt.gcf().axes[0].get_title()
""",
}

ALL = {
    f"{group}: {name}": text
    for group, cases in (
        ("objects", OBJECTS), ("exceptions", EXCEPTIONS), ("chance", CHANCE),
        ("printing", PRINTING), ("locked", LOCKED), ("figures", FIGURES),
    )
    for name, text in cases.items()
}  # fmt: skip
