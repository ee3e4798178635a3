"""A check of real notebooks through the real grading path."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from builders import book, cell, exam, solution

from autograder import course as courses
from autograder import notebook, pipeline
from autograder.authoring import autotest
from autograder.pipeline import checks, kept
from autograder.values import JSON

TOML = '[course]\nname = "small"\n[limits]\ncell_seconds = 3\nsubmission_seconds = 20\n'
WEAK = book(
    cell("code", "import random", "setup", locked=True),
    solution("square", "def square(x):\n    ### BEGIN SOLUTION\n    return x * x\n    ### END SOLUTION"),
    exam("test_square", "assert square(2) == 4\n### BEGIN HIDDEN TESTS\nassert square(-3) == 9\n### END HIDDEN TESTS"),
    exam("test_free", "assert len('ab') == 2"),
    solution("cube", "def cube(x):\n    ### BEGIN SOLUTION\n    return x**3\n    ### END SOLUTION"),
    exam(
        "test_cube",
        "assert cube(1) == 1\n### BEGIN HIDDEN TESTS\ntry:\n    assert cube(2) == 8\nexcept Exception:\n    pass\n### END HIDDEN TESTS",
    ),
    solution("lucky", "def lucky():\n    ### BEGIN SOLUTION\n    return random.random()\n    ### END SOLUTION"),
    exam("test_lucky", "assert lucky() > 0.5"),
    exam("test_magic", "names = %who_ls\nassert 'square' in names"),
)
"""Every test but the first is a bad one."""
SOUND = book(
    solution("square", "def square(x):\n    ### BEGIN SOLUTION\n    return x * x\n    ### END SOLUTION"),
    exam("test_square", "assert square(2) == 4\n### BEGIN HIDDEN TESTS\nassert square(-3) == 9\n### END HIDDEN TESTS", 2),
    cell("code", "import importlib\n\nimportlib.import_module('plistlib')", "setup", locked=True),
    solution("shift", "### BEGIN SOLUTION\nshift = [1, 1]\n### END SOLUTION"),
    exam("test_shift", "assert isinstance(shift, list) and shift[0] == 1", 1),
)
"""Its second test does not look at the second number."""
PAPERS = {
    "right_power.py": "# /// paper\n# ///\n# %% square\ndef square(x):\n    return x**2\n",
    "wrong_double.py": "# /// paper\n# [marks]\n# test_square = 0\n# ///\n# %% square\ndef square(x):\n    return 2 * x\n",
    "wrong_kept.py": "# /// paper\n# [marks]\n# test_shift = 0\n# ///\n# %% shift\nshift = [1, 2]\n",
}


def make(root: Path, master: JSON, toml: str = "", papers: dict[str, str] | None = None) -> courses.Course:
    """A course of one assignment."""
    folder = root / "source" / "squares"
    (folder / "papers").mkdir(parents=True)
    (folder / "squares.ipynb").write_text(notebook.dumps(master))
    for name, text in (papers or {}).items():
        (folder / "papers" / name).write_text(text)
    (root / "course.toml").write_text(TOML + toml)
    return courses.load(root)


def check(course: courses.Course) -> JSON:
    return checks.check(course, "squares", level=pipeline.jail_level(course, weak=True), jobs=2)


@pytest.fixture(scope="module")
def weak(tmp_path_factory: pytest.TempPathFactory) -> JSON:
    """The report of the weak master."""
    return check(make(tmp_path_factory.mktemp("weak"), WEAK))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[courses.Course, JSON]:
    """The sound master's course and its report."""
    course = make(tmp_path_factory.mktemp("sound"), SOUND, papers=PAPERS)
    return course, check(course)


def faults(told: JSON) -> set[tuple[str, str]]:
    return {(f["rule"], f.get("id", "")) for f in told["faults"]}


def test_each_bad_test_is_named_for_what_is_bad_in_it(weak: JSON) -> None:
    """One that everybody passes, one whose hidden part cannot fail, one that wavers, one that needs the kernel."""
    wanted = {
        ("blank-earns", "test_free"),
        ("liar-earns", "test_free"),
        ("hidden-cannot-fail", "test_cube"),
        ("unstable", "test_lucky"),
        ("in-kernel", "test_magic"),
    }
    assert wanted == faults(weak)
    assert not weak["passed"]


def test_an_unsound_solution_has_no_mutants(weak: JSON) -> None:
    """What loses points by itself proves nothing when it is changed."""
    assert [] == weak["mutants"]


def test_mutants_run_through_the_real_path_and_those_that_live_are_shown(sound: tuple[courses.Course, JSON]) -> None:
    """Every slip in `square` is caught; what no test looks at lives, beside the test that should have looked."""
    _, told = sound
    fates = {(m["id"], m["diff"][-1].strip() if m["diff"] else ""): m["outcome"] for m in told["mutants"]}
    assert {"killed"} == {m["outcome"] for m in told["mutants"] if m["id"] == "square"}, fates
    alive = [m for m in told["mutants"] if m["outcome"] == "survived"]
    assert {("+shift = [1, 2]", ("test_shift",)), ("+shift = [1, 0]", ("test_shift",))} == {
        (line, tuple(m["tests"])) for m in alive for line in m["diff"] if line[0] == "+"
    }
    killed = [m for m in told["mutants"] if m["outcome"] == "killed"]
    assert told["mutation"]["score"] == round(len(killed) / len(told["mutants"]), 4)
    assert all(m["test"] and m["reason"] for m in killed)


def test_papers_get_the_marks_that_they_must_get_or_are_told(sound: tuple[courses.Course, JSON]) -> None:
    """A wrong one that keeps its points is a fault of the test."""
    _, told = sound
    assert {"right_power.py": True, "wrong_double.py": True, "wrong_kept.py": False} == {p["file"]: p["right"] for p in told["papers"]}
    assert {("paper-astray", "test_shift")} == {f for f in faults(told) if f[0] == "paper-astray"}


