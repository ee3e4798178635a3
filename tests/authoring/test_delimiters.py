"""Delimiters, exact and mistyped."""

from __future__ import annotations

import tokenize
from pathlib import Path

import pytest

from autograder.authoring import delimiters
from autograder.authoring.delimiters import Kind

MISTYPED = {
    "BEGIN HIDDEN TESTS": (
        "### BEGIN HIDEN TESTS",
        "# begin hidden tests",
        "### BEGIN HIDDEN TEST",
        "### Begin Hidden Tests",
        "### BEGIN  HIDDEN  TESTS",
        "### BEGIN-HIDDEN-TESTS",
        "### BEGIN_HIDDEN_TESTS",
        "### BEGINHIDDENTESTS",
        "### BEGIN HIDDEN TSETS",
        "### BEGIN HIDDEN",
        "### BEGIN TESTS",
        "### HIDDEN TESTS",
        "# HIDDEN TESTS",
        "### HIDDEN TESTS BEGIN",
        "### begin hidden tests (random inputs)",
        "### START HIDDEN TESTS",
        "### BEGIN HIDDEN TESTCASES",
        "#BEGIN HIDDEN\u00a0TESTS",
    ),
    "END HIDDEN TESTS": (
        "### END HIDEN TESTS",
        "# end hidden tests",
        "### EDN HIDDEN TESTS",
        "### END OF HIDDEN TESTS",
    ),
    "BEGIN SOLUTION": (
        "### BEGIN  SOLUTION",
        "### BEGIN SOLUTON",
        "### BGEIN SOLUTION",
        "### BEING SOLUTION",
        "### Begin solution",
        "# begin solution",
        "### BEGIN SOLUTI0N",
        "### BEGINSOLUTION",
        "### \u0412EGIN SOLUTION",
        "### START SOLUTION",
        "### BEGIN THE SOLUTION",
    ),
    "END SOLUTION": (
        "### END SOLUTON",
        "### EMD SOLUTION",
        "### END  SOLUTION",
        "### end solution",
        "### ENDSOLUTION",
    ),
    "BEGIN MARK SCHEME": (
        "=== BEGIN MARKING SCHEME ===",
        "begin mark scheme",
        "BEGIN MARK SCHEMA",
        "BEGIN MARKSCHEME",
    ),
    "END MARK SCHEME": ("=== END MARKS SCHEME ===", "<!-- end mark scheme -->", "END MARK SHCEME"),
}
ORDINARY = (
    "# begin with the simplest solution",
    "# the solution ends here",
    "# in solution",
    "# and hidden tests",
    "# hidden tests try random inputs too",
    "# begin convolution",
    "# end convolution",
    "# begin evolution",
    "# end resolution",
    "# end of the loop",
    "# begin tests",
    "# hidden layer",
    "# the hidden tests use other numbers",
    "# begin hidden layers",
    "# end hidden state",
    "# solution",
    "# YOUR CODE HERE",
    "# tests",
    "### TESTS",
    "# marking: 2 points",
    "# scheme of the marks",
    "# START",
    "# END",
    "# BEGIN",
    "# begin training",
    "# 해답 시작",
    "#",
    "",
    "# " + "word " * 40,
)
HEADINGS = ("## Solution", "### Hidden tests", "# Tests", "## Mark scheme", "### Begin tests", "Begin the tests now.")


@pytest.mark.parametrize(("meant", "typed"), [(m, t) for m, all_typed in MISTYPED.items() for t in all_typed])
def test_a_mistyped_delimiter_is_known_for_what_it_means(meant: str, typed: str) -> None:
    """Wrong case, spaces, letters, order, number or a word too few: nbgrader would pass each over in silence."""
    assert [] == delimiters.exact(typed)
    assert meant == delimiters.lookalike(typed, heading=meant.endswith("SCHEME"))


@pytest.mark.parametrize("comment", ORDINARY)
def test_an_ordinary_comment_raises_no_alarm(comment: str) -> None:
    """A comment that speaks of tests, solutions or endings is not taken for a delimiter."""
    assert "" == delimiters.lookalike(comment)


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_heading_of_a_text_cell_raises_no_alarm(heading: str) -> None:
    """In Markdown `###` is a heading, not a fence."""
    assert "" == delimiters.lookalike(heading, heading=True)


def test_no_comment_of_the_standard_librarys_core_raises_an_alarm() -> None:
    """Thousands of comments written by others, none of which means a delimiter."""
    folder = Path(tokenize.__file__).parent
    checked = 0
    for name in ("argparse", "ast", "datetime", "difflib", "inspect", "pickle", "random", "statistics", "typing"):
        for _, comment in delimiters.comments((folder / f"{name}.py").read_text("utf-8"), "code"):
            checked += 1
            assert "" == delimiters.lookalike(comment), (name, comment)
    assert checked > 1000


def test_a_delimiter_counts_wherever_it_stands_in_a_line() -> None:
    """nbgrader looks for the words alone: in a comment, in a string, with more behind."""
    assert [(Kind.HIDDEN, True)] == delimiters.exact("x = 1  # BEGIN HIDDEN TESTS and more")
    assert [(Kind.SOLUTION, False)] == delimiters.exact("print('END SOLUTION')")
    assert [] == delimiters.exact("BEGIN HIDDEN  TESTS")


def test_letters_stuck_to_a_delimiter_are_seen() -> None:
    """BEGIN SOLUTIONS works in nbgrader by chance; its author meant the delimiter and should be told its name."""
    assert "BEGIN SOLUTION" == delimiters.glued("### BEGIN SOLUTIONS")
    assert "" == delimiters.glued("### BEGIN SOLUTION:")


def test_comments_are_pythons_and_not_the_lines_of_a_string() -> None:
    """A `#` within a string begins no comment; one behind code does."""
    source = 'text = """\n# begin hidden tests\n"""\nx = "# end solution"  # here\n%matplotlib inline\n!ls # there'
    assert [(3, "# here"), (5, "# there")] == list(delimiters.comments(source, "code"))


@pytest.mark.parametrize("source", ["%%bash\n# one\necho two", "x = (\n# one", "  x\n # one\ny", "'''\n# one"])
def test_comments_are_found_where_python_cannot_read_the_cell(source: str) -> None:
    """Other languages and half-written code fall back to lines that begin like a comment."""
    assert "# one" in [text.strip() for _, text in delimiters.comments(source, "code")]


def test_every_line_of_a_text_cell_is_looked_at() -> None:
    """Text has no comments."""
    assert [(0, "a"), (1, "# b"), (2, "")] == list(delimiters.comments("a\n# b\n", "markdown"))
