"""The class in the terminal."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console

from autograder.reports.table import counts, show_grades, totals, what_happened
from autograder.values import Grade, Outcome, Status, Verdict

GOOD = Verdict("gates", "t1", Outcome.PASSED, 2.0, 2.0)
BAD = Verdict("gates", "t2", Outcome.FAILED, 0.0, 2.0, "AssertionError: AND(1, 1) should be 1.")
HAND = Verdict("gates", "why", Outcome.BY_HAND, None, 3.0)
FULL = Grade("ada", "gates", Status.GRADED, (GOOD,), seconds=1.0)
HALF = Grade("김민수", "gates", Status.GRADED, (GOOD, BAD, BAD, HAND), seconds=0.5, late_seconds=3600)
LOST = Grade("eve", "gates", Status.UNGRADABLE, (), "gates.ipynb is an empty file.")
WAITS = Grade(
    "mallory", "gates", Status.NEEDS_PERSON, (replace(GOOD, outcome=Outcome.UNSCORED, points=None),), "t1: disk full."
)


def printed(*grades: Grade, width: int = 80, **told: object) -> list[str]:
    file = io.StringIO()
    show_grades(grades, lambda names: [g for g in grades if g.student in names], Console(file=file, width=width, **told))
    return file.getvalue().splitlines()


def test_each_student_has_a_line_that_says_it_all() -> None:
    """Name, score, status, tests and what happened, readable without colour."""
    text = "\n".join(printed(FULL, HALF, LOST, WAITS, width=140))
    for words in (
        "ada",
        "2/2",
        "graded",
        "All tests passed.",
        "김민수",
        "2/9",
        "✓1 ✗2 ✎1",
        "1 hour late. t2: AssertionError",
    ):
        assert words in text
    for words in (
        "eve",
        "ungradable",
        "gates.ipynb is an empty file.",
        "mallory",
        "needs a person",
        "t1: disk full.",
    ):
        assert words in text


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    """Long names and reasons are cut or broken, and columns stand under one another, Hangul too."""
    long = replace(HALF, student="a_student_with_a_very_long_name_0001", reason="word " * 200)
    lines = printed(FULL, HALF, long, LOST, width=width)
    assert max(map(cell_len, lines)) <= width
    starts = {
        cell_len(line[: line.index(word)]) for word in (" graded",) for line in lines if word in line and "✓" in line
    }
    assert 1 == len(starts)


def test_a_terminal_is_not_steered() -> None:
    """Escape sequences and line ends in names and reasons are gone."""
    text = "\n".join(printed(replace(LOST, student="ev\x1b[2Je", reason="\x1b]0;title\x07one\ntwo\r\x1b[Aup\u202e")))
    assert not set(text) & set("\x1b\x07\r\u202e")
    assert "one two up" in text


def test_markup_is_text() -> None:
    """Rich's own markup in a reason is shown, not obeyed."""
    assert any("[red]x[/red]" in line for line in printed(replace(LOST, reason="[red]x[/red] [/nothing]")))


def test_counts_leave_out_what_there_is_none_of() -> None:
    """A sign for each outcome that occurred."""
    assert "✓1 ✗2 ✎1" == counts(HALF)
    assert "–" == counts(LOST)


def test_what_happened_prefers_the_reason_then_the_first_failure_then_repairs() -> None:
    """The sentence is about what the reader must know first."""
    assert "gates.ipynb is an empty file." == what_happened(LOST)
    assert "1 hour late. t2: AssertionError: AND(1, 1) should be 1. (and 1 more)" == what_happened(HALF)
    assert "Put back t1." == what_happened(replace(FULL, notes=("Put back t1.",)))
    assert "All tests passed. 1 to be marked by hand." == what_happened(replace(FULL, verdicts=(GOOD, HAND)))


def test_totals_count_everybody() -> None:
    """Ungradable submissions are counted but do not pull the mean down."""
    assert "4 submissions: 2 graded, 1 needs a person, 1 ungradable, mean 1.33 of 4.33, 1.5 s of work." == totals(
        [FULL, HALF, LOST, WAITS]
    )
    assert "0 submissions: 0 graded, 0 need a person, 0 ungradable, 0.0 s of work." == totals([])
