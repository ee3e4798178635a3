"""The student's model files: what a mark rests on, whatever the file and the code around it do."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import modelfiles
import numpy as np
import pytest
from rig import PACKAGE, Rig, Sat
from test_secrets import SCAN

from autograder import data
from autograder.sandbox.mounts import libraries
from autograder.values import Trained

FILES = Path(__file__).parents[1] / "models"
HEAD = "#S\nimport numpy as np\nimport keras\n"
TRAINING = "#S\nraise RuntimeError('the training cell was run')\n"
GIVEN = """#T
import numpy as np
from autograder.models import accuracy, architecture, confusion, credit, predictions
def hidden(n=300):
    "Points that the dense layer of the reference tells apart without a mistake."
    x = np.random.default_rng(5).normal(size=(n, 4)).astype("float32")
    return x, (x @ np.random.default_rng(0).normal(size=(4, 3)).astype("float32")).argmax(axis=1)
x, y = hidden()
"""
ACCURACY = f"{GIVEN}credit(accuracy(model, x, y), {{0.5: 0, 0.9: 2}})\n"
AFTER = "#S\nlater = 1\n#T\nassert later == 1\n"
TEXT = HEAD + TRAINING + ACCURACY + AFTER
"""A notebook whose second cell trains, with a test of the model and a test of something else."""


def trained(name: str = "net.keras", **more: Any) -> dict[str, Trained]:
    """The second cell's model comes from that file."""
    return {"s2": Trained(**{"binds": "model", "file": "net.keras", "path": name, **more})}


def sit(rig: Rig, path: Path | None, text: str = TEXT, answers: Mapping[str, str] | None = None, **more: Any) -> Sat:
    """A notebook with that file handed in beside it."""
    files = {path.name: path} if path is not None else {}
    stands_in = more.pop("trained", trained(path.name) if path is not None else {})
    facts = {"files": files, "memory": 2 << 30, "file": 1 << 25, "trained": stands_in, **more}
    return rig.sit(text, answers, **facts)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference's weights in a `.keras` file."""
    return modelfiles.whole(tmp_path_factory.mktemp("models") / "net.keras")


# --- what honest work earns ---------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["whole", "old", "bare"])
def test_a_model_file_stands_in_for_its_training_cell(deep_rig: Rig, tmp_path: Path, form: str) -> None:
    """In all three formats, bare weights in the student's own network; the cell itself is not run, and says so."""
    name = {"whole": "net.keras", "old": "net.h5", "bare": "net.weights.h5"}[form]
    path = getattr(modelfiles, form)(tmp_path / name)
    network = "def net(): return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation='softmax')])"
    sat = sit(deep_rig, path, answers={"s1": f"import keras\n{network}"}, trained=trained(name, build="net"))
    assert (2.0, ("accuracy 1.0000 on 300 images",)) == (sat["t1"].result, sat["t1"].remarks)
    assert f"{name} was loaded as model; this cell was not run.\n" == sat.records["s2"].outputs[0]["text"]
    assert {"net.keras"} == set(sat.sitting.weights)


def test_the_tests_functions_agree(deep_rig: Rig, good: Path) -> None:
    """Predictions are scores by row, confusion counts them, and the file says what was built."""
    check = f"""{GIVEN}
scores = predictions(model, x)
assert scores.shape == (300, 3) and abs(scores.sum(axis=1) - 1).max() < 1e-5
table = confusion(model, x, y)
assert np.trace(table) == 300 == table.sum()
assert np.allclose(scores, model.predict(x, verbose=0), atol=1e-6)
for known in ("net.keras", "model"):
    what = architecture(known)
    assert what.parameters == 15 and what.of_kind("Dense")[0].settings["units"] == 3
"""
    sat = sit(deep_rig, good, HEAD + TRAINING + check)
    assert sat.passed == {"t1": True}, sat["t1"]


