"""The text of a cell as the student gets it."""

from __future__ import annotations

from autograder.authoring.delimiters import Kind
from autograder.authoring.strip import Cut, strip
from autograder.values import Cell, Role

STUB = "# YOUR CODE HERE\nraise NotImplementedError()"


def _cell(source: str, role: Role, kind: str = "code") -> Cell:
    return Cell(0, kind, source, role, "id")


def test_a_solution_region_becomes_the_stub_with_its_indent() -> None:
    """Every line of the stub stands as deep as the opening delimiter, tabs kept."""
    source = "def f():\n\t  ### BEGIN SOLUTION\n\treturn 1\n### END SOLUTION\n\nf()"
    done = strip(_cell(source, Role.SOLUTION))
    assert "def f():\n\t  # YOUR CODE HERE\n\t  raise NotImplementedError()\n\nf()" == done.source
    assert (Cut(Kind.SOLUTION, ("\treturn 1",)),) == done.cuts


def test_an_answer_without_a_region_becomes_the_stub() -> None:
    """Of such a cell nothing stays, not even its hidden tests."""
    assert STUB == strip(_cell("x = 1\ny = 2", Role.SOLUTION)).source
    assert "YOUR ANSWER HERE" == strip(_cell("Because.", Role.MANUAL, "markdown")).source
    assert (Cut(Kind.SOLUTION, ("x = 1", "y = 2")),) == strip(_cell("x = 1\ny = 2", Role.SOLUTION)).cuts


def test_the_stub_speaks_the_notebooks_language() -> None:
    """R has no NotImplementedError."""
    assert "# YOUR CODE HERE\nfail()" == strip(_cell("x <- 1", Role.SOLUTION), "R").source


def test_hidden_tests_vanish_without_a_trace() -> None:
    """Both delimiters go with what is between them, and no blank line is left."""
    source = "a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\nc"
    assert "a\nc" == strip(_cell(source, Role.TEST)).source


def test_text_outside_regions_is_kept_to_the_letter() -> None:
    """Trailing blanks, carriage returns and the end without a newline."""
    source = " a \r\n\n### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS\n\tb  "
    assert " a \r\n\n\tb  " == strip(_cell(source, Role.TEST)).source


def test_a_cell_without_regions_is_not_touched() -> None:
    """Tests, tasks, texts and locked cells are cut only within regions."""
    for role in (Role.TEST, Role.TASK, Role.READONLY, Role.TEXT):
        assert "x\n" == strip(_cell("x\n", role)).source
        assert () == strip(_cell("x\n", role)).cuts
