"""Which notebook answers which master."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from autograder.intake.match import match
from autograder.values import JSON, Cell, Master, Role


def master(name: str, *ids: str) -> Master:
    cells = tuple(Cell(i, "code", "", Role.SOLUTION, grade_id) for i, grade_id in enumerate(ids))
    text = Cell(len(ids), "markdown", "", Role.TEXT)
    return Master("ps", name, Path(f"{name}.ipynb"), (*cells, text), {"cells": []})


def handed(*ids: str) -> JSON:
    return {"cells": [{"cell_type": "code", "metadata": {"nbgrader": {"grade_id": i}}} for i in ids]}


A, B = master("a", "a1", "a2", "a3"), master("b", "b1", "b2", "b3")


def test_by_name() -> None:
    """A notebook with a master's name answers it, whatever is inside."""
    mine = {"a": handed("b1", "b2", "b3"), "b": handed()}
    assert (mine, ()) == match([A, B], mine)


def test_renamed() -> None:
    """Colab's `a (1)` and `Copy of b` are taken by their cells, with a note."""
    one, two = handed("a1", "a2", "x"), handed("b1", "b2", "b3")
    found, notes = match([A, B], {"a (1)": one, "Copy of b": two})
    assert {"a": one, "b": two} == found
    assert "'a (1).ipynb' has the cells of a.ipynb and was graded as that." in notes


def test_two_copies() -> None:
    """Of two renamed copies neither is taken: nobody knows which was meant."""
    found, notes = match([A], {"a (1)": handed("a1", "a2"), "a (2)": handed("a1", "a2", "a3")})
    assert {} == found
    assert "The notebook a.ipynb was not handed in." == notes[0]
    assert "'a (1).ipynb' is no notebook of this assignment." == notes[1]


def test_name_beats_copy() -> None:
    """Where the right name is there, a copy beside it is passed over with a note."""
    mine = handed()
    found, notes = match([A], {"a": mine, "a (1)": handed("a1", "a2", "a3")})
    assert found["a"] is mine
    assert ("'a (1).ipynb' is no notebook of this assignment.",) == notes


def test_half_is_not_most() -> None:
    """A notebook with half of the cells, or none of a master without any, answers nobody."""
    assert {} == match([master("m", "x", "y")], {"z": handed("x")})[0]
    assert {} == match([master("plain")], {"z": handed()})[0]


def test_one_notebook_for_two_masters() -> None:
    """A notebook that could answer two masters answers neither."""
    twin = master("twin", "a1", "a2", "a3")
    found, notes = match([A, twin], {"z": handed("a1", "a2", "a3")})
    assert {} == found
    assert 3 == len(notes)


def test_composed_and_decomposed_names() -> None:
    """The name 게이트 spelt with single letters, as macOS does, is the same name."""
    mine = handed()
    apart = unicodedata.normalize("NFD", "게이트")
    assert 6 == len(apart)
    assert ({"게이트": mine}, ()) == match([master("게이트", "x")], {apart: mine})


def test_hostile_name() -> None:
    """A name that would paint the terminal is shown escaped."""
    notes = match([A], {"a": handed(), "\x1b[2J" + "z" * 500: handed()})[1]
    assert notes[0].startswith("'\\x1b[2Jzzz") and len(notes[0]) < 120
