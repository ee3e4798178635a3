"""Courses that nbgrader configures: nbgrader_config.py, read without nbgrader."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import course as courses
from autograder.course import Course, written
from autograder.errors import UsageError

Configure = Callable[[str], Path]
ALL = """
c = get_config()
c.CourseDirectory.course_id = " dl101 "
c.CourseDirectory.source_directory = "masters"
c.CourseDirectory.db_url = "sqlite:///book.db"
c.CourseDirectory.ignore.append("*.bak")
c.CourseDirectory.student_id_exclude = "ann,bob"
c.CourseDirectory.max_file_size = 2000
c.IncludeHeaderFooter.header = "masters/header.ipynb"
c.ClearSolutions.code_stub = {"python": "pass", "julia": "nothing"}
c.ClearSolutions.text_stub = "Write."
c.ClearSolutions.begin_solution_delimeter = "SOLUTION {"
c.ClearSolutions.end_solution_delimeter = "} SOLUTION"
c.ClearHiddenTests.begin_test_delimeter = "HIDE"
c.ClearHiddenTests.end_test_delimeter = "SHOW"
c.Execute.timeout = 90
c.LateSubmissionPlugin.penalty_method = "zero"
c.Autograde.exclude_overwriting = {"ps1": ["net.py"]}
c.Application.log_level = "DEBUG"
c.Exchange.root = "/srv/exchange"
"""


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configure:
    """Writes an nbgrader_config.py into a folder of its own, and gives that; no other configuration is found."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "home" / "jupyter"))

    def write(text: str) -> Path:
        root = tmp_path / "ml101"
        root.mkdir(exist_ok=True)
        (root / "nbgrader_config.py").write_text(text)
        return root

    return write


def test_what_matters_is_read(configured: Configure) -> None:
    """Course id, folders, database, delimiters, stubs, timeouts, lateness, files: each lands in the Course."""
    root = configured(ALL)
    made = courses.load(root)
    assert ("dl101", root / "masters", f"sqlite:///{root}/book.db") == (made.name, made.source, made.gradebook)
    assert (90.0, 2_000_000, "zero") == (made.limits.cell_seconds, made.limits.file, made.late.method)
    assert ("SOLUTION {", "} SOLUTION") == made.wording.solution
    assert (("HIDE", "SHOW"), "Write.") == (made.wording.hidden_tests, made.wording.text_stub)
    assert ("pass", "nothing") == (made.wording.code_stubs["python"], made.wording.code_stubs["julia"])
    assert root / "masters" / "header.ipynb" == made.header
    assert (("ann", "bob"), "*.bak") == (made.exclude, made.ignore[-1])
    assert ("net.py",) == made.assignments["ps1"].keep
    assert () == made.remarks


def test_an_empty_configuration_is_a_course_with_nbgraders_defaults(configured: Configure) -> None:
    """30 s a cell, no limit of a minute or two for the whole, nothing late without a timestamp, the last attempt."""
    made = courses.load(configured(""))
    assert ("ml101", 30.0, 3600.0) == (made.name, made.limits.cell_seconds, made.limits.submission_seconds)
    assert ("none", False, "last") == (made.late.method, made.file_time, made.attempts)
    assert 0.0 == made.mutation_score  # nbgrader asks nothing of the tests


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("c.ExecutePreprocessor.timeout = 50", 50.0),
        ("c.NotebookClient.timeout = 40\nc.Execute.timeout = 60", 60.0),
        ("c.Execute.timeout = None", 86_400.0),
        ("c.Execute.timeout = -1", 86_400.0),
    ],
)
def test_a_timeout_may_stand_on_a_parent_class(configured: Configure, text: str, seconds: float) -> None:
    """As traitlets inherits settings; None and negative ones are no limit."""
    assert seconds == courses.load(configured(text)).limits.cell_seconds


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("c.GenerateAssignment.preprocessors = []", "c.GenerateAssignment.preprocessors"),
        ("c.Autograde.post_convert_hook = print", "c.Autograde.post_convert_hook"),
        ("c.LockCells.lock_grade_cells = False", "c.LockCells.lock_grade_cells"),
        ("c.ClearSolutions.enabled = False", "c.ClearSolutions.enabled"),
        ("c.IgnorePattern.enabled = True", "c.IgnorePattern.enabled"),
        ("c.NoClassOfOurs.trait = 1", "c.NoClassOfOurs.trait"),
    ],
)
def test_what_is_not_honoured_is_named_once(configured: Configure, text: str, named: str) -> None:
    """One sentence with the setting's own name."""
    assert (f"nbgrader's setting {named} is not honoured.",) == courses.load(configured(text)).remarks


