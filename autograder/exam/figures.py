"""The current figure, as a test sees it.

Rule: what student code draws is in the student's process, so `plt.gca()` of a test asks there, unless the test has
drawn something itself. Nothing that a test draws goes the other way.
"""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Callable
from typing import Any

from autograder.exam.exchange import Library
from autograder.exam.proxy import Asker

READERS = ("gca", "gcf", "get_fignums", "fignum_exists", "get_figlabels")


def connect(asker: Asker) -> None:
    """Gives tests a pyplot that asks the student's after the current figure, once pyplot is loaded."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None or hasattr(pyplot, "_autograder"):
        return
    told = types.ModuleType(pyplot.__name__)  # pyplot's own functions go on using pyplot's own names
    told.__dict__.update(vars(pyplot), _autograder=True)
    for name in READERS:
        original = getattr(pyplot, name)
        setattr(told, name, _reader(asker, original, pyplot.get_fignums, Library(pyplot.__name__, name)))
    told.close = _closer(asker, pyplot.close)  # type: ignore[attr-defined]
    sys.modules["matplotlib.pyplot"] = sys.modules["matplotlib"].pyplot = told  # type: ignore[attr-defined]


def _reader(asker: Asker, original: Any, own: Callable[[], Any], theirs: Library) -> Any:
    @functools.wraps(original)
    def read(*args: Any, **kwargs: Any) -> Any:
        return original(*args, **kwargs) if own() else asker.ask("call", theirs, list(args), kwargs)

    return read


def _closer(asker: Asker, original: Any) -> Any:
    @functools.wraps(original)
    def close(fig: Any = None) -> None:
        original(fig)
        asker.ask("call", Library("matplotlib.pyplot", "close"), ["all" if fig == "all" else None], {})

    return close
