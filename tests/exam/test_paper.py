"""What the merge restores, keeps, puts back and refuses."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mangling import MUTATION, cases, mangle, spelt

from autograder import notebook
from autograder.errors import StudentError, Ungradable
from autograder.exam.paper import MAX_CELLS, MAX_NOTES, absent, merge
from autograder.values import JSON, Master, Outcome, Paper, PaperCell, Role, Step

HIDDEN = "assert f(2) == 4\n### BEGIN HIDDEN TESTS\nassert f(7) == 14\n### END HIDDEN TESTS"


def cell(
    kind: str, source: str, grade_id: str = "", points: float | None = None, flags: str = "", **own: Any
) -> JSON:
    """A cell of a master; `flags` names those that are true."""
    name = grade_id or source[:8].strip("# ")
    out: JSON = {"cell_type": kind, "id": f"id-{name}", "metadata": {}, "source": source}
    if kind == "code":
        out |= {"outputs": [], "execution_count": None}
    if grade_id:
        true = flags.split()
        out["metadata"]["nbgrader"] = {
            "schema_version": 3,
            "grade_id": grade_id,
            **{flag: flag in true for flag in ("grade", "solution", "locked", "task")},
            **({} if points is None else {"points": points}),
        }
    if own:
        out["metadata"]["autograder"] = own
    return out


def original() -> JSON:
    """A master's notebook with a cell of every role."""
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [
            cell("markdown", "# Title"),
            cell("code", "import math", "imports", flags="locked"),
            cell("code", "def f(x):\n    return 2 * x", "f", flags="solution"),
            cell("code", HIDDEN, "test_f", 2, "grade locked"),
            cell("markdown", "Because.", "why", 3, "grade solution"),
            cell("code", "plot = 1", "plot", 4, "grade solution"),
            cell("code", "def g(x):\n    return -x", "g", flags="solution"),
            cell("code", "assert g(1) == -1", "test_g", 1, "grade locked", trust="operators"),
            cell("code", "%timeit g(1)", "test_g2", 1, "grade locked", examine="in-kernel"),
            cell("markdown", "Draw it.", "draw", 5, "task locked"),
        ],
    }


RELEASED = {
    "imports": "import math",
    "f": notebook.CODE_STUB,
    "test_f": "assert f(2) == 4",
    "why": "YOUR ANSWER HERE",
    "plot": notebook.CODE_STUB,
    "g": notebook.CODE_STUB,
    "test_g": "assert g(1) == -1",
    "test_g2": "%timeit g(1)",
    "draw": "Draw it.",
}
TESTS = ["test_f", "test_g", "test_g2"]


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Master:
    path = tmp_path_factory.mktemp("source") / "nb.ipynb"
    path.write_text(json.dumps(original()))
    return notebook.read_master(path, "ps")


def handed(**answers: str) -> JSON:
    """The release as a student hands it in, with some cells' text replaced."""
    out = original()
    for c in out["cells"]:
        grade_id = notebook.grade_id_of(c)
        c["source"] = answers.get(grade_id, RELEASED.get(grade_id, c["source"]))
        c["metadata"].pop("autograder", None)
    return out


def loaded(raw: JSON) -> JSON:
    return notebook.loads(json.dumps(raw).encode(), "nb.ipynb")


def merged(master: Master, raw: JSON) -> Paper:
    return merge(master, loaded(raw), RELEASED)


def by_id(paper: Paper, grade_id: str) -> PaperCell:
    (found,) = [c for c in paper.cells if c.grade_id == grade_id]
    return found


def at(raw: JSON, grade_id: str) -> int:
    return next(i for i, c in enumerate(raw["cells"]) if notebook.grade_id_of(c) == grade_id)


def order(paper: Paper) -> list[str]:
    return [c.grade_id or c.source for c in paper.cells]


# --- an honest notebook -----------------------------------------------------------------------------------


def test_honest(master: Master) -> None:
    """An honest notebook keeps its order and answers, gets the master's tests, and needs no repair."""
    paper = merged(master, handed(f="def f(x):\n    return x + x"))
    assert () == paper.notes
    assert order(merged(master, handed())) == order(paper)
    assert "def f(x):\n    return x + x" == by_id(paper, "f").source
    assert HIDDEN == by_id(paper, "test_f").source
    assert ("nb", 10) == (paper.notebook, len(paper.cells))


