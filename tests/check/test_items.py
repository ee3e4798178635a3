"""Item analysis: numbers of classical test theory, and what they say."""

from __future__ import annotations

import math

import pytest

from autograder.check import items
from autograder.values import Grade, Outcome, Status, Verdict


def grade(student: str, status: Status = Status.GRADED, **points: float) -> Grade:
    """A grade in tests of two points each."""
    return Grade(student, "a", status, tuple(Verdict("nb", t, Outcome.PASSED, p, 2.0) for t, p in points.items()))


CLASS = [
    *(grade(f"good{i}", easy=2, fair=2, wrong=0, hard=0, half=2) for i in range(4)),
    grade("middle", easy=2, fair=2, wrong=0, hard=0, half=1),
    *(grade(f"poor{i}", easy=2, fair=0, wrong=1, hard=0, half=0) for i in range(5)),
]
BY_TEST = {item.test: item for item in items.items(CLASS)}


def test_difficulty_is_the_mean_share_of_the_points() -> None:
    """1 where everybody passes, 0 where nobody does, and parts of points count as parts."""
    assert (1.0, 0.5, 0.25, 0.0, 0.45) == tuple(BY_TEST[t].difficulty for t in ("easy", "fair", "wrong", "hard", "half"))


def test_discrimination_is_the_correlation_with_all_other_tests() -> None:
    """A test does not speak for itself: its own points are not in the score it is compared with."""
    # fair is 1 for five students, whose other tests give 4, 4, 4, 4 and 3 points, and 0 for five with 3 each.
    shares, others = [1] * 5 + [0] * 5, [4, 4, 4, 4, 3] + [3] * 5
    mean_x, mean_y = sum(shares) / 10, sum(others) / 10
    covariance = sum((x - mean_x) * (y - mean_y) for x, y in zip(shares, others, strict=True))
    spread = math.sqrt(sum((x - mean_x) ** 2 for x in shares) * sum((y - mean_y) ** 2 for y in others))
    assert BY_TEST["fair"].discrimination == pytest.approx(covariance / spread)
    assert BY_TEST["wrong"].discrimination < items.AGAINST < 0 < BY_TEST["half"].discrimination


def test_where_all_earn_the_same_there_is_no_discrimination() -> None:
    """Neither does a single student make one."""
    assert math.isnan(BY_TEST["easy"].discrimination)
    assert math.isnan(items.items(CLASS[:1])[0].discrimination)
    assert BY_TEST["easy"].as_json()["discrimination"] is None


def test_the_three_kinds_of_bad_tests_are_named() -> None:
    """Everybody, nobody, and the better students fail more often; good tests are not named."""
    told = {r.rule: r.grade_id for r in items.remarks(items.items(CLASS)) if r.grade_id != "fair"}
    assert {"everybody-passes": "easy", "nobody-passes": "hard", "against-the-best": "wrong"} == told
    assert not any(r.fault for r in items.remarks(items.items(CLASS)))


def test_a_small_class_concludes_nothing() -> None:
    """Numbers are given, findings are not."""
    few = CLASS[: items.FEWEST - 1]
    assert [] == items.remarks(items.items(few))
    assert items.items(few)


def test_what_could_not_be_graded_says_nothing_of_the_tests() -> None:
    """Torn files and answers that wait for a person do not make a test hard."""
    torn = Grade("torn", "a", Status.UNGRADABLE, (Verdict("nb", "easy", Outcome.FAILED, 0.0, 2.0),))
    assert str(items.items(CLASS)) == str(items.items([*CLASS, torn]))  # some are NaN, which equals nothing


def test_what_a_person_marks_counts_once_all_of_it_is_marked() -> None:
    """Until then only those who wrote nothing have points, none, and nothing can be said."""
    silent = Verdict("nb", "essay", Outcome.FAILED, 0.0, 4.0, "No response.")
    given = [Grade(f"s{i}", "a", Status.GRADED, (silent,)) for i in range(5)]
    written = Grade("new", "a", Status.GRADED, (Verdict("nb", "essay", Outcome.BY_HAND, None, 4.0),))
    marked = Grade("new", "a", Status.GRADED, (Verdict("nb", "essay", Outcome.BY_HAND, 4.0, 4.0),))
    assert [] == items.items([*given, written])
    assert [1 / 6] == [item.difficulty for item in items.items([*given, marked])]