OWN = """
import keras, numpy as np
class Mine(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(3, kernel_initializer="zeros", bias_initializer="ones")
    def call(self, x, training=None):
        return self.dense(x) * (0 if training else 2)
class Proud(Mine):
    def predict(self, x, **kwargs): return 5 * np.ones((len(x), 3))
class Two(keras.Model):
    def call(self, x): return {"a": x}
patched = Mine()
patched.predict = lambda x, **kwargs: 7 * np.ones((len(x), 3))
models = [Mine(), Proud(), patched, lambda x: 9 * np.ones((len(x), 3))]
two = Two()
"""


def test_a_model_is_asked_as_its_class_answers(deep_rig: Rig) -> None:
    """By its own `predict` where it has one, by `call` without training where it has not, and called if it is a function."""
    check = f"""{GIVEN}
got = [float(predictions(one, x)[0, 0]) for one in models]
assert got == [2, 5, 7, 9], got
try:
    predictions(two, x)
except Exception as e:
    assert "not with an array" in str(e), e
else:
    assert False
"""
    sat = deep_rig.sit("#S\npass\n" + check, {"s1": OWN})
    assert sat.passed == {"t1": True}, sat["t1"]


def test_a_model_trained_under_pytorch_is_graded_here(deep_rig: Rig) -> None:
    """The file was written by Keras on PyTorch: convolution, pooling, normalisation, dropout, Adam."""
    check = """#T
from autograder.models import accuracy, architecture
import numpy as np
draw = np.random.default_rng(9)
y = draw.integers(0, 2, 200)
x = draw.random((200, 8, 8, 1)) * 0.6 + 0.3 * (y == 1)[:, None, None, None]
assert accuracy(model, x, y) > 0.98
assert architecture("model").parameters == 130 == model.count_params()
"""
    name = "trained_with_torch.keras"
    sat = sit(deep_rig, FILES / name, HEAD + TRAINING + check, trained=trained(name))
    assert sat.passed == {"t1": True}, sat["t1"]


def test_more_images_than_the_tray_holds_come_in_parts(deep_rig: Rig) -> None:
    """And without a tray they come in frames: the scores are the same, in order."""
    check = """#T
from autograder.models import predictions
import numpy as np
x = np.arange(60 * 200_000, dtype="float32").reshape(60, 200_000)
scores = predictions(model, x)
assert (scores[:, 0] == x[:, 0]).all() and scores.shape == (60, 2) and list(sizes) == [40, 20]
"""
    plain = "sizes = []\ndef model(images):\n    sizes.append(len(images))\n    return images[:, [0, 1]]"
    for stands_in in ({}, {"s2": Trained("other", "net.keras", fault="It was not handed in.")}):
        sat = sit(deep_rig, None, HEAD + TRAINING + check, {"s1": plain, "s2": "pass"}, trained=stands_in)
        assert sat.passed == {"t1": True}, sat["t1"]


def test_a_training_cell_that_is_run_has_the_trainings_seconds(deep_rig: Rig) -> None:
    """Other cells keep their own."""
    slow = "import time\ntime.sleep(1.5)\nmodel = 1"
    text = "#S\n" + slow + "\n#T\nassert model == 1\n"
    terms = {"cell_seconds": 0.5, "training_seconds": 10.0}
    cell = deep_rig.sit(text, terms=terms)
    assert "took longer" in str(cell.records["s1"].outputs), cell.records["s1"]
    training = deep_rig.sit(text, terms=terms, train={"s1": {"binds": "model", "file": "net.keras"}})
    assert training.passed == {"t1": True}


# --- files that are missing, broken or hostile --------------------------------------------------------------


def loses_only_the_model(sat: Sat, *says: str) -> bool:
    """The test of the model fails, by the submission's fault, and says why; the other is passed."""
    told = sat["t1"].error or ""
    assert all(words in told for words in says), sat["t1"]
    assert not sat["t1"].fault and "Traceback" not in told
    assert "ModelFile" == sat.records["s2"].outputs[-1]["ename"]
    return sat.passed == {"t1": False, "t2": True}


