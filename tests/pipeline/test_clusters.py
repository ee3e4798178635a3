"""A class graded on a cluster: as on one machine, whoever is lost on the way."""

from __future__ import annotations

import contextlib
import json
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from batches import CLASS, Course, apart, by_student, make
from builders import SQUARE, answered, hand_in
from clusters import Rig

from autograder import course as courses
from autograder import pipeline
from autograder.batch.connecting import connected
from autograder.batch.running import Running
from autograder.batch.workers import Broken
from autograder.errors import UsageError
from autograder.gradebook.ledger import Ledger
from autograder.reports.jsonl import as_json

pytest.importorskip("distributed")

SLEEPY = answered(SQUARE, {"square": "import time\ntime.sleep(2)\ndef square(x):\n    return x * x"})


class Seen(Running):
    """Notes when a submission comes to a step of its own."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.came = name, threading.Event()

    def at(self, name: str, step: str = "") -> None:
        super().at(name, step)
        if name == self.name and step:
            self.came.set()


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A scheduler with two workers."""
    made = Rig(tmp_path_factory.mktemp("rig"))
    made.worker("one")
    made.worker("two")
    yield made
    made.close()


def test_it_tells_and_writes_what_one_machine_does(quiet: tuple[dict[str, Any], Any], rig: Rig, tmp_path: Path) -> None:
    """JSON but for seconds, nbgrader's gradebook, grades.csv and the executed notebooks are the same."""
    told, written = quiet
    course = Course(make(tmp_path), "--cluster", rig.address)
    found = course.finish()
    assert {} == apart(found, told)
    assert told.keys() == found.keys()
    assert written == course.written()
    there = Course(tmp_path)  # what a cluster graded is known here, and the other way round
    assert told == there.finish()
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        assert dict.fromkeys(CLASS, 1) == {s: len(ledger.history(s, "squares")) for s in CLASS}


def test_course_toml_names_the_cluster(rig: Rig, tmp_path: Path) -> None:
    """[batch] cluster is where a class is graded, unless the command line says otherwise."""
    make(tmp_path)
    toml = tmp_path / "course.toml"
    toml.write_text(toml.read_text() + '[batch]\ncluster = "tcp://127.0.0.1:1"\n')
    options = ("--student", "perfect")
    out, err = Course(tmp_path, *options).begin().communicate(timeout=120)
    assert ("", True) == (out, "No Dask scheduler answers at tcp://127.0.0.1:1" in err)
    assert ["perfect"] == list(Course(tmp_path, *options, "--cluster", "none").finish())


def test_ctrl_c_finishes_what_runs_and_the_same_command_goes_on(
    quiet: tuple[dict[str, Any], Any], rig: Rig, tmp_path: Path
) -> None:
    """Exit code 130 and a sentence; nobody is graded twice, and in the end all is as if nothing had happened."""
    told, _ = quiet
    course = Course(make(tmp_path), "--cluster", rig.address)
    process = course.begin()
    assert process.stdout is not None
    first = process.stdout.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert (130, True) == (process.returncode, "The same command goes on" in err), err
    assert {} == apart(by_student([first, *out.splitlines()]), told)
    assert told == course.finish()
    with Ledger.open(tmp_path / "ledger.db") as ledger:
        assert dict.fromkeys(CLASS, 1) == {s: len(ledger.history(s, "squares")) for s in CLASS}


def test_a_worker_with_other_libraries_is_refused(rig: Rig, tmp_path: Path) -> None:
    """It is named with what differs, and those that are alike grade the class."""
    other = tmp_path / "path" / "pandas-0.0.1.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: pandas\nVersion: 0.0.1\n")
    worker = rig.worker("odd", environment={"PYTHONPATH": str(tmp_path / "path")})
    try:
        _, err = Course(make(tmp_path / "course"), "--cluster", rig.address).begin().communicate(timeout=120)
    finally:
        rig.kill(worker)
    words = " ".join(err.split())
    assert "Worker odd (tcp://127.0.0.1:" in words
    assert "it has pandas 0.0.1, and here it is" in words


def graded(root: Path, rig: Rig, told: list[str], running: Running) -> Iterator[pipeline.Graded]:
    """The class, graded on the cluster by this process."""
    listener = pipeline.Listener(remark=told.append, running=running)
    return pipeline.autograde(courses.load(root), "squares", cluster=rig.address, listener=listener)


