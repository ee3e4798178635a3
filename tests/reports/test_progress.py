"""What people see while a class is graded."""

from __future__ import annotations

import io
import json
import sys

import pytest
from rich.console import Console

from autograder.batch.running import Running
from autograder.reports.progress import Progress, line
from autograder.values import Grade, Outcome, Status, Verdict

PASSED = Verdict("gates", "t1", Outcome.PASSED, 2.0, 2.0)
GOOD = Grade("ann", "gates", Status.GRADED, (PASSED,))
BAD = Grade("ben", "gates", Status.UNGRADABLE, (), "gates.ipynb is\x1b[2J an empty file.")


def watched(
    *, terminal: bool = False, json: bool = False, running: Running | None = None
) -> tuple[Progress, io.StringIO]:
    """A display of 80 columns, and what it writes."""
    file = io.StringIO()
    progress = Progress("gates", json=json, running=running)
    progress.console = Console(file=file, width=80, force_terminal=terminal)
    return progress, file


def test_without_a_terminal_each_line_is_whole_and_final() -> None:
    """One line a submission with its place, and one for all that was known."""
    progress, file = watched()
    with progress:
        progress.began(1002)
        for _ in range(1000):
            progress.done(GOOD, fresh=False)
        progress.done(GOOD, fresh=True)
        progress.done(BAD, fresh=True)
    assert [
        "gates: 1,002 submissions",
        "  1,000 submissions unchanged, not run again",
        "  1001/1002 ann: 2 of 2",
        "  1002/1002 ben: ungradable: gates.ipynb is an empty file.",
    ] == file.getvalue().splitlines()
    assert 1 == progress.exit_code


def test_a_class_without_news_is_one_line() -> None:
    """Where nothing had to be run, that is said."""
    progress, file = watched()
    with progress:
        progress.began(2)
        progress.done(GOOD, fresh=False)
        progress.done(GOOD, fresh=False)
    assert "  2 submissions unchanged, not run again" == file.getvalue().splitlines()[-1]
    assert 0 == progress.exit_code


def test_the_display_says_who_is_at_which_cell() -> None:
    """How many are done, how long it has taken, each that runs with its cell, and how long it may take."""
    running = Running()
    progress, _ = watched(running=running)
    progress.began(10)
    progress.done(GOOD, fresh=False)
    for _ in range(3):
        progress.done(GOOD, fresh=True)
    running.at("chloé", "gates, cell 3 of 40")
    head, who = progress.lines()
    assert "4/10, 1 known" in head
    assert "left" in head
    assert "  chloé  gates, cell 3 of 40  0 s" == who
    running.stopping = True
    assert "stopping: finishing what runs" in progress.lines()[0]


def test_a_cluster_does_not_fill_the_screen() -> None:
    """The first few that run are shown, the others counted; no line is wider than 80 columns."""
    running = Running()
    for number in range(200):
        running.at(f"a_student_with_a_very_long_name_{number:03}", "a_notebook_with_a_long_name, cell 1 of 40")
    progress, file = watched(running=running)
    progress.began(200)
    progress.console.print(progress)
    shown = file.getvalue().splitlines()
    assert "  and 192 more" == shown[-1]
    assert max(map(len, shown)) <= 80


def test_on_a_terminal_only_trouble_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Good grades move the bar; what needs a person stands above it, without the student's escapes."""
    progress, file = watched(terminal=True)
    with progress:
        progress.began(2)
        progress.done(GOOD, fresh=True)
        progress.done(BAD, fresh=True)
    assert "ben: ungradable: gates.ipynb is an empty file." in file.getvalue()
    assert "ann" not in file.getvalue()


def test_json_is_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    """One line a submission on stdout, known ones too, and nothing else there."""
    progress, file = watched(json=True, terminal=True)
    with progress:
        progress.began(2)
        stdout = sys.stdout
        progress.done(GOOD, fresh=False)
        progress.done(BAD, fresh=True)
        assert stdout is sys.stdout
    assert ["ann", "ben"] == [json.loads(told)["student"] for told in capsys.readouterr().out.splitlines()]
    assert "ann" not in file.getvalue()


def test_a_fate_in_one_line() -> None:
    """Score, tests missed, what waits for a person and why."""
    lost = Verdict("gates", "t2", Outcome.FAILED, 0.0, 2.0)
    hand = Verdict("gates", "why", Outcome.BY_HAND, None, 3.0)
    broken = Grade("eve", "gates", Status.NEEDS_PERSON, (PASSED, lost, hand), "t3: the test broke")
    assert "eve: 2 of 7, 1 test missed, 1 to mark by hand, needs a person: t3: the test broke" == line(broken)