def damaged(folder: Path) -> Path:
    path = modelfiles.whole(folder / "net.keras")
    path.write_bytes(path.read_bytes()[:900])
    return path


def empty(folder: Path) -> Path:
    (folder / "net.keras").touch()
    return folder / "net.keras"


def pickled(folder: Path) -> Path:
    (folder / "net.keras").write_bytes(b"\x80\x04cos\nsystem\n(Vtouch /tmp/x\ntR.")
    return folder / "net.keras"


def of_other_weights(folder: Path) -> Path:
    five = [np.zeros((4, 5), "float32"), np.zeros(5, "float32")]
    return modelfiles.whole(folder / "net.keras", fill=lambda file: modelfiles.weights(file, {"dense": five}))


def of_unknown_class(folder: Path) -> Path:
    own = {"module": None, "class_name": "Mine", "config": {"name": "dense"}, "registered_name": "Custom>Mine"}
    return modelfiles.whole(folder / "net.keras", modelfiles.config(modelfiles.INPUT, own))


def of_a_billion(folder: Path) -> Path:
    wide = modelfiles.layer("Dense", "dense", units=10**9, activation="softmax", use_bias=True)
    return modelfiles.whole(folder / "net.keras", modelfiles.config(modelfiles.INPUT, wide))


def with_code(folder: Path) -> Path:
    told = modelfiles.layer("Lambda", "l", function={"class_name": "__lambda__", "config": {"code": "4wAA"}})
    return modelfiles.whole(folder / "net.keras", modelfiles.config(modelfiles.INPUT, told))


def with_a_link(folder: Path) -> Path:
    import h5py

    def fill(file: Any) -> None:
        file["layers/dense/vars/0"] = h5py.ExternalLink("/submission/labels.h5", "y")

    return modelfiles.whole(folder / "net.keras", fill=fill)


def with_a_bomb(folder: Path) -> Path:
    def fill(file: Any) -> None:
        file.create_dataset("layers/dense/vars/0", shape=(10**12,), dtype="f4", chunks=(1 << 20,))

    return modelfiles.whole(folder / "net.keras", fill=fill)


BROKEN = {
    damaged: "damaged", empty: "it is empty", pickled: "a pickle, which runs code", of_other_weights: "could not be loaded",
    of_unknown_class: "could not be loaded", of_a_billion: "more memory", with_code: "Lambda layer with code",
    with_a_link: "no model needs", with_a_bomb: "more than the file can hold",
}  # fmt: skip


@pytest.mark.parametrize("make", BROKEN)
def test_a_broken_file_costs_the_tests_that_need_it(deep_rig: Rig, tmp_path: Path, make: Any) -> None:
    """And they say why, in one sentence that names the file."""
    sat = sit(deep_rig, make(tmp_path))
    assert loses_only_the_model(sat, "net.keras", BROKEN[make])


def test_a_missing_file_costs_the_tests_that_need_it(deep_rig: Rig) -> None:
    """Also where an earlier cell had bound the model's name: an untrained network is no trained one."""
    gone = trained("", fault="net.keras was not handed in.")
    sat = sit(deep_rig, None, answers={"s1": "import keras\nmodel = 5"}, trained=gone)
    assert loses_only_the_model(sat, "net.keras was not handed in.")
    assert {} == sat.sitting.weights


def test_a_model_within_the_memory_that_a_larger_one_exceeds_is_loaded(deep_rig: Rig, tmp_path: Path) -> None:
    """The control of `of_a_billion`: 25 million numbers are refused where there is too little memory, else loaded."""
    wide = modelfiles.config(modelfiles.INPUT, modelfiles.layer("Dense", "dense", units=5 * 10**6, use_bias=True))
    arrays = [np.zeros((4, 5 * 10**6), "float16"), np.zeros(5 * 10**6, "float16")]
    path = modelfiles.whole(tmp_path / "net.keras", wide, lambda file: modelfiles.weights(file, {"dense": arrays}))
    check = "#T\nassert model.count_params() == 25_000_000\n"
    facts = {"text": HEAD + TRAINING + check + AFTER, "file": 1 << 28}
    assert loses_only_the_model(sit(deep_rig, path, memory=520 << 20, **facts), "net.keras")
    assert sit(deep_rig, path, memory=3 << 30, **facts).passed == {"t1": True, "t2": True}


