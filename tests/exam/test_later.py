"""A model is loaded into the notebook's process when something asks it for the model, and not before."""

from __future__ import annotations

from pathlib import Path

import modelfiles
import pytest
from rig import Rig
from test_models import ACCURACY, GIVEN, HEAD, TRAINING, sit
from test_paper import cell

from autograder import notebook
from autograder.exam.alone import is_alone
from autograder.exam.paper import merge
from autograder.values import Trained

COUNTS = """
import numpy as np, keras
import autograder.models.loading as loading
real, calls = loading.load, []
def load(*a):
    calls.append(a)
    return real(*a)
loading.load = load
def loads(): return len(calls)
def weigh(network): return network.count_params()
"""


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference's weights in a `.keras` file."""
    return modelfiles.whole(tmp_path_factory.mktemp("models") / "net.keras")


@pytest.mark.parametrize(
    ("asks", "loads"),
    [
        ("assert accuracy(model, x, y) > 0.9 and predictions(model, x).shape == (300, 3)", 0),
        ("assert confusion(model, x, y).sum() == 300 and architecture('model').parameters == 15", 0),
        ("assert model.count_params() == 15 and model.count_params() == 15", 1),
        ("assert weigh(model) == 15 and weigh(network=model) == 15", 1),
        ("import keras\nassert isinstance(model, keras.Model) and not isinstance(model, dict)", 0),
        ("assert type(model).__name__ == 'Sequential'", 1),
        ("assert 'model' in globals() and 'weigh' in dir()", 1),
        ("same = model\nassert accuracy(same, x, y) > 0.9 and same.count_params() == model.count_params()", 1),
        ("assert max(map(weigh, [model])) == 15", 1),
        ("def held():\n    return [model, {'it': model}]\nassert weigh(held()[0]) == 15", 1),
        ("del model\ntry:\n    model\nexcept NameError:\n    pass\nelse:\n    assert False", 1),
        ("model = 3\nassert model == 3", 0),
    ],
)
def test_it_is_loaded_when_the_notebooks_own_object_is_asked(deep_rig: Rig, good: Path, asks: str, loads: int) -> None:
    """Measuring what the file holds asks the witness; all else finds the model where it always was."""
    text = f"{HEAD}{TRAINING}{GIVEN}{asks}\n#T\nassert loads() == {loads}, loads()\n"
    sat = sit(deep_rig, good, text, {"s1": COUNTS})
    assert {"t1": True, "t2": True} == sat.passed, (sat["t1"], sat["t2"])
    assert () == sat["t1"].labels


def test_a_later_cell_that_says_its_name_finds_it(deep_rig: Rig, good: Path) -> None:
    """Then it is loaded in its turn, before that cell."""
    text = f"{HEAD}{TRAINING}#S\nparameters = model.count_params()\n#T\nassert (parameters, loads()) == (15, 1)\n{ACCURACY}"
    sat = sit(deep_rig, good, text, {"s1": COUNTS})
    assert (True, 2.0) == (sat.passed["t1"], sat["t2"].result), sat["t1"]


def test_a_notebook_that_broke_its_loader_is_told_so_by_tests_that_need_its_own_model(deep_rig: Rig, good: Path) -> None:
    """What the file holds is measured all the same."""
    broken = f"{COUNTS}loading.load = None\n"
    text = f"{HEAD}{TRAINING}{ACCURACY}#T\nassert model.count_params() == 15\n#T\nassert model.count_params() == 15\n"
    sat = sit(deep_rig, good, text, {"s1": broken})
    assert 2.0 == sat["t1"].result, sat["t1"]
    assert "could not be loaded" in (sat["t2"].error or "") and sat["t2"].error == sat["t3"].error, sat["t2"]


@pytest.mark.parametrize(
    ("source", "alone"),
    [
        ("x = 1", True),
        ("models = keras.models", True),
        ("# the model is below", False),
        ("show(model)", False),
        ("exec(text)", False),
        ("print(globals())", False),
        ("%whos", False),
        ("  !ls", False),
        ("import __main__", False),
    ],
)
def test_a_cell_that_may_reach_the_name_is_found(tmp_path: Path, source: str, alone: bool) -> None:
    """By the name itself, or by what can reach any name; tests are asked when they run."""
    cells = [
        cell("code", "model = train()", "train", flags="solution"),
        cell("code", source, "more", flags="solution"),
        cell("code", "assert model", "test", 1, "grade locked"),
    ]
    raw = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    path = tmp_path / "net.ipynb"
    path.write_text(notebook.dumps(raw))
    master = notebook.read_master(path, "net")
    paper = merge(master, notebook.loads(path.read_bytes(), "net.ipynb"), trained={"train": Trained("model", "net.keras")})
    assert (alone, False) == (is_alone(paper, 0), is_alone(paper, 1))
