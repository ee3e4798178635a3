"""Methods of a student's objects: whose they are, and what is said where their word was taken."""

from __future__ import annotations

import pytest
from rig import Rig, master_of

from autograder.exam import syllabus
from autograder.grading.verdicts import judge

ASKING = {
    "yes or no of an object that no class of the master's describes": ("assert g().has(3)", ("own-word",)),
    "a place where something is said to be": ("assert g().find('x') == 0", ("own-word",)),
    "a value": ("assert g().last(3) == 3", ()),
    "yes or no without having been told anything": ("assert g().is_empty()", ()),
    "an attribute that says yes": ("assert g().empty", ()),
    "a function": ("assert has(3)", ()),
}
THING = """
def has(n): return True
def g(): return type("Thing", (), {"has": lambda self, n: True, "find": lambda self, n: 0, "last": lambda self, n: n,
                                   "is_empty": lambda self: True, "empty": True})()
"""


@pytest.mark.parametrize("what", ASKING)
def test_what_is_taken_on_its_word_is_labelled(rig: Rig, what: str) -> None:
    """A verdict that took yes or no from an object that was told what the test knows says so, with the method's name."""
    test, labels = ASKING[what]
    sat = rig.sit(f"#S\n{THING}\n#T\n{test}\n#T\nassert has(1)")
    assert {"t1": True, "t2": True} == sat.passed
    assert labels == tuple(sat["t1"].labels)
    assert bool(labels) is ("It took the word of Thing." in sat["t1"].detail)
    assert () == tuple(sat["t2"].labels), "one test's label is not the next one's"
    assert labels == judge(sat.paper, sat.sitting.findings, "partial")[0].labels


TRUTHS = ["assert g().has(3)", "assert not g().lacks(3) and g().has(3)", "assert all(g().has(n) for n in (1, 2))",
          "assert bool(g().has(3)) and (1 if g().has(3) else 0)", "if not g().has(3):\n    raise AssertionError"]  # fmt: skip


@pytest.mark.parametrize("yes", ["True", "2", "'no'", "[0]", "object()", "1.5"])
@pytest.mark.parametrize("test", TRUTHS)
def test_a_word_in_place_of_yes_is_labelled_too(rig: Rig, test: str, yes: str) -> None:
    """Whatever is not empty is true."""
    given = f"def g(): return type('Thing', (), {{'has': lambda self, n: {yes}, 'lacks': lambda self, n: 0}})()"
    sat = rig.sit(f"#S\npass\n#T\n{test}\n#T\nfound = g().has(1)\nassert [found]", {"s1": given})
    assert ({"t1": True, "t2": True}, ("own-word",)) == (sat.passed, tuple(sat["t1"].labels))
    assert (yes == "True") is bool(sat["t2"].labels), "what is kept is a value"


def test_a_method_that_is_set_as_a_task_has_no_label(rig: Rig) -> None:
    """What a class of the master's defines is the answer itself, as a function's value is."""
    sat = rig.sit("#S\nclass Bag:\n    def has(self, n): return n == 3\n#T\nassert Bag().has(3) and not Bag().has(4)")
    assert {"t1": True} == sat.passed
    assert () == tuple(sat["t1"].labels)


def test_what_is_expected_is_not_told(rig: Rig) -> None:
    """An object that carries no value fails with a reason, and its method never sees what the test knows."""
    forged = (
        "seen = []\nclass Yes:\n    def issubset(self, other): seen.append(other); return True\ndef g(): return Yes()"
    )
    sat = rig.sit(
        "#S\nseen = []\ndef g(): return {1}\n#T\nassert g().issubset({1, 2})\n#T\nassert seen == []", {"s1": forged}
    )
    wanted = "An object of class Yes stands where the test needs a plain value with the method 'issubset'."
    assert f"{wanted} Give back a number, a text, a list or an array." == sat["t1"].error
    assert sat.passed["t2"]


def test_methods_are_read_from_the_master() -> None:
    """Names that its classes bind, attributes that it sets, and what collections' classes bring along."""
    text = """#S
class A(Sequence):
    x = 1
    def equals(self): self.kept = 2
#T
a.patched = 3
"""
    lesson = syllabus.lessons(master_of(text))["t1"]
    assert {"equals", "x", "kept", "patched", "count"} <= set(lesson.methods)
    assert "issubset" not in lesson.methods