CUSTOM = """
import keras, os, time
@keras.saving.register_keras_serializable("Custom")
class Mine(keras.layers.Dense):
    @classmethod
    def from_config(cls, config):
        {act}
        return cls(3, name="dense")
"""


def own_layer(folder: Path) -> Path:
    """A file whose layer is a class of the student's own notebook."""
    own = {"module": None, "class_name": "Mine", "config": {"name": "dense"}, "registered_name": "Custom>Mine"}
    told = modelfiles.config(modelfiles.INPUT, own)
    kept = {"mine": modelfiles.kernel()}  # Keras names the group after the class
    return modelfiles.whole(folder / "net.keras", told, lambda file: modelfiles.weights(file, kept))


def test_a_layer_of_the_notebooks_own_is_found(deep_rig: Rig, tmp_path: Path) -> None:
    """Where the notebook registers its class, as Keras asks."""
    sat = sit(deep_rig, own_layer(tmp_path), answers={"s1": CUSTOM.format(act="pass")})
    assert 2.0 == sat["t1"].result, sat["t1"]


@pytest.mark.parametrize(
    ("act", "says"),
    [("os._exit(0)", "ended its own process"), ("time.sleep(60)", "took too long"), ("raise ValueError('x')", "x")],
)
def test_loading_that_goes_wrong_costs_no_more_than_the_model(
    deep_rig: Rig, tmp_path: Path, act: str, says: str
) -> None:
    """A process that ends, hangs or fails while it loads: the notebook goes on without the model."""
    answers = {"s1": CUSTOM.format(act=act)}
    sat = sit(deep_rig, own_layer(tmp_path), answers=answers, terms={"cell_seconds": 4.0})
    assert says in (sat["t1"].error or ""), sat["t1"]
    assert sat.passed == {"t1": False, "t2": True}


# --- talking one's way to a mark ----------------------------------------------------------------------------

UNTRAINED = "model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation='softmax')])\n"
EVALUATED = f"{GIVEN}_, got = model.evaluate(x, y, verbose=0)\nassert got > 0.9\n"
OVERRIDDEN = """
class Proud(keras.Sequential):
    def evaluate(self, *args, **kwargs): return [0.0, 1.0]
    def predict(self, images, **kwargs): return np.ones((len(images), 3))
    def __eq__(self, other): return True
    def __array__(self, *args, **kwargs): return np.ones((300, 3))
    __hash__ = None
model = Proud()
keras.Model.evaluate = keras.Model.predict = lambda self, images, *a, **k: np.ones((len(images), 3))
"""


def test_overridden_methods_earn_nothing(deep_rig: Rig) -> None:
    """The control: a test that believes `evaluate` is passed by the model's own word."""
    believing = deep_rig.sit(HEAD + "#S\npass\n" + EVALUATED, {"s2": OVERRIDDEN}, in_kernel=True)
    assert believing.passed == {"t1": True}
    sat = deep_rig.sit(HEAD + "#S\npass\n" + ACCURACY + AFTER, {"s2": OVERRIDDEN})
    assert 0.0 == sat["t1"].result and sat["t1"].remarks[0].startswith("accuracy 0."), sat["t1"]