@pytest.mark.parametrize(
    "text", ["c.LockCells.lock_grade_cells = True", "c.FormgradeApp.port = 1", "c.OverwriteCells.add_missing_cells = True"]
)
def test_what_changes_nothing_is_not_named(configured: Configure, text: str) -> None:
    """A default written out, a setting of another command, a wish that is granted anyway."""
    assert () == courses.load(configured(text)).remarks


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("c.Execute.timeout = 'long'", r"nbgrader_config.py: c.Execute.timeout = 'long' is wrong"),
        ("c.CourseDirectory.ignore = 3", r"c.CourseDirectory.ignore = 3 is wrong"),
        ("c.LateSubmissionPlugin.penalty_method = 'weekly'", r"penalty_method = 'weekly' is wrong"),
        ("c.CourseDirectory.directory_structure = '{student_id}'", r"directory_structure = .* is not supported"),
        ("\nc.X.y = undefined", r"nbgrader_config.py, line 2: .*NameError"),
        ("this is no Python", r"nbgrader_config.py.*SyntaxError"),
        ("raise SystemExit(3)", r"nbgrader_config.py, line 1: .*SystemExit"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(configured: Configure, text: str, message: str) -> None:
    """Wrong types, layouts that are not supported, errors of the file's own code: never a traceback."""
    with pytest.raises(UsageError, match=message):
        courses.load(configured(text))


def test_names_of_old_versions_are_understood(configured: Configure) -> None:
    """As nbgrader itself takes them, with a warning."""
    made = courses.load(configured("c.NbGrader.course_id = 'old'\nc.BasicConfig.db_url = 'sqlite:///x.db'"))
    assert ("old", f"sqlite:///{made.root}/x.db") == (made.name, made.gradebook)


def test_the_users_own_configuration_lies_below_the_courses(configured: Configure) -> None:
    """Jupyter's folder first; what the course says stands above it."""
    root = configured("c.CourseDirectory.course_id = 'mine'")
    user = Path(os.environ["JUPYTER_CONFIG_DIR"])
    user.mkdir(parents=True)
    (user / "nbgrader_config.py").write_text("c.CourseDirectory.course_id = 'theirs'\nc.Execute.timeout = 7")
    made = courses.load(root)
    assert ("mine", 7.0) == (made.name, made.limits.cell_seconds)


def test_a_root_that_the_configuration_names_is_followed(configured: Configure, tmp_path: Path) -> None:
    """From any folder, where the user's configuration names the course's."""
    root = configured("c.CourseDirectory.course_id = 'far'")
    user = Path(os.environ["JUPYTER_CONFIG_DIR"])
    user.mkdir(parents=True)
    (user / "nbgrader_config.py").write_text(f"c.CourseDirectory.root = {str(root)!r}")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert root == courses.find(elsewhere)
    assert "far" == courses.load(courses.find(elsewhere)).name


def test_course_toml_decides_where_both_are_there(configured: Configure) -> None:
    """nbgrader's file is then nbgrader's alone: it is not even run."""
    root = configured("raise SystemExit(3)")
    (root / "course.toml").write_text("[course]\nname = 'ours'\n")
    assert "ours" == courses.load(courses.find(root)).name


@pytest.mark.parametrize("name", ["nbgrader_config.py", "course.toml"])
def test_a_configuration_that_a_student_handed_in_is_never_taken(configured: Configure, name: str) -> None:
    """In a submission's folder the course around it is found; without that course around it, it would be taken."""
    root = configured("c.CourseDirectory.course_id = 'mine'")
    handed = root / "submitted" / "eve" / "ps1"
    handed.mkdir(parents=True)
    (handed / name).write_text("")
    assert root == courses.find(handed)
    (root / "nbgrader_config.py").unlink()
    assert handed == courses.find(handed)


def test_nothing_of_nbgrader_is_imported(configured: Configure) -> None:
    """Importing it takes seconds and a thousand modules."""
    root = configured(ALL)
    program = (
        "import sys; from pathlib import Path; from autograder import course; "
        "course.load(Path(sys.argv[1])); print([m for m in sys.modules if m.startswith(('nbgrader', 'nbconvert'))])"
    )
    done = subprocess.run([sys.executable, "-c", program, str(root)], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()


def test_what_the_configuration_prints_goes_to_stderr(configured: Configure, capfd: pytest.CaptureFixture[str]) -> None:
    """Standard output may be read by a machine."""
    courses.load(configured("print('hello')"))
    assert ("", "hello\n") == capfd.readouterr()


def test_the_course_toml_that_is_written_says_the_same(configured: Configure) -> None:
    """Loading either gives an equal Course, for a configuration with everything and for an empty one."""
    for text in (ALL, "", "c.AssignLatePenalties.plugin_class = 'late.Penalty'"):
        root = configured(text)
        (root / "course.toml").unlink(missing_ok=True)
        adopted: Course = courses.load(root)
        told, remarks = written.from_nbgrader(root)
        (root / "course.toml").write_text(told)
        assert replace(adopted, remarks=()) == courses.load(root)
        assert () == remarks


def test_a_new_courses_toml_is_sound(tmp_path: Path) -> None:
    """Whatever the folder is called."""
    (tmp_path / "course.toml").write_text(written.new('a "quoted" 이름'))
    assert 'a "quoted" 이름' == courses.load(tmp_path).name
