"""Regions of a master, and everything that is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from handmade import cell, master

from autograder.authoring import regions
from autograder.authoring.delimiters import Kind
from autograder.authoring.regions import Region
from autograder.errors import MasterError
from autograder.values import Cell, Role


def _faults(source: str, role: Role = Role.TEST, kind: str = "code") -> list[tuple[int, str]]:
    return [(line, what) for line, what, _ in regions.find(Cell(0, kind, source, role, "id"))[1]]


def test_regions_are_found_in_order() -> None:
    """Each region is the lines from its opening to its closing delimiter."""
    source = "a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\n### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS"
    found, faults = regions.find(Cell(0, "code", source, Role.TEST, "id"))
    assert [] == faults
    assert [Region(Kind.HIDDEN, 1, 3), Region(Kind.HIDDEN, 4, 5)] == found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a\n# BEGIN HIDDEN TESTS\nb", [(2, "BEGIN HIDDEN TESTS without END HIDDEN TESTS")]),
        ("a\n# END HIDDEN TESTS", [(2, "END HIDDEN TESTS without BEGIN HIDDEN TESTS")]),
        (
            "# BEGIN HIDDEN TESTS\n# BEGIN HIDDEN TESTS\n# END HIDDEN TESTS",
            [(2, "BEGIN HIDDEN TESTS stands within the hidden tests begun on line 1")],
        ),
        (
            "# BEGIN HIDDEN TESTS\n# END SOLUTION\n# END HIDDEN TESTS",
            [(2, "END SOLUTION stands within the hidden tests begun on line 1")],
        ),
        (
            "# BEGIN HIDDEN TESTS\n# BEGIN SOLUTION\n# END SOLUTION\n# END HIDDEN TESTS",
            [
                (2, "BEGIN SOLUTION stands within the hidden tests begun on line 1"),
                (3, "END SOLUTION stands within the hidden tests begun on line 1"),
            ],
        ),
        (
            "# BEGIN HIDDEN TESTS # END HIDDEN TESTS\nassert secret",
            [(1, "`# BEGIN HIDDEN TESTS # END HIDDEN TESTS` holds two delimiters")],
        ),
    ],
)
def test_a_region_that_is_not_closed_as_it_was_opened_is_a_fault(
    source: str, expected: list[tuple[int, str]]
) -> None:
    """Every way of getting the pairs wrong is told with its line."""
    assert expected == _faults(source)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("### BEGIN HIDEN TESTS", "BEGIN HIDDEN TESTS"), ("# begin hidden tests", "BEGIN HIDDEN TESTS")],
)
def test_a_mistyped_pair_is_refused_with_its_cell_line_and_mend(tmp_path: Path, typed: str, meant: str) -> None:
    """The message says notebook, number of the cell, grade_id, line, and what to write."""
    hidden = f"assert f(1)\n{typed}\nassert f(2)\n{typed.replace('BEGIN', 'END').replace('begin', 'end')}"
    found = regions.problems(master(tmp_path, cell("# T", "markdown"), cell(hidden, role="test", grade_id="t1")))
    assert [2, 4] == [problem.line for problem in found]
    assert (
        f"hand.ipynb, cell 2 (t1), line 2: `{typed}` looks like {meant}, mistyped. "
        f"Write {meant}, in capitals with single spaces, or reword the line."
    ) == str(found[0])


@pytest.mark.parametrize(
    ("source", "kind", "role", "expected"),
    [
        ("# BEGIN SOLUTION\n# END SOLUTION", "code", "test", "not an answer (autograded or manually graded)"),
        ("# BEGIN SOLUTION\n# END SOLUTION", "code", "", "not an answer (autograded or manually graded)"),
        ("# BEGIN HIDDEN TESTS\n# END HIDDEN TESTS", "code", "readonly", "not an autograder test"),
        ("# BEGIN HIDDEN TESTS\n# END HIDDEN TESTS", "code", "", "not an autograder test"),
        ("BEGIN MARK SCHEME\nEND MARK SCHEME", "markdown", "readonly", "not a manually graded task"),
        ("BEGIN MARK SCHEME\nEND MARK SCHEME", "markdown", "", "not a manually graded task"),
        (
            "# BEGIN SOLUTION\n# END SOLUTION\n# BEGIN HIDDEN TESTS\n# END HIDDEN TESTS",
            "code",
            "solution",
            "not an autograder test",
        ),
    ],
)
def test_a_region_in_a_cell_of_another_role_is_refused(
    tmp_path: Path, source: str, kind: str, role: str, expected: str
) -> None:
    """A region is cut only where a cell of that kind may have one; elsewhere its author is mistaken."""
    (found,) = regions.problems(master(tmp_path, cell(source, kind, role)))
    assert expected in found.what


def test_a_scheme_in_an_answer_that_is_replaced_whole_is_sound(tmp_path: Path) -> None:
    """nbgrader accepts it too: nothing of the cell reaches the student."""
    made = master(tmp_path, cell("x\nBEGIN MARK SCHEME\ny\nEND MARK SCHEME", "markdown", "manual"))
    assert [] == regions.problems(made)


def test_a_picture_attached_for_the_scheme_is_refused(tmp_path: Path) -> None:
    """The scheme's text is cut, but the attachment would stay in the cell."""
    source = "Plot.\nBEGIN MARK SCHEME\n![](attachment:plot.png)\nEND MARK SCHEME"
    (found,) = regions.problems(master(tmp_path, cell(source, "markdown", "task")))
    assert (3, True) == (found.line, "attached" in found.what)


