"""However a submission is mangled, it is graded or refused, and every report can be written of it."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import pytest
from builders import SQUARE, answered
from hypothesis import example, given
from hypothesis import strategies as st
from mangling import MUTATION, SPLICE, cases, mangle, spelt, spliced

from autograder import course as courses
from autograder import notebook, pipeline
from autograder.gradebook import csvfile
from autograder.gradebook.ledger import Ledger
from autograder.pipeline import one
from autograder.pipeline.parcel import Parcel
from autograder.pipeline.plan import Plan, plan, zygote
from autograder.reports import feedback
from autograder.reports.jsonl import as_json
from autograder.reports.table import what_happened
from autograder.sandbox.launch import Zygote
from autograder.values import Status

HANDED = answered(SQUARE, {"square": "def square(x):\n    return x * x", "half": "def half(x):\n    return x / 2"})


class Desk(NamedTuple):
    """Where submissions are graded, one at a time."""

    plan: Plan
    warm: Zygote
    ledger: Ledger


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One course and one warm parent for all cases."""
    root = tmp_path_factory.mktemp("mangled")
    (root / "source" / "squares").mkdir(parents=True)
    (root / "source" / "squares" / "squares.ipynb").write_text(notebook.dumps(SQUARE))
    (root / "course.toml").write_text('[course]\nname = "c"\n[limits]\ncell_seconds = 2\nsubmission_seconds = 20\n')
    course = courses.load(root)
    made = plan(course, "squares", jobs=1, level=pipeline.jail_level(course, weak=True))
    with zygote(made) as warm, Ledger.open(root / "ledger.db") as ledger:
        yield Desk(made, warm, ledger)


def graded(desk: Desk, files: dict[str, bytes]) -> Any:
    """The grade, once all that is ever made of one has been made of it."""
    found = one.grade(desk.plan, desk.warm, "ann", Parcel("ann", "squares", files, None), "sha256:0")
    grade, executed = found.grade, found.executed.get("squares")
    desk.ledger.record(desk.ledger.begin_run("test"), grade, found.executed)
    if executed is not None:
        nbformat.validate(nbformat.reads(executed.decode(), as_version=4))
    feedback.page(desk.plan.course, grade, "squares", executed, desk.plan.masters[0])
    json.loads(as_json(grade))
    what_happened(grade)
    with tempfile.TemporaryDirectory() as folder:
        csvfile.write(Path(folder, "grades.csv"), lambda: [grade])
    return grade


def sound(grade: Any) -> None:
    """What holds of every grade of an attacker's file: no fault of ours, no point too many, and a reason."""
    assert grade.status in (Status.GRADED, Status.UNGRADABLE), grade.reason
    assert all(0.0 <= (v.points or 0.0) <= v.max_points for v in grade.verdicts)
    assert [v.test for v in grade.verdicts] == ["test_square", "test_half", "why"]
    assert bool(grade.reason) is (grade.status is Status.UNGRADABLE)


@cases(120, share=0.1)
@given(changes=st.lists(MUTATION, min_size=1, max_size=8))
@example(changes=[("set", 1, "@DEEP@")])
def test_a_mangled_notebook_is_graded_or_refused(desk: Desk, changes: list[tuple[str, int, Any]]) -> None:
    """Whatever its JSON says."""
    raw = copy.deepcopy(HANDED)
    for change in changes:
        mangle(raw, *change)
    sound(graded(desk, {"squares.ipynb": spelt(raw)}))


@cases(60, share=0.1)
@given(
    changes=st.lists(SPLICE, min_size=1, max_size=3),
    beside=st.dictionaries(st.text(max_size=8), st.binary(max_size=9), max_size=2),
)
def test_a_broken_file_is_graded_or_refused(
    desk: Desk, changes: list[tuple[int, int, bytes]], beside: dict[str, bytes]
) -> None:
    """Whatever its bytes are, whatever lies beside it."""
    others = {name: data for name, data in beside.items() if name.isidentifier()}
    sound(graded(desk, {"squares.ipynb": spliced(json.dumps(HANDED).encode(), *changes), **others}))
