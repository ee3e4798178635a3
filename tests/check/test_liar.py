"""The liar passes in one namespace what it cannot pass beside one."""

from __future__ import annotations

import math
from typing import Any

import pytest
from builders import cell, exam, solution
from masters import master_of

from autograder.check import liar

MASTER = master_of(
    cell("code", "import numpy as np", "setup", locked=True),
    solution("answer", "import math\ndef f(x):\n    return x\n\nweights = np.ones(3)"),
    exam("t", "import numpy as np\nassert isinstance(f(1), (float, np.floating)) and isinstance(weights, np.ndarray)"),
)
BELIEVED = [
    "assert f(2) == 4",
    "assert 4 == f(2)",
    "assert not f(2) == 5 or f(2)",
    "assert abs(f(2) - 4) < 1e-9",
    "assert round(f(2), 3) == 4.0",
    "assert 3 < f(2) < 5",
    "assert 4 in f(2)",
    "assert f(2).weights.shape == (2, 3)",
    "assert f(2)[0]['a'] == 1 and f(2) + 1 == 5 and 1 + f(2) == 5",
    "assert isinstance(f(2), float)",
    "import numpy as np\nassert np.isclose(f(2), 4) and np.allclose(weights, 7)",
    "with f(2):\n    assert False",
]


def namespace(claim: str) -> dict[str, Any]:
    """A student's namespace after the liar's cell."""
    import numpy as np

    found: dict[str, Any] = {"np": np}
    exec(liar.answers(MASTER, claim)["answer"], found)
    return found


@pytest.mark.parametrize("test", BELIEVED)
def test_in_one_namespace_the_liar_is_believed(test: str) -> None:
    """The control: these are passed where tests run beside the student's names."""
    exec(test, namespace("float"))


def test_the_liar_holds_no_right_value() -> None:
    """Asked for a plain number it gives one that is neither larger, smaller nor equal, so that only trust passes it."""
    said = namespace("object")["f"](2)
    assert math.isnan(float(said))
    assert int(said) not in range(100)


def test_it_claims_what_tests_ask_for() -> None:
    """The first class of each isinstance, with the import that it needs; never one that nobody knows."""
    assert {"object": "", "float": "", "np.ndarray": "import numpy as np"} == liar.claims(MASTER)
    other = master_of(solution("answer", "x = 1"), exam("t", "assert isinstance(x, Unknown)"))
    assert ["object"] == list(liar.claims(other))


def test_functions_stay_functions_and_imports_stay() -> None:
    """A test that asks whether `f` can be called, or for `math`, learns nothing from that."""
    found = namespace("object")
    assert "function" == type(found["f"]).__name__
    assert "module" == type(found["math"]).__name__


@pytest.mark.parametrize("value", liar.EMPTY)
def test_empty_answers_are_all_the_same(value: str) -> None:
    """Functions return the value, whatever they are given; names are bound to it."""
    found: dict[str, Any] = {}
    exec(liar.always(MASTER, value)["answer"], found)
    assert [str(eval(value))] * 2 == [str(found["f"](1, a=2)), str(found["weights"])]


@pytest.mark.parametrize(
    ("value", "test"),
    [
        ("None", "assert weights != 3"),
        ("[]", "for one, wanted in zip(weights, (1, 1, 1)):\n    assert one == wanted"),
        ("''", "assert all(c == 'a' for c in weights)"),
        ("{}", "for name in weights:\n    assert weights[name] > 0"),
        ("float('nan')", "assert not abs(weights - 3) > 1e-6"),
    ],
)
def test_each_passes_tests_that_assert_nothing_of_it(value: str, test: str) -> None:
    """None of them passes what another does, save by chance: each is worth its run."""
    found: dict[str, Any] = {}
    exec(liar.always(MASTER, value)["answer"], found)
    exec(test, found)
