"""Training cells: what `metadata.autograder.train` of a master's cell says.

Rule: the master alone says that a cell trains a model, under which name the notebook finds it, and in which file.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograder.values import MODEL_FORMATS, Cell, Role, Trained

KEY = "train"
_KEYS = {"binds", "file", "build"}


def training_of(cell: Cell) -> Trained | None:
    """What the cell trains, no file chosen yet; None for a cell that is no sound training cell."""
    told = cell.own.get(KEY)
    if not isinstance(told, dict) or any(training_faults(cell)):
        return None
    return Trained(binds=told["binds"], file=told["file"], build=told.get("build", "build_model"))


def training_faults(cell: Cell) -> Iterator[str]:
    """Every breach of the rules for a training cell."""
    if KEY not in cell.own:
        return
    told = cell.own[KEY]
    if not isinstance(told, dict):
        yield 'metadata.autograder.train must be a table such as {"binds": "model", "file": "lenet.keras"}'
        return
    if cell.role is not Role.SOLUTION:
        yield "a training cell must be an autograded answer (solution)"
    for key in sorted(set(told) - _KEYS):
        yield f"metadata.autograder.train.{key} is no key; known: {', '.join(sorted(_KEYS))}"
    for key in ("binds", "build"):
        if not str(told.get(key, "build_model" if key == "build" else "")).isidentifier():
            yield f"metadata.autograder.train.{key} must be a Python name"
    file = told.get("file")
    if not isinstance(file, str) or "/" in file or file.startswith(".") or not file.endswith(MODEL_FORMATS):
        yield f"metadata.autograder.train.file must be the name of a file that ends in {', '.join(MODEL_FORMATS)}"
