"""A numpy.py beside the notebook does not become the tests' NumPy."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "zero", 0, "one-process"
SOURCE = "table = lambda n: None\n"


def hand_in(folder, book):
    (folder / "numpy.py").write_text(
        "class Any:\n    shape = (2, 2)\n    __getattr__ = lambda s, n: s\n    __call__ = lambda s, *a, **k: s\n"
        "testing = Any()\narange = outer = asarray = ndarray = Any()\n__version__ = '2.0'\ndef __getattr__(name):\n    return Any()\n"
    )
