"""Points for test cells: our rules, and nbgrader's own function as the oracle for its mode."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.grading.score import Found, manual, number_of, score
from autograder.values import Outcome

MAX = 3.0


def shown(value: Any, stderr: str = "") -> Found:
    return Found(has_result=True, result=value, result_text=repr(value), stderr=stderr)


@pytest.mark.parametrize(
    ("found", "points", "outcome"),
    [
        (Found(), 3.0, Outcome.PASSED),
        (Found(error="AssertionError: no"), 0.0, Outcome.FAILED),
        (Found(error="no", has_result=True, result=2.0, result_text="2.0"), 0.0, Outcome.FAILED),
        (Found(stderr="UserWarning: old"), 3.0, Outcome.PASSED),
        (shown(1.5), 1.5, Outcome.PARTIAL),
        (shown(1.5, stderr="warning"), 1.5, Outcome.PARTIAL),
        (shown(2), 2.0, Outcome.PARTIAL),
        (shown(3), 3.0, Outcome.PASSED),
        (shown(0), 0.0, Outcome.FAILED),
        (shown(-0.0), 0.0, Outcome.FAILED),
        (shown(np.float64(0.5)), 0.5, Outcome.PARTIAL),
        (shown(np.float32(0.5)), 0.5, Outcome.PARTIAL),
        (shown(np.int64(2)), 2.0, Outcome.PARTIAL),
        (shown(np.array(1.25)), 1.25, Outcome.PARTIAL),
        (shown(Fraction(3, 2)), 1.5, Outcome.PARTIAL),
        (shown(-1), 0.0, Outcome.FAILED),
        (shown(float("nan")), 0.0, Outcome.FAILED),
        (shown(np.float64("nan")), 0.0, Outcome.FAILED),
        (shown(99), 3.0, Outcome.PASSED),
        (shown(float("inf")), 3.0, Outcome.PASSED),
        (shown(10**400), 3.0, Outcome.PASSED),
        (shown(-(10**400)), 0.0, Outcome.FAILED),
        (shown(True), 3.0, Outcome.PASSED),
        (shown(np.True_), 3.0, Outcome.PASSED),
        (shown("1.5"), 3.0, Outcome.PASSED),
        (shown([1.5]), 3.0, Outcome.PASSED),
        (shown(np.array([1.5])), 3.0, Outcome.PASSED),
        (Found(has_result=True, result=None, result_text="1.5"), 1.5, Outcome.PARTIAL),
        (Found(has_result=True, result=None, result_text="<Figure>"), 3.0, Outcome.PASSED),
    ],
)
def test_our_rules(found: Found, points: float, outcome: Outcome) -> None:
    """Exceptions earn 0, numbers their value within the bounds, everything else all; stderr costs nothing."""
    assert (points, outcome) == score(found, MAX)[:2]


@pytest.mark.parametrize("value", [-1, float("nan"), 99, float("inf")])
def test_a_correction_is_reported(value: float) -> None:
    """A sum that had to be clamped says so; one within the bounds has nothing to explain."""
    assert "counts as" in score(shown(value), MAX)[2]
    assert "counts as" not in score(shown(1.0), MAX)[2]


def test_float_dust_is_neither_too_much_nor_negative() -> None:
    """0.1 + 0.2 against a maximum of 0.3 is full marks without a word, and -1e-17 is a plain 0."""
    assert (0.3, Outcome.PASSED, "") == score(shown(0.1 + 0.2), 0.3)
    assert "counts as" not in score(shown(-1e-17), MAX)[2]


def test_a_test_without_points_can_be_passed_and_failed() -> None:
    """With a maximum of 0 the outcome still tells whether the test ran through."""
    assert (0.0, Outcome.PASSED, "") == score(Found(), 0.0)
    assert (0.0, Outcome.FAILED, "boom") == score(Found(error="boom"), 0.0)


ANY = st.one_of(st.floats(), st.integers(), st.booleans(), st.text(), st.none())


@given(ANY, st.floats(0, 1e6), st.booleans())
def test_points_stay_within_their_bounds(value: Any, most: float, ran: bool) -> None:
    """Whatever a test's last line is, the points are a finite number from 0 to the maximum."""
    error = None if ran else "x"
    points, outcome, _ = score(Found(error, has_result=True, result=value, result_text=repr(value)), most)
    assert points is not None
    assert 0 <= points <= most
    assert outcome in (Outcome.PASSED, Outcome.PARTIAL, Outcome.FAILED)


