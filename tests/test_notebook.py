"""nbgrader's notebook format, against nbgrader and nbformat themselves."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader import utils
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.preprocessors import ComputeChecksums, LockCells

from autograder import notebook
from autograder.errors import MasterError, Ungradable
from autograder.values import JSON, Role

SOURCE = Path(__file__).parents[1] / "source"
FLAGS = [
    dict(zip(("grade", "solution", "locked", "task"), values, strict=True))
    for values in itertools.product((False, True), repeat=4)
]


def _cell(kind: str = "code", source: str = "x = 1", **meta: Any) -> JSON:
    full = {"schema_version": 3, "grade_id": "q1", "points": 2, **meta} if meta else {}
    return {"cell_type": kind, "source": source, "metadata": {"nbgrader": full} if full else {}}


def _node(cell: JSON) -> Any:
    return nbformat.from_dict(json.loads(json.dumps(cell)))


@pytest.mark.parametrize("flags", FLAGS)
def test_roles_and_locks_are_nbgraders(flags: dict[str, bool]) -> None:
    """For every combination of flags our role answers as nbgrader's four questions do."""
    cell, node = _cell(**flags), _node(_cell(**flags))
    role = notebook.role_of(cell)
    assert utils.is_locked(node) == notebook.is_locked(cell)
    assert utils.is_task(node) == (role is Role.TASK)
    if not flags["task"]:
        assert utils.is_grade(node) == (role in (Role.TEST, Role.MANUAL))
        assert utils.is_solution(node) == (role in (Role.SOLUTION, Role.MANUAL))
        assert (utils.is_locked(node) and not utils.is_grade(node)) == (role is Role.READONLY)


def test_a_cell_without_metadata_is_text() -> None:
    """So is one whose metadata is of the wrong shape: a student may have made it anything."""
    assert Role.TEXT is notebook.role_of(_cell())
    for metadata in (None, [], "x", {"nbgrader": None}, {"nbgrader": [1]}):
        assert Role.TEXT is notebook.role_of({"cell_type": "code", "source": "", "metadata": metadata})
        assert not notebook.is_locked({"metadata": metadata})


@pytest.mark.parametrize("flags", FLAGS)
@pytest.mark.parametrize("points", [0, 2, 2.5, 1e-3])
@pytest.mark.parametrize("source", ["", "x = 1\n", "한국어 \u2028 \U0001f600\r\n"])
def test_checksums_are_nbgraders(flags: dict[str, bool], points: float, source: str) -> None:
    """Over source, type, flags, id and points, whole points written as nbgrader writes them."""
    for kind in ("code", "markdown"):
        cell = _cell(kind, source, points=points, **flags)
        assert utils.compute_checksum(_node(cell)) == notebook.checksum(cell)


@pytest.mark.parametrize("flags", [f for f in FLAGS if not (f["task"] and (f["grade"] or f["solution"]))])
def test_cells_are_locked_and_sealed_as_nbgrader_does(flags: dict[str, bool]) -> None:
    """Deletable, editable, checksum and cell type as LockCells and ComputeChecksums leave them."""
    cell, node = _cell(**flags), _node(_cell(**flags))
    for step in (LockCells(), ComputeChecksums()):
        node, _ = step.preprocess_cell(node, {}, 0)
    assert dict(node.metadata) == notebook.restored_metadata(cell, cell["source"])


