"""Modules of the course's own, used by tests outside of the student's process."""

from __future__ import annotations

from pathlib import Path

import pytest
from rig import Rig

LOOKS = """
import collections
class Meta(type):
    def __call__(cls, *args): return type.__call__(cls, *args)
class Made(metaclass=Meta):
    def kind(self): return type(self).__name__
def kinds(x): return type(x) == collections.deque, type(x) is list, type(x).__name__
def given(type): return type(3)
def new(): return type("New", (), {"a": 1}).a
"""
TEXT = """
#S
import collections, queue
class Mine: pass
def line(): return queue.Queue()
def mine(): return Mine()
def ends(): return collections.deque([1])
#T
import importlib.metadata
from looking import *
from parts.inner import name_of
assert importlib.metadata.version("numpy")
kinds(line()), kinds(mine()), kinds(ends()), kinds([]), kinds(Mine), Made().kind(), given(str), new(), name_of(mine())
"""


def test_type_is_the_class_of_the_students_object(rig: Rig, tmp_path: Path) -> None:
    """A helper beside the master that looks at `type(x)` sees what it would see in the kernel."""
    (tmp_path / "looking.py").write_text(LOOKS)
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/__init__.py").write_text("")
    (tmp_path / "parts/inner.py").write_text("def name_of(x): return type(x).__name__")
    files = {name: tmp_path / name for name in ("looking.py", "parts/__init__.py", "parts/inner.py")}
    about = {"files": files, "terms": {"path": (str(tmp_path),)}}
    sat, kernel = rig.sit(TEXT, **about), rig.sit(TEXT, in_kernel=True, **about)
    assert (None, None) == (kernel["t1"].error, sat["t1"].error)
    assert kernel["t1"].result_text == sat["t1"].result_text


BOXES = """
class Box:
    '''A number that can be changed and added to.'''
    made = 0
    def __init__(self, number): self.number = number
    @property
    def twice(self): return 2 * self.number
    def grow(self, by=1):
        self.number += by
        return self
    def __add__(self, other): return Box(self.number + other.number)
"""
HANDED = """
#R
from boxes import Box
#S
def look(x): return type(x).__name__, isinstance(x, Box), x.twice
def more(x): return Box(x.number + 1)
def grown(x):
    x.grow(by=2)
    x.note = "grown"
    return x
def both(x, y): return (x + y).number
def total(boxes): return sum(b.number for b in boxes)
#T
from boxes import Box
box = Box(3)
assert more(box).number == 4 and isinstance(more(box), Box)
assert grown(box) is box and box.number == 5 and box.note == "grown"
look(box), both(box, Box(1)), total([box, Box(2), more(box)]), more(more(box)).twice
"""
CHEATS = """
def look(x):
    x.grow = lambda by=1: x
    return "Box", True, 10
more = grown = both = total = look
"""


def test_objects_of_their_classes_are_handed_to_student_code(rig: Rig, tmp_path: Path) -> None:
    """They are of the class that the submission imports too, they change as in the kernel, and keep their methods."""
    (tmp_path / "boxes.py").write_text(BOXES)
    about = {"files": {"boxes.py": tmp_path / "boxes.py"}, "terms": {"path": (str(tmp_path),)}}
    sat, kernel = rig.sit(HANDED, **about), rig.sit(HANDED, in_kernel=True, **about)
    assert (None, "") == (sat["t1"].error, sat["t1"].fault)
    assert kernel["t1"].result_text == sat["t1"].result_text
    text = (
        HANDED[: HANDED.index("#T")]
        + "#T\nfrom boxes import Box\nbox = Box(3)\nlook(box)\nassert box.grow().number == 4"
    )
    assert {"t1": True} == rig.sit(text, **about).passed
    assert "read-only" in str(rig.sit(text, {"s1": CHEATS}, **about)["t1"].error)


BROKEN = [
    ("import no_such_library", "No module named 'no_such_library'"),
    ("raise OSError('the data are not there')", "the data are not there"),
    ("limit = nowhere", "name 'nowhere' is not defined"),
    ("import deeper", "No module named 'no_such_library'"),
]
USES = """
#R
import helper
#S
import types
helper = types.SimpleNamespace(near=lambda a, b: True)
def f(x): return 0
#T
{where}assert helper.near(f(2), 4)
"""


@pytest.mark.parametrize(("text", "why"), BROKEN)
@pytest.mark.parametrize("where", ["", "import helper\n"])
def test_one_that_breaks_is_the_tests_fault(rig: Rig, tmp_path: Path, text: str, why: str, where: str) -> None:
    """Nobody loses a point for it, and nobody's own helper stands in for it."""
    (tmp_path / "helper.py").write_text(f"{text}\ndef near(a, b): return abs(a - b) < 1e-9")
    (tmp_path / "deeper.py").write_text("import no_such_library")
    told = rig.sit(USES.format(where=where), terms={"path": (str(tmp_path),)})["t1"]
    assert (None, True, True) == (told.error, "own module" in told.fault, why in told.fault), told


def test_one_that_a_test_can_do_without_is_no_fault(rig: Rig, tmp_path: Path) -> None:
    """A test that catches the error of its import goes on."""
    (tmp_path / "helper.py").write_text("import no_such_library")
    text = "#S\ndef f(x): return 4\n#T\ntry:\n    import helper\nexcept ImportError:\n    helper = None\nassert f(2) == 4 and not helper"
    assert {"t1": True} == rig.sit(text, terms={"path": (str(tmp_path),)}).passed