def test_steps(master: Master) -> None:
    """Tests go to the examiner, other code to the candidate, text to nobody."""
    paper = merged(master, handed())
    steps = {c.grade_id: c.step for c in paper.cells}
    assert {Step.EXAMINER} == {steps[t] for t in TESTS}
    assert {Step.CANDIDATE} == {steps[t] for t in ("imports", "f", "plot", "g")}
    assert {Step.NOBODY} == {steps[t] for t in ("", "why", "draw")}


def test_marks_of_the_author(master: Master) -> None:
    """In-kernel, operators and hidden come from the master, not from the student's copy of the cell."""
    raw = handed()
    for c in raw["cells"]:
        c["metadata"]["autograder"] = {"examine": "in-kernel", "trust": "operators"}
    paper = merged(master, raw)
    assert {"test_g2"} == {c.grade_id for c in paper.cells if c.in_kernel}
    assert {"test_g"} == {c.grade_id for c in paper.cells if c.trust_operators}
    assert {"test_f"} == {c.grade_id for c in paper.cells if c.hidden}


def test_metadata_is_nbgraders(master: Master) -> None:
    """Every cell's metadata is what nbgrader's release gives it, its checksum the one that its gradebook keeps."""
    from nbgrader import preprocessors

    nb = nbformat.from_dict(original())
    resources: JSON = {}
    for step in (preprocessors.LockCells(), preprocessors.ClearSolutions(), preprocessors.ComputeChecksums()):
        nb, resources = step.preprocess(nb, resources)
    paper = merged(master, handed(f="pass", why="I know"))
    assert [dict(c.metadata) for c in nb.cells] == [c.raw["metadata"] for c in paper.cells]


def test_valid(master: Master) -> None:
    """The paper is a notebook of format 4.5, even of a master that has no cell ids."""
    old = original() | {"nbformat_minor": 2}
    for c in old["cells"]:
        del c["id"]
    for raw in (handed(), old):
        paper = merged(master, raw)
        nbformat.validate(nbformat.from_dict(whole(paper)))


def whole(paper: Paper) -> JSON:
    return paper.raw | {"cells": [c.raw for c in paper.cells]}


# --- answers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "answered"),
    [
        ("YOUR ANSWER HERE", False),
        (" YOUR ANSWER HERE \r\n", False),
        ("", False),
        ("  \n", False),
        ("Since 2 > 1.", True),
        ("YOUR ANSWER HERE: 2", True),
    ],
)
def test_answered(master: Master, text: str, answered: bool) -> None:
    """A hand-marked cell is answered when it holds more than blanks and other than the stub."""
    assert answered is by_id(merged(master, handed(why=text)), "why").answered


def test_answered_by_a_picture(master: Master) -> None:
    """A picture pasted into an otherwise empty answer is an answer, and is kept."""
    raw = handed(why="")
    raw["cells"][at(raw, "why")]["attachments"] = {"a.png": {"image/png": "iVBORw0KGgo="}}
    why = by_id(merged(master, raw), "why")
    assert why.answered
    assert {"a.png": {"image/png": "iVBORw0KGgo="}} == why.raw["attachments"]


def test_answered_without_the_release(master: Master) -> None:
    """Without the released text only a blank answer is known to be none."""
    assert by_id(merge(master, loaded(handed(why="x"))), "why").answered
    assert not by_id(merge(master, loaded(handed(why=" "))), "why").answered


# --- settings that a student changed ----------------------------------------------------------------------


def test_flipped_flag_stays_hand_marked(master: Master) -> None:
    """A hand-marked code cell whose solution flag a student cleared still waits for a person."""
    raw = handed(plot="pass")
    raw["cells"][at(raw, "plot")]["metadata"]["nbgrader"] |= {"solution": False, "points": 400}
    paper = merged(master, raw)
    plot = by_id(paper, "plot")
    assert (Role.MANUAL, 4.0, Step.CANDIDATE, "pass") == (plot.role, plot.points, plot.step, plot.source)
    assert original()["cells"][5]["metadata"]["nbgrader"].items() <= plot.raw["metadata"]["nbgrader"].items()
    assert "Cell 'plot': its settings (solution, points) had changed and were restored." in " ".join(paper.notes)