def _rich(minor: int = 5) -> JSON:
    data = {
        "text/plain": "a\nb",
        "text/html": ["<p>", "x"],
        "image/png": "aGk=\naGk=",
        "image/svg+xml": "<svg>\n</svg>",
        "application/javascript": "a;\nb;",
        "application/json": {"z": 1, "a": [1.5, None, True, math.nan, -0.0, 1e22, 2**70]},
        "application/vnd.x+json": "text\nkept whole",
    }
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": "one\ntwo\x0bthree\u2028four\r\nfive"},
        {"output_type": "stream", "name": "stderr", "text": ""},
        {"output_type": "display_data", "data": data, "metadata": {"b": 1, "a": 2}},
        {"output_type": "execute_result", "data": {}, "metadata": {}, "execution_count": 3},
        {"output_type": "error", "ename": "E", "evalue": "v\nw", "traceback": ["a\nb", "\x1b[0m"]},
    ]
    code = {"cell_type": "code", "source": "x\n\ny", "metadata": {"trusted": True}, "outputs": outputs}
    text = {"cell_type": "markdown", "source": "", "metadata": {}, "attachments": {"a.png": data}}
    raw = {"cell_type": "raw", "source": '한국어 "q" \\ \t \x7f', "metadata": {"e": {}, "l": []}}
    cells = [{**code, "execution_count": None}, text, raw]
    for number, cell in enumerate(cells):
        cell |= {"id": f"c{number}"} if minor >= 5 else {}
    metadata = {
        "signature": "s",
        "orig_nbformat": 2,
        "orig_nbformat_minor": 1,
        "kernelspec": {"name": "p", "display_name": "P"},
    }
    return {"nbformat": 4, "nbformat_minor": minor, "metadata": metadata, "cells": cells}


@pytest.mark.parametrize("minor", [0, 2, 4, 5])
def test_a_written_notebook_is_nbformats_byte_for_byte(minor: int, tmp_path: Path) -> None:
    """Lines split where nbformat splits them, keys sorted, transient keys left out, one newline at the end."""
    path = tmp_path / "n.ipynb"
    nbformat.write(_node(_rich(minor)), path)
    assert path.read_text(encoding="utf-8") == notebook.dumps(_rich(minor))
    assert nbformat.writes(_node(_rich(minor))) + "\n" == notebook.dumps(_rich(minor))


def test_an_empty_notebook_is_nbformats_too() -> None:
    """No cells, no metadata."""
    empty = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": []}
    assert nbformat.writes(_node(empty)) + "\n" == notebook.dumps(empty)


def test_writing_changes_nothing_in_memory() -> None:
    """The notebook goes on being used after it is written."""
    given = _rich()
    before = json.dumps(given)
    notebook.dumps(given)
    assert before == json.dumps(given)


@pytest.mark.parametrize("path", sorted(SOURCE.glob("*/*.ipynb")), ids=lambda p: p.stem)
def test_the_masters_of_this_course_survive_a_round(path: Path) -> None:
    """Read and written, a master without outputs is nbformat's own text of it."""
    ours = notebook.loads(path.read_bytes(), path.name)
    theirs = nbformat.from_dict(json.loads(json.dumps(ours)))
    assert nbformat.writes(theirs) + "\n" == notebook.dumps(ours)
    MetadataValidator().validate_nb(theirs)


@pytest.mark.parametrize("minor", [4, 5])
def test_a_read_notebook_is_nbformats(minor: int) -> None:
    """Apart from outputs, which are dropped, reading gives what nbformat reads."""
    text = nbformat.writes(_node(_rich(minor)))
    ours = notebook.loads(text.encode(), "n.ipynb")
    theirs = nbformat.reads(text, as_version=4)
    theirs.cells[0].outputs = []
    assert [c.source for c in theirs.cells] == [c["source"] for c in ours["cells"]]
    assert nbformat.writes(theirs) + "\n" == notebook.dumps(ours)


def _bytes(**change: Any) -> bytes:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [], **change}).encode()


