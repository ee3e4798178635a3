"""Tests that hand objects of classes of their own to student code, with the same outcome in one namespace."""

CASES = {
    "attributes are read and set": """
#S
def area(shape): return shape.width * shape.height
def rename(shape, name):
    shape.name = name
    del shape.old
    return shape
#T
class Shape:
    old = 1
    def __init__(self, width, height): self.width, self.height, self.old = width, height, 2
s = Shape(2, 3)
assert area(s) == 6
assert rename(s, "box") is s
(s.name, s.old, hasattr(s, "size"))
""",
    "methods are called, and what they change stays changed": """
#S
def play(game, moves):
    for move in moves: game.move(by=move)
    return game.log
#T
class Game:
    def __init__(self): self.log, self.place = [], 0
    def move(self, by):
        self.place += by
        self.log.append(self.place)
game = Game()
assert play(game, [1, 2]) is game.log
assert play(game, [3]) == [1, 3, 6]
""",
    "a linked list is walked and turned": """
#S
def values(node):
    out = []
    while node:
        out.append(node.value)
        node = node.next
    return out
def turned(node):
    last = None
    while node is not None:
        node.next, last, node = last, node, node.next
    return last
#T
class Node:
    def __init__(self, value, next=None): self.value, self.next = value, next
first = Node(1, Node(2, Node(3)))
assert values(first) == [1, 2, 3]
last = turned(first)
assert values(last) == [3, 2, 1] and last.next.next is first and first.next is None
""",
    "a student's object within one of the test's": """
#S
class Leaf:
    def __init__(self, n): self.n = n
def fill(tree): tree.left = Leaf(1)
def total(tree): return tree.left.n + tree.right.n
#T
class Tree:
    right = left = None
tree = Tree()
fill(tree)
tree.right = Leaf(4)
assert total(tree) == 5 and isinstance(tree.left, Leaf)
""",
    "operators, with an answer for strangers": """
#S
def most(items): return max(items)
def add(a, b): return a + b
def same(a, b): return a == b
def key(d, k): return d[k]
#T
from dataclasses import dataclass
@dataclass(order=True, frozen=True)
class Mark:
    points: int
    name: str = ""
    def __add__(self, other):
        return Mark(self.points + other.points) if isinstance(other, Mark) else NotImplemented
assert most([Mark(1), Mark(4, "d"), Mark(3)]) == Mark(4, "d")
assert add(Mark(1), Mark(2)) == Mark(3)
assert same(Mark(1), Mark(1)) and not same(Mark(1), 1)
assert key({Mark(1): "a"}, Mark(1)) == "a"
assert not same(Mark(2), "x")
""",
    "operands of no known kind fails": """
#S
def add(a, b): return a + b
#T
class Money:
    def __add__(self, other): return NotImplemented
add(Money(), 2)
""",
    "a text that forbids slices": """
#S
def count(text, letter):
    found = 0
    for i in range(len(text)):
        if text[i] == letter: found += 1
    return found
def first(text): return text[:1]
def is_text(text): return isinstance(text, str), text.upper(), f"{text}!", text + "?"
#T
class Slow(str):
    def __getitem__(self, place):
        if not isinstance(place, int): raise ValueError("one letter at a time")
        return str.__getitem__(self, place)
    def __contains__(self, part): raise ValueError("look yourself")
assert count(Slow("banana"), Slow("a")) == 3
assert is_text(Slow("a.txt")) == (True, "A.TXT", "a.txt!", "a.txt?")
try:
    first(Slow("banana"))
except ValueError as e:
    message = str(e)
message
""",
    "a number of its own": """
#S
def double(x): return x * 2, x + 1, isinstance(x, int)
#T
class Even(int):
    def __mul__(self, other): return Even(int(self) * other + 100)
double(Even(4))
""",
    "a list of its own counts what is asked of it": """
#S
def total(items):
    s = 0
    for x in items: s += x
    items.append(s)
    return s, len(items), items[0]
#T
class Counted(list):
    asked = 0
    def __getitem__(self, i):
        self.asked += 1
        return list.__getitem__(self, i)
c = Counted([1, 2])
assert total(c) == (3, 3, 1)
(list(c), c.asked)
""",
    "iterators, and loops over what has items": """
#S
def doubled(items): return [2 * x for x in items]
def two(items): return next(items), next(items)
#T
class Down:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        self.n -= 1
        if self.n < 0: raise StopIteration
        return self.n
class Pair:
    def __iter__(self):
        yield 1
        yield 2
class Old:
    def __getitem__(self, i): return [5, 6][i]
    def __len__(self): return 2
assert doubled(Down(3)) == [4, 2, 0] and two(Down(3)) == (2, 1)
assert doubled(Pair()) == [2, 4] and doubled(Old()) == [10, 12]
""",
    "a block, an error of its own": """
#S
def within(manager):
    with manager as m: m.note("work")
def tried(account):
    try: account.take(5)
    except ValueError as e: return str(e)
    return "taken"
#T
class Log:
    def __init__(self): self.notes = []
    def note(self, text): self.notes.append(text)
    def __enter__(self): self.note("in"); return self
    def __exit__(self, *error): self.note(error == (None, None, None))
class Empty(ValueError): pass
class Account:
    def take(self, n): raise Empty(f"no {n}")
log = Log()
within(log)
assert log.notes == ["in", "work", True] and tried(Account()) == "no 5"
""",
    "a class that is called, its properties, its class methods": """
#S
def use(o): return o(2, by=3), o.size, o.made(), type(o).__name__, repr(o), hash(o) == hash(o)
#T
class Box:
    def __init__(self): self._size = 4
    def __call__(self, a, by=1): return a * by
    def __repr__(self): return "Box()"
    @property
    def size(self): return self._size
    @classmethod
    def made(cls): return cls.__name__
use(Box())
""",
    "members of an enumeration": """
#S
def told(c): return c.name, c.value, str(c)
def is_first(c, first): return c is first, c == first, {first: 1}.get(c)
#T
from enum import Enum
class Colour(Enum):
    RED = 1
    BLUE = 2
assert told(Colour.BLUE) == ("BLUE", 2, "Colour.BLUE")
(is_first(Colour.RED, Colour.RED), is_first(Colour.BLUE, Colour.RED))
""",
    "a bundle of attributes": """
#S
def older(person):
    person.age += 1
    return person.name
#T
from types import SimpleNamespace
someone = SimpleNamespace(name="Ada", age=36)
assert older(someone) == "Ada"
someone
""",
    "what is given in one test is asked in the next": """
#S
kept = []
def keep(o): kept.append(o)
def show(o): return o.n, o is kept[0]
#T
class Thing: n = 1
thing = Thing()
keep(thing)
assert show(thing) == (1, True)
thing.n = 2
show(thing)
""",
    "a method that is not there fails": """
#S
def spoil(o):
    o.missing()
#T
class Thing: pass
spoil(Thing())
""",
    "a mock as an argument": """
#S
def report(log, n):
    log.info("twice", 2 * n)
    log.level += 1
    return log.name(n)
#T
from unittest.mock import Mock
log = Mock(level=1)
log.name.return_value = "x"
assert report(log, 4) == "x" and log.level == 2
log.info.assert_called_once_with("twice", 8)
log.name.assert_called_once_with(4)
""",
}
PATCHED = {
    "input that answers": """
#S
def asked(): return int(input("n? ")) + 1
#T
from unittest.mock import patch
with patch("builtins.input", side_effect=["4", "5"]) as told:
    assert asked() + asked() == 11
told.assert_called_with("n? ")
#T
import builtins
kept, builtins.input = builtins.input, lambda *_: "7"
assert asked() == 8
builtins.input = kept
""",
    "input is Python's again fails": """
#S
def asked(): return input()
#T
from unittest.mock import patch
with patch("builtins.input", return_value="4"):
    assert asked() == "4"
asked()
""",
    "print that is counted": """
#S
def shout(words):
    for word in words: print(word.upper(), end="!")
#T
from unittest.mock import call, patch
with patch("builtins.print") as printed:
    shout(["a", "b"])
assert printed.call_args_list == [call("A", end="!"), call("B", end="!")]
""",
    "a die that falls as it should": """
#S
import random
from random import choice
def roll(): return random.randint(1, 6)
#T
from unittest.mock import patch
with patch("random.randint", return_value=6) as die:
    assert roll() + roll() == 12
assert die.call_count == 2 and roll() < 7
with patch.object(random, "randint", lambda a, b: a + b):
    assert roll() == 7
#T
random.randint = lambda a, b: 3
assert roll() == 3
#T
roll()
""",
    "a clock, arguments, a function that is not there": """
#S
import os, sys, time
def now(): return time.time(), sys.argv[1], len(sys.argv), os.getcwd()
#T
from unittest.mock import patch
with patch("time.time", return_value=1.5), patch("sys.argv", ["a", "b"]), patch("os.getcwd", lambda: "here"):
    now()
""",
    "a name of Python's that another test binds": """
#S
def asked(): return input()
#T
from unittest.mock import patch
with patch("builtins.input", return_value="4"):
    assert asked() == "4"
#T
input = lambda: "5"
assert asked() == "5"
del input
#T
with patch("builtins.input", return_value="6"):
    assert asked() == "6"
""",
    "a global that functions count up": """
#S
total = 0
def more():
    global total
    total += 1
#T
more()
assert total == 1
total = 10
more()
total
""",
    "files that a test looks for, and takes away": """
#S
def save(name, text):
    with open(name, "w") as file: file.write(text)
def add(name):
    with open(name, "a") as file: file.write("more")
#T
import os
from pathlib import Path
save("first.txt", "one")
assert os.path.exists("first.txt")
os.remove("first.txt")
assert not os.path.exists("first.txt")
#T
assert not os.path.exists("first.txt")
save("first.txt", "two")
assert os.path.getsize("first.txt") == 3
add("first.txt")
assert Path("first.txt").read_text() == "twomore"
Path("first.txt").unlink()
add("first.txt")
assert Path("first.txt").read_text() == "more"
""",
}
