"""What may be asked of a candidate about models: read a file, load it, look at images.

Rule: an answer is a plain value; a fault of the file is told in a sentence, not raised.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.errors import StudentError, WireError

if TYPE_CHECKING:
    from autograder.sandbox.candidate import Candidate

MAX_SCORES = 64 * 2**20
"""Bytes of scores in one answer: a thousand classes for ten thousand images."""


def inspect(self: Candidate, name: str) -> dict[str, Any]:
    """The plain facts of a model file in the work folder, or `{"fault": sentence}`."""
    from autograder.models.reading import read

    try:
        return read(Path(name))
    except StudentError as why:
        return {"fault": str(why)}


def load(self: Candidate, name: str, binds: str, build: str) -> str:
    """Loads a model file and gives the notebook its name; a sentence where that cannot be done."""
    from autograder.models.loading import load as loaded

    self.shell.namespace.pop(binds, None)
    try:
        self.shell.namespace[binds] = loaded(Path(name), self.shell.namespace, build)
    except StudentError as why:
        return str(why)
    return ""


def predict(self: Candidate, model: Any, images: Any) -> Any:
    """The model's answer for images, which come by value or lie on the tray as [dtype, shape]."""
    import numpy as np

    from autograder.models.asking import ask

    shown = images if isinstance(images, np.ndarray) else self.tray().take(*images)
    answer = np.asarray(ask(model, shown))
    if answer.nbytes > MAX_SCORES:
        raise WireError(f"Scores of {answer.nbytes:,} bytes are larger than the {MAX_SCORES:,} allowed.")
    return answer
