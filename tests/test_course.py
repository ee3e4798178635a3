"""course.toml, read once into frozen values."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from autograder import course
from autograder.course import Assignment, Course, Late, Limits
from autograder.errors import UsageError

FULL = """
[course]
name = "dl"
title = "딥러닝"

[folders]
source = "masters"
ledger = "db/ledger.db"

[data]
dir = "sets"

[limits]
cell_seconds = 5
memory = "1.5 GiB"
output = "64 kB"
file = 1000

[grading]
scoring = "nbgrader"
late = "per_day"
late_per_day = 0.2
late_grace_minutes = 10
late_cap = 0.5
gradebook = ""

[jail]
level = 2

[assignments.lenet]
title = "LeNet-5"
due = 2026-12-01T23:59:00+09:00
limits = { cell_seconds = 60, memory = "4 GiB" }

[assignments.gates]
due = 2026-10-01
"""


def _load(tmp_path: Path, text: str) -> Course:
    (tmp_path / "course.toml").write_text(text, encoding="utf-8")
    return course.load(tmp_path)


def test_an_empty_file_is_a_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every key has a default, and every path is absolute."""
    monkeypatch.delenv("AUTOGRADER_DATA", raising=False)
    made = _load(tmp_path, "")
    assert (tmp_path.name, tmp_path.name, tmp_path / "source") == (made.name, made.title, made.source)
    assert (tmp_path / "ledger.db", tmp_path / "grades.csv") == (made.ledger, made.grades)
    assert f"sqlite:///{tmp_path}/gradebook.db" == made.gradebook
    assert (Limits(), Late(), 4, "autograder", None) == (
        made.limits,
        made.late,
        made.jail_level,
        made.scoring,
        made.data_dir,
    )


def test_paths_are_absolute_from_wherever_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative root would break as soon as a process changes its folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "course.toml").touch()
    made = course.load(Path())
    paths = [v for f in dataclasses.fields(made) if isinstance(v := getattr(made, f.name), Path)]
    assert len(paths) >= 9
    assert all(path.is_absolute() for path in paths)


def test_every_key_arrives_where_it_belongs(tmp_path: Path) -> None:
    """Sizes in units, moments with their zone, an assignment's own limits over the course's."""
    made = _load(tmp_path, FULL)
    assert ("dl", "딥러닝", tmp_path / "masters") == (made.name, made.title, made.source)
    assert (tmp_path / "db/ledger.db", tmp_path / "sets", "") == (made.ledger, made.data_dir, made.gradebook)
    assert Limits(5, 300, 1536 * 2**20, 64_000, 1000) == made.limits
    assert Late("per_day", 0.2, 600, 0.5) == made.late
    assert (2, "nbgrader") == (made.jail_level, made.scoring)
    seoul = timezone(timedelta(hours=9))
    due = datetime(2026, 12, 1, 23, 59, tzinfo=seoul)
    assert Assignment("lenet", "LeNet-5", due, Limits(60, 300, 4 * 2**30, 64_000, 1000)) == made.assignments["lenet"]
    assert datetime(2026, 10, 1, 23, 59, 59, tzinfo=UTC) == made.assignments["gates"].due


