"""A class that hands in model files: good, shared, untrained, missing, too large, hostile."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import modelfiles
import numpy as np
import pytest
from builders import answered, book, cell, exam, hand_in, solution

from autograder import course as courses
from autograder import notebook, pipeline
from autograder.course import Limits
from autograder.errors import MasterError
from autograder.pipeline import autograding, models
from autograder.reports.jsonl import as_json
from autograder.sandbox import gpu
from autograder.values import Paper, PaperCell, Step, Submission, Trained

POINTS = """### BEGIN HIDDEN TESTS
from autograder.models import accuracy, architecture, credit
def points():
    x = np.random.default_rng(5).normal(size=(1000, 4)).astype("float32")
    y = (x @ np.random.default_rng(0).normal(size=(4, 3)).astype("float32")).argmax(axis=1)
    assert architecture("net.keras").parameters < 100, "The network is too large."
    return credit(accuracy(model, x, y), {0.5: 0, 0.9: 4})
points()
### END HIDDEN TESTS"""
TRAIN = "### BEGIN SOLUTION\nmodel = build_model()\nmodel.fit(x, y)\nmodel.save('net.keras')\n### END SOLUTION"
TRAINING = {"train": {"binds": "model", "file": "net.keras"}}


def master(**training: Any) -> dict[str, Any]:
    """A master with a training cell and a test of what it trains."""
    train = solution("train", TRAIN)
    train["metadata"]["autograder"] = training or TRAINING
    return book(
        cell("code", "import keras\nimport numpy as np", "setup", locked=True),
        train,
        exam("test_model", POINTS, 4),
        solution("after", "### BEGIN SOLUTION\nlater = 1\n### END SOLUTION"),
        exam("test_after", "assert later == 1", 1),
    )


def untrained(path: Path) -> Path:
    """A network that takes everything for something else."""
    kernel, bias = modelfiles.kernel()
    return modelfiles.whole(path, fill=lambda file: modelfiles.weights(file, {"dense": [-kernel, bias]}))


LOOKING = "import os\nlater = 1\nprint(sorted(os.listdir()))"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, pipeline.Graded]]:
    """The class, graded once for this module's tests."""
    root = tmp_path_factory.mktemp("class")
    (root / "source" / "squares").mkdir(parents=True)
    (root / "source" / "squares" / "squares.ipynb").write_text(notebook.dumps(master()))
    modelfiles.whole(
        root / "source" / "squares" / "net.keras"
    )  # the instructor ran the master: the reference model lies there
    (root / "course.toml").write_text('[limits]\ncell_seconds = 30\nmemory = "2 GiB"\nfile = "1 MiB"\n')
    for student in ("ada", "thief", "untrained", "missing", "large", "link", "hostile", "pickle"):
        hand_in(root, student, answered(master(), {"after": LOOKING}))
    place = root / "submitted"
    modelfiles.whole(place / "ada" / "squares" / "net.keras")
    modelfiles.whole(place / "thief" / "squares" / "net (1).keras")
    untrained(place / "untrained" / "squares" / "net.keras")
    (place / "large" / "squares" / "net.keras").write_bytes(bytes(2 << 20))
    (place / "link" / "squares" / "net.keras").symlink_to(place / "ada" / "squares" / "net.keras")
    modelfiles.whole(
        place / "hostile" / "squares" / "net.keras",
        modelfiles.config({"module": "os", "class_name": "system", "config": "touch /tmp/x"}),
    )
    (place / "pickle" / "squares" / "net.pkl").write_bytes(b"\x80\x04N.")
    return root, run(root)


def run(root: Path) -> dict[str, pipeline.Graded]:
    """Student → what came of it."""
    found = courses.load(root)
    graded = pipeline.autograde(found, "squares", level=pipeline.jail_level(found, weak=True), jobs=2)
    return {one.grade.student: one for one in graded}


Class = tuple[Path, dict[str, pipeline.Graded]]


def told(graded: Class, student: str) -> tuple[float | None, str]:
    """Points and reason of the test of the model; that of the other test is passed for everybody."""
    verdicts = {v.test: v for v in graded[1][student].grade.verdicts}
    assert 1.0 == verdicts["test_after"].points
    return verdicts["test_model"].points, verdicts["test_model"].reason