NESTED = b"[" * 150 + b"]" * 150


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is an empty file"),
        (b"  \n", "is an empty file"),
        (b"\xff\xfe\x00", "is no text file"),
        (b'{"nbformat": 4,\n "cells": [', "breaks off at line 2"),
        (b"[1, 2]", "is JSON, but not a notebook"),
        (b"3", "is JSON, but not a notebook"),
        (b"{}", "not a notebook of format 4"),
        (_bytes(nbformat=5), "not a notebook of format 4"),
        (_bytes(cells={}), "not a notebook of format 4"),
        (_bytes(cells=[1]), "cell 1: not a code, text or raw cell"),
        (_bytes(cells=[{"cell_type": "heading", "source": ""}]), "cell 1: not a code, text or raw cell"),
        (_bytes(cells=[{"cell_type": "code", "source": 7}]), "cell 1: its source is neither"),
        (_bytes(cells=[{"cell_type": "code", "source": ["a", 7]}]), "cell 1: its source is neither"),
        (b'{"nbformat": 4, "cells": [], "metadata": {"a": ' + NESTED + b"}}", "nested more than 100 deep"),
        (b"[" * 100_000, "not a notebook"),
        (b'{"a": ' + b"9" * 5000 + b"}", "impossible number"),
        (json.dumps({"nbformat": 3, "worksheets": [{"cells": [3]}]}).encode(), "old format that cannot be read"),
    ],
)
def test_what_is_no_notebook_is_ungradable_with_a_reason_and_a_mend(data: bytes, message: str) -> None:
    """Each is the submission's fault, said in one sentence that names the file."""
    with pytest.raises(Ungradable) as caught:
        notebook.loads(data, "hw.ipynb")
    assert message in caught.value.message
    assert caught.value.message.startswith("hw.ipynb")
    assert caught.value.mend


def test_what_a_notebook_lacks_is_filled_in() -> None:
    """A byte-order mark, cells without metadata, sources in lines, a missing minor number."""
    cells = [{"cell_type": "code", "source": ["a\n", "b"], "outputs": 3}, {"cell_type": "markdown"}]
    data = json.dumps({"nbformat": 4, "cells": cells, "metadata": None}).encode("utf-8-sig")
    made = notebook.loads(data, "n")
    assert ({}, 4) == (made["metadata"], made["nbformat_minor"])
    code, text = made["cells"]
    assert ("a\nb", {}, [], None) == (code["source"], code["metadata"], code["outputs"], code["execution_count"])
    assert ("", {}) == (text["source"], text["metadata"])


def test_missing_and_repeated_ids_are_made_alike_every_time() -> None:
    """nbformat draws them at random, so a release would change at every run."""
    cells = [{"cell_type": "code", "source": "a"}, {"cell_type": "code", "source": "a"}]
    cells += [{"cell_type": "raw", "id": "same"}, {"cell_type": "raw", "id": "same"}, {"cell_type": "raw", "id": [1]}]
    first, again = (notebook.loads(_bytes(cells=cells), "n") for _ in range(2))
    ids = [cell["id"] for cell in first["cells"]]
    assert ids == [cell["id"] for cell in again["cells"]]
    assert 5 == len(set(ids))
    assert "same" == ids[2]
    nbformat.validate(_node(first))


def test_an_old_notebook_is_upgraded_alike_every_time() -> None:
    """Format 3, as IPython wrote it before 2015."""
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [
            {"cells": [{"cell_type": "code", "input": "x = 1", "language": "python", "outputs": [], "metadata": {}}]}
        ],
    }
    first, again = (notebook.loads(json.dumps(old).encode(), "n") for _ in range(2))
    assert first == again
    assert ["x = 1"] == [cell["source"] for cell in first["cells"]]


def _master(tmp_path: Path, *cells: JSON) -> Path:
    path = tmp_path / "m.ipynb"
    path.write_bytes(_bytes(cells=list(cells), nbformat_minor=4))
    return path


TEST = {"grade": True, "solution": False, "locked": True, "task": False}


def test_a_master_is_read_with_roles_and_points(tmp_path: Path) -> None:
    """Points count only where a cell is graded."""
    answer = {"grade": False, "solution": True, "locked": False, "task": False}
    cells = (_cell(), _cell(**answer, grade_id="a"), _cell(**TEST, grade_id="t", points=2))
    cells[1]["metadata"]["autograder"] = {"train": {"binds": "model", "file": "model.keras"}}
    made = notebook.read_master(_master(tmp_path, *cells), "ps")
    assert [Role.TEXT, Role.SOLUTION, Role.TEST] == [cell.role for cell in made.cells]
    assert [0.0, 0.0, 2.0] == [cell.points for cell in made.cells]
    assert ("ps", "m", 2.0) == (made.assignment, made.name, made.max_score)
    assert {"train": {"binds": "model", "file": "model.keras"}} == made.cells[1].own


