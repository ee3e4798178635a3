"""Mutants: each is Python, differs in one place of the solution, and reads as a person would have written it."""

from __future__ import annotations

import ast
import re
import tempfile
from pathlib import Path

import pytest
from builders import book, exam, solution

from autograder import notebook
from autograder.check.mutate import Mutant, mutants
from autograder.values import Master


def master_of(*cells: dict) -> Master:
    """A sound master of those cells."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "nb.ipynb")
        path.write_text(notebook.dumps(book(*cells)))
        return notebook.read_master(path, "a")


def of(source: str, lines: set[int] | None = None) -> list[Mutant]:
    """All mutants of one solution cell; by default every line of it is solution."""
    wanted = lines or set(range(1, source.count("\n") + 2))
    return list(mutants(master_of(solution("answer", source)), {"answer": wanted}))


def changed(source: str, operator: str = "") -> set[str]:
    """The changed lines, stripped, of the mutants made by an operator, or by any."""
    found = [m for m in of(source) if operator in ("", m.operator)]
    return {line[1:].strip() for m in found for line in m.diff if line.startswith("+")}


CASES = [
    ("c = a + b", "arithmetic", {"c = a - b", "c = a * b"}),
    ("c = a ** b", "arithmetic", {"c = a * b"}),
    ("c = X @ W", "arithmetic", {"c = X * W"}),
    ("c += a", "arithmetic", {"c -= a", "c = a"}),
    ("c = a - b", "sides swapped", {"c = b - a"}),
    ("c = X @ W.T", "sides swapped", {"c = W.T @ X"}),
    ("c = abs(a - b)", "sides swapped", set()),
    ("c = (a - b) ** 2", "sides swapped", {"c = 2 ** (a - b)"}),
    ("c = -a", "sign left out", {"c = a"}),
    ("c = -2", "sign left out", {"c = 2", "c = 0"}),
    ("c = a < b", "comparison", {"c = a <= b", "c = a >= b"}),
    ("c = a < b == d", "comparison", {"c = a <= b == d", "c = a >= b == d", "c = a < b != d"}),
    ("c = a not in b", "comparison", {"c = a in b"}),
    ("c = a and b", "and for or", {"c = a or b"}),
    ("c = a if b else d", "branches swapped", {"c = d if b else a"}),
    ("c = 7", "constant", {"c = 8", "c = 6"}),
    ("c = 0", "constant", {"c = 1", "c = -1"}),
    ("c = 0.5", "constant", {"c = 1.5", "c = -0.5", "c = 0.0"}),
    ("c = True", "constant", {"c = False"}),
    ('c = a == "same"', "constant", {'c = a == "same_"'}),
    ("c = a[n:n + k]", "off by one", {"c = a[n + 1:n + k]", "c = a[n:n + k - 1]", "c = a[n:n + k + 1]"}),
    ("c = a[::2]", "off by one", {"c = a[1::2]", "c = a[:-1:2]", "c = a[:]"}),
    ("c = [i for i in range(n)]", "off by one", {"c = [i for i in range(1, n)]", "c = [i for i in range(n - 1)]"}),
    ("c = [i for i in a]", "off by one", {"c = [i for i in list(a)[1:]]", "c = [i for i in list(a)[:-1]]"}),
    ("c = f(a, b)", "arguments swapped", {"c = f(b, a)"}),
    ("c = np.maximum(a, b)", "arguments swapped", set()),
    ("c = np.argmax(a)", "wrong function", {"c = np.argmin(a)"}),
    ("c = max(a)", "wrong function", {"c = min(a)"}),
    ("c = abs(a)", "wrong function", {"c = a"}),
    ("c = a.T", "wrong function", {"c = a"}),
    ("c = a.sum(axis=0, keepdims=True)", "argument left out", {"c = a.sum(keepdims=True)", "c = a.sum(axis=0)"}),
    ("c = a.sum(axis=-2)", "wrong axis", {"c = a.sum(axis=0)"}),
    ("c = a.sum(axis=0)", "wrong axis", {"c = a.sum(axis=1)"}),
    ('c = f(a, padding="same")', "wrong padding or mode", {'c = f(a, padding="valid")'}),
    ("def f():\n    return a, b", "parts swapped", {"return b, a"}),
    ("def f():\n    return a", "returned None", {"return None"}),
    ("def f(a):\n    a = 2 * a\n    return a", "statement dropped", {"pass"}),
    ("def f():\n    a = 2\n    return a", "statement dropped", set()),
    ("def f(a, b):\n    return a", "wrong variable", {"return b"}),
    ("if a:\n    c = 1", "condition", {"if True:", "if False:"}),
    ("while a:\n    c = 1", "condition", {"while False:"}),
    ('c = Dense(3, activation="relu")', "wrong activation", {'c = Dense(3, activation="sigmoid")', 'c = Dense(3, activation="linear")'}),
    ('c = [Dense(3), Flatten()]', "layer left out", {"c = [Flatten()]", "c = [Dense(3)]"}),
    ("c = [Dense(3), Flatten()]", "layers swapped", {"c = [Flatten(), Dense(3)]"}),
    ("c = layers.MaxPooling2D(2)", "wrong pooling", {"c = layers.AveragePooling2D(2)"}),
    ("c = Adam(learning_rate=r)", "wrong learning rate", {"c = Adam(learning_rate=r * 100)", "c = Adam(learning_rate=r / 1000)"}),
    ('m.compile(loss="mse")', "wrong loss", {'m.compile(loss="mae")'}),
    ("m.fit(x, epochs=9)", "too few epochs", {"m.fit(x, epochs=1)"}),
]  # fmt: skip


@pytest.mark.parametrize(("source", "operator", "wanted"), CASES, ids=[f"{o}: {s}" for s, o, _ in CASES])
def test_an_operator_makes_its_slips(source: str, operator: str, wanted: set[str]) -> None:
    """What stands in place of the right line is what a person might have written there."""
    assert wanted == changed(source, operator)


@pytest.mark.parametrize(
    "source",
    ['print("a", 1)', 'raise ValueError("too large: 5")', "import numpy as np", '"""Text with 3."""', 'c = f"{a + 1}"',
     "plt.plot(a, 3)", "rng = np.random.default_rng(7)", "model.summary(3)"],
)  # fmt: skip
def test_what_no_test_can_see_is_left_alone(source: str) -> None:
    """Words, pictures, seeds and imports make no mutants, but that an error may be forgotten."""
    assert {"pass"} >= changed(source)


def test_a_seed_may_be_forgotten_but_not_changed() -> None:
    """That `set_random_seed` is called at all can be seen; which seed it is given cannot."""
    assert {"pass"} == changed("keras.utils.set_random_seed(seed)")


SOLUTION = '''\
def mean(x):
    """The mean, 평균."""
    ### BEGIN SOLUTION
    total = 0  # 합계 of 'x'
    for number in x:
        total += number
    return total / len(x)
    ### END SOLUTION


def given(x):
    return x + 1
'''
INSIDE = set(range(4, 8))


def test_only_the_solution_is_changed_and_only_in_one_place() -> None:
    """Lines outside the region stay, and so do comments and all other lines within."""
    found = of(SOLUTION, INSIDE)
    assert len(found) > 8
    for mutant in found:
        pairs = zip(SOLUTION.split("\n"), mutant.source.split("\n"), strict=True)
        different = [n for n, (a, b) in enumerate(pairs, 1) if a != b]
        assert 1 == len(different)
        assert different[0] in INSIDE
        assert "# 합계 of 'x'" in mutant.source


def test_every_mutant_is_python_and_a_different_program() -> None:
    """No mutant fails to parse, equals the solution, or comes twice."""
    trees = [ast.dump(ast.parse(m.source)) for m in of(SOLUTION, INSIDE)]
    assert ast.dump(ast.parse(SOLUTION)) not in trees
    assert len(trees) == len(set(trees))


def test_a_hash_names_a_mutant_until_the_code_of_its_cell_changes() -> None:
    """Comments may change under a waiver; another line of code may not."""
    first = {m.hash for m in of(SOLUTION, INSIDE)}
    assert first == {m.hash for m in of(SOLUTION.replace("합계", "sum"), INSIDE)}
    assert set() == first & {m.hash for m in of(SOLUTION.replace("x + 1", "x + 2"), INSIDE)}
    assert all(re.fullmatch("[0-9a-f]{10}", one) for one in first)
    assert len(first) == len(of(SOLUTION, INSIDE))


def test_a_layer_leaves_its_list_with_its_comma_and_its_line() -> None:
    """What is left out of a long list takes nothing else with it."""
    source = "m = Sequential([\n    Input((2,)),\n    Dense(4),\n    Dense(1),\n])"
    gone = [m.source for m in of(source) if m.operator == "layer left out"]
    assert ["m = Sequential([\n    Input((2,)),\n    Dense(1),\n])", "m = Sequential([\n    Input((2,)),\n    Dense(4),\n    ])"] == gone


def test_magics_are_passed_over() -> None:
    """A cell with a magic line is mutated all the same; the line stays as it was."""
    found = of("%matplotlib inline\nc = a + 1")
    assert {"c = a - 1", "c = a * 1", "c = a + 2", "c = a + 0"} == {m.source.split("\n")[1] for m in found}
    assert {"%matplotlib inline"} == {m.source.split("\n")[0] for m in found}


def test_a_cell_of_another_language_has_none() -> None:
    """What is no Python is left alone."""
    assert [] == of("%%bash\nls -l")
    assert [] == of("this is no program")


def test_only_answers_are_mutated() -> None:
    """Tests and the instructor's own cells are no solutions."""
    master = master_of(solution("answer", "a = 1"), exam("test", "assert a == 1"))
    assert {"answer"} == {m.grade_id for m in mutants(master, {"answer": {1}, "test": {1}})}
