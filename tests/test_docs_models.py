"""The page on trained models is true: its assignment grades, its sentences are said, its tables are those of the course."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import modelfiles
import numpy as np
import pytest
from builders import ROOT, answered, book, cell, exam, hand_in, solution
from test_docs import fenced

from autograder import course as courses
from autograder import notebook, pipeline
from autograder.demo.trainers import TRAINERS

PAGE = (ROOT / "docs" / "models.md").read_text()
FILE = "digits.keras"
SETUP = "import keras\nimport numpy as np\n(x_train, y_train), _ = keras.datasets.mnist.load_data()"


def rows(heading: str) -> list[list[str]]:
    """The cells of the table that begins with that one."""
    lines = PAGE[PAGE.index(f"| {heading} |") :].partition("\n\n")[0].splitlines()[2:]
    return [re.split(r"\s*\|\s*", line.strip("| ")) for line in lines]


def master() -> dict[str, Any]:
    """The page's assignment."""
    training, test = fenced(PAGE, "python")
    train = solution("train", training)
    train["metadata"] |= json.loads(fenced(PAGE, "json")[0])
    return book(cell("code", SETUP, "setup", locked=True), train, exam("test_digits", test, 5))


def digits(folder: Path) -> None:
    """Ten patterns and noise, the hidden half of 300 images."""
    draw = np.random.default_rng(3)
    patterns = draw.integers(0, 200, (10, 28, 28))
    sets = {}
    for part, count in (("train", 200), ("test", 300)):
        labels = draw.integers(0, 10, count)
        sets |= {f"x_{part}": (patterns[labels] + draw.integers(0, 50, (count, 28, 28))).astype("uint8"),
                 f"y_{part}": labels.astype("uint8")}  # fmt: skip
    for name in ("data", "hidden"):
        (folder / name).mkdir()
        np.savez(folder / name / "mnist.npz", **sets)


def network(path: Path, folder: Path) -> None:
    """One dense layer that looks for the nearest mean of a class."""
    with np.load(folder / "data" / "mnist.npz") as held:
        images, labels = held["x_train"].reshape(-1, 784) / 255, held["y_train"]
    means = np.stack([images[labels == digit].mean(axis=0) for digit in range(10)], axis=1)
    layers = [
        modelfiles.layer("InputLayer", "input_layer", batch_shape=[None, 28, 28, 1]),
        modelfiles.layer("Flatten", "flatten"),
        modelfiles.layer("Dense", "dense", units=10, activation="linear", use_bias=True),
    ]
    arrays = [(2 * means).astype("float32"), -(means**2).sum(axis=0).astype("float32")]
    modelfiles.whole(path, modelfiles.config(*layers), lambda file: modelfiles.weights(file, {"dense": arrays}))


def torn(folder: Path) -> None:
    path = modelfiles.whole(folder / FILE)
    path.write_bytes(path.read_bytes()[:900])


def saved_model(folder: Path) -> None:
    (folder / "digits").mkdir()
    (folder / "digits" / "saved_model.pb").write_bytes(b"x")


def linked(folder: Path) -> None:
    import h5py

    def fill(file: Any) -> None:
        file["layers/dense/vars/0"] = h5py.ExternalLink("/submission/labels.h5", "y")

    modelfiles.whole(folder / FILE, fill=fill)


def bomb(folder: Path) -> None:
    def fill(file: Any) -> None:
        file.create_dataset("layers/dense/vars/0", shape=(10**12,), dtype="f4", chunks=(1 << 20,))

    modelfiles.whole(folder / FILE, fill=fill)


CODE = modelfiles.layer("Lambda", "l", function={"class_name": "__lambda__", "config": {"code": "4wAA"}})
HANDED: list[Any] = [
    lambda folder: None,
    saved_model,
    lambda folder: (folder / "digits.pkl").write_bytes(b"\x80\x04N."),
    lambda folder: (folder / "digits.onnx").write_bytes(b"x"),
    torn,
    lambda folder: (folder / FILE).touch(),
    lambda folder: modelfiles.whole(folder / FILE, modelfiles.config(modelfiles.INPUT, CODE)),
    lambda folder: modelfiles.whole(folder / FILE, {"module": "os", "class_name": "system", "config": "x"}),
    linked,
    bomb,
]
"""What each row of the page's table hands in."""


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pipeline.Graded]:
    """A class of the page's course: one good network, and a student a row."""
    root = tmp_path_factory.mktemp("page")
    digits(root)
    (root / "source" / "digits").mkdir(parents=True)
    (root / "source" / "digits" / "digits.ipynb").write_text(notebook.dumps(master()))
    (root / "course.toml").write_text(fenced(PAGE, "toml")[0].replace("[data]", '[data]\ndir = "data"'))
    for student in ("good", *(f"row{i}" for i in range(len(HANDED)))):
        hand_in(root, student, answered(master(), {"train": "model = None"}))
        folder = root / "submitted" / student / "squares"
        folder = folder.rename(folder.with_name("digits"))
        (folder / "squares.ipynb").rename(folder / "digits.ipynb")
        if student == "good":
            network(folder / FILE, root)
        else:
            HANDED[int(student[3:])](folder)
    found = courses.load(root)
    done = pipeline.autograde(found, "digits", level=pipeline.jail_level(found, weak=True), jobs=2)
    return {one.grade.student: one for one in done}


def test_the_pages_assignment_grades(graded: dict[str, pipeline.Graded]) -> None:
    """All points for a network that reaches them, on the images that the course put aside."""
    (verdict,) = graded["good"].grade.verdicts
    assert (5.0, "Accuracy 1.0000 on 300 images.") == (verdict.points, verdict.reason)


def test_each_sentence_of_the_page_is_said(graded: dict[str, pipeline.Graded]) -> None:
    """Of what cannot be used, as the student reads it."""
    shown = [row[1].strip("`") for row in rows("handed in")]
    reasons = [graded[f"row{i}"].grade.verdicts[0].reason for i in range(len(HANDED))]
    assert len(shown) == len(HANDED)
    assert [] == [(words, reason) for words, reason in zip(shown, reasons, strict=True) if words not in reason]


def test_the_references_of_the_page_are_those_of_the_course() -> None:
    """Each file lies beside its master, which gives all points from the accuracy that stands in the table."""
    text = {path.parent.name: path.read_text() for path in ROOT.glob("source/*/*.ipynb")}
    for name, _, _, reached, lectures, needed in rows("file"):
        (path,) = ROOT.glob(f"source/*/{name.strip('`')}")
        assert float(needed) < float(reached) and float((lectures or "0").split()[0]) <= float(reached)
        tests = [
            t for t in re.findall(r'"source".*?"\s*\]', text[path.parent.name], re.DOTALL) if name.strip("`") in t
        ]
        assert any(re.search(rf"credit\(reached, .*{needed}: ", one) for one in tests), name


def test_the_demos_models_are_those_of_the_page() -> None:
    """Every student who hands in a model, in order."""
    assert [student.name for student in TRAINERS] == [row[0] for row in rows("student")]


def test_the_page_names_every_function() -> None:
    """Of those that tests may import."""
    from autograder import models

    functions = {name for name in models.__all__ if name[0].islower()}
    assert functions == {re.match(r"`(\w+)", row[0])[1] for row in rows("function")}  # type: ignore[index]
