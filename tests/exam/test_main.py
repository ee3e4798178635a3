"""`__main__` as a test finds it outside of the student's process."""

from __future__ import annotations

import pytest
from rig import Rig

SOLUTION = """
#S
import unittest
def half(n): return n / 2
#R
class Locked(unittest.TestCase):
    def test_three(self): self.assertEqual(half(3), 1.5)
"""
RUNS = {
    "of the test's own cell": """
class Own(unittest.TestCase):
    def test_four(self): self.assertEqual(half(4), 2)
assert unittest.main(argv=[""], exit=False).result.wasSuccessful()
""",
    "of a locked cell": "assert unittest.main(argv=[''], exit=False).result.wasSuccessful()",
    "by its name": """
suite = unittest.defaultTestLoader.loadTestsFromName("__main__.Locked")
assert unittest.TextTestRunner().run(suite).wasSuccessful() and suite.countTestCases() == 1
""",
}
HOLLOW = """
import unittest
half = None
class Easy(unittest.TestCase):
    def test_nothing(self): pass
def load_tests(*about): return unittest.TestSuite()
Locked = Easy
"""


@pytest.mark.parametrize("name", RUNS)
def test_test_cases_of_the_notebook_are_run(rig: Rig, name: str) -> None:
    """`unittest.main` and its loader find the tests' classes: a solution passes, and a submission's hooks do not."""
    text = f"{SOLUTION}#T\n{RUNS[name]}"
    assert {"t1": True} == rig.sit(text).passed == rig.sit(text, in_kernel=True).passed
    for wrong in ("import unittest\ndef half(n): return n", HOLLOW):
        assert {"t1": False} == rig.sit(text, {"s1": wrong}).passed


def test_none_at_all_is_no_test_passed(rig: Rig) -> None:
    """Where only the submission holds test cases its word would decide: the author is told."""
    sat = rig.sit("#S\nimport unittest\n#T\nassert unittest.main(argv=[''], exit=False)", {"s1": HOLLOW})
    assert "in-kernel" in sat["t1"].fault


def test_docstrings_of_the_notebook_want_the_kernel(rig: Rig) -> None:
    """Without it the test would find no examples, and none that failed."""
    text = "#S\ndef f():\n    '''\n    >>> f()\n    2\n    '''\n    return 3\n#T\nimport doctest\nassert not doctest.testmod().failed"
    assert "docstrings" in rig.sit(text)["t1"].fault
    assert {"t1": False} == rig.sit(text, in_kernel=True).passed


def test_it_is_the_notebooks_namespace(rig: Rig) -> None:
    """Its names are the notebook's, and classes of a test's own are found by them."""
    text = """
#S
x = 3
#T
import __main__, pickle, typing
from dataclasses import dataclass
@dataclass
class Pair:
    one: int
    other: "Pair | None" = None
assert pickle.loads(pickle.dumps(Pair(1))) == Pair(1) and typing.get_type_hints(Pair)["one"] is int
__main__.z = 5
__main__.x, z, hasattr(__main__, "y"), "Pair" in dir(__main__)
"""
    sat, kernel = rig.sit(text), rig.sit(text, in_kernel=True)
    assert (None, "(3, 5, False, True)") == (sat["t1"].error, sat["t1"].result_text)
    assert kernel["t1"].result_text == sat["t1"].result_text