def test_flipped_flag_pays_in_nbgrader() -> None:
    """Positive control: nbgrader's own rule gives that cell full marks, and no person would see it."""
    from nbgrader.utils import determine_grade

    flipped = nbformat.from_dict(original()["cells"][5])
    flipped.metadata["nbgrader"]["solution"] = False
    assert (4.0, 4.0) == determine_grade(flipped)


@pytest.mark.parametrize("version", [2, 99, "3", None, [], 10**30])
def test_schema_version(master: Master, version: Any) -> None:
    """A changed schema_version is repaired with a note."""
    raw = handed()
    raw["cells"][at(raw, "f")]["metadata"]["nbgrader"]["schema_version"] = version
    paper = merged(master, raw)
    assert ("Cell 'f': its settings (schema_version) had changed and were restored.",) == paper.notes
    assert 3 == by_id(paper, "f").raw["metadata"]["nbgrader"]["schema_version"]


def test_schema_version_stops_nbgrader() -> None:
    """Positive control: nbgrader's validator raises on the same cell, which ends its whole batch."""
    from nbgrader.nbgraderformat import MetadataValidator, SchemaTooOldError

    nb = nbformat.from_dict(original())
    nb.cells[2].metadata["nbgrader"]["schema_version"] = 2
    with pytest.raises(SchemaTooOldError):
        MetadataValidator().validate_nb(nb)


def test_changed_type(master: Master) -> None:
    """A code answer turned into text is code again, with the student's words."""
    raw = handed(f="f = abs")
    i = at(raw, "f")
    raw["cells"][i] = {k: v for k, v in raw["cells"][i].items() if k not in ("outputs", "execution_count")}
    raw["cells"][i]["cell_type"] = "markdown"
    f = by_id(merged(master, raw), "f")
    assert (Step.CANDIDATE, "f = abs", "code") == (f.step, f.source, f.raw["cell_type"])


def test_edited_test(master: Master) -> None:
    """An edited test, and an edited locked cell, give way to the master's."""
    paper = merged(master, handed(test_f="pass", imports="math = None", draw="Draw nothing."))
    assert (HIDDEN, "import math") == (by_id(paper, "test_f").source, by_id(paper, "imports").source)
    assert ["Locked cell 'imports'", "Test 'test_f'", "Task 'draw'"] == [n.split(" had")[0] for n in paper.notes]


def test_edited_test_only_in_blanks(master: Master) -> None:
    """Colab drops the newline at a cell's end: that is no edit."""
    assert () == merged(master, handed(test_g="assert g(1) == -1\r\n")).notes


def test_unknown_id(master: Master) -> None:
    """A cell with an id that the master does not have is an ordinary cell, however it calls itself."""
    raw = handed()
    raw["cells"].insert(3, cell("code", "99", "bonus\x1b[2J", 99, "grade locked"))
    paper = merged(master, raw)
    assert (Step.CANDIDATE, Role.TEXT, 0.0, "") == _facts(paper.cells[3])
    assert {} == paper.cells[3].raw["metadata"]
    assert ("Cell 4 claims the id 'bonus\\x1b[2J', unknown here; it counts as ordinary.",) == paper.notes


def _facts(c: PaperCell) -> tuple[Step, Role, float, str]:
    return c.step, c.role, c.points, c.grade_id


def test_hidden_part_of_a_locked_cell(tmp_path: Path) -> None:
    """What is hidden in a locked cell, which runs in the student's process, is taken out first."""
    raw = original()
    raw["cells"][1]["source"] = "a = 1\n### BEGIN HIDDEN TESTS\nsecret = 7\n### END HIDDEN TESTS\nb = 2"
    (tmp_path / "nb.ipynb").write_text(json.dumps(raw))
    paper = merge(notebook.read_master(tmp_path / "nb.ipynb", "ps"), loaded(handed()))
    assert "a = 1\nb = 2" == by_id(paper, "imports").source == by_id(paper, "imports").raw["source"]


# --- copies, gaps and order -------------------------------------------------------------------------------