def test_a_worker_that_is_killed_is_replaced(quiet: tuple[dict[str, Any], Any], tmp_path: Path) -> None:
    """What ran there runs on the one that came later, once; the rest of the class goes on."""
    rig = Rig(tmp_path)
    make(tmp_path / "course")
    hand_in(tmp_path / "course", "sleepy", SLEEPY)
    first = rig.worker("first")
    running, said = Seen("sleepy"), list[str]()

    def kill() -> None:
        if running.came.wait(60):
            rig.kill(first)
            rig.worker("second")

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        found = [one.grade for one in graded(tmp_path / "course", rig, said, running)]
    finally:
        killer.join()
        rig.close()
    assert any("Worker first" in one and "is gone" in one for one in said)
    lines = by_student(as_json(grade) for grade in found)
    assert 5.0 == lines.pop("sleepy")["score"]
    assert {} == apart(lines, quiet[0])
    assert quiet[0].keys() == lines.keys()
    with Ledger.open(tmp_path / "course" / "ledger.db") as ledger:
        assert {1} == {len(ledger.history(one.student, "squares")) for one in found}


def test_a_scheduler_that_dies_leaves_what_is_graded(quiet: tuple[dict[str, Any], Any], tmp_path: Path) -> None:
    """The run ends with a sentence; the next one, here, grades the others alone."""
    rig = Rig(tmp_path)
    root = make(tmp_path / "course")
    hand_in(root, "sleepy", SLEEPY)
    rig.worker("only")
    done: list[str] = []
    try:
        with pytest.raises(Broken, match=f"{rig.address} is gone"):
            for one in graded(root, rig, [], Running()):
                done.append(one.grade.student)
                if len(done) == 1:  # another may be on its way already
                    rig.kill(rig.scheduler)
    finally:
        rig.close()
    assert 0 < len(done) < len(CLASS) + 1
    level = pipeline.jail_level(courses.load(root), weak=True)
    again = list(pipeline.autograde(courses.load(root), "squares", level=level))
    assert set(done) == {one.grade.student for one in again if not one.fresh}
    lines = {s: line for s, line in by_student(as_json(one.grade) for one in again).items() if s != "sleepy"}
    assert quiet[0] == lines


def test_an_assignment_that_wants_a_gpu_names_the_workers_that_have_none(rig: Rig, tmp_path: Path) -> None:
    """Before anything is run, with how to start one that has."""
    root = make(tmp_path)
    toml = root / "course.toml"
    toml.write_text(toml.read_text() + "gpu = true\n")
    with pytest.raises(UsageError, match=r"No worker .* can grade squares.*Worker one .* no resource GPU.*GPU=1"):
        list(graded(root, rig, [], Running()))


def test_where_a_worker_has_a_gpu_it_gets_the_work(tmp_path: Path) -> None:
    """The one that has the resource grades; the other gets nothing and is named."""
    rig = Rig(tmp_path)
    root = make(tmp_path / "course")
    toml = root / "course.toml"
    toml.write_text(toml.read_text() + "gpu = true\n")
    rig.worker("bare")
    rig.worker("card", "--resources", "GPU=1")
    said: list[str] = []
    try:
        found = [one.grade for one in graded(root, rig, said, Running())]
    finally:
        rig.close()
    assert CLASS.keys() == {grade.student for grade in found}
    assert ["it has no resource GPU"] == [s.split(": ")[1].split(".")[0] for s in said if "bare" in s]


def test_hidden_data_and_files_of_the_course_go_with_the_plan(rig: Rig, tmp_path: Path) -> None:
    """A test that imports the course's own module finds it on a worker that has no course."""
    root = make(tmp_path)
    (root / "source" / "squares" / "helper_of_the_course.py").write_text("NINE = 9\n")
    master = json.loads((root / "source" / "squares" / "squares.ipynb").read_text())
    for cell in master["cells"]:
        cell["source"] = "".join(cell["source"]).replace("== 9", "== __import__('helper_of_the_course').NINE")
    (root / "source" / "squares" / "squares.ipynb").write_text(json.dumps(master))
    found = {one.grade.student: one.grade for one in graded(root, rig, [], Running())}
    assert (5.0, 5.0) == (found["perfect"].score, found["array"].score)


def test_a_second_ctrl_c_leaves_nothing_running_at_a_worker(tmp_path: Path) -> None:
    """Warm parent and candidates end at once, and what was running does not start them again."""
    rig = Rig(tmp_path)
    root = make(tmp_path / "course")
    for number in range(3):
        hand_in(root, f"sleepy{number}", SLEEPY)
    worker = rig.worker("only")
    try:
        process = Course(root, "--cluster", rig.address, "--student", "sleepy*").begin()
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()  # the next one runs by now
        assert children(worker.pid)
        process.send_signal(signal.SIGINT)
        while "Stopping" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        assert 130 == process.returncode
        with connected(rig.address) as client:
            client.submit(int).result(timeout=60)  # its one thread is free again
        assert [] == children(worker.pid)
    finally:
        rig.close()


def children(pid: int) -> list[int]:
    """Processes that a process has started and that still run."""
    with contextlib.suppress(OSError):
        return [int(n) for task in Path(f"/proc/{pid}/task").iterdir() for n in (task / "children").read_text().split()]
    return []
