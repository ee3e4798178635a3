"""What tests of real courses do, each as a small notebook: in one namespace and over the wire the same must come out.

Rule: each case says in its name what it shows; tests that must fail have `fails` in the name, and nothing else has.
"""

NAMES = {
    "a name is looked up when the test runs": """
#S
x = 5
#T
assert x == 5
x + 1
""",
    "a name that the student lacks fails": """
#S
y = 5
#T
assert missing_name == 5
""",
    "a name in a function of the test is looked up when it is called": """
#S
x = [1]
#T
def look():
    return x
assert look() == [1]
#S
x = [2]
#T
assert look() == [2]
look()
""",
    "the student's name wins over a builtin that the master shadows": """
#S
def sum(values):
    return "mine"
#T
assert sum([1]) == "mine"
sum([2])
""",
    "a test's name outlives the test": """
#S
def f(x): return x + 1
#T
table = {1: 2}
#T
assert f(1) == table[1]
""",
    "a name bound by a test is read by student code": """
#S
def total(): return sum(data)
#T
data = [1, 2, 3]
assert total() == 6
data = [4]
assert total() == 4
total()
""",
    "data of a test changed in place are seen by student code": """
#S
def total(): return sum(data)
#T
data = [1, 2, 3]
assert total() == 6
data.append(10)
assert total() == 16
data[0] = 0
total()
""",
    "student code changes data of a test in place": """
#S
def grow(): data.append(len(data))
#T
data = []
grow()
grow()
assert data == [0, 1], data
""",
    "a function of a test is read by student code": """
#S
def apply_it(x): return hook(x) * 2
#T
def hook(x): return x + 1
assert apply_it(3) == 8
hook = lambda x: 0
apply_it(3)
""",
    "a global that a student function assigns": """
#S
count = 0
def tick():
    global count
    count += 1
#T
tick()
tick()
assert count == 2
count
""",
    "a test resets a global of the student's": """
#S
count = 5
def tick():
    global count
    count += 1
    return count
#T
count = 0
assert tick() == 1
assert count == 1
count
""",
    "a solution cell uses data that a test made": """
#S
pass
#T
given = [3, 1, 2]
#S
answer = sorted(given)
#T
assert answer == [1, 2, 3]
""",
    "a list of the student's changed in place by its function": """
#S
grid = [[0, 0], [0, 0]]
def fill(g):
    for row in g:
        row[0] = 1
#T
fill(grid)
assert grid == [[1, 0], [1, 0]]
grid
""",
    "a list of the student's changed in place by the test": """
#S
items = [1]
def total(): return sum(items)
#T
items.append(5)
assert items == [1, 5]
assert total() == 6
items[0] = 10
total()
""",
    "a list of the student's kept by the test sees later changes": """
#S
log = []
def write(x): log.append(x)
#T
kept = log
write(1)
write(2)
assert kept == [1, 2]
assert kept is log
""",
    "an array of the student's changed in place": """
#S
import numpy as np
w = np.zeros(3)
def step():
    w[:] += 1
#T
step()
assert w.tolist() == [1, 1, 1]
w[0] = 7
step()
w.tolist()
""",
    "deleting a name of the student's": """
#S
x = 1
def f(): return x
#T
assert f() == 1
del x
try:
    f()
    told = "found"
except NameError:
    told = "gone"
told
""",
    "deleting a name of the test's": """
#S
def f(): return 1
#T
x = f()
del x
'x' in globals()
""",
    "globals and membership": """
#S
x = 1
#T
assert 'x' in globals()
assert 'nothing_like_it' not in globals()
assert globals()['x'] == 1
assert 'x' in dir()
globals().get('zzz', 3)
""",
    "locals and vars at the top level": """
#S
x = 1
#T
assert 'x' in locals() and locals()['x'] == 1
assert vars()['x'] == 1
""",
    "eval and exec": """
#S
x = 4
def f(a): return a * x
#T
exec("y = f(2)")
assert y == 8
eval("f(y)")
""",
    "hasattr on the missing": """
#S
class A: pass
#T
hasattr(A, "nothing"), hasattr(A(), "__init__")
""",
    "comprehensions and closures see the student's names": """
#S
k = 3
def f(x): return x * k
#T
values = [f(i) for i in range(4)]
assert values == [0, 3, 6, 9]
(lambda: sum(f(i) for i in range(k)))()
""",
    "try and NameError": """
#S
a = 1
#T
try:
    not_there
    r = 1
except NameError as e:
    r = str(e)
r
""",
    "a test redefines a name of the student's for later tests": """
#S
x = 1
#T
x = 2
assert x == 2
#T
x
""",
    "a later solution cell takes the name back": """
#S
x = 1
#T
x = 2
#S
x = 3
#T
x
""",
    "augmented assignment to a student's name": """
#S
n = 5
def get(): return n
#T
n += 1
assert get() == 6
n
""",
}

