"""Points for a measured value: finite, within bounds, never less for more."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.models import credit

POINTS = {0.90: 0, 0.97: 3, 0.985: 5}


@pytest.mark.parametrize(
    ("value", "points"),
    [(0.5, 0.0), (0.90, 0.0), (0.935, 1.5), (0.97, 3.0), (0.985, 5.0), (1.0, 5.0), (np.float64(0.97), 3.0)],
)
def test_credit_is_a_line_through_the_named_points(value: float, points: float) -> None:
    """Nothing below the first, no more than the last."""
    assert points == pytest.approx(credit(value, POINTS))


@pytest.mark.parametrize(("value", "points"), [(0.9841, 5.0), (0.969, 3.0), (0.8995, 0.0), (0.9835, 4.8)])
def test_a_value_just_short_of_a_named_one_counts_as_that(value: float, points: float) -> None:
    """Training is noisy: nobody loses points for 0.1 %, and what lies further off is reckoned as it is."""
    assert points == pytest.approx(credit(value, POINTS))


def test_the_tolerance_is_the_authors() -> None:
    """Also none."""
    assert (3.0, pytest.approx(2.9, abs=0.05)) == (credit(0.968, POINTS, 0.002), credit(0.968, POINTS, 0))


def test_a_single_threshold_is_all_or_nothing() -> None:
    """Below the lowest named value there are no points, whatever that value is worth."""
    assert (0.0, 4.0, 4.0) == tuple(credit(v, {0.8: 4}) for v in (0.79, 0.7995, 0.9))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float64("nan")])
def test_what_is_no_finite_number_earns_nothing(value: float) -> None:
    """An infinite accuracy is a broken one."""
    assert 0.0 == credit(value, POINTS)


@given(st.floats(), st.floats(), st.floats(0, 0.01))
def test_more_is_never_worth_less(one: float, other: float, tolerance: float) -> None:
    """And every credit is a plain float from 0 to the most that was named."""
    low, high = sorted(0.0 if math.isnan(v) or math.isinf(v) else v for v in (one, other))
    told = [credit(v, POINTS, tolerance) for v in (low, high)]
    assert all(type(c) is float and 0.0 <= c <= 5.0 for c in told) and told[0] <= told[1] + 1e-12


@pytest.mark.parametrize("points", [{}, {0.9: math.nan}, {math.inf: 3}, {0.9: -1}])
def test_credit_that_cannot_be_reckoned_is_the_authors_mistake(points: dict[float, float]) -> None:
    """It says so at once, not in some student's mark."""
    with pytest.raises(ValueError, match="credit needs"):
        credit(0.9, points)
