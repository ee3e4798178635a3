"""What a release cuts out and still shows elsewhere is found; what code repeats by its nature is not."""

from __future__ import annotations

import pytest
from builders import cell, exam, solution
from masters import master_of

from autograder.check import shown

ANSWER = solution("answer", "def f(first):\n    ### BEGIN SOLUTION\n    doubled_first_one = first + first\n    return doubled_first_one\n    ### END SOLUTION")
TEST = exam("t", "assert f(1) == 2\n### BEGIN HIDDEN TESTS\nassert f(-1234) == -2468\nassert f('a') == 'aa'\n### END HIDDEN TESTS")
SOLUTIONS, HIDDEN = {"answer": {3, 4}}, {"t": {3, 4}}


def found(*cells: dict) -> list[tuple[str, int, int, bool]]:
    """(rule, cell, line, fault) of what stands in the open beside the answer and its test."""
    remarks = shown.remarks(master_of(ANSWER, TEST, *cells), SOLUTIONS, HIDDEN)
    return [(r.rule, r.cell, r.line, r.fault) for r in remarks]


@pytest.mark.parametrize(
    ("other", "line"),
    [
        (cell("code", "x = 1\n# later: assert f(-1234) == -2468"), 2),
        (cell("markdown", "We ask\n\n    assert f(-1234) == -2468"), 3),
        (exam("other", "assert f(3) == 6, 'as assert f(-1234) == -2468 is'"), 1),
        (exam("other", 'text = """\nassert  f(-1234) == -2468\n"""\nassert f(3) == 6'), 2),
        (cell("code", "#doubled_first_one = first + first"), 1),
    ],
)
def test_a_comment_or_a_text_that_repeats_what_is_hidden_is_a_fault(other: dict, line: int) -> None:
    """Hidden tests anywhere in words, solutions where a line is merely commented out."""
    assert [("hidden-shown", 3, line, True)] == found(other)


def test_hidden_tests_that_stand_in_visible_code_to_the_last_line_hide_nothing() -> None:
    """A line that both repeat is the nature of tests; all of them is none hidden."""
    one, both = "assert f(-1234) == -2468", "assert f(-1234) == -2468\nassert f('a') == 'aa'"
    assert [] == found(exam("other", one))
    assert [("hidden-shown", 2, 0, True)] == found(exam("other", both))


def test_a_line_of_the_solution_in_visible_code_or_words_is_noted() -> None:
    """Authors show some lines on purpose: a note; short ones stand in any code."""
    assert [("solution-shown", 3, 1, False)] == found(cell("code", "doubled_first_one = first + first"))
    assert [("solution-shown", 3, 2, False)] == found(cell("markdown", "So:\n    doubled_first_one = first + first"))
    assert [] == found(cell("code", "return doubled_first_one"))


def test_what_is_cut_out_and_what_only_looks_alike_is_left_alone() -> None:
    """Comments within regions go with them; a comment that speaks of the answer repeats none of it."""
    assert [] == found(cell("code", "# f(-1234) is asked, and doubled_first_one\nf(2) == 4  # assert"))
    inside = solution("more", "### BEGIN SOLUTION\n# assert f(-1234) == -2468\ny = 1\n### END SOLUTION")
    assert [] == list(shown.remarks(master_of(ANSWER, TEST, inside), {**SOLUTIONS, "more": {2, 3}}, HIDDEN))
