"""The gate before a release, and a check as a person asks for it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from builders import SQUARE, Course, cell
from click.testing import CliRunner
from click.testing import Result as Ended

from autograder import course as courses
from autograder.cli import main
from autograder.errors import MasterError
from autograder.gradebook.ledger import Ledger, Result
from autograder.pipeline import checks, gate, kept
from autograder.values import JSON, Grade, Outcome, Status, Verdict

FAULT = {"rule": "blank-earns", "fault": True, "what": "the blank earns 2 points here", "mend": "Have it fail.",
         "notebook": "squares.ipynb", "cell": 3, "id": "test_square"}  # fmt: skip


def report(*faults: JSON, complete: bool = True) -> JSON:
    """What a check gives."""
    mutation = {"made": 3, "killed": 3, "survived": 0, "waived": 0, "left_out": 0, "score": 1.0, "threshold": 0.8}
    told = {"assignment": "squares", "passed": complete and not faults, "complete": complete, "jail": 4, "seconds": 1.0}
    lists = {"faults": list(faults), "notes": [], "tests": [], "mutants": [], "papers": [], "preload": []}
    return {**told, **lists, "solution_seconds": 0.1, "mutation": mutation, "checked": "now", "course": "small"}


class Checks:
    """Stands in for a check that takes its time, and counts how often it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, told: JSON) -> None:
        self.told, self.asked = told, 0
        monkeypatch.setattr(checks, "check", self.check)

    def check(self, course: courses.Course, name: str, **options: Any) -> JSON:
        self.asked += 1
        told = {**self.told, "fingerprint": checks.of_source(course, name)}
        kept.write(course, name, told)
        return told


def run(root: Path, *words: str) -> Ended:
    return CliRunner().invoke(main, ["--course", str(root), *words])