def test_copies(master: Master) -> None:
    """Of several copies the last of the right type counts; the others run as ordinary cells."""
    raw = handed(f="f = 1")
    i = at(raw, "f")
    late = copy.deepcopy(raw["cells"][i]) | {"source": "f = 2"}
    text = copy.deepcopy(late) | {"cell_type": "markdown", "source": "f = 3"}
    raw["cells"][i + 1 : i + 1] = [late, text]
    paper = merged(master, raw)
    assert ["f = 1", "f", "f = 3"] == order(paper)[2:5]
    assert "f = 2" == by_id(paper, "f").source
    assert ("Cell 'f' stands 3 times; that in cell 4 counts.",) == paper.notes


def test_copied_test_runs_once(master: Master) -> None:
    """A copied test is examined once; the other copy is the student's own code, worth nothing."""
    raw = handed()
    raw["cells"].append(copy.deepcopy(raw["cells"][at(raw, "test_f")]) | {"source": "print(1)"})
    paper = merged(master, raw)
    assert TESTS == [c.grade_id for c in paper.cells if c.step is Step.EXAMINER]
    copies = [c for c in paper.cells if "assert f(2)" in c.source and not c.grade_id]
    assert [(Step.CANDIDATE, Role.TEXT, 0.0, "")] == [_facts(c) for c in copies]


def test_deleted_tests(master: Master) -> None:
    """Deleted tests are put back behind the cell that precedes them in the master."""
    raw = handed()
    raw["cells"] = [c for c in raw["cells"] if notebook.grade_id_of(c) not in TESTS]
    raw["cells"].insert(at(raw, "f") + 1, cell("code", "extra"))
    paper = merged(master, raw)
    assert ["f", "test_f", "extra", "why", "plot", "g", "test_g", "test_g2", "draw"] == order(paper)[2:]
    assert [f"Test '{t}' was missing and was put back." for t in TESTS] == list(paper.notes)


def test_everything_deleted(master: Master) -> None:
    """All that is locked is put back, and answers too, for a person, as nbgrader has it: they may stand elsewhere."""
    raw = handed()
    raw["cells"] = [cell("markdown", "My title"), cell("code", "print(1)")]
    paper = merged(master, raw)
    assert ["My title", "imports", "test_f", "why", "plot", "test_g", "test_g2", "draw", "print(1)"] == order(paper)
    why, plot = by_id(paper, "why"), by_id(paper, "plot")
    assert paper.notes[0].startswith("None of the assignment's cells is known again")
    assert [(True, Step.NOBODY, RELEASED["why"]), (True, Step.NOBODY, RELEASED["plot"])] == [
        (c.answered, c.step, c.source) for c in (why, plot)
    ]
    assert "Answer 'f' is missing; nothing was run in its place." in paper.notes


def test_missing_answer_never_shows_the_solution(master: Master) -> None:
    """A missing answer is put back empty when the release is not known: the master's text is the solution."""
    assert "" == by_id(merge(master, loaded(original() | {"cells": []})), "why").source


def test_empty(master: Master) -> None:
    """A notebook without cells is a paper with every test."""
    paper = merged(master, handed() | {"cells": []})
    assert TESTS == [c.grade_id for c in paper.cells if c.step is Step.EXAMINER]


def moved(grade_id: str, to: int) -> JSON:
    raw = handed()
    raw["cells"].insert(to, raw["cells"].pop(at(raw, grade_id)))
    return raw


def test_test_moved_to_the_top(master: Master) -> None:
    """A test moved before the answer that it tests goes back behind it."""
    paper = merged(master, moved("test_g", 0))
    assert order(merged(master, handed())) == order(paper)
    assert ("Test 'test_g' stood elsewhere and was put back in its place.",) == paper.notes


def test_answer_moved_behind_its_test(master: Master) -> None:
    """An answer moved to the end stays there, and its test follows it."""
    paper = merged(master, moved("f", 9))
    assert ["imports", "why", "plot", "g", "draw", "f", "test_f", "test_g", "test_g2"] == order(paper)[1:]
    assert "Cell 'f' stands behind 'draw', which should follow it." in paper.notes


