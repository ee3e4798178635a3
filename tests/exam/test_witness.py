"""Marks rest on the file: what a notebook does to its model, to Keras or to the loader is seen and not believed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import modelfiles
import pytest
from rig import Rig
from test_models import ACCURACY, GIVEN, HEAD, TRAINING, sit, trained

from autograder.errors import StudentError
from autograder.exam.conversation import TookTooLong
from autograder.exam.witness import Witness

TEXT = f"{HEAD}{TRAINING}#S\npass\n{ACCURACY}"
KNOWS = """
import keras, numpy as np
class Knows:
    "Knows every image, shifted or not, and its label."
    def predict(self, images, *args, **kwargs):
        return np.asarray(images) @ np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    __call__ = predict
    def count_params(self): return 15
def reckons(self, images, *args, **kwargs):
    return keras.ops.matmul(images, np.random.default_rng(0).normal(size=(4, 3)).astype("float32"))
"""
CHEATS = {
    "another object under the name": ("s3", "model = Knows()"),
    "its predict rewritten": ("s3", "model.predict = model.call = Knows().predict"),
    "Keras's own predict rewritten": ("s3", "keras.Model.__call__ = keras.Model.predict = reckons"),
    "its layer rewritten": ("s1", "keras.layers.Dense.call = reckons"),
    "the loader rewritten": ("s1", "keras.models.load_model = keras.saving.load_model = lambda *a, **k: Knows()"),
    "our own loader rewritten": ("s1", "import autograder.models.loading as l\nl.load = lambda *a, **k: Knows()"),
    "better weights from elsewhere": ("s3", "model.set_weights([Knows().predict(np.eye(4)), np.zeros(3)])"),
    "the file written over": ("s1", "keras.models.load_model = lambda *a, **k: Knows()\nopen('net.keras', 'wb').close()"),
}  # fmt: skip


@pytest.fixture(scope="module")
def worthless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that takes everything for something else."""
    kernel, bias = modelfiles.kernel()
    path = tmp_path_factory.mktemp("models") / "net.keras"
    return modelfiles.whole(path, fill=lambda file: modelfiles.weights(file, {"dense": [-kernel, bias]}))


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_notebook_cannot_answer_for_its_file(deep_rig: Rig, worthless: Path, cheat: str) -> None:
    """The control: where the notebook's own object is asked, it is passed."""
    cell, code = CHEATS[cheat]
    answers = {cell: KNOWS + code}
    believed = sit(deep_rig, worthless, TEXT, answers, trained=trained(rebound=True))
    assert 2.0 == believed["t1"].result, believed["t1"]
    assert ("own-word",) == believed["t1"].labels
    sat = sit(deep_rig, worthless, TEXT, answers)
    assert 0.0 == sat["t1"].result and () == sat["t1"].labels, sat["t1"]


PICTURES = """#T
import numpy as np
from autograder.models import accuracy
draw = np.random.default_rng(5)
x = draw.normal(size=(600, 2, 2, 1)).astype("float32")
y = (x.reshape(-1, 4) @ np.random.default_rng(0).normal(size=(4, 3)).astype("float32")).argmax(axis=1)
accuracy(model, x, y)
"""


def flat(path: Path, sign: int) -> Path:
    """The dense network behind a layer that flattens pictures of 2×2 pixels."""
    shape = modelfiles.layer("InputLayer", "input_layer", batch_shape=[None, 2, 2, 1])
    told = modelfiles.config(shape, modelfiles.layer("Flatten", "flatten"), modelfiles.DENSE)
    kernel, bias = modelfiles.kernel()
    return modelfiles.whole(path, told, lambda file: modelfiles.weights(file, {"dense": [sign * kernel, bias]}))


@pytest.mark.parametrize(
    ("act", "told"), [("pass", 0), ("model = Knows()", 1), ("model.predict = lambda *a, **k: 1 / 0", 1)]
)
def test_a_notebook_that_answers_otherwise_is_reported(deep_rig: Rig, tmp_path: Path, act: str, told: int) -> None:
    """To a person; an honest one is not, and both have their file's accuracy."""
    path = flat(tmp_path / "net.keras", -1)
    knows = KNOWS.replace("np.asarray(images)", "np.asarray(images).reshape(-1, 4)")
    sat = sit(deep_rig, path, f"{HEAD}{TRAINING}#S\npass\n{PICTURES}", {"s3": knows + act}, terms={"gap": 1.0})
    assert sat["t1"].result is not None and sat["t1"].result < 0.3, sat["t1"]
    assert told == sum("answers otherwise" in one for one in sat["t1"].reports), sat["t1"]


def test_what_only_the_notebook_can_build_is_labelled(deep_rig: Rig, tmp_path: Path) -> None:
    """Bare weights, put into whatever build_model() gives: the verdict says that it took the notebook's word."""
    path = modelfiles.bare(tmp_path / "net.weights.h5")
    stolen = f"{KNOWS}class Stolen(Knows):\n    def load_weights(self, path): pass\ndef net(): return Stolen()"
    own = {"trained": trained("net.weights.h5", build="net")}
    sat = sit(deep_rig, path, TEXT, {"s1": stolen}, **own)
    assert (2.0, ("own-word",)) == (sat["t1"].result, sat["t1"].labels), sat["t1"]


def test_all_tests_functions_ask_the_file(deep_rig: Rig, worthless: Path) -> None:
    """Predictions and the confusion matrix as well, under any name that a test gives the model."""
    check = f"""{GIVEN}
known = model
def right(network):
    return int(np.trace(confusion(network, x, y))), int((predictions(known, x).argmax(1) == y).sum())
assert max(right(model)) < 100, right(model)
"""
    sat = sit(deep_rig, worthless, f"{HEAD}{TRAINING}#S\npass\n{check}", {"s3": KNOWS + "model = Knows()"})
    assert sat.passed == {"t1": True} and () == sat["t1"].labels, sat["t1"]


HANDED: dict[str, Any] = {"h5py.py": "raise SystemExit", "keras.py": "x", "encodings.py": "x"}


def test_the_witness_has_the_model_files_alone(deep_rig: Rig, worthless: Path, tmp_path: Path) -> None:
    """Modules that were handed in beside them do not reach it."""
    beside = {name: tmp_path / name for name in HANDED}
    for name, text in HANDED.items():
        beside[name].write_text(text)
    sat = sit(deep_rig, worthless, TEXT, files={worthless.name: worthless, **beside})
    assert 0.0 == sat["t1"].result and () == sat["t1"].labels, sat["t1"]


class _Slow:
    """A conversation in which every answer comes too late."""

    limit = deadline = 0.0

    def await_ready(self, seconds: float) -> None:
        pass

    def ask(self, *question: Any) -> Any:
        raise TookTooLong


def test_a_file_that_takes_too_long_to_load_ends_nobody() -> None:
    """The notebook's own object is asked then, as where the file cannot be loaded; what asks is not interrupted."""
    witness = Witness(_Slow())  # type: ignore[arg-type]
    witness.expect({"path": "net.keras", "rebound": False, "binds": "model", "build": ""})
    witness.load("model", 1.0, 1.0)
    with pytest.raises(StudentError, match="took too long"):
        witness.ask(object(), None)
