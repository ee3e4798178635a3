"""What a cell's code does with names, in every version of Python alike."""

from __future__ import annotations

import pytest

from autograder.notebook.code import clean, names


@pytest.mark.parametrize(
    "text",
    [
        "[number for number in cases]",
        "{number for number in cases}",
        "{number: number for number in cases}",
        "list(number for number in cases)",
        "print(f'{[number for number in cases]}')",
        "[[number for number in range(3)] for _ in cases]",
    ],
)
def test_what_a_comprehension_goes_through_is_its_own(text: str) -> None:
    """Its names are neither bound nor read around it; what it goes through is read."""
    found = names(text)
    assert set() == found.bound | found.assigned_in_functions
    assert {"cases"} == (found.read | found.read_in_functions) - {"list", "print", "range"}


def test_what_a_comprehension_assigns_is_bound_around_it() -> None:
    """An assignment expression in it binds a name of the cell's (PEP 572)."""
    assert {"last", "out"} == names("out = [last := number for number in cases]").bound


def test_a_comprehension_in_a_function_binds_nothing() -> None:
    """Neither for the function nor for the cell; what it reads of the cell's is read in functions."""
    found = names("def scaled(x):\n    return {number: number * factor for number in x}\n")
    assert {"scaled"} == found.bound
    assert {"factor"} == found.read_in_functions
    assert set() == found.assigned_in_functions


def test_what_a_function_assigns_as_a_global_is_bound() -> None:
    """By the cell, and told apart: it changes when the function is called."""
    found = names("def count():\n    global calls\n    calls = [calls for _ in range(2)]\n")
    assert {"calls", "count"} == found.bound
    assert {"calls"} == found.assigned_in_functions


def test_magics_are_no_names() -> None:
    """A line for IPython is nothing; a cell that is no Python has no names."""
    assert {"x"} == names("%matplotlib inline\n!ls\nx = 1").bound
    assert "" == clean("%%bash\nx=1")
    assert set() == names("x = (").bound