def test_test_moved_to_the_end(master: Master) -> None:
    """A test moved behind a later test goes back before that."""
    paper = merged(master, moved("test_f", 9))
    assert ["g", "test_f", "test_g", "test_g2", "draw"] == order(paper)[5:]
    assert ("Test 'test_f' stood elsewhere and was put back in its place.",) == paper.notes


def test_swapped_tests(master: Master) -> None:
    """Two tests that changed places change back: the second may need what the first made."""
    paper = merged(master, moved("test_g2", 7))
    assert order(merged(master, handed())) == order(paper)
    assert ("Test 'test_g' stood elsewhere and was put back in its place.",) == paper.notes


def test_early_test_joins_the_one_before_it(master: Master) -> None:
    """A test put back does not push the test before it ahead of the cells that the student added."""
    raw = moved("test_g2", 0)
    raw["cells"].insert(at(raw, "test_g"), cell("code", "extra"))
    assert ["g", "extra", "test_g", "test_g2", "draw"] == order(merged(master, raw))[6:]


def test_cells_added_before_a_test(master: Master) -> None:
    """Cells that a student adds between an answer and its test run before the test, in their place."""
    raw = handed()
    raw["cells"].insert(at(raw, "test_f"), cell("code", "f = lambda x: 2 * x"))
    assert ["f", "f = lambda x: 2 * x", "test_f"] == order(merged(master, raw))[2:5]


# --- ids, caps, missing notebooks -------------------------------------------------------------------------


def test_ids(master: Master) -> None:
    """Repeated, stolen and impossible ids are replaced, the same way every time."""
    raw = handed()
    extra = [cell("code", str(i)) for i in range(4)]
    for own, wish in zip(extra, ["id-f", "../../x", "mine", "mine"], strict=True):
        own["id"] = wish
    raw["cells"] = extra + raw["cells"]
    paper, again = merged(master, raw), merged(master, raw)
    ids = [c.raw["id"] for c in paper.cells]
    assert ids == [c.raw["id"] for c in again.cells]
    assert len(ids) == len(set(ids))
    assert ("id-f", "mine") == (by_id(paper, "f").raw["id"], ids[2])
    nbformat.validate(nbformat.from_dict(whole(paper)))


def test_own_metadata(master: Master) -> None:
    """An ordinary cell keeps its tags and nothing that the format or a tool might take for more."""
    raw = handed()
    own = cell("code", "1")
    own["metadata"] = {"tags": ["a", "b"], "execution": 7, "collapsed": "yes", "nbgrader": {}, "jupyter": []}
    raw["cells"].append(own)
    student = loaded(raw)
    kept = merge(master, student, RELEASED).cells[-1].raw["metadata"]
    assert {"tags": ["a", "b"]} == kept
    assert kept["tags"] is not student["cells"][-1]["metadata"]["tags"]


def test_too_many_cells(master: Master) -> None:
    """A notebook of endless cells is refused in a sentence."""
    raw = handed() | {"cells": [cell("code", "1")] * (MAX_CELLS + 1)}
    with pytest.raises(Ungradable, match=f"nb.ipynb has {MAX_CELLS + 1} cells"):
        merged(master, raw)


def test_notes_are_capped(master: Master) -> None:
    """A thousand repairs are told in a few lines."""
    raw = handed() | {"cells": [cell("code", "1", f"x{i}", 1, "grade locked") for i in range(1000)]}
    notes = merged(master, raw).notes
    assert MAX_NOTES + 1 == len(notes)
    assert "990 further repairs are not listed." == notes[-1]


def test_absent(master: Master) -> None:
    """A notebook that was not handed in earns nothing on every graded cell, and says why."""
    verdicts = absent(master)
    assert ["test_f", "why", "plot", "test_g", "test_g2", "draw"] == [v.test for v in verdicts]
    assert {(Outcome.FAILED, 0.0, "The notebook nb.ipynb was not handed in.")} == {
        (v.outcome, v.points, v.reason) for v in verdicts
    }
    assert master.max_score == sum(v.max_points for v in verdicts)


# --- whatever is handed in --------------------------------------------------------------------------------