def test_a_release_asks_for_a_check_once(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """What passed and has not changed is released without a second check."""
    root, stand_in = course(), Checks(monkeypatch, report())
    assert [0, 0] == [run(root, "release", "squares").exit_code for _ in range(2)]
    assert 1 == stand_in.asked
    assert (root / "release" / "squares" / "squares.ipynb").is_file()
    master = root / "source" / "squares" / "squares.ipynb"
    master.write_text(master.read_text().replace("-3", "-4"))
    assert 0 == run(root, "release", "squares").exit_code
    assert 2 == stand_in.asked


def test_what_does_not_pass_is_not_released(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1, each fault with its cell and its mend, the page, and nothing written."""
    root, stand_in = course(), Checks(monkeypatch, report(FAULT))
    for _ in range(2):  # a check that failed is known as well
        done = run(root, "release", "squares")
        assert 1 == done.exit_code
        assert all(w in done.stderr for w in ("cell 3 (test_square)", "Have it fail.", "check-squares.html", "--force"))
    assert 1 == stand_in.asked
    assert not (root / "release").exists()


def test_force_releases_and_tells_what_it_ignores(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """It never runs a check; it names the faults that are known, or says that nothing is."""
    root, stand_in = course(), Checks(monkeypatch, report(FAULT))
    done = run(root, "release", "--force", "squares")
    assert (0, 0) == (done.exit_code, stand_in.asked)
    assert "ignored: it has not been checked" in done.stderr
    assert "ignored: squares.ipynb" not in done.stderr
    run(root, "release", "squares")
    done = run(root, "release", "--force", "squares")
    assert (0, 1) == (done.exit_code, stand_in.asked)
    assert "ignored: squares.ipynb, cell 3 (test_square): the blank earns 2 points here." in done.stderr


def test_force_tells_what_reading_shows_where_no_check_is_known(course: Course) -> None:
    """A path of one machine is seen without running anything."""
    root = course()
    master = root / "source" / "squares" / "squares.ipynb"
    raw = json.loads(master.read_text())
    raw["cells"].append(cell("code", "open('/home/kim/data.csv')"))
    master.write_text(json.dumps(raw))
    done = run(root, "release", "--force", "squares")
    assert 0 == done.exit_code
    assert "ignored: squares.ipynb, cell 7, line 1: `/home/kim/data.csv` is a path of one machine" in done.stderr


def test_a_check_that_tried_only_some_admits_nothing(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quick one, or one with fewer mutants, is not what a release asks for."""
    root = course()
    Checks(monkeypatch, report(complete=False))
    with pytest.raises(MasterError):
        gate.admit(courses.load(root), "squares", force=False)


@pytest.mark.parametrize(("faults", "code"), [((), 0), ((FAULT,), 1)])
def test_the_exit_code_is_for_ci(course: Course, monkeypatch: pytest.MonkeyPatch, faults: tuple, code: int) -> None:
    """0 where all pass, 1 where one does not; --json gives one object an assignment on stdout and nothing else."""
    root = course()
    Checks(monkeypatch, report(*faults))
    done = run(root, "check", "squares", "--json")
    assert code == done.exit_code
    assert [code == 0] == [json.loads(line)["passed"] for line in done.stdout.splitlines()]
    shown = run(root, "check", "--all")
    assert (code, "") == (shown.exit_code, shown.stdout)
    assert "squares: " in shown.stderr


def test_no_assignment_named_is_wrong_usage(course: Course) -> None:
    """Exit code 2, with what there is."""
    for words in (["check"], ["check", "sqares"], ["release"]):
        done = run(course(), *words)
        assert 2 == done.exit_code
        assert "squares" in done.stderr


def test_a_mark_is_written_into_the_source_and_nothing_else_is_changed(course: Course) -> None:
    """`--mark` sets `examine` on the tests that need the kernel, and says that their points can be forged."""
    root = course()
    path = root / "source" / "squares" / "squares.ipynb"
    before = json.loads(path.read_text())
    told = gate.marked(courses.load(root), "squares", report({**FAULT, "rule": "in-kernel"}))
    assert ["squares.ipynb: test_square is marked; its points can be forged from now on."] == told
    after = json.loads(path.read_text())
    marks = [c["metadata"].pop("autograder", None) for c in after["cells"]]
    assert [{"examine": "in-kernel"}] == [m for m in marks if m]
    assert before == after
    assert [] == gate.marked(courses.load(root), "squares", report(FAULT))


def test_a_class_speaks_of_the_tests_from_the_ledger(course: Course) -> None:
    """Difficulty and discrimination of each test; runs nothing, and says so where nobody was graded."""
    root = course()
    assert 2 == run(root, "check", "squares", "--from-ledger").exit_code
    found = courses.load(root)
    with Ledger.open(found.ledger) as ledger:
        number = ledger.begin_run("test")
        for i in range(10):
            points = {"test_square": 2.0 * (i < 5), "test_half": 3.0}
            verdicts = tuple(Verdict("squares", t, Outcome.PASSED, p, 2.0 if t == "test_square" else 3.0) for t, p in points.items())
            one = Grade(f"s{i}", "squares", Status.GRADED, verdicts, fingerprint=f"sha256:{i}")
            ledger.settle(number, "squares", {one.student: Result(ledger.record(number, one, {}))})
    done = run(root, "check", "squares", "--from-ledger", "--json")
    told = json.loads(done.stdout)
    assert {"test_square": 0.5, "test_half": 1.0} == {item["id"]: item["difficulty"] for item in told["items"]}
    assert ["everybody-passes"] == [note["rule"] for note in told["notes"]]
    assert "test_half: everybody passes" in run(root, "check", "squares", "--from-ledger").stderr
    shutil.copytree(root / "source" / "squares", root / "source" / "ungraded")
    with (root / "course.toml").open("a") as settings:
        settings.write("\n[assignments.ungraded]\n")
    of_all = run(root, "check", "--all", "--from-ledger", "--json")
    assert (0, ["squares"]) == (of_all.exit_code, [json.loads(line)["assignment"] for line in of_all.stdout.splitlines()])


def test_a_release_in_python_asks_nobody(course: Course) -> None:
    """The gate stands before the command; `pipeline.release` alone makes the notebooks."""
    from autograder import pipeline

    root = course(master=SQUARE)
    assert pipeline.release(courses.load(root), "squares").changed
