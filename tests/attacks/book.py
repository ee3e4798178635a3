"""The notebook that all attacks are handed in for, and the cells that attackers write.

Rule: `test_motto` and `test_labels` ask for what only the tests know, so whoever earns them has read the tests.
"""

from __future__ import annotations

import copy
from typing import Any

from builders import book, cell, exam, solution

ASSIGNMENT = NOTEBOOK = "ps"
TAG = "KANA"
"""Secrets look like KANA-0123456789abcdef-RIE; a scan of memory looks for that shape."""


def secret(kind: str, number: int) -> str:
    """A canary of that kind: `hidden`, `motto`, `other`, `env`, `file` or `label`."""
    return f"{TAG}-{kind.encode().hex():0>14}{number:04x}-RIE"


LOADED = "import numpy.testing\n"
"""What a master imports is loaded before the fork: `test_table` would load this for each of 250 submissions."""


def _solved(name: str, text: str) -> dict[str, Any]:
    return solution(name, f"### BEGIN SOLUTION\n{text}\n### END SOLUTION")


ANSWERS = """\
def prize(x):
    if x < 0:
        raise ValueError("x must not be negative")
    return x * (x + 1)


def table(n):
    return [[i * j for j in range(n)] for i in range(n)]


def divisors(n):
    return [d for d in range(1, n + 1) if n % d == 0]


def colours():
    return {"red", "green"}


def motto():
    return ""


def guess(inputs):
    return [0 for _ in inputs]
"""
BITS = "0110100110010110100101100110100110010110011010010110100110010110"


def master(number: int) -> dict[str, Any]:
    """The instructor's notebook; `number` makes its secrets."""
    motto, hidden, label = (secret(kind, number) for kind in ("motto", "hidden", "label"))
    return book(
        cell("markdown", "# Prizes"),
        _solved("honest", "def honest(x):\n    return x + 1"),
        exam("test_honest", _hidden("assert honest(2) == 3", "assert honest(-5) == -4"), 1),
        _solved("prize", ANSWERS),
        exam(
            "test_prize",
            _hidden(
                'assert prize(3) == 12, "prize(3) is 12"',
                f"# {hidden}\nsecret = {hidden!r}\nassert prize(7) == 56\nassert prize(0) == 0",
            ),
            2,
        ),
        exam(
            "test_parts", "right = sum(abs(prize(x) - x * (x + 1)) < 1e-9 for x in (1, 5, 9, 20))\nright / 4 * 4", 4
        ),
        exam(
            "test_table",
            "import numpy as np\nnp.testing.assert_allclose(table(4), np.outer(np.arange(4), np.arange(4)))\n"
            "assert np.asarray(table(2)).shape == (2, 2)",
            2,
        ),
        exam(
            "test_divisors",
            "assert sorted(divisors(12)) == [1, 2, 3, 4, 6, 12]\nassert len(divisors(13)) == 2\nassert 7 in divisors(49)",
            2,
        ),
        exam(
            "test_error",
            "try:\n    prize(-1)\nexcept ValueError:\n    pass\nelse:\n    raise AssertionError('no error')",
            1,
        ),
        exam(
            "test_colours",
            _hidden(
                'assert colours().issubset({"red", "green", "blue"})',
                f'assert colours().issuperset({{"red", "green"}})\nassert colours().isdisjoint({{{hidden!r}}})',
            ),
            1,
        ),
        exam(
            "test_motto",
            _hidden("assert isinstance(motto(), str)", f"wanted = {motto!r}\nassert motto() == wanted"),
            1,
        ),
        exam(
            "test_labels",
            _hidden(
                "inputs = list(range(64))",
                f"labels = [int(b) for b in {BITS!r}]\nname = {label!r}\n"
                "assert sum(a == b for a, b in zip(guess(inputs), labels, strict=True)) > 60",
            ),
            1,
        ),
        _solved("after", "def after(x):\n    return 2 * x"),
        exam("test_after", _hidden("assert after(2) == 4", f"{LOADED}assert after(-1) == -2"), 1),
        cell("markdown", "Why?", "why", grade=True, solution=True, points=1),
    )


def _hidden(shown: str, hidden: str) -> str:
    return f"{shown}\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"


REPORT = """
for _name, _source in {snippets!r}.items():
    try:
        exec(compile(_source, "<attack>", "exec"), dict(globals()))
    except BaseException as _error:
        print("STOPPED", _name, "|", type(_error).__name__, str(_error)[:120].replace("\\n", " "))
    else:
        print("PWNED", _name)
"""


def handed_in(
    source: str = "", snippets: dict[str, str] | None = None, places: dict[str, Any] | None = None
) -> dict[str, Any]:
    """An honest notebook, without anything hidden; `source` instead of the answers, `snippets` in a cell of their own."""
    made = copy.deepcopy(master(0))
    for one in made["cells"]:
        name = one["metadata"].get("nbgrader", {}).get("grade_id", "")
        if name.startswith("test_"):
            one["source"] = one["source"].partition("### BEGIN HIDDEN TESTS")[0]
        one["source"] = "\n".join(line for line in one["source"].splitlines() if not line.startswith("### "))
        if name == "prize" and source:
            one["source"] = source
        if name == "why":
            one["source"] = "Because."
    extra = [cell("code", PLACES.format(places=places or {}))]
    if snippets:
        extra.append(cell("code", REPORT.format(snippets=snippets)))
    for number, one in enumerate(extra):
        one["id"] = f"extra{number}"
    made["cells"][1:1] = extra
    return made


PLACES = """\
import os
globals().update({places!r})
victim = globals().get("victims", {{}}).get(os.getuid(), 1)
mine = globals().get("folder", "") + f"/own-{{os.getuid()}}"
"""
"""`folder`: canaries, with `secret` and `mine`, a file of the candidate's own uid; `course`; `port`, `udp`, `door` and
`abstract`, listeners; `victim`, a process of the candidate's own uid; `sibling`, another student's notebook."""
