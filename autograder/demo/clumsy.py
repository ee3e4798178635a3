"""The unlucky and the clumsy part of the class: torn files, endless loops, crashes, a deadline missed.

Rule: each costs its own student what it breaks, and nobody else anything.
"""

from __future__ import annotations

from datetime import timedelta

from autograder.demo.student import ALL, Fate, Student
from autograder.values import Status

JON = Student(
    name="jon-torn-json",
    assignment="gates",
    story="The upload broke off in the middle of the file.",
    solves=ALL,
    torn=True,
    expected=Fate(earns=(), status=Status.UNGRADABLE, word="JSON breaks off"),
)
PIA = Student(
    name="pia-pdf",
    assignment="gates",
    story="Printed the notebook to a PDF and named that gates.ipynb.",
    file=b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n",
    expected=Fate(earns=(), status=Status.UNGRADABLE, word="not a notebook"),
)
EVE = Student(
    name="eve-empty",
    assignment="gates",
    story="Handed in a file of zero bytes.",
    file=b"",
    expected=Fate(earns=(), status=Status.UNGRADABLE, word="empty file"),
)
DAN = Student(
    name="dan-double-late",
    assignment="gates",
    story="30 hours late; copied a cell while trying, and left the first try above.",
    solves=ALL,
    copies={"count_parameters": "def count_parameters(sizes):\n    return sum(sizes)\n"},
    late=timedelta(hours=30),
    expected=Fate(penalty=0.2, word="stands 2 times"),
)
LOU = Student(
    name="lou-endless-loop",
    assignment="gates",
    story="Forgot n += 1, and left a cell that waits for ever.",
    solves=ALL,
    before={"by_hand": "while True:\n    pass\n"},
    writes={
        "layers_until": """\
def layers_until(limit):
    n = 1
    while 0.25**n >= limit:
        pass
    return n
"""
    },
    expected=Fate(loses=("test_layers_until",), word="took longer than 4 seconds"),
)
INA = Student(
    name="ina-no-interrupt",
    assignment="gates",
    story="A loop that catches every exception, so that no interrupt ends it.",
    solves=ALL,
    writes={
        "layers_until": """\
def smallest(limit):
    n = 1
    while 0.25**n >= limit:
        pass
    return n


def layers_until(limit):
    while True:
        try:
            return smallest(limit)
        except BaseException:
            print("once more")
"""
    },
    expected=Fate(loses=("test_layers_until",), word="did not stop when interrupted"),
)
CYD = Student(
    name="cyd-crashes",
    assignment="gates",
    story="One function reads address 0, one says sys.exit(0), one cell os._exit(0).",
    solves=ALL,
    writes={
        "layers_until": "import ctypes\n\n\ndef layers_until(limit):\n    return ctypes.string_at(0)\n",
        "count_parameters": "import sys\n\n\ndef count_parameters(sizes):\n    sys.exit(0)\n",
        "by_hand": "import os\n\ntotal_parameters = 9\nos._exit(0)\n",
    },
    expected=Fate(loses=("test_layers_until", "test_count_parameters", "test_by_hand"), word="segmentation fault"),
)
GIL = Student(
    name="gil-glutton",
    assignment="gates",
    story="One function wants 50 GB of memory, one cell prints a gigabyte.",
    solves=ALL,
    before={"layers_until": 'for _ in range(1024):\n    print("spam " * 209_715)\n'},
    writes={
        "at_least": """\
def at_least(k, n):
    hoard = bytearray(50 * 2**30)
    return [1.0] * n, k - 0.5
"""
    },
    expected=Fate(loses=("test_at_least",), word="more memory"),
)

CLUMSY = (DAN, JON, PIA, EVE, LOU, INA, CYD, GIL)