def test_truth_is_no_number() -> None:
    """True would otherwise be one point."""
    assert number_of(True, "True") is None
    assert number_of(np.bool_(False), "np.False_") is None
    assert number_of(1, "1") == 1.0


def nbgrader_says(found: Found, most: float) -> float | str:
    """What nbgrader's own function gives for a cell with those outputs; the exception's name if it raises."""
    from nbformat.v4 import new_code_cell, new_output
    from nbgrader.utils import determine_grade

    meta = {"grade": True, "solution": False, "points": most, "grade_id": "t"}
    cell = new_code_cell("assert True", metadata={"nbgrader": meta})
    if found.stderr:
        cell.outputs.append(new_output("stream", name="stderr", text=found.stderr))
    if found.error is not None:
        cell.outputs.append(new_output("error", ename="E", evalue=found.error, traceback=[]))
    elif found.has_result:
        cell.outputs.append(new_output("execute_result", {"text/plain": found.result_text}, execution_count=1))
    try:
        return float(determine_grade(cell)[0])
    except (ValueError, KeyError) as e:
        return type(e).__name__


CASES = [
    Found(),
    Found(error="no"),
    Found(stderr="warning"),
    Found(error="no", stderr="warning"),
    *[shown(v) for v in (0, 1, 1.5, 3, 3.0, -1, -0.0, 99, math.nan, math.inf, -math.inf)],
    *[shown(v) for v in (True, False, np.True_, "2", [1], None, np.array([1.0]))],
    *[shown(v) for v in (np.float64(1.5), np.float64(math.nan), np.int64(2), np.array(1.5))],
    shown(1.5, stderr="warning"),
    Found(has_result=True, result_text=""),
    Found(has_result=True, result_text="<b>html</b>"),
    Found(has_result=True, result_text=" 1.5 "),
    Found(has_result=True, result_text="1_0"),
]


@pytest.mark.parametrize("found", CASES, ids=lambda f: f"{f.error}-{f.stderr}-{f.result_text}")
@pytest.mark.parametrize("most", [3.0, 0.0, 1.5])
def test_nbgrader_mode_is_nbgrader(found: Found, most: float) -> None:
    """`scoring = "nbgrader"` gives nbgrader's points, and leaves unscored what makes nbgrader break off."""
    points, outcome, reason = score(found, most, "nbgrader")
    oracle = nbgrader_says(found, most)
    if isinstance(oracle, str):
        assert (None, Outcome.UNSCORED) == (points, outcome)
        assert "breaks off" in reason
    else:
        assert oracle == points


def test_the_two_modes_differ_only_in_the_known_flaws() -> None:
    """Beyond stderr, NumPy's repr, numbers out of bounds and fractions, both modes agree on every case."""
    found = {f.result_text for f in CASES if score(f, MAX)[0] != score(f, MAX, "nbgrader")[0]}
    bounds = {"-1", "99", "nan", "inf", "-inf", "1_0"}
    numpy = {"np.float64(1.5)", "np.float64(nan)", "np.int64(2)", "array(1.5)"}
    stderr, no_text = {"", "1.5"}, {""}
    assert bounds | numpy | stderr | no_text == found


def test_manual_answers() -> None:
    """An untouched answer earns 0 with nbgrader's comment; any other waits for a person."""
    assert (0.0, Outcome.FAILED, "No response.") == manual(answered=False)
    assert (None, Outcome.BY_HAND, "") == manual(answered=True)