CALLS = {
    "values in, values out": """
#S
def f(*a, **k): return a, k
#T
assert f(1, "a", None, b=True) == ((1, "a", None), {"b": True})
f(1.5, k=2j)
""",
    "kinds of value": """
#S
import collections, datetime, decimal, fractions, re
def same(x): return x
#T
import collections, datetime, decimal, fractions, re
for value in [1, 10**30, -2.5, True, None, 1j, "é", b"ab", (1,), {1}, frozenset({2}), range(3), slice(1, 2),
              collections.deque([1], 3), collections.Counter("aab"), collections.OrderedDict(a=1),
              collections.defaultdict(list, a=[1]), datetime.date(2020, 1, 2), datetime.timedelta(1),
              datetime.datetime(2020, 1, 2, 3), decimal.Decimal("1.5"), fractions.Fraction(1, 3), re.compile("a+"), ...]:
    back = same(value)
    assert type(back) == type(value) and back == value, value
""",
    "large integers": """
#S
def power(a, b): return a ** b
#T
assert power(2, 100_000) == 2 ** 100_000
power(2, 100)
""",
    "nan and infinity": """
#S
def f(): return [float("nan"), float("inf")]
#T
import math
assert math.isnan(f()[0]) and f()[1] == math.inf
""",
    "deep values": """
#S
def nest(n):
    out = []
    for _ in range(n): out = [out]
    return out
#T
depth, at = 0, nest(60)
while at:
    depth, at = depth + 1, at[0]
depth
""",
    "a wrong number of arguments fails": """
#S
def f(a): return a
#T
f(1, 2)
""",
    "a wrong answer fails": """
#S
def f(a): return a
#T
assert f(1) == 2, "one is not two"
""",
    "f(x) is x": """
#S
def same(x): return x
#T
items, text, obj = [1], "abc" * 10, object
assert same(items) is items
d = {}
assert same(d) is d
assert same(None) is None
""",
    "a copy is no identity": """
#S
def copy(x): return list(x)
#T
items = [1]
copy(items) is items
""",
    "lists changed in place": """
#S
def grow(x): x.append(1)
def clear(x): x.clear()
def sort(x): x.sort()
#T
x = [3, 1]
grow(x)
assert x == [3, 1, 1]
sort(x)
assert x == [1, 1, 3]
clear(x)
x
""",
    "nested containers changed in place keep their identity": """
#S
def deep(x): x["a"][0].append(5)
#T
inner = []
x = {"a": [inner]}
deep(x)
assert inner == [5]
x
""",
    "dicts and sets changed in place": """
#S
def d(x):
    x["new"] = 1
    del x["old"]
def s(x): x.add(3)
#T
a, b = {"old": 0}, {1}
d(a)
s(b)
a, b
""",
    "arrays changed in place": """
#S
import numpy as np
def double(a): a *= 2
#T
import numpy as np
a = np.arange(3.0)
view = a[1:]
double(a)
assert view.tolist() == [2, 4]
a.tolist()
""",
    "frames changed in place": """
#S
def add(df): df["c"] = df["a"] + 1
#T
import pandas as pd
df = pd.DataFrame({"a": [1, 2]})
add(df)
assert list(df.columns) == ["a", "c"]
df["c"].tolist()
""",
    "a keyword argument changed in place": """
#S
def fill(out=None): out.append(1)
#T
x = []
fill(out=x)
x
""",
    "a list in a tuple changed in place": """
#S
def fill(pair): pair[0].append(1)
#T
x = []
fill((x, 2))
x
""",
    "the same list twice": """
#S
def fill(a, b):
    a.append(1)
    return a is b, len(b)
#T
x = []
fill(x, x)
""",
    "a mutable default remembers": """
#S
def remember(x, seen=[]):
    seen.append(x)
    return seen
#T
remember(1)
remember(2)
""",
    "a list that the student keeps": """
#S
kept = []
def keep(x): kept.append(x)
def change(): kept[0].append(99)
#T
mine = [1]
keep(mine)
assert kept == [[1]]
kept
""",
    "an array that is returned is the argument": """
#S
def f(a):
    a += 1
    return a
#T
import numpy as np
a = np.zeros(2)
b = f(a)
assert b is a
b.tolist()
""",
    "generators as arguments": """
#S
def total(items): return sum(items)
#T
total(i * i for i in range(4)), total(iter([1, 2])), total(map(int, "12"))
""",
    "library functions as arguments": """
#S
def apply(f, x): return f(x)
#T
import numpy as np, math, operator
assert apply(np.sum, [1, 2]) == 3
assert apply(math.sqrt, 4) == 2
apply(len, "abc"), apply(operator.neg, 1), apply(int, "3"), apply(np.float32, 2).dtype.name
""",
    "a numpy generator as argument moves on": """
#S
def draw(rng): return rng.integers(0, 100, 3)
#T
import numpy as np
rng = np.random.default_rng(3)
a = draw(rng)
b = rng.integers(0, 100, 3)
a.tolist(), b.tolist()
""",
    "partial functions": """
#S
from functools import partial
def power(a, b): return a ** b
square = partial(power, b=2)
#T
import functools
assert square(3) == 9
assert functools.partial(power, 2)(5) == 32
square.keywords, square.func(2, 3)
""",
    "functions that return functions": """
#S
def adder(n):
    def add(x): return x + n
    return add
#T
assert adder(3)(4) == 7
[adder(i)(1) for i in range(3)]
""",
    "lambdas and builtins of the student's": """
#S
f = lambda x: x + 1
g = len
h = str.upper
#T
assert callable(f)
f(1), g([1]), h("a")
""",
    "f.__name__ and its document": """
#S
def f(a, b=2):
    "Adds."
    return a + b
#T
assert f.__doc__ == "Adds."
f.__name__, f.__defaults__, f.__code__.co_argcount, f.__code__.co_varnames
""",
    "inspect.signature": """
#S
def f(a, b=2, *rest, key, **more): return a
#T
import inspect
signature = inspect.signature(f)
assert list(signature.parameters) == ["a", "b", "rest", "key", "more"]
str(signature), signature.parameters["b"].default
""",
    "inspect.getsource of a function": """
#S
def f(n):
    # by recursion
    return 1 if n == 0 else n * f(n - 1)

x = 1
#T
import inspect
text = inspect.getsource(f)
assert "for" not in text
text
""",
    "inspect.getsource of a method": """
#S
class A:
    def m(self):
        return 1

    def n(self):
        return 2
#T
import inspect
inspect.getsource(A.n), inspect.getsourcelines(A.m)[0]
""",
    "inspect tells functions from classes": """
#S
def f(): pass
class A:
    def m(self): pass
def g(): yield 1
#T
import inspect, types
assert inspect.isfunction(f) and not inspect.isclass(f)
assert inspect.isclass(A) and inspect.isfunction(A.m)
assert inspect.isgeneratorfunction(g)
isinstance(f, types.FunctionType), callable(A), inspect.ismethod(A().m)
""",
    "time of calls": """
#S
def f(): return sum(range(1000))
#T
import time
began = time.perf_counter()
f()
time.perf_counter() - began < 5
""",
    "recursion that never ends": """
#S
def f(n): return f(n + 1)
#T
try:
    f(0)
except RecursionError as e:
    told = type(e).__name__
told
""",
    "warnings of the student's are harmless": """
#S
import warnings
def f():
    warnings.warn("old")
    return 1
#T
assert f() == 1
""",
    "map, filter, sorted with a student's function": """
#S
def key(x): return -x
def odd(x): return x % 2 == 1
#T
assert sorted([1, 3, 2], key=key) == [3, 2, 1]
list(map(key, [1, 2])), list(filter(odd, range(5))), max([1, 5, 2], key=key)
""",
    "numpy vectorize and apply_along_axis with a student's function": """
#S
def f(x): return x * 2
def g(row): return row.sum()
#T
import numpy as np
assert np.vectorize(f)([1, 2]).tolist() == [2, 4]
np.apply_along_axis(g, 1, np.arange(4).reshape(2, 2)).tolist()
""",
    "pandas apply with a student's function": """
#S
def f(x): return x * 2
#T
import pandas as pd
pd.Series([1, 2]).apply(f).tolist(), pd.Series([3]).map(f).tolist()
""",
    "async functions": """
#S
async def f(x): return x + 1
#T
import inspect
inspect.iscoroutinefunction(f)
""",
}