def test_a_trained_model_earns_its_credit(graded: Class) -> None:
    """And the reason says what was measured."""
    assert (4.0, "Accuracy 1.0000 on 1,000 images.") == told(graded, "ada")
    points, reason = told(graded, "untrained")
    assert 0.0 == points and "Accuracy 0." in reason


@pytest.mark.parametrize(
    ("student", "says"),
    [
        ("missing", "net.keras was not handed in. Save the model"),
        ("large", "net.keras was handed in and not taken: 2,097,152 bytes are too many."),
        ("link", "net.keras was handed in and not taken: it is a link, not a file."),
        ("hostile", "net.keras: it names 'os.system', which is no part of Keras, and is not loaded."),
        ("pickle", "'net.pkl': a pickle can run code, and is not opened."),
    ],
)
def test_a_file_that_cannot_be_used_costs_the_test_that_needs_it(graded: Class, student: str, says: str) -> None:
    """Points for the rest stay, and the reason says what was wrong."""
    points, reason = told(graded, student)
    assert 0.0 == points and says in reason, reason


def test_the_reference_model_is_in_nobodys_folder(graded: Class) -> None:
    """Neither beside a submission nor in the release, though it lies beside the master."""
    root, done = graded
    for student, names in (("missing", "[]\n"), ("thief", "['net (1).keras']\n")):
        cells = json.loads(done[student].executed["squares"])["cells"]
        assert [names] == [
            "".join(o["text"]) for c in cells if "os.listdir" in str(c["source"]) for o in c["outputs"]
        ]
    made = pipeline.release(courses.load(root), "squares")
    assert made.changed and ["squares.ipynb"] == [path.name for path in (root / "release" / "squares").iterdir()]


def test_the_release_needs_no_package_of_ours(graded: Class) -> None:
    """What students get names autograder in metadata alone."""
    root, _ = graded
    pipeline.release(courses.load(root), "squares")
    read = notebook.loads((root / "release" / "squares" / "squares.ipynb").read_bytes(), "squares.ipynb")
    assert not any("autograder" in one["source"] for one in read["cells"])


def test_the_same_weights_are_reported_of_all_who_handed_them_in(graded: Class) -> None:
    """Now, after a run that knew everything already, and of nobody with weights of his own."""
    root, _ = graded
    said = ("ada and thief handed in the same weights in net.keras.",)
    assert said == pipeline.same_weights(courses.load(root), "squares")
    again = run(root)
    assert not any(one.fresh for one in again.values())
    assert said == pipeline.same_weights(courses.load(root), "squares")


def test_notes_say_which_file_was_taken(graded: Class) -> None:
    """Where it is not the master's name."""
    assert any("'net (1).keras' was taken for net.keras." in note for note in graded[1]["thief"].grade.notes)
    assert "was taken for" in as_json(graded[1]["thief"].grade)


# --- what course.toml and the master say ----------------------------------------------------------------------


def test_training_cells_are_run_where_the_course_says_so(tmp_path: Path) -> None:
    """`run` takes no file, `either` takes one where there is one, `artefact` always wants one."""
    (tmp_path / "m.ipynb").write_text(notebook.dumps(master()))
    read = notebook.read_master(tmp_path / "m.ipynb", "squares")
    both = [
        Submission("ada", "squares", Path("s"), {}, {name: Path(name) for name in names})
        for names in (("net.keras",), ())
    ]
    found = {
        train: [models.chosen(courses.Assignment("squares", train=train), read, one)[0] for one in both]
        for train in ("artefact", "run", "either")
    }
    assert [{}, {}] == found["run"] and found["either"][1] == {}
    assert "net.keras" == found["artefact"][0]["train"].path == found["either"][0]["train"].path
    assert "not handed in" in found["artefact"][1]["train"].fault


