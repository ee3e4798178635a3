"""The state of the random generators, as a value.

Rule: a test that seeds `random` or `numpy.random` finds the same numbers drawn by the student's function as it
would in one process, so the state travels with the control flow; nothing else does.
"""

from __future__ import annotations

import random
import sys
from typing import Any

State = list[Any]
"""[version and words of `random`, its spare normal, NumPy's words or None, position, has spare, spare]."""


def state() -> State:
    """The state of `random` and, where NumPy is loaded, of `numpy.random`."""
    version, words, spare = random.getstate()
    out: State = [version, list(words), spare]
    if "numpy" in sys.modules:
        _, keys, position, has_gauss, gauss = sys.modules["numpy"].random.get_state()
        out += [keys.tobytes(), int(position), int(has_gauss), float(gauss)]
    return out


def restore(value: State) -> None:
    """Takes over a state made by `state`; raises ValueError or TypeError when it is none."""
    version, words, spare = value[:3]
    random.setstate((int(version), tuple(int(w) for w in words), spare if spare is None else float(spare)))
    if len(value) > 3 and "numpy" in sys.modules:
        np = sys.modules["numpy"]
        keys, position, has_gauss, gauss = value[3:7]
        np.random.set_state(
            ("MT19937", np.frombuffer(keys, np.uint32), int(position), int(has_gauss), float(gauss))
        )


def seed(number: int) -> None:
    """Seeds `random`, `numpy.random`, and TensorFlow where it is loaded, so that two runs draw the same numbers."""
    random.seed(number)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(number)
    if "tensorflow" in sys.modules:
        sys.modules["tensorflow"].random.set_seed(number)
