"""The command line is thin: it parses, calls, shows and exits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from builders import SQUARE, Course
from click.testing import CliRunner, Result

from autograder.cli import main


def run(root: Path, *words: str) -> Result:
    """The command in that course."""
    return CliRunner().invoke(main, ["--course", str(root), *words])


def test_help_imports_nothing_heavy() -> None:
    """`autograder --help` loads neither NumPy nor TensorFlow, IPython, SQLAlchemy, nbgrader or rich."""
    code = "import sys\nfrom autograder.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert set() == {"numpy", "tensorflow", "keras", "IPython", "sqlalchemy", "nbgrader", "nbformat", "rich"} & set(loaded)


def test_json_is_all_that_stands_on_stdout(course: Course) -> None:
    """One object a submission, as the manual has it, and exit code 1 when one needs a look."""
    done = run(course({"ann": SQUARE, "bad": b"[]"}), "autograde", "squares", "--json", "--allow-weak-jail")
    lines = {line["student"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert {"ann": "graded", "bad": "ungradable"} == {name: line["status"] for name, line in lines.items()}
    assert (5.0, 7.0) == (lines["ann"]["score"], lines["ann"]["max_score"])
    assert 1 == done.exit_code


def test_all_graded_is_exit_code_0(course: Course) -> None:
    """A class without trouble ends in 0, and the table names each student."""
    done = run(course({"ann": SQUARE}), "autograde", "squares", "--allow-weak-jail")
    assert 0 == done.exit_code, done.output
    assert "ann" in done.stderr
    assert "" == done.stdout


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("[limits]\ncell_second = 3\n", ["line 2", "cell_seconds"]),
        ("[limits]\nmemory = 'much'\n", ["line 2", "GiB"]),
        ("[limts]\n", ["line 1", "limits"]),
        ("[assignments.squares]\ndue = 'soon'\n", ["line 2", "date"]),
        ("[course\n", ["line 1"]),
    ],
)
def test_a_wrong_course_toml_names_the_line_and_the_mend(tmp_path: Path, toml: str, told: list[str]) -> None:
    """Exit code 2, one sentence, no traceback."""
    (tmp_path / "course.toml").write_text(toml)
    done = run(tmp_path, "autograde", "squares")
    assert 2 == done.exit_code
    assert all(word in done.stderr for word in told), done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_without_a_course_says_so(tmp_path: Path) -> None:
    """Exit code 2 and what to do."""
    done = run(tmp_path, "release", "--all")
    assert 2 == done.exit_code
    assert "course.toml" in done.stderr


def test_an_unsound_master_is_exit_code_1_and_names_the_cell(course: Course) -> None:
    """A region that is not closed stops the release."""
    from builders import answered

    root = course(master=answered(SQUARE, {"half": "### BEGIN SOLUTION\nx = 1"}))
    done = run(root, "release", "squares")
    assert 1 == done.exit_code
    assert "half" in done.stderr


def test_a_fault_of_ours_shows_its_traceback_only_with_debug(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --debug there is one line."""
    from autograder import pipeline

    def broken(*_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(pipeline, "release", broken)
    done = run(course(), "release", "--force", "squares")
    assert (1, False) == (done.exit_code, "Traceback" in done.output)
    assert isinstance(run(course(), "--debug", "release", "--force", "squares").exception, ZeroDivisionError)


@pytest.mark.skipif(not os.path.exists("/proc"), reason="needs /proc to find the processes")
def test_doctor_says_the_level(tmp_path: Path) -> None:
    """It tries the jail and names what it found, also outside a course."""
    done = run(tmp_path, "doctor")
    assert 0 == done.exit_code
    assert "level" in done.stdout