@pytest.mark.parametrize(
    ("there", "asked", "jobs", "says"),
    [(True, 0, 1, ""), (True, 3, 3, ""), (False, 3, 3, "this machine has none"), (False, 0, None, "has none")],
)
def test_with_a_gpu_one_is_graded_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool, asked: int, jobs: int | None, says: str
) -> None:
    """Unless a person asks for more; where the machine has none, that is said, and its processors are used."""
    for name in ("nvidia0", "nvidiactl") if there else ("nvidiactl", "null"):
        (tmp_path / name).touch()
    monkeypatch.setattr("autograder.batch.jobs.cores", lambda: 2)
    monkeypatch.setattr(gpu, "present", partial(gpu.present, tmp_path))
    (tmp_path / "course.toml").write_text("[limits]\nmemory = '1 MiB'\ngpu = true\n")
    write_master(tmp_path, master())
    found = autograding._jobs(courses.load(tmp_path), "squares", asked)
    assert (2 if jobs is None else jobs) == found.number and says in found.reason and bool(says) == bool(found.reason)


def write_master(root: Path, raw: dict[str, Any]) -> None:
    """As the assignment `squares`."""
    (root / "source" / "squares").mkdir(parents=True)
    (root / "source" / "squares" / "squares.ipynb").write_text(notebook.dumps(raw))


@pytest.mark.parametrize(("raw", "jobs"), [(master(), 2), (book(solution("squares", "")), 4)])
def test_a_model_file_takes_as_much_memory_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raw: dict[str, Any], jobs: int
) -> None:
    """It is asked in a process of its own: half as many submissions fit."""
    monkeypatch.setattr("autograder.batch.jobs.cores", lambda: 8)
    monkeypatch.setattr("autograder.batch.jobs.memory", lambda: 4 << 30)
    (tmp_path / "course.toml").write_text("[limits]\nmemory = '1 GiB'\n")
    write_master(tmp_path, raw)
    assert jobs == autograding._jobs(courses.load(tmp_path), "squares", 0).number


def test_only_cells_that_are_run_have_the_trainings_seconds() -> None:
    """Each of them."""
    assignment = courses.Assignment("a", limits=Limits(training_seconds=50.0))

    def paper(*cells: PaperCell) -> Any:
        return Paper("a", cells, {})

    run_one = PaperCell(Step.CANDIDATE, "", {}, training=True)
    from_file = PaperCell(Step.CANDIDATE, "", {}, training=True, trained=Trained("m", "m.keras"))
    assert 100.0 == models.training_seconds(
        assignment, paper(run_one, from_file, run_one, PaperCell(Step.NOBODY, "", {}))
    )


@pytest.mark.parametrize(
    ("training", "says"),
    [
        ({"train": "net.keras"}, "must be a table"),
        ({"train": {"binds": "my model", "file": "net.keras"}}, "binds must be a Python name"),
        ({"train": {"file": "net.keras"}}, "binds must be a Python name"),
        ({"train": {"binds": "model", "file": "net.pkl"}}, "must be the name of a file that ends in"),
        ({"train": {"binds": "model", "file": "../net.keras"}}, "must be the name of a file"),
        ({"train": {"binds": "model"}}, "must be the name of a file"),
        (
            {"train": {"binds": "model", "file": "net.keras", "builds": "f"}},
            "builds is no key; known: binds, build, file",
        ),
    ],
)
def test_a_training_cell_that_is_none_is_told_with_its_number(tmp_path: Path, training: Any, says: str) -> None:
    """Before anybody is graded."""
    (tmp_path / "m.ipynb").write_text(notebook.dumps(master(**training)))
    with pytest.raises(MasterError, match=rf"cell 2 \(train\): .*{says}"):
        notebook.read_master(tmp_path / "m.ipynb", "squares")


def test_a_test_cell_trains_nothing(tmp_path: Path) -> None:
    """Only an answer can be a training cell."""
    wrong = exam("test_it", "assert True")
    wrong["metadata"]["autograder"] = TRAINING
    (tmp_path / "m.ipynb").write_text(notebook.dumps(book(wrong)))
    with pytest.raises(MasterError, match="must be an autograded answer"):
        notebook.read_master(tmp_path / "m.ipynb", "squares")


def test_the_tests_run_in_a_plain_kernel_too() -> None:
    """As nbgrader would run the master: the same functions, with the model in the same process."""
    names: dict[str, Any] = {"np": np, "model": lambda x: x @ modelfiles.kernel()[0]}
    lines = [line for line in POINTS.splitlines() if "architecture(" not in line and "HIDDEN" not in line]
    exec("\n".join(lines[:-1]), names)
    assert 4.0 == eval(lines[-1], names)