@pytest.mark.parametrize(
    "source",
    [
        "### Hidden tests follow\nassert 1",
        "assert 1  # begin with the solution",
        's = """\n# begin hidden tests\n"""\nassert s',
        "print('begin solution')",
        "### BEGIN HIDDEN TESTS\n# HIDDEN TESTS\nassert 1\n### END HIDDEN TESTS",
    ],
)
def test_ordinary_comments_and_strings_raise_no_alarm(tmp_path: Path, source: str) -> None:
    """An author may speak of hidden tests; within a sound region even in capitals."""
    assert [] == regions.problems(master(tmp_path, cell(source, role="test")))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"schema_version": 4}, "nbgrader metadata of version 4, not 3"),
        ({"grade": 1}, "metadata.nbgrader.grade must be true or false"),
        ({"remove": True}, "metadata.nbgrader.remove is no key of the format"),
    ],
)
def test_metadata_that_nbgrader_would_refuse_is_refused(
    tmp_path: Path, change: dict[str, object], expected: str
) -> None:
    """A release must be a notebook that nbgrader itself would have made."""
    odd = cell("assert 1", role="test")
    odd["metadata"]["nbgrader"] |= change
    assert expected in [problem.what for problem in regions.problems(master(tmp_path, odd))]


def test_an_unknown_language_is_refused(tmp_path: Path) -> None:
    """There would be no stub to put in the place of a solution."""
    made = master(tmp_path, cell("x"), metadata={"kernelspec": {"language": "cobol", "name": "c"}})
    (found,) = regions.problems(made)
    assert ("hand.ipynb: its kernelspec names the language 'cobol'") == str(found).split(". ")[0]


def test_all_faults_are_told_in_one_error() -> None:
    """The error counts and lists them."""
    one = regions.Problem("a.ipynb", "bad", "Mend it.", 3, "q1", 2)
    two = regions.Problem("b.ipynb", "worse", "Mend that.")
    error = regions.refuse("ps", [one, two])
    assert isinstance(error, MasterError)
    told = str(error).split("\n")
    assert "2 faults keep 'ps' from being released:" == told[0]
    assert ["  a.ipynb, cell 3 (q1), line 2: bad. Mend it.", "  b.ipynb: worse. Mend that."] == [
        t.rstrip() for t in told[1:3]
    ]