def test_what_the_solution_imported_is_imported_before_the_forks(sound: tuple[courses.Course, JSON]) -> None:
    """The list is in the report, and is read where the warm parent is made."""
    course, told = sound
    assert "plistlib" in told["preload"]
    assert not [name for name in told["preload"] if name.startswith(("autograder", "check_", "__"))]
    assert told["preload"] == kept.preloaded(course, "squares")


def test_a_damaged_list_of_modules_is_none(sound: tuple[courses.Course, JSON], tmp_path: Path) -> None:
    """Only dotted names are taken from a report."""
    course = make(tmp_path, SOUND)
    kept.path_of(course, "squares").parent.mkdir()
    for told in ('{"preload": ["os; import x", 3, "__main__", "json"]}', '{"preload": 7}', "[]", "{", ""):
        kept.path_of(course, "squares").write_text(told)
        assert (["json"] if "json" in told else []) == kept.preloaded(course, "squares")


def test_a_report_is_kept_until_anything_changes(sound: tuple[courses.Course, JSON]) -> None:
    """The master, a paper, a waiver, a limit: each makes it old; nothing else does."""
    course, told = sound
    assert told == checks.known(course, "squares") == json.loads(kept.path_of(course, "squares").read_text())
    assert kept.path_of(course, "squares", ".html").is_file()
    toml, paper = course.root / "course.toml", course.source / "squares" / "papers" / "right_power.py"
    master = course.source / "squares" / "squares.ipynb"
    for path, text in [
        (toml, toml.read_text() + "[assignments.squares.waived]\nabc = 'why'\n"),
        (toml, toml.read_text().replace("cell_seconds = 3", "cell_seconds = 4")),
        (toml, toml.read_text() + "[check]\nmutation_score = 0.1\n"),
        (paper, paper.read_text() + "\n"),
        (master, master.read_text().replace("== 9", "== 9.0")),
    ]:
        before = path.read_text()
        path.write_text(text)
        assert checks.known(courses.load(course.root), "squares") is None
        path.write_text(before)
    assert told == checks.known(courses.load(course.root), "squares")


def test_unreadable_metadata_is_told_cell_by_cell_without_running_anything(tmp_path: Path) -> None:
    """Ids that are missing or double, points that are missing, regions left open: all at once."""
    test = exam("test_square", "assert square(2) == 4")
    del test["metadata"]["nbgrader"]["points"]
    broken: list[dict[str, Any]] = [
        solution("square", "### BEGIN SOLUTION\nsquare = abs"),
        solution("square", "x = 1"),
        solution("not an id", "y = 1"),
        test,
        cell("code", "open('/home/kim/data.csv')"),
    ]
    told = check(make(tmp_path, book(*broken)))
    found = {(f["rule"], f.get("cell")) for f in told["faults"]}
    assert {("metadata", 2), ("metadata", 3), ("metadata", 4), ("release", 1), ("machine-path", 5)} <= found
    assert [] == told["tests"]
    assert all(f["mend"] for f in told["faults"])


def test_lines_that_show_elsewhere_are_told_beside_regions_that_cannot_be_cut(tmp_path: Path) -> None:
    """One cell's mistyped delimiter, another's missing points and a third's metadata are all found in one go."""
    pointless, spoken = exam("test_square", "assert square(2) == 4"), cell("code", "1")
    del pointless["metadata"]["nbgrader"]["points"]
    spoken["metadata"]["note"] = "they write: squared_number = x * x"
    cells = [
        solution("square", "def square(x):\n    ### BEGIN SOLUTION\n    squared_number = x * x\n    return squared_number\n    ### END SOLUTION"),
        solution("cube", "### BEGIN SOLUTON\ncube = 3\n### END SOLUTION"),
        pointless,
        spoken,
    ]  # fmt: skip
    told = check(make(tmp_path, book(*cells)))
    assert {("release", 2), ("metadata", 3), ("release", 4)} == {(f["rule"], f["cell"]) for f in told["faults"]}
    (leak,) = [f for f in told["faults"] if f["cell"] == 4]
    assert "metadata.note" in leak["what"]


def test_autotest_lines_are_judged_by_the_tests_that_they_become(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell of nothing but an AUTOTEST line is no test that asserts nothing; where none comes of it, that is told."""
    course = make(tmp_path, book(solution("answer", "answer = 42"), exam("test_answer", "### AUTOTEST answer")))
    monkeypatch.setattr(autotest, "_made", lambda master, root: [master.cells[0].source, "assert str(answer) == '42'"])
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name: str(tmp_path / "cache"))
    assert [] == [r for r in checks.read(course, "squares")[1] if r.fault]
    (misplaced,) = checks.read(make(tmp_path / "other", book(cell("code", "### AUTOTEST 1"))), "squares")[1]
    assert ("unreadable", "squares.ipynb") == (misplaced.rule, misplaced.notebook)


def test_data_that_is_not_at_hand_is_noted_and_makes_a_report_old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check without the data set that the notebook names says so, and does not count where the data are."""
    course = make(tmp_path / "course", book(solution("x", "from keras.datasets import cifar10\nx = 1"), exam("t", "assert x == 1")))
    monkeypatch.setenv("AUTOGRADER_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    without = courses.load(course.root)
    assert ["no-data"] == [r.rule for r in checks.read(without, "squares")[1] if "cifar10.npz" in r.what]
    before = checks.of_source(without, "squares")
    (tmp_path / "data" / "cifar10.npz").write_bytes(b"")
    assert [] == [r for r in checks.read(without, "squares")[1] if r.rule == "no-data"]
    assert before != checks.of_source(without, "squares")
