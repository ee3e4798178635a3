"""The manual of checks is true: every finding is in it, and what it shows can be used."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import get_args

import yaml
from builders import ROOT

from autograder import course as courses
from autograder.check import written
from autograder.check.remarks import Rule
from autograder.notebook import read_master

MANUAL = (ROOT / "docs" / "check.md").read_text()


def fenced(language: str) -> str:
    """The first block of that language."""
    return re.findall(rf"```{language}\n(.*?)```", MANUAL, re.DOTALL)[0]


def test_every_finding_is_in_the_manual_and_no_other() -> None:
    """The first column of the table of findings holds each kind once."""
    rows = MANUAL.split("## Findings")[1].split("\n## ")[0].splitlines()
    told = [rule for row in rows if row.startswith("| `") for rule in re.findall(r"`([a-z-]+)`", row.split("|")[1])]
    assert sorted(get_args(Rule)) == sorted(told)


def test_the_waiver_is_a_right_course_toml(tmp_path: Path) -> None:
    """It can be copied."""
    (tmp_path / "course.toml").write_text(fenced("toml"))
    assert ["2fff5d0e79"] == list(courses.load(tmp_path).assignments["gates"].waived)
    assert tomllib.loads(fenced("toml"))


def test_the_paper_is_a_right_paper(tmp_path: Path) -> None:
    """For the course's own assignment."""
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "shown.py").write_text(fenced("python"))
    master = read_master(ROOT / "source" / "gates" / "gates.ipynb", "gates")
    (paper,) = written.read(tmp_path, [master])
    assert 0 == paper.marks["test_fires"] < paper.marks["test_layer"]


def test_the_workflow_is_yaml_and_runs_the_check() -> None:
    """Its steps are in order."""
    workflow = yaml.safe_load(fenced("yaml"))
    steps = [step.get("run", step.get("uses", "")) for step in workflow["jobs"]["check"]["steps"]]
    assert any(step.startswith("autograder check --all") for step in steps)
    assert steps.index("pip install autograder") < len(steps) - 2
