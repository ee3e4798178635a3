"""Which cells a test needs, told from names."""

from __future__ import annotations

from builders import cell, exam, solution
from masters import master_of

from autograder.check import needs


def needed(*cells: dict) -> list[str]:
    """Ids of the cells that the last cell, a test, needs."""
    master = master_of(*cells)
    found = needs.uses(master)
    return [master.cells[i].grade_id for i in sorted(needs.needed(found, found[-1]))]


def locked(name: str, source: str) -> dict:
    return cell("code", source, name, locked=True)


def test_a_test_needs_what_it_reads_and_what_that_reads() -> None:
    """Answers on which an answer rests come with it; others stay away."""
    cells = [solution("a", "def f(): return 1"), solution("b", "def g(): return f()"), solution("c", "h = 3"), exam("t", "assert g() == 1")]
    assert ["a", "b", "t"] == needed(*cells)


def test_drawing_is_not_needed() -> None:
    """A cell that only shows what others made is left out."""
    cells = [locked("setup", "import numpy as np\nimport matplotlib.pyplot as plt"), solution("a", "x = np.ones(3)"),
             locked("figure", "plt.plot(x)\nprint(x)\nplt.show()"), exam("t", "import numpy as np\nassert x.sum() == 3")]  # fmt: skip
    assert ["setup", "a", "t"] == needed(*cells)


def test_what_changes_a_thing_in_place_is_needed() -> None:
    """A method called on it, an item or an attribute set, in a loop as well."""
    cells = [solution("a", "m = Model()"), locked("b", "m.compile()"), locked("c", "for i in range(3):\n    m[i] = i"),
             locked("d", "m.n = 1"), locked("e", "other.fit()"), exam("t", "assert m.ready")]  # fmt: skip
    assert ["a", "b", "c", "d", "t"] == needed(*cells)


def test_a_later_test_is_not_tied_to_an_earlier_one_by_a_name_of_its_own() -> None:
    """Every test imports NumPy and calls its result `got`; that makes none need another."""
    first = exam("t1", "import numpy as np\ngot = f(1)\nassert got == np.ones(1)")
    second = exam("t2", "import numpy as np\ngot = f(2)\nassert got == np.ones(2)")
    setup = locked("setup", "import numpy as np")
    assert ["setup", "a", "t2"] == needed(setup, solution("a", "def f(n): return np.ones(n)"), first, second)


def test_a_helper_of_an_earlier_test_is_needed() -> None:
    """What only a test binds comes from that test."""
    assert ["a", "t1", "t2"] == needed(solution("a", "x = 1"), exam("t1", "def near(a, b): return a == b\nassert x"), exam("t2", "assert near(x, 1)"))


def test_the_tests_of_an_answer_are_those_that_read_it_and_those_behind_it() -> None:
    """Near are those that read its names; all are those that need it at all."""
    master = master_of(solution("a", "def f(): return 1"), exam("t1", "assert f()"), solution("b", "def g(): return f()"), exam("t2", "assert g()"))
    found = needs.uses(master)
    near, every = needs.judges(found, found[0])
    assert (["t1"], ["t1", "t2"]) == ([u.cell.grade_id for u in near], [u.cell.grade_id for u in every])