ANSWERS = {
    "an object": ("object()", "cannot be taken|not with an array"),
    "an object that says yes": ("type('Yes', (), {'__eq__': lambda *a: True, '__array__': lambda *a, **k: np.eye(3)})()",
                                r"shape \(3, 3\)"),
    "objects": ("np.full((len(images), 3), object())", "cannot be taken|not with an array"),
    "texts": ("np.full((len(images), 3), '1')", "not with an array of numbers"),
    "one column": ("np.ones((len(images), 1)) * 9", r"\(300, 1\); \(300, 3\) is expected"),
    "labels": ("np.zeros(len(images), int)", r"shape \(300,\)"),
    "too many rows": ("np.zeros((len(images) + 1, 3))", r"shape \(301, 3\)"),
    "NaN": ("np.full((len(images), 3), np.nan)", "not finite numbers"),
    "one infinity": ("np.where(np.arange(3) == 1, np.inf, np.zeros((len(images), 3)))", "not finite numbers"),
    "nothing": ("None", "not with an array|cannot be taken"),
    "an error": ("1 / 0", "ZeroDivisionError"),
    "too much": ("np.zeros((len(images), 30_000))", "larger than the 67,108,864 allowed"),
    "the process's end": ("os._exit(0)", "ended its own process"),
    "an endless answer": ("time.sleep(60)", "took longer than"),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_what_is_no_answer_is_explained(deep_rig: Rig, name: str) -> None:
    """It costs the tests of the model, and no other."""
    answer, says = ANSWERS[name]
    model = (
        f"import os, time, numpy as np\nclass Model:\n    def predict(self, images): return {answer}\nmodel = Model()"
    )
    text = "#S\npass\n" + ACCURACY + AFTER
    sat = deep_rig.sit(text, {"s1": model}, terms={"cell_seconds": 3.0})
    assert not sat["t1"].fault and sat.passed == {"t1": False, "t2": True}, sat["t1"]
    assert re.search(says, sat["t1"].error or ""), sat["t1"].error


FICKLE = "class Model:\n    def predict(self, images): return np.random.default_rng().random((len(images), 2))\nmodel = Model()"
IMAGES = """#T
import numpy as np
from autograder.models import accuracy
draw = np.random.default_rng(11)
y = draw.integers(0, 2, 1000)
x = draw.integers(0, 120, (1000, 8, 8)).astype("float32") + 120 * (y == 1)[:, None, None]
value = accuracy(model, x, y)
value
"""


def test_a_model_that_answers_differently_when_asked_twice_fails(deep_rig: Rig) -> None:
    """The control: asked once, its answers are as good as any."""
    text = "#S\nimport numpy as np\n#S\npass\n" + IMAGES
    once = deep_rig.sit(text, {"s2": FICKLE}, in_kernel=True)
    assert once["t1"].error is None and 0.4 < float(once["t1"].result_text) < 0.6
    twice = deep_rig.sit(text, {"s2": FICKLE})
    assert "answers differently when it is asked twice" in (twice["t1"].error or "")


HONEST = "class Model:\n    def predict(self, images):\n        m = images.mean(axis=(1, 2)) - 120\n        return np.stack([-m, m], 1)\nmodel = Model()"
MEMORISING = """
draw = np.random.default_rng(11)  # the images are public
known_y = draw.integers(0, 2, 1000)
known_x = draw.integers(0, 120, (1000, 8, 8)).astype("float32") + 120 * (known_y == 1)[:, None, None]
known_x = known_x.astype("float32")
known = {image.tobytes(): label for image, label in zip(known_x, known_y)}
class Model:
    def predict(self, images): return np.eye(2)[[known.get(image.tobytes(), 0) for image in images]]
model = Model()
"""


def test_a_model_that_has_memorised_the_images_is_reported(deep_rig: Rig) -> None:
    """Its accuracy is what it is; beyond the course's tolerance a person is told. An honest one is not."""
    text = "#S\nimport numpy as np\n#S\npass\n" + IMAGES
    sat = deep_rig.sit(text, {"s2": MEMORISING}, terms={"gap": 0.15})
    assert 1.0 == sat["t1"].result
    (told,) = sat.sitting.notes(sat.paper)
    assert told.startswith("t1: accuracy falls from 1.00 to 0.") and "by heart" in told
    assert () == deep_rig.sit(text, {"s2": MEMORISING}, terms={"gap": 0.9}).sitting.notes(sat.paper)
    honest = deep_rig.sit(text, {"s2": HONEST}, terms={"gap": 0.15})
    assert (1.0, ()) == (honest["t1"].result, honest.sitting.notes(sat.paper))


LABELS = """#T
import numpy as np
from autograder.models import accuracy
def hidden():
    return np.zeros((65, 2, 2)), np.frombuffer(b"KANARIENVOGEL" * 5, "uint8")
value = accuracy(model, *hidden())
assert value < 0.5
"""
SEARCHING = (
    SCAN
    + """
class Model:
    def predict(self, images):
        import numpy as np
        global found
        found = canaries()
        return np.eye(91)[[0] * len(images)]
model = Model()
found = None
"""
)


def test_labels_are_nowhere_in_the_process_that_holds_the_model(rig: Rig) -> None:
    """Searched for in all objects and all memory, while the test holds them. The control finds them."""
    text = "#S\npass\n" + LABELS + "#S\npass\n#T\nfound\n"
    together = rig.sit(text, {"s1": SEARCHING}, in_kernel=True)["t2"]
    assert together.result_text not in ("([], 0)", "None", "")
    apart = rig.sit(text, {"s1": SEARCHING})
    assert apart["t1"].error is None, apart["t1"]
    assert "([], 0)" == apart["t2"].result_text


def test_labels_are_on_no_disk_that_the_model_can_reach(deep_rig: Rig, tmp_path: Path) -> None:
    """Of the data sets' cache the candidate sees its own half alone; the control sees the examiner's."""
    (tmp_path / "sets").mkdir()
    draw = np.random.default_rng(0)
    digits = {f"{kind}_{part}": draw.integers(0, 10, (300, 2, 2) if kind == "x" else 300).astype("u1")
              for kind in "xy" for part in ("train", "test")}  # fmt: skip
    np.savez(tmp_path / "sets" / "mnist.npz", **digits)
    homes = data.prepare(tmp_path / "sets", ["mnist"], tmp_path)
    search = """
import os, numpy as np
def marks(folder):
    out = set()
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                with np.load(os.path.join(parent, name)) as held:
                    out |= {held[key].tobytes()[:200] for key in held}
            except (OSError, ValueError): pass
    return out
near = marks(os.path.dirname(os.environ["KERAS_HOME"]))
"""
    check = "#T\nimport keras\n(_, _), (_, y) = keras.datasets.mnist.load_data()\nassert (y.tobytes()[:200] in near) == {0}\n"
    facts = {
        "environment": {"KERAS_HOME": str(homes.candidate)},
        "examiner_environment": {"KERAS_HOME": str(homes.examiner)},
    }
    text = "#S\npass\n" + check
    for shown, found in ((str(homes.candidate), False), (str(tmp_path), True)):
        os.chmod(tmp_path, 0o755)
        sat = deep_rig.sit(
            text.replace("{0}", str(found)), {"s1": search}, read_only=libraries(PACKAGE, shown), **facts
        )
        assert sat.passed == {"t1": True}, (shown, sat["t1"])


def test_what_the_file_is_was_read_before_the_student_could_change_it(deep_rig: Rig, good: Path) -> None:
    """An earlier cell that writes another file, or forges its reader, changes nothing of what `architecture` says."""
    forging = """
import autograder.models.reading as reading, sys
reading.read = lambda path: {"file": "x", "layers": [], "input_shape": None, "weights": "0" * 64}
open("net.keras", "wb").write(b"another")
"""
    check = f"{GIVEN}assert architecture('net.keras').parameters == 15\n"
    sat = sit(deep_rig, good, HEAD + TRAINING + check, {"s1": forging})
    assert sat.passed == {"t1": True}, sat["t1"]
    honest = sit(deep_rig, good, HEAD + TRAINING + check)
    assert honest.sitting.weights == sat.sitting.weights
    late = sit(deep_rig, good, HEAD + TRAINING + ACCURACY + "#T\nmodel.count_params()\n", {"s1": forging})
    assert 2.0 == late["t1"].result, late["t1"]
    assert "could not be loaded" in (late["t2"].error or "")
