"""One master becomes one student notebook (against nbgrader itself: test_against_nbgrader.py)."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from handmade import cell, master

from autograder import notebook
from autograder.authoring import release
from autograder.errors import MasterError

HIDDEN = "assert f(1)\n### BEGIN HIDDEN TESTS\nassert f(2)\n### END HIDDEN TESTS"


def test_the_checksum_is_taken_of_what_is_handed_out(tmp_path: Path) -> None:
    """A student's untouched cell has its checksum; the master's text has another."""
    made = release.make(master(tmp_path, cell(HIDDEN, role="test")))["cells"][0]
    assert "assert f(1)" == made["source"]
    assert notebook.checksum(made) == made["metadata"]["nbgrader"]["checksum"]


def test_outputs_and_counts_are_cleared(tmp_path: Path) -> None:
    """What the instructor's run printed is not handed out."""
    made = release.make(master(tmp_path, cell("print(42)")))["cells"][0]
    assert ([], None) == (made["outputs"], made["execution_count"])


def test_the_master_is_never_changed(tmp_path: Path) -> None:
    """Neither its cells nor its metadata, nested data included."""
    given = master(tmp_path, cell(HIDDEN, role="test"), cell("x", metadata={"a": {"b": [1]}}))
    before = copy.deepcopy(given.raw)
    made = release.make(given)
    made["cells"][1]["metadata"]["a"]["b"].append(2)
    made["metadata"]["kernelspec"]["name"] = "other"
    assert before == given.raw


def test_a_master_with_a_fault_makes_nothing(tmp_path: Path) -> None:
    """make raises, and names every fault of the notebook."""
    bad = master(tmp_path, cell(HIDDEN.replace("END", "EMD"), role="test"), cell("# END SOLUTION"))
    with pytest.raises(MasterError, match=r"(?s)3 faults.*cell 1.*line 2.*cell 1.*line 4.*cell 2.*line 1"):
        release.make(bad)


def test_the_same_master_makes_the_same_bytes(tmp_path: Path) -> None:
    """Also where the file gives its cells no ids."""
    cells = [cell("a"), cell("a"), cell("b", "markdown")]
    first = notebook.dumps(release.make(master(tmp_path, *copy.deepcopy(cells), ids=False)))
    again = notebook.dumps(release.make(master(tmp_path, *copy.deepcopy(cells), ids=False)))
    assert first == again
