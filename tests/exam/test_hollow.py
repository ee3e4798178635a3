"""Arrays that agree with whatever they are compared with earn nothing; what is rightly empty or masked does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rig import Rig

from autograder.errors import StudentError
from autograder.wire import hollow

HEAD = "#S\nimport numpy as np\n#T\nimport numpy as np\nwanted = np.arange(1.0, 7.0).reshape(2, 3)\n{}\n#S\nx = 1\n#T\nassert x == 1"
NOTHING = "def f(*a): return np.zeros((0, 1, 1, 1))"
LIKE = "def f(*a): return np.zeros((0, 2, 3), 'float32')"
MASKED = "def f(*a): return np.ma.masked_all((2, 3))"
PARTLY = "def f(*a): return np.ma.array([[1, 0, 0], [0, 0, 0]], mask=[[0, 1, 1], [1, 1, 1]])"
HUGE = "def f(*a): return np.full(3, 1.7e308 + 1.7e308j)"
SHEET = "import pandas as pd\ndef f(*a): return pd.DataFrame({'a': [1.0]}).iloc[:0]"
OWN = "class A(np.ndarray): pass\ndef f(*a): return np.zeros((0, 1, 1)).view(A)"
FORGERIES = {
    "nothing is close": ("assert np.allclose(f(), wanted)", NOTHING),
    "on the other side": ("assert np.allclose(wanted, f())", NOTHING),
    "in the shape that is asked for": ("assert np.allclose(f(), wanted)", LIKE),
    "copied": ("assert np.allclose(np.array(f()), wanted)", NOTHING),
    "of a class of its own": ("assert np.allclose(f(), wanted) and (f() == wanted).all()", OWN),
    "to one number": ("assert np.allclose(f(), 5.0) and np.all(f() == 5) and np.all(abs(f() - 5) < 1e-6)", NOTHING),
    "a list of nothing": ("assert np.allclose(f(), 5.0)", "def f(*a): return []"),
    "equal": ("assert (f() == wanted).all()", NOTHING),
    "equal in all": ("assert np.all(wanted == f())", NOTHING),
    "no difference": ("assert np.all(np.abs(f() - wanted) < 1e-6) and ((f() - wanted) ** 2).sum() < 1e-6", NOTHING),
    "no distance": ("assert np.linalg.norm(f() - wanted) < 1e-6", NOTHING),
    "no difference, in a function of the test's": ("def near(a, b):\n    return np.all(np.abs(a - b) < 1e-6)\nassert near(f(), wanted)", NOTHING),
    "between": ("assert np.all(f() < wanted + 1e-6) and np.all(f() > wanted - 1e-6)", NOTHING),
    "a sheet's values": ("assert (f().to_numpy() == wanted[:1]).all()", SHEET),
    "pytest's approx": ("import pytest\nassert f() == pytest.approx(5.0)", NOTHING),
    "masked": ("np.testing.assert_allclose(f(), wanted)", MASKED),
    "masked, equal": ("np.testing.assert_array_equal(f(), wanted)", MASKED),
    "by the arguments' names": ("np.testing.assert_allclose(desired=wanted, actual=f())", MASKED),
    "partly masked": ("assert np.allclose(f(), wanted) and (f() == wanted).all()", PARTLY),
    "masked otherwise": ("np.testing.assert_allclose(f(), np.ma.array(wanted, mask=wanted > 5))", MASKED),
    "an infinite modulus": ("assert np.allclose(wanted, f())", HUGE),
}  # fmt: skip
FOUND = {
    "what is rightly empty": ("assert f().shape == (0, 3) and (f() >= 0).all() and np.allclose(f(), np.zeros((0, 3)))", "def f(*a): return np.zeros((0, 3))"),
    "what is rightly masked": ("np.testing.assert_allclose(f(), np.ma.array(wanted, mask=wanted > 5))", "def f(*a): return np.ma.array([[1, 2, 3], [4, 5, 0]], mask=[[0, 0, 0], [0, 0, 1]])"),
    "nothing of the test's own": ("assert (wanted[wanted > f()] - 5).sum() == 0 and (wanted[:0] == wanted[0]).all()", "def f(*a): return 100"),
    "complex numbers": ("assert np.allclose(f(), [1j, 2]) and f()[0] == 1j and abs(f() - np.array([1j, 2])).max() == 0", "def f(*a): return np.array([1j, 2])"),
    "sets and lists": ("assert f() - {1} == {2} and sorted(f()) == [1, 2] and [] == list(f() - f())", "def f(*a): return {1, 2}"),
    "a failing comparison": ("assert not np.allclose(f(), wanted) and not (f() == wanted).all()", "def f(*a): return np.zeros((2, 3))"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_what_agrees_with_everything_fails(rig: Rig, name: str) -> None:
    """The control passes beside the student's code; over the wire it is the submission's fault."""
    test, forged = FORGERIES[name]
    answers = {"s1": f"import numpy as np\n{forged}"}
    assert {"t1": True, "t2": True} == rig.sit(HEAD.format(test), answers, in_kernel=True).passed
    sat = rig.sit(HEAD.format(test), answers)
    assert {"t1": False, "t2": True} == sat.passed
    assert sat["t1"].error and not sat["t1"].fault, sat["t1"]

def helped(test: str, folder: Path) -> tuple[str, dict[str, Any]]:
    """A test that leaves what it asserts to a module of the course's own."""
    body = "".join(f"    {line}\n" for line in test.splitlines())
    (folder / "helper.py").write_text(f"import numpy as np\ndef check(f, wanted):\n{body}")
    about = {"files": {"helper.py": folder / "helper.py"}, "terms": {"path": (str(folder),)}}
    return HEAD.format("import helper\nhelper.check(f, wanted)"), about