@pytest.mark.parametrize(
    ("kind", "meta", "message"),
    [
        ("code", {**TEST, "grade_id": "a b"}, "cell 1: grade_id 'a b' is not made of letters"),
        ("code", {**TEST, "grade_id": ""}, "cell 1: the cell has no grade_id"),
        ("code", {**TEST, "grade_id": 3}, "cell 1: grade_id 3 is not made of letters"),
        ("code", {**TEST, "grade_id": "a\n"}, "is not made of letters"),
        ("code", {**TEST, "points": -1}, "cell 1 (q1): points must be a number of at least 0"),
        ("code", {**TEST, "points": "2"}, "points must be a number"),
        ("code", {**TEST, "points": True}, "points must be a number"),
        ("code", {**TEST, "points": math.nan}, "points must be a number"),
        ("code", {**TEST, "points": math.inf}, "points must be a number"),
        ("code", {**TEST, "points": None}, "points must be a number"),
        ("markdown", TEST, "a text cell cannot be a test"),
        ("markdown", {"solution": True}, "a text cell cannot be an autograded answer"),
        ("code", {"task": True, "locked": True}, "a task must be a markdown cell"),
        ("markdown", {"task": True, "grade": True}, "a task cannot be a test or an answer as well"),
    ],
)
def test_a_masters_faults_name_the_cell(tmp_path: Path, kind: str, meta: JSON, message: str) -> None:
    """Whatever breaks the format is told with its cell."""
    with pytest.raises(MasterError) as caught:
        notebook.read_master(_master(tmp_path, _cell(kind, **meta)), "ps")
    assert message in caught.value.message


def test_a_masters_faults_are_told_at_once(tmp_path: Path) -> None:
    """Missing points, a repeated id and a wrong kind in one message."""
    bare = _cell(**TEST)
    del bare["metadata"]["nbgrader"]["points"]
    path = _master(tmp_path, bare, _cell(**TEST), _cell("markdown", **{**TEST, "grade_id": "q2"}))
    with pytest.raises(MasterError) as caught:
        notebook.read_master(path, "ps")
    told = caught.value.message
    assert f"{path}: cell 1 (q1): a graded cell needs points; cell 2: grade_id 'q1' stands in cell 1 too; " in told
    assert "cell 3 (q2): a text cell cannot be a test." in told


def test_a_master_that_is_no_notebook_is_the_instructors_fault(tmp_path: Path) -> None:
    """Not JSON, or not there: MasterError, not a student's error."""
    path = tmp_path / "m.ipynb"
    with pytest.raises(MasterError, match="cannot be read"):
        notebook.read_master(path, "ps")
    path.write_text("no JSON")
    with pytest.raises(MasterError, match="breaks off at line 1"):
        notebook.read_master(path, "ps")


def test_cells_that_are_nearly_the_same_are_told_apart() -> None:
    """The text of a cell is kept from one notebook to the next: of that cell, and of none that compares equal."""
    cells = [
        {"cell_type": "raw", "metadata": {"x": x}, "source": ["a\n", '"cells": []']} for x in (1, 1.0, True, "1")
    ]
    told = [notebook.dumps({"nbformat": 4, "metadata": {"cells": []}, "cells": [cell]}) for cell in (*cells, *cells)]
    assert [json.dumps({"x": x}) for x in (1, 1.0, True, "1")] * 2 == [
        json.dumps(json.loads(text)["cells"][0]["metadata"]) for text in told
    ]
    both = notebook.dumps({"nbformat": 4, "metadata": {"cells": []}, "cells": cells})
    assert json.dumps(json.loads(both), indent=1, sort_keys=True, ensure_ascii=False) + "\n" == both
