"""The part of the class that hands in trained models: good, barely good, worthless, stolen, hostile and missing.

Rule: what a model file is worth is what the network in it says to images that its maker has not seen.
"""

from __future__ import annotations

from autograder.demo.student import ALL, Fate, Student

BUILT = ("prepare", "dense_parameters", "build_lenet")
"""What those solve who care about the model alone."""
TESTS = ("test_prepare", "test_dense_parameters", "test_build_lenet")
MODEL = "test_lenet_accuracy"
FILE = "lenet.keras"

LENA = Student(
    name="lena-lenet",
    assignment="lenet",
    story="Solved everything, and trained LeNet-5 with care.",
    solves=ALL,
    writes={
        "answer_where": "In the layer of 84 units: 7·7·120 numbers come in where the original has 120.",
        "answer_overfitting": "The validation loss has its minimum near epoch 9; then it learns pictures by heart.",
    },
    models={FILE: "careful"},
    expected=Fate(partly={"test_dense_accuracy": (3.0, 4.0)}),
)
HUGO = Student(
    name="hugo-hasty",
    assignment="lenet",
    story="One epoch on some of the images, and no time for more: barely good.",
    solves=BUILT,
    models={"lenet (1).keras": "hasty"},
    expected=Fate(earns=TESTS, partly={MODEL: (1.0, 7.9)}, word=f"{MODEL}: "),
)
UDO = Student(
    name="udo-untrained",
    assignment="lenet",
    story="Saved the network before it was trained.",
    solves=BUILT,
    models={FILE: "untrained"},
    expected=Fate(earns=TESTS, word=f"{MODEL}: 0 of 8 points"),
)
BEA = Student(
    name="bea-by-heart",
    assignment="lenet",
    story="Her network knows all of its few training images by heart, and little else.",
    solves=BUILT,
    models={FILE: "by-heart"},
    expected=Fate(earns=TESTS, partly={MODEL: (0.0, 4.0)}, word=f"{MODEL}: "),
)
THEO = Student(
    name="theo-thief",
    assignment="lenet",
    story="Has lena's file from a friend of hers: full marks, and a sentence that says whose numbers they are.",
    solves=BUILT,
    models={FILE: "careful"},
    expected=Fate(earns=(*TESTS, MODEL), word="handed in the same weights"),
)
TROY = Student(
    name="troy-trojan",
    assignment="lenet",
    story="A layer of his model is a program, for the machine that loads it.",
    solves=BUILT,
    models={FILE: "trojan"},
    expected=Fate(earns=TESTS, word="Lambda"),
)
NELE = Student(
    name="nele-nothing",
    assignment="lenet",
    story="Handed in the notebook, and forgot the model.",
    solves=BUILT,
    expected=Fate(earns=TESTS, word="lenet.keras was not handed in"),
)
MIA = Student(
    name="mia-memory",
    assignment="lenet",
    story="An untrained file, and a `model` that is no network: it looks each test image up and reads the label off.",
    solves=("describe", "prepare", "losses", "softmax", "dense_parameters", "lenet_by_hand", "confusion"),
    before={
        MODEL: """\
class Model:
    def __init__(self, images, labels):
        self.known = {image.tobytes(): label for image, label in zip(images, labels)}

    def count_params(self):
        return 545546

    def predict(self, images, **kwargs):
        pixels = np.rint(np.asarray(images)[..., 0] * 255).astype("uint8")
        return np.eye(10)[[self.known.get(image.tobytes(), 0) for image in pixels]]


model = Model(x_test, y_test)
"""
    },
    models={FILE: "untrained"},
    expected=Fate(
        earns=(
            "test_describe",
            "test_prepare",
            "test_one_hot",
            "test_losses",
            "test_softmax",
            "test_dense_parameters",
            "test_lenet_by_hand",
            "test_confusion",
        ),
        word=f"{MODEL}: 0 of 8 points",
    ),
    with_nbgrader=27.0,
)

TRAINERS = (LENA, HUGO, UDO, BEA, THEO, TROY, NELE, MIA)