CALLBACKS = {
    "a function of the test is called": """
#S
def map_it(f, items): return [f(x) for x in items]
#T
assert map_it(lambda x: x + 1, [1, 2]) == [2, 3]
map_it(str, [1])
""",
    "callbacks nest": """
#S
def twice(f, x): return f(f(x))
#T
def inner(x): return twice(lambda y: y * 2, x)
twice(inner, 1)
""",
    "a callback that raises": """
#S
def guard(f):
    try:
        return f()
    except ValueError as e:
        return f"caught {e}"
#T
def bad(): raise ValueError("no")
guard(bad)
""",
    "a callback's exception comes back": """
#S
def run(f): return f()
#T
class Odd(Exception): pass
def bad(): raise Odd("why")
try:
    run(bad)
    told = ""
except Odd as e:
    told = str(e)
told
""",
    "an assertion in a callback fails": """
#S
def run(f): return f(1)
#T
def check(x): assert x == 2, "x is not 2"
run(check)
""",
    "a callback gets the student's objects": """
#S
class Node:
    def __init__(self, v): self.v = v
def visit(f): return [f(Node(i)) for i in range(3)]
#T
visit(lambda n: n.v * 10)
""",
    "a callback gives the student's object back": """
#S
class Node:
    def __init__(self, v): self.v = v
def build(f):
    n = f(7)
    return n.v, type(n) is Node
#T
build(lambda v: Node(v))
""",
    "a callback kept for a later call": """
#S
class Button:
    def __init__(self, on): self.on = on
    def click(self): return self.on(1)
#T
b = Button(lambda x: x + 41)
b.click()
""",
    "a callback returned is the same function": """
#S
def same(f): return f
#T
def f(x): return x
assert same(f) is f
same(f)(3)
""",
    "a decorator of the student's": """
#S
def logged(f):
    def inner(*a):
        calls.append(a)
        return f(*a)
    return inner
calls = []
#T
@logged
def add(a, b): return a + b
assert add(1, 2) == 3
calls
""",
    "an integrator of the student's": """
#S
def integrate(f, a, b, n=100):
    h = (b - a) / n
    return h * sum(f(a + (i + .5) * h) for i in range(n))
#T
import math
assert math.isclose(integrate(lambda x: x * x, 0, 1), 1 / 3, rel_tol=1e-3)
round(integrate(math.sin, 0, math.pi), 2)
""",
    "a callback with arrays": """
#S
import numpy as np
def gradient(f, x, h=1e-4):
    out = np.zeros_like(x)
    for i in range(x.size):
        e = np.zeros_like(x); e[i] = h
        out[i] = (f(x + e) - f(x - e)) / (2 * h)
    return out
#T
import numpy as np
gradient(lambda v: float((v ** 2).sum()), np.array([1.0, 2.0])).round(3).tolist()
""",
    "a callback changes its argument": """
#S
def run(f):
    items = [1]
    f(items)
    return items
#T
def grow(x): x.append(2)
run(grow)
""",
    "a callback that counts its calls": """
#S
def retry(f, n):
    for _ in range(n):
        if f(): return True
    return False
#T
count = 0
def attempt():
    global count
    count += 1
    return count == 3
assert retry(attempt, 5)
count
""",
    "a counting function is memoised": """
#S
def memo(f):
    known = {}
    def inner(x):
        if x not in known: known[x] = f(x)
        return known[x]
    return inner
#T
seen = []
def slow(x):
    seen.append(x)
    return x * x
fast = memo(slow)
assert [fast(2), fast(2), fast(3)] == [4, 4, 9]
seen
""",
    "a bound method of the test's as callback": """
#S
def each(f, items):
    for i in items: f(i)
#T
got = []
each(got.append, [1, 2])
got
""",
    "callback with keyword arguments": """
#S
def call(f): return f(1, b=2)
#T
call(lambda a, b=0, **k: (a, b))
""",
    "a generator function of the test's as callback": """
#S
def drain(f): return list(f(3))
#T
def count(n):
    for i in range(n): yield i
drain(count)
""",
}

ALL = {
    f"{group}: {name}": text
    for group, cases in (("names", NAMES), ("calls", CALLS), ("callbacks", CALLBACKS))
    for name, text in cases.items()
}
