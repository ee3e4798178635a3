"""What the warm parent has loaded, no fork loads again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rig import Rig, rig


@pytest.fixture(scope="module")
def numeric() -> Iterator[Rig]:
    """Forks of a parent that has imported NumPy."""
    with rig("numpy") as made:
        yield made


NOTED = "import sys, numpy as np\nknown = set(sys.modules)\n"
TEXT = f"""#S
{NOTED}
def double(x):
    return np.asarray(x) * 2
#T
{NOTED}
assert np.array_equal(double(np.arange(3)), [0, 2, 4]) and double([1.5]).shape == (1,)
assert (double([[1, 2]]) == [[2, 4]]).all() and double(3) == 6
assert np.allclose(double(np.zeros((2, 2))), 0)
print("here", sorted(set(sys.modules) - known))
#S
import sys
print("there", sorted(set(sys.modules) - known))
"""


def test_an_ordinary_exam_imports_nothing(numeric: Rig) -> None:
    """Neither where the student's code runs nor where the tests do: an import costs each submission milliseconds."""
    sat = numeric.sit(TEXT)
    assert {"t1": True} == sat.passed, sat["t1"]
    printed = [output["text"] for record in sat.records.values() for output in record.outputs if "text" in output]
    assert ["here []\n", "there []\n"] == printed
