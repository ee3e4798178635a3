"""What reading a master shows: each fault is found where it is, and a sound master has none."""

from __future__ import annotations

import pytest
from builders import SQUARE, cell, exam, solution
from masters import master_of

from autograder.check.lint import lint

ANSWER = solution("answer", "def f(first_number):\n    ### BEGIN SOLUTION\n    return [first_number] * 3 + [3.25, 7.125]\n    ### END SOLUTION")
LINES = {"answer": {3}}
FOUND = [
    ("test-without-points", [ANSWER, exam("t", "assert f(1)", 0)], 2, 0),
    ("points-without-test", [ANSWER, exam("t", "# nothing\nimport numpy as np\nx = 3")], 2, 0),
    ("points-without-test", [ANSWER, exam("t", '"""Only words."""')], 2, 0),
    ("points-without-test", [cell("code", "x = 1", "given", locked=True, points=3), ANSWER, exam("t", "assert f(1)")], 1, 0),
    ("test-before-answer", [exam("t", "assert f(1)"), ANSWER], 1, 0),
    ("answer-without-test", [ANSWER, exam("t", "assert 1 + 1 == len('ab')")], 1, 0),
    ("no-tests", [cell("markdown", "# Words")], 0, 0),
    ("nothing-hidden", [ANSWER, exam("t", "assert f(2) == 4 and f([1, -2]) == 3")], 2, 0),
    ("chance-in-test", [ANSWER, exam("t", "import numpy as np\nassert f(np.random.rand())")], 2, 2),
    ("chance-in-test", [ANSWER, exam("t", "rng = np.random.default_rng()\nassert f(rng)")], 2, 1),
    ("chance-in-test", [ANSWER, exam("t", "import random\nassert f(random.random())")], 2, 2),
    ("chance-in-test", [ANSWER, exam("t", "import time\nassert f(1)\nassert time.time() < 5")], 2, 3),
    ("chance-in-test", [ANSWER, exam("t", "assert f(uuid.uuid4())")], 2, 1),
    ("needs-network", [cell("code", "!pip install keras"), ANSWER, exam("t", "assert f(1)")], 1, 1),
    ("needs-network", [cell("code", "import os\n%pip install -q keras"), ANSWER, exam("t", "assert f(1)")], 1, 2),
    ("needs-network", [cell("code", "import requests"), ANSWER, exam("t", "assert f(1)")], 1, 1),
    ("needs-network", [cell("code", 'd = pd.read_csv("https://example.org/x.csv")'), ANSWER, exam("t", "assert f(1)")], 1, 1),
    ("needs-network", [cell("code", "p = keras.utils.get_file(name, origin)"), ANSWER, exam("t", "assert f(1)")], 1, 1),
    ("machine-path", [cell("code", 'd = open("/home/kim/data.csv")'), ANSWER, exam("t", "assert f(1)")], 1, 1),
    ("machine-path", [cell("code", r'd = open("C:\\Users\\kim\\data.csv")'), ANSWER, exam("t", "assert f(1)")], 1, 1),
    ("machine-path", [cell("markdown", "![](/Users/kim/picture.png)"), ANSWER, exam("t", "assert f(1)")], 1, 1),
    ("secret", [cell("code", "key = 'AKIA" + "IOSFODNN7EXAMPLE'"), ANSWER, exam("t", "assert f(1)")], 1, 1),
    ("secret", [cell("code", "hf = 'hf_" + "a" * 34 + "'"), ANSWER, exam("t", "assert f(1)")], 1, 1),
    ("secret", [cell("markdown", "-----BEGIN RSA " + "PRIVATE KEY-----"), ANSWER, exam("t", "assert f(1)")], 1, 1),
    ("secret", [cell("code", "api_key = 'd41d8cd98f00b204'"), ANSWER, exam("t", "assert f(1)")], 1, 1),
    ("secret", [cell("code", "url = 'postgres://kim:geheim123@db/x'"), ANSWER, exam("t", "assert f(1)")], 1, 1),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "cells", "number", "line"), FOUND, ids=[f"{r}-{i}" for i, (r, *_) in enumerate(FOUND)])
def test_a_fault_is_found_where_it_is(rule: str, cells: list, number: int, line: int) -> None:
    """One finding of that kind, in that cell and line, and none of another kind that keeps the master from release."""
    found = lint(master_of(*cells), LINES, {})
    assert [(rule, number, line)] == [(r.rule, r.cell, r.line) for r in found if r.rule == rule]
    assert [] == [r for r in found if r.fault and r.rule != rule]
    assert all(r.what and r.mend.endswith(".") for r in found)


SOUND = [
    cell("code", "import numpy as np\nfrom urllib.parse import quote\nDATA = 'data/table.csv'  # and/or, 1/2, https://example.org/home/x"),
    ANSWER,
    exam("t", "import time\nimport numpy as np\nnp.random.seed(1)\nrng = np.random.default_rng(3)\nassert f(np.random.rand()) and f(rng.normal())\ntime.sleep(0)"),
    cell("code", "password = ''\ntoken = input()\napi_key = 'xxxxxxxxxx'"),
    cell("markdown", "Write `return x`. See /usr/share and the file `home/x`."),
]


def test_a_sound_master_has_no_findings() -> None:
    """Nothing of what looks a little like a fault is one."""
    assert [] == lint(master_of(*SOUND), LINES, {})
    assert [] == lint(master_of(*SQUARE["cells"]), {}, {"test_square": {3}})


def test_all_findings_come_at_once_faults_first() -> None:
    """A master with several faults has them all told, in the order of its cells."""
    cells = [cell("code", "import requests\nopen('/home/kim/x')"), exam("t", "assert f(time.time())"), ANSWER, cell("code", "open('/root/y')")]
    assert ["machine-path", "test-before-answer", "machine-path", "needs-network", "chance-in-test", "answer-without-test"] == [r.rule for r in lint(master_of(*cells), LINES, {})]


def test_a_secret_is_not_repeated() -> None:
    """A finding names the first letters alone."""
    (found,) = lint(master_of(cell("code", "k = 'ghp_" + "q" * 40 + "'"), ANSWER, exam("t", "assert f(k)")), LINES, {})
    assert "qqqq" not in str(found)
    assert "ghp_" in str(found)
