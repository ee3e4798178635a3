"""Loading a model file, where that may be done: in a candidate.

Rule: safe mode, no custom objects but those that the notebook registered itself, and never a pickle; what Keras says
of a file becomes one sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from autograder.errors import StudentError
from autograder.models import reading

FULL = ("ResourceExhaustedError", "XlaRuntimeError", "OutOfMemoryError")
"""What Keras's backends raise in place of a MemoryError."""


def load(path: Path, names: Mapping[str, Any], build: str = "") -> Any:
    """The model of that file; raises StudentError.

    `names` are the notebook's, where `build` is the function that makes the network for a file of bare weights.
    """
    if reading.form(path.name) != reading.BARE:
        return _attempt(path, lambda: _whole(path))
    make = names.get(build)
    if not callable(make):
        raise StudentError(
            f"{path.name} holds weights alone, and the notebook has no {build or 'build_model'}() to put them into.",
            mend="Save the whole model: model.save('NAME.keras').",
        )
    model = make()
    _attempt(path, lambda: model.load_weights(path))
    return model


def _whole(path: Path) -> Any:
    """The model, with its loss and optimiser where they can be had: a loss of the notebook's own may be unknown."""
    import keras

    try:
        return keras.models.load_model(path, safe_mode=True)
    except (TypeError, ValueError, KeyError, AttributeError):
        return keras.models.load_model(path, safe_mode=True, compile=False)


def _attempt(path: Path, act: Callable[[], Any]) -> Any:
    try:
        return act()
    except Exception as e:
        if isinstance(e, MemoryError) or type(e).__name__ in FULL:
            raise StudentError(f"{path.name} wants more memory than a submission may use.") from None
        said = " ".join(str(e).split())[:200]
        raise StudentError(f"{path.name} could not be loaded ({type(e).__name__}: {said}).") from None