@pytest.mark.parametrize("name", FORGERIES)
def test_it_fails_in_a_module_of_the_courses_too(rig: Rig, tmp_path: Path, name: str) -> None:
    """What a helper beside the master compares is looked at as what the test does."""
    test, forged = FORGERIES[name]
    text, about = helped(test, tmp_path)
    answers = {"s1": f"import numpy as np\n{forged}"}
    assert {"t1": True, "t2": True} == rig.sit(text, answers, in_kernel=True, **about).passed
    sat = rig.sit(text, answers, **about)
    assert {"t1": False, "t2": True} == sat.passed
    assert sat["t1"].error and not sat["t1"].fault, sat["t1"]


@pytest.mark.parametrize("name", FOUND)
def test_a_module_of_the_courses_compares_what_it_likes(rig: Rig, tmp_path: Path, name: str) -> None:
    """Right answers that are empty, masked or complex pass there as well."""
    test, right = FOUND[name]
    text, about = helped(test, tmp_path)
    assert {"t1": True, "t2": True} == rig.sit(text, {"s1": f"import numpy as np\n{right}"}, **about).passed



@pytest.mark.parametrize("name", FOUND)
def test_what_is_rightly_so_passes(rig: Rig, name: str) -> None:
    """As it does beside the student's code."""
    test, answer = FOUND[name]
    for in_kernel in (True, False):
        sat = rig.sit(HEAD.format(test), {"s1": f"import numpy as np\n{answer}"}, in_kernel=in_kernel)
        assert {"t1": True, "t2": True} == sat.passed, sat["t1"]


def test_only_what_would_agree_is_refused() -> None:
    """Shapes, numbers and lists are read without asking anything of other objects."""
    np = pytest.importorskip("numpy")
    hollow.check(np.zeros(0), np.zeros(0))
    hollow.check(np.zeros((0, 3)), 1.0, numbers=False)
    hollow.check([1], object())
    hollow.check({1}, np.zeros(0))
    with pytest.raises(StudentError, match=r"empty array, of shape \(0, 3\)"):
        hollow.check(1.0, np.zeros((0, 3)))
