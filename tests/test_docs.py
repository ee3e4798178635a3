"""The manual is true: what it shows runs, what it names exists."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from builders import ROOT

from autograder import course as courses
from autograder.cli import main

README = (ROOT / "README.md").read_text()
MANUAL = (ROOT / "docs" / "course.md").read_text()


def fenced(text: str, language: str) -> list[str]:
    """The text of each fenced block of that language."""
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def test_what_the_readme_shows_runs(tmp_path: Path) -> None:
    """Every command of the first course runs in a copy of the repository's course and ends well."""
    for name in ("source", "course.toml"):
        origin = ROOT / name
        (shutil.copytree if origin.is_dir() else shutil.copy)(origin, tmp_path / name)
    shell = "\n".join(block for block in fenced(README, "bash") if "make " not in block)
    assert "autograder autograde gates" in shell
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-ec", shell], cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    assert 0 == done.returncode, done.stderr
    assert (tmp_path / "release" / "gates" / "gates.ipynb").is_file()
    assert (tmp_path / "feedback" / "solved" / "gates" / "gates.html").is_file()


def test_the_makefile_has_the_readmes_two_commands() -> None:
    """`make demo` and `make test` are targets."""
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^make (\w+)", "\n".join(fenced(README, "bash")), re.MULTILINE)) <= targets


def test_every_key_of_course_toml_is_in_the_manual() -> None:
    """The manual's example holds every key that the schema knows, and is itself a right course.toml."""
    table = tomllib.loads(fenced(MANUAL, "toml")[0])
    known = {f"{section}.{key}" for section, keys in table.items() if section != "assignments" for key in keys}
    known |= {f"assignments.NAME.{key}" for key in table["assignments"]["gates"]}
    assert set(courses.KEYS) - known == set()


def test_the_manuals_course_toml_is_accepted(tmp_path: Path) -> None:
    """What the manual shows can be copied."""
    (tmp_path / "course.toml").write_text(fenced(MANUAL, "toml")[0])
    assert "deep-learning" == courses.load(tmp_path).name


def test_every_command_is_in_the_readme() -> None:
    """No command is left for the reader to find by chance."""
    assert [] == [name for name in main.commands if f"autograder {name}" not in README and f"make {name}" not in README]


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda p: p.name)
def test_links_and_files_that_the_docs_name_exist(page: Path) -> None:
    """Relative links lead somewhere."""
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text())
    assert [] == [link for link in links if not (page.parent / link).exists()]


def test_every_assignment_of_the_course_is_in_the_readme() -> None:
    """The table of assignments is complete."""
    assert [] == [name for name in courses.load(ROOT).names() if f"| `{name}` |" not in README]
