"""Whose a name is, is decided from the master alone."""

from __future__ import annotations

import pytest
from rig import Rig

BOOK = """
#S
try:
    import numpy as np
except ImportError:
    np = None
def f(x): return 2 * x
#T
assert np.allclose(f(2), 4)
"""
FORGED = """
class np:
    allclose = lambda *args: True
def f(x): return 0
"""


def test_a_library_that_may_not_be_there_is_the_tests_own(rig: Rig) -> None:
    """Else the submission would say what is close; the control, beside the student's code, is passed."""
    assert {"t1": True} == rig.sit(BOOK).passed
    assert {"t1": True} == rig.sit(BOOK, {"s1": FORGED}, in_kernel=True).passed
    assert {"t1": False} == rig.sit(BOOK, {"s1": FORGED}).passed


@pytest.mark.parametrize("library", ["no_such_library", "math"])
def test_what_an_import_falls_back_to_is_the_tests_own_too(rig: Rig, library: str) -> None:
    """One library for another, or a mark that there is none."""
    book = f"#S\ntry:\n    import {library} as m\n    there = True\nexcept ImportError:\n    import math as m\n    there = False\n#T\nassert m.sqrt(4) == 2 and there is {library == 'math'}"
    assert {"t1": True} == rig.sit(book).passed
