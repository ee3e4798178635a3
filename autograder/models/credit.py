"""Points for a measured value.

Rule: a finite number from 0 to the largest of the points named, whatever comes in.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

NOISE = 0.001
"""Two trainings of the same network differ by about as much in accuracy."""


def credit(value: float, points: Mapping[float, float], tolerance: float = NOISE) -> float:
    """Points for `value`, from `{0.90: 0, 0.97: 3, 0.985: 5}`: straight lines between the named values.

    Below the lowest named value there are none, above the highest there are its points, and a value that falls short
    of a named one by no more than `tolerance` counts as that. NaN and infinities earn nothing. Raises ValueError when
    `points` is empty or names something that is no finite number, or negative points.
    """
    named = sorted((float(at), float(worth)) for at, worth in points.items())
    if not named or not all(math.isfinite(n) for pair in named for n in pair) or min(w for _, w in named) < 0:
        raise ValueError(f"credit needs values and points, such as {{0.90: 0, 0.97: 3}}, not {dict(points)!r}")
    number = float(value)
    if not math.isfinite(number):
        return 0.0
    reached = [at for at, _ in named if at - tolerance - 1e-12 <= number]
    if not reached:
        return 0.0
    return _between(max(number, reached[-1]), named)


def _between(value: float, named: list[tuple[float, float]]) -> float:
    """The height of the line through the named points at `value`, which is not below the first."""
    for (left, low), (right, high) in itertools.pairwise(named):
        if left <= value < right:
            return low + (high - low) * (value - left) / (right - left)
    return named[-1][1]