@pytest.mark.parametrize(
    ("text", "line", "message", "mend"),
    [
        ("[limits]\ncell_second = 3", 2, "no key 'cell_second' in [limits]", "Did you mean 'cell_seconds'?"),
        ("\n[limit]\n", 2, "no key 'limit'", "Did you mean 'limits'?"),
        ("[jail]\nzzz = 1", 2, "no key 'zzz' in [jail]", "Known here: level."),
        ("[assignments.a]\nlimit = {}", 2, "no key 'limit' in [assignments.a]", "Did you mean 'limits'?"),
        ("[assignments.a.limits]\nmemry = 3", 2, "no key 'memry' in [assignments.a.limits]", "'memory'?"),
        ("[assignments.'a b']\ntitel = ''", 2, "no key 'titel' in [assignments.a b]", "'title'?"),
        ("[assignments.a]\nlimits = {memry = 3}", 2, "no key 'memry'", "'memory'?"),
        ("limits.memory = 'much'", 1, "memory = 'much' is wrong", "a size such as"),
        ("[ limits ]\n'memory' = 0", 2, "memory = 0 is wrong", "a size such as"),
        ("[limits]\nmemory = '3 TB'", 2, "memory = '3 TB' is wrong", "a size such as"),
        ("[limits]\ncell_seconds = 0", 2, "cell_seconds = 0 is wrong", "a number of at least 0.1"),
        ("[limits]\ncell_seconds = nan", 2, "cell_seconds = nan is wrong", "a number of at least"),
        ("[limits]\ncell_seconds = inf", 2, "cell_seconds = inf is wrong", "a number of at least"),
        ("[limits]\ncell_seconds = true", 2, "cell_seconds = True is wrong", "a number of at least"),
        ("[grading]\nlate_cap = 2", 2, "late_cap = 2 is wrong", "a number from 0 to 1"),
        ("[grading]\nlate = 'weekly'", 2, "late = 'weekly' is wrong", '"per_day"'),
        ("[jail]\nlevel = 9", 2, "level = 9 is wrong", "a whole number from 0 to 5"),
        ("[course]\nname = 3", 2, "name = 3 is wrong", "a text in quotes"),
        ("[assignments.a]\ndue = '2026-01-01'", 2, "due = '2026-01-01' is wrong", "without quotes"),
        ("# x\nlimits = 3", 2, "'limits' must be a section", "Write [limits] on a line of its own."),
        ("[assignments]\na = 3", 2, "'assignments.a' must be a section", "[assignments.a]"),
        ("[[assignments]]\na = 3", 1, "'assignments' must be a section", "[assignments]"),
        ("[assignments.'../x']", 1, "'../x' is no name of a folder", "letters, digits"),
        ("[assignments.'.git']", 1, "'.git' is no name of a folder", "letters, digits"),
        ("[limits\n", 1, "Expected ']'", "toml.io"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_its_mend(
    tmp_path: Path, text: str, line: int, message: str, mend: str
) -> None:
    """Unknown keys, wrong values, wrong shapes: never a traceback, never a silent default."""
    with pytest.raises(UsageError) as caught:
        _load(tmp_path, text)
    told = caught.value
    assert told.message.startswith(str(tmp_path / "course.toml"))
    assert f"line {line}" in told.message
    assert message in told.message
    assert mend in told.mend


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """Missing, or not UTF-8."""
    with pytest.raises(UsageError, match="cannot be read"):
        course.load(tmp_path)
    (tmp_path / "course.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="is not UTF-8"):
        course.load(tmp_path)


def test_the_nearest_course_upwards_is_found(tmp_path: Path) -> None:
    """From any folder within a course; outside of one the mend says how to begin."""
    deep = tmp_path / "source" / "gates"
    deep.mkdir(parents=True)
    with pytest.raises(UsageError, match="autograder --course"):
        course.find(deep)
    (tmp_path / "course.toml").touch()
    assert tmp_path.resolve() == course.find(deep)


def test_assignments_are_those_listed_and_those_found(tmp_path: Path) -> None:
    """In the order of course.toml, then by name; only folders with a notebook, and no hidden ones."""
    for name in ("gates/gates.ipynb", "lenet/a.ipynb", "data/x.csv", ".ipynb_checkpoints/x.ipynb", "conv/c.ipynb"):
        path = tmp_path / "masters" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "masters" / "loose.ipynb").touch()
    made = _load(tmp_path, FULL)
    assert ["lenet", "gates", "conv"] == made.names()
    assert Assignment("conv", limits=made.limits) == made.assignment("conv")


@pytest.mark.parametrize(
    ("name", "mend"), [("lenett", "Did you mean 'lenet'?"), ("zzz", "holds: lenet."), ("../..", "holds: lenet.")]
)
def test_an_unknown_assignment_is_told_with_the_nearest(tmp_path: Path, name: str, mend: str) -> None:
    """A path is no assignment, even where it leads to a folder."""
    (tmp_path / "masters" / "lenet").mkdir(parents=True)
    with pytest.raises(UsageError) as caught:
        _load(tmp_path, FULL).assignment(name)
    assert mend in caught.value.mend


def test_a_course_without_a_source_has_no_assignments(tmp_path: Path) -> None:
    """Not an error until one is asked for."""
    made = _load(tmp_path, "")
    assert [] == made.names()
    with pytest.raises(UsageError, match="holds: nothing"):
        made.assignment("gates")


def test_the_data_folder_is_named_by_the_course_or_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """course.toml wins; without either there is none."""
    monkeypatch.setenv("AUTOGRADER_DATA", str(tmp_path / "told"))
    assert tmp_path / "told" == _load(tmp_path, "").data_dir
    assert tmp_path / "own" == _load(tmp_path, "[data]\ndir = 'own'").data_dir
    monkeypatch.setenv("AUTOGRADER_DATA", "")
    assert _load(tmp_path, "").data_dir is None


def test_how_trained_models_come_is_the_assignments_to_say(tmp_path: Path) -> None:
    """Files by default; hidden images and the tolerance are the course's, seconds and the GPU anybody's."""
    text = "[data]\nhidden = 'mine'\n[grading]\nshift_tolerance = 0.2\n[limits]\ntraining_seconds = 9\n"
    found = _load(tmp_path, text + "[assignments.a]\ntrain = 'either'\n[assignments.a.limits]\ngpu = true\n[assignments.b]")
    assert (tmp_path / "mine", 0.2, 9.0, False) == (
        found.hidden_data, found.shift_tolerance, found.limits.training_seconds, found.limits.gpu)  # fmt: skip
    assert [("either", True), ("artefact", False)] == [
        (found.assignments[name].train, found.assignments[name].limits.gpu) for name in "ab"
    ]
    for text, mend in (("[limits]\ngpu = 'yes'", "true or false"), ("[assignments.a]\ntrain = 'file'", '"artefact"')):
        with pytest.raises(UsageError, match=mend):
            _load(tmp_path, text)


def test_processes_are_a_small_whole_number_for_each_assignment(tmp_path: Path) -> None:
    """None by default; an assignment may allow some that the course does not."""
    found = _load(tmp_path, "[assignments.shell.limits]\nprocesses = 32\n[assignments.gates]\n")
    assert (0, 32, 0) == (
        found.limits.processes,
        found.assignments["shell"].limits.processes,
        found.assignments["gates"].limits.processes,
    )
    with pytest.raises(UsageError, match=r"line 2: processes = -1 is wrong. Give a whole number from 0 to 1000"):
        _load(tmp_path, "[limits]\nprocesses = -1\n")
