"""What a test asks for at once: calls of a comprehension, names that it reads; and what only looks like that."""

CASES = {
    "each: a table of cases": """
#S
def f(x, w, t=0): return sum(a * b for a, b in zip(x, w)) - t
#T
table = [([1, 2], [3, 4], 1, 10), ([0, 0], (5, 5), 2, -2)]
got = [f(x, w, t) for x, w, t, _ in table]
got, [f(*case) for case in [([1], [2]), ([3], [4], 5)]], [f(x, [1, 1], t=-1) for x in ([1, 2], [3, 4])]
#T
t = 2
def check(xs, w):
    return [f(x, w, t=t) for x in xs]
check([[1, 2], [3, 4]], [1, 1]), [[f([a], [b]) for b in (1, 2)] for a in (3, 4)]
""",
    "each: many calls, ranges and rows of arrays": """
#S
import numpy as np
def g(n): return n * 2
#T
import numpy as np
[g(n) for n in range(120)][-1], [float(g(n)) for n in range(3)], [g(row).tolist() for row in np.eye(2)]
#T
[g(row) for row in np.arange(6).reshape(3, 2)][2].tolist(), [g(n) for n in np.arange(3)], [g(n) for n in ()]
""",
    "each: what a function keeps": """
#S
kept = []
def h(n):
    kept.append(n)
    return kept
#T
got = [h(n) for n in (1, 2, 3)]
got, got[0] is got[2], kept
#T
got[0].append(9)
kept
""",
    "each: what a function changes": """
#S
def grow(items, by=1):
    items.append(by)
    return items
def same(items): return items
#T
one, lists = [], [[], [0]]
got = [grow(item) for item in lists]
got, lists, got[0] is lists[0], [grow(item) for item in [one, one, one]], one
#T
[same(item) for item in (one, one)][1] is one, [grow(one, by=k) for k in (2, 3)][0] is one, one
""",
    "each: an error in the middle, fail": """
#S
calls = []
def bad(n):
    calls.append(n)
    print("asked", n)
    if n == 3: raise ValueError("three")
    return n
#T
try:
    [bad(n) for n in (1, 2, 3, 4)]
except ValueError as e:
    told = str(e)
told, calls
#T
[bad(n) for n in (1, 3)]
#T
calls
""",
    "each: an item that does not fit, fail": """
#S
calls = []
def two(a, b):
    calls.append(a)
    return a + b
#T
try:
    [two(a, b) for a, b in [(1, 2), (3, 4), (5,)]]
except ValueError as e:
    told = str(e)
told, calls
#T
[two(*case) for case in [(1, 2), (3,)]]
""",
    "each: a name that nobody has, and that nobody asks for, fail": """
#S
pass
#T
[missing(n) for n in []]
#T
[missing(n) for n in (1, 2)]
""",
    "each: what is used up": """
#S
def total(items): return sum(items)
def pair(a, b): return a, b
#T
[total(item) for item in [iter([1, 2]), iter([3])]], [pair(a, b) for a, b in [iter([1, 2]), (3, 4)]]
#T
source = iter([1, 2, 3])
[pair(a, 0) for a in source], list(source), [pair(a, b) for a, b in zip([1, 2], "ab")]
""",
    "each: functions of the test's own": """
#S
def apply(function, n): return function(n)
seen = []
def note(n):
    seen.append(n)
    return n
#T
told = []
[apply(told.append, n) for n in (1, 2)], told, [apply(f, 2) for f in (abs, lambda n: n + 1)]
#T
def mine(n): return note(n) + 1
[mine(n) for n in (1, 2)], seen, [str(n) for n in (1, 2)], [len(n) for n in ("a", [1, 2])]
""",
    "each: names of the student's": """
#S
base = [1]
def add(a, b): return a + len(b)
def more(a, b):
    base.append(a)
    return len(b)
class Point:
    def __init__(self, x): self.x = x
    def plus(self, n): return self.x + n
#T
[add(n, base) for n in (1, 2)], [more(n, base) for n in (1, 2)], [p.x for p in [Point(n) for n in (3, 4)]]
#T
plus = Point(1).plus
[plus(n) for n in (1, 2)], [add(p.x, [p]) for p in [Point(5), Point(6)]]
""",
    "each: in classes, lambdas and nested functions": """
#S
def f(a, b=0): return a * 10 + b
#T
class Checks:
    rows = [(1, 2), (3, 4)]
    got = [f(a, b) for a, b in rows]
    def run(self, k):
        def inner():
            return [f(a, k) for a, _ in self.rows]
        return inner()
Checks.got, Checks().run(7), (lambda k: [f(n, b=k) for n in (1, 2)])(5), [[f(a, b) for a in (b, 2)] for b in (1, 3)]
#T
f_of = {"f": f}
[f_of["f"](n) for n in (1, 2)], {n: f(n) for n in (1, 2)}, [f(n) for n in (1, 2) if n > 1], [f(n + 1) for n in (1, 2)]
""",
    "each: random numbers": """
#S
import random
def draw(n): return random.randint(0, 10 ** 6) + n
#T
import random
random.seed(4)
got = [draw(n) for n in (0, 0, 0)]
random.seed(4)
got == [random.randint(0, 10 ** 6) for _ in range(3)]
""",
    "each: printing": """
#S
def say(n):
    print("n is", n)
    return n
#T
import contextlib, io
out = io.StringIO()
with contextlib.redirect_stdout(out):
    got = [say(n) for n in (1, 2)]
got, out.getvalue()
""",
    "each: values that stay": """
#S
def maker(n):
    def inner(): return n
    return inner
def lots(n): return bytes(n)
#T
[f() for f in [maker(n) for n in (1, 2)]], [len(b) for b in [lots(n) for n in (12_000_000, 12_000_000, 5)]]
""",
    "several: values of all kinds, fail": """
#S
import numpy as np
one, two, text, nothing, yes = 1, 2.5, "three", None, True
row, table, big = [1, 2], np.eye(2), np.zeros(5000)
mixed, pair = [1, [2]], (1, "x")
def f(x): return x + 1
class Point:
    x = 3
point = Point()
#T
one, two, text, nothing, yes, row, table.tolist(), big.sum(), mixed, pair, f(1), Point.x, point.x, Point().x
#T
row is row, table is table, (row, one, missing)
#T
def later(): return one + missing
one, two
""",
    "several: names that change meanwhile": """
#S
count, log = 0, []
def bump():
    global count
    count += 1
    log.append(count)
    return count
#T
count, log, bump(), count, log, bump(), count, log
#T
log.append("mine")
count, log, bump(), log
#T
count = 10
count, log, bump(), count
""",
    "several: names of the test's own, and deleted ones": """
#S
a, b, c = 1, 2, [3]
def g(): return a, c
#T
a = 5
a, b, c, g()
#T
del b
a, c, "b" in globals()
#T
c = [c, 4]
a, c
#T
def check(a): return a, b_of(c)
def b_of(x): return x
check(7), a
""",
    "several: an array that a function changes": """
#S
import numpy as np
grid, base = np.zeros(3), 2
def fill(): grid[:] = base
#T
before = grid.copy()
base, grid.tolist(), fill(), grid.tolist(), before.tolist(), base
#T
grid[0] = 9
fill(), grid.tolist(), base
""",
    "each: arguments that earlier calls change": """
#S
import numpy as np
count, held = 0, []
def bump(n):
    global count
    count += 1
    return n
def pop(n, items): return items.pop() + n
def hold(items): held.append(items)
def pop_held(n): return held[0].pop() + n
def double(x):
    x *= 2
    return x.sum()
def push(box):
    box[0].append(len(box[0]))
    return box
def call(function): held.append(function)
#T
count = 5
[bump(count) for _ in range(3)], count
#T
xs, ys, inner = [1, 2, 3, 4], [1, 2, 3, 4], []
[pop(x, xs) for x in xs], xs, hold(ys), [pop_held(y) for y in ys], ys
#T
import numpy as np
a, g = np.arange(5.0), np.ones((2, 2))
[double(x) for x in [a[0:3], a[1:4]]], a.tolist(), [double(row) for row in g], g.tolist(), [double(v) for v in [a, a]]
#T
[push(box) for box in [[inner], [inner]]], inner, [push([inner]) for _ in range(2)], inner
""",
    "each: a test's function that an earlier call was given": """
#S
held = []
def give(function): held.append(function)
def ask(n, k):
    held[0]()
    return n * k
#T
k = 1
def grow():
    global k
    k += 1
give(grow)
[ask(n, k) for n in (1, 1, 1)], k
""",
    "each: an object that a student holds": """
#S
held = []
def hold(thing): held.append(thing)
def grow(n):
    held[0].append(n)
    return n
def size(thing):
    held[0].append(0)
    return len(thing)
#T
mine, other = [1], [[2]]
hold(mine)
[grow(n) for n in (2, 3)], mine, [size(thing) for thing in [(mine,), mine]], [size(t) for t in [mine, other]], mine
""",
}
