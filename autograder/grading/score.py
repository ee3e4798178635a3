"""Points for one graded cell, by nbgrader's rules.

Rule: points are a number from 0 to the maximum or nothing at all, and a sum that had to be corrected says so.

The rules are those of `nbgrader.utils.determine_grade` (0.9.6): an exception earns 0, a number in the last
line is partial credit, anything else earns all. `scoring = "autograder"` mends four flaws of it: text on
stderr costs nothing, `np.float64(0.5)` is a half, a negative number or NaN earns 0, and a number above the
maximum earns the maximum. `scoring = "nbgrader"` keeps them; where nbgrader would break off the submission,
the cell is unscored.
"""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import Any

from autograder.values import Outcome

NO_RESPONSE = "No response."
"""What nbgrader writes beside a manually graded answer that was left as it was released."""
_CLOSE = 1e-9
"""Points that a sum of floats may be out by: less than this is neither above the maximum nor negative."""

Score = tuple[float | None, Outcome, str]
"""Points (None when unscored or to be marked by hand), the outcome, and one sentence, or ''."""


@dataclass(frozen=True, slots=True)
class Found:
    """What running one test cell left, told in values."""

    error: str | None = None
    """One sentence when the cell raised; None when it ran through."""
    has_result: bool = False
    """Whether the last line was an expression that Jupyter would have shown."""
    result: Any = None
    """Its value as a plain Python or NumPy value; None when it is of no such type."""
    result_text: str = ""
    """Its `text/plain`."""
    stderr: str = ""
    """What the cell wrote on stderr."""


def score(found: Found, max_points: float, scoring: str = "autograder") -> Score:
    """What a test cell earned; `scoring` is course.toml's `autograder` or `nbgrader`."""
    return _as_nbgrader(found, max_points) if scoring == "nbgrader" else _as_autograder(found, max_points)


def manual(answered: bool) -> Score:
    """What a manually graded answer has earned before a person has seen it."""
    return (None, Outcome.BY_HAND, "") if answered else (0.0, Outcome.FAILED, NO_RESPONSE)


def number_of(value: Any, text: str = "") -> float | None:
    """The number that `value` is, else the one that `text` spells, else None; a truth value is no number.

    Numbers are Python's and NumPy's real scalars, fractions, and arrays of no dimension that hold one.
    """
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool):
        return None
    if isinstance(value, numbers.Real):
        return _float(value)
    return None if isinstance(value, str) else _float(text)


def _float(value: numbers.Real | str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
    except OverflowError:  # an int beyond the largest float, of either sign
        return math.inf if value > 0 else -math.inf  # type: ignore[operator]


def _as_autograder(found: Found, max_points: float) -> Score:
    if found.error is not None:
        return 0.0, Outcome.FAILED, found.error
    if not found.has_result:
        return max_points, Outcome.PASSED, ""
    value = number_of(found.result, found.result_text)
    if value is None:
        return max_points, Outcome.PASSED, _oddity(found, max_points)
    if math.isnan(value) or value < -_CLOSE:
        told = "not a number (NaN)" if math.isnan(value) else f"{value:g} points"
        return 0.0, Outcome.FAILED, f"The test came to {told}, which counts as 0."
    if value > max_points + _CLOSE:
        return (
            max_points,
            Outcome.PASSED,
            f"The test came to {value:g} points, which counts as {max_points:g}.",
        )
    return _partial(min(max(value, 0.0), max_points), max_points)


def _oddity(found: Found, max_points: float) -> str:
    """A test that ends in False was meant otherwise: nbgrader's rule stands, but somebody should know."""
    if found.result_text in ("False", "np.False_"):
        return f"The test ended in False, which is no number of points, so it counts as {max_points:g}."
    return ""


def _partial(points: float, max_points: float) -> Score:
    if points >= max_points:
        return points, Outcome.PASSED, ""
    if points > 0:
        return points, Outcome.PARTIAL, f"{points:.4g} of {max_points:g} points."
    return 0.0, Outcome.FAILED, f"0 of {max_points:g} points."


def _as_nbgrader(found: Found, max_points: float) -> Score:
    """`determine_grade` to the letter, for a cell whose shown result, if any, is its last output."""
    if found.error is not None:
        return 0.0, Outcome.FAILED, found.error
    if found.stderr:
        return 0.0, Outcome.FAILED, "The test wrote to stderr, which this course counts as a failure."
    if not found.has_result:
        return max_points, Outcome.PASSED, ""
    if not found.result_text:
        return None, Outcome.UNSCORED, "The test's result has no text, on which nbgrader breaks off."
    try:
        value = float(found.result_text)
    except ValueError:
        return max_points, Outcome.PASSED, ""
    if value > max_points:
        told = f"The test came to {value:g} of {max_points:g} points, on which nbgrader breaks off."
        return None, Outcome.UNSCORED, told
    if value >= 0:
        return _partial(value, max_points)
    return max_points, Outcome.PASSED, ""
