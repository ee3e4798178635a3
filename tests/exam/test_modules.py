"""Modules of the course's own, used by tests outside of the student's process."""

from __future__ import annotations

from pathlib import Path

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