def check(master: Master, paper: Paper) -> None:
    """What holds of every paper."""
    tests = [c for c in paper.cells if c.step is Step.EXAMINER]
    wanted = [c for c in master.cells if c.role is Role.TEST]
    assert [(c.grade_id, c.source, c.points) for c in wanted] == [(c.grade_id, c.source, c.points) for c in tests]
    assert [c.grade_id for c in master.graded if c.role is not Role.TEST] == sorted(
        (c.grade_id for c in paper.cells if c.role in (Role.MANUAL, Role.TASK)), key=list(RELEASED).index
    )
    places = {c.grade_id: i for i, c in enumerate(paper.cells) if c.grade_id}
    for test in wanted:
        before = [c.grade_id for c in master.cells if c.index < test.index and c.grade_id in places]
        assert all(places[grade_id] < places[test.grade_id] for grade_id in before)
    text = json.dumps(whole(paper), allow_nan=False, ensure_ascii=False)
    text.encode("utf-8")
    nbformat.validate(nbformat.from_dict(json.loads(text)))


@cases(400)
@given(changes=st.lists(MUTATION, min_size=1, max_size=8))
@example(changes=[("set", 1, "@DEEP@")])
def test_mangled(master: Master, changes: list[tuple[str, int, Any]]) -> None:
    """However a notebook is mangled, it is refused as a StudentError or becomes a paper with every test once."""
    before = json.dumps(master.raw)
    raw = handed(f="f = abs", why="yes")
    for change in changes:
        mangle(raw, *change)
    try:
        file = spelt(raw)
        student = notebook.loads(file, "nb.ipynb")
        paper = merge(master, student, RELEASED)
    except StudentError:
        return
    check(master, paper)
    assert paper == merge(master, notebook.loads(file, "nb.ipynb"), RELEASED)
    assert not mutables(whole(paper)) & (mutables(master.raw) | mutables(student))
    assert before == json.dumps(master.raw)


def mutables(node: Any) -> set[int]:
    """Identities of all lists and dicts in a piece of JSON."""
    below = node.values() if isinstance(node, dict) else node if isinstance(node, list) else None
    return set() if below is None else {id(node)}.union(*(mutables(child) for child in below))


@cases(150)
@given(sequence=st.permutations(range(10)), dropped=st.sets(st.integers(0, 9)), extra=st.lists(st.integers(0, 9)))
def test_any_order(master: Master, sequence: list[int], dropped: set[int], extra: list[int]) -> None:
    """Whatever is moved, deleted and copied, no test runs before the answers that precede it in the master."""
    cells = handed()["cells"]
    picked = [i for i in sequence if i not in dropped] + extra
    paper = merged(master, handed() | {"cells": [copy.deepcopy(cells[i]) for i in picked]})
    check(master, paper)
    answers = [notebook.grade_id_of(cells[i]) for i in sequence if i in {2, 6} - dropped - set(extra)]
    assert answers == [c.grade_id for c in paper.cells if c.grade_id in answers]


@cases(300)
@given(cut=st.integers(0, 5000), paste=st.binary(max_size=4), skip=st.integers(0, 40))
def test_mangled_bytes(master: Master, cut: int, paste: bytes, skip: int) -> None:
    """A file broken off, overwritten or spliced anywhere is refused as a StudentError or still read."""
    file = json.dumps(handed()).encode()
    broken = file[:cut] + paste + file[cut + skip :]
    try:
        check(master, merge(master, notebook.loads(broken, "nb.ipynb"), RELEASED))
    except StudentError as e:
        assert "nb.ipynb" in e.message


@cases(150)
@given(version=st.sampled_from([1, 2, 3]), changes=st.lists(MUTATION, max_size=5))
def test_mangled_old_format(master: Master, version: int, changes: list[tuple[str, int, Any]]) -> None:
    """Notebooks of the formats before 4 are read or refused, never more."""
    raw: JSON = {
        "nbformat": version,
        "nbformat_minor": 0,
        "metadata": {"name": "x"},
        "worksheets": [{"cells": [{"cell_type": "code", "input": "f = abs", "language": "python", "outputs": []}]}],
    }
    for change in changes:
        mangle(raw, *change)
    try:
        paper = merge(master, notebook.loads(spelt(raw), "nb.ipynb"), RELEASED)
    except StudentError:
        return
    check(master, paper)
