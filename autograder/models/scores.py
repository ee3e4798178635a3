"""What a model makes of images, judged by labels that it never sees.

Rule: scores are checked before anything is reckoned with them: an array of finite numbers, a row an image, a column a
class; whatever else comes is the submission's fault and says what was expected.
"""

from __future__ import annotations

from typing import Any

from autograder.errors import GraderError, StudentError
from autograder.models import asking
from autograder.models.elsewhere import Elsewhere, holder

LOOK_AGAIN = 256
"""Images of the second look: 32 as they were, the others shifted."""
UNCHANGED = 32
SHIFTS = ((1, 0), (-1, 0), (0, 1), (0, -1))
"""Ways to shift an image, in pixels down and right: two pixels already cost an honest dense network a third."""
SAME = 1e-2
"""How far two answers for one image may lie apart, as a share of the largest score."""


def predictions(model: Any, x: Any) -> Any:
    """The model's class scores for images `x` (N, ...), as a float array (N, C); raises StudentError.

    One column of a model with a single output stays one column.
    """
    return _predictions(model, _images(x))


def accuracy(model: Any, x: Any, y: Any) -> float:
    """The share of images `x` (N, ...) for which the largest score is that of the label in `y`, 0 to 1.

    `y`: whole numbers (N,) or (N, 1), or one-hot rows (N, C). Labels are never given to the model. Where the model
    stays in a student's process, it is asked a second time about some images: other answers are a StudentError, and a
    fall of the accuracy on shifted copies beyond the course's tolerance is reported. Raises StudentError.
    """
    images = _images(x)
    labels = _labels(y, len(images))
    answers = _classes(_predictions(model, images), labels)
    value = float((answers == labels).mean())
    there = holder(model)
    if there is not None:
        there.remark(f"accuracy {value:.4f} on {len(images):,} images")
        _look_again(there, model, images, labels, answers)
    return value


def confusion(model: Any, x: Any, y: Any) -> Any:
    """Counts (C, C), whole numbers: row i, column j says how many images of class i the model takes for class j."""
    import numpy as np

    images = _images(x)
    labels = _labels(y, len(images))
    scores = _predictions(model, images)
    answers = _classes(scores, labels)
    classes = max(scores.shape[1], int(labels.max()) + 1)
    table = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(table, (labels, answers), 1)
    return table


def _predictions(model: Any, images: Any) -> Any:
    there = holder(model)
    scores = there.scores(model, images) if there is not None else asking.ask(model, images)
    return _checked(scores, len(images))


def _checked(scores: Any, count: int) -> Any:
    """The scores as floats (N, C); StudentError for what is none."""
    import numpy as np

    array = np.asarray(scores)
    if array.dtype.kind not in "fiub":
        kind = type(scores).__name__ if array.dtype.kind == "O" else f"an array of {array.dtype}"
        raise StudentError(f"The model answers with {kind}, not with an array of numbers.")
    if array.ndim != 2 or len(array) != count:
        raise StudentError(
            f"The model's scores have the shape {array.shape}; ({count}, C) is expected: a row for each image, "
            "a column for each class."
        )
    if not np.isfinite(array).all():
        lost = int((~np.isfinite(array)).any(axis=1).sum())
        raise StudentError(f"Scores that are not finite numbers (NaN or inf), for {lost:,} of {count:,} images.")
    return array.astype(np.float64 if array.dtype.itemsize > 4 else np.float32, copy=False)


def _classes(scores: Any, labels: Any) -> Any:
    """The class of the largest score in each row, (N,)."""
    import numpy as np

    classes = int(labels.max()) + 1
    if scores.shape[1] == 1 and classes <= 2 and scores.min() >= 0 and scores.max() <= 1:
        return (scores[:, 0] > 0.5).astype(np.int64)  # one sigmoid for two classes
    if scores.shape[1] < classes:
        raise StudentError(
            f"The model's scores have the shape {scores.shape}; ({len(scores)}, {classes}) is expected: "
            f"one score for each of {classes} classes."
        )
    return scores.argmax(axis=1)


def _images(x: Any) -> Any:
    """Images as an array that a model takes; double precision is halved, as Keras would."""
    import numpy as np

    array = np.asarray(x)
    if array.dtype.kind not in "fiub" or array.ndim < 2 or not len(array):
        raise GraderError(f"Images are an array of numbers (N, ...), not {array.dtype} of shape {array.shape}.")
    return np.ascontiguousarray(array, dtype=np.float32 if array.dtype.kind == "f" else array.dtype)


def _labels(y: Any, count: int) -> Any:
    """Labels as whole numbers (N,)."""
    import numpy as np

    array = np.asarray(y)
    if array.ndim == 2:
        array = array[:, 0] if array.shape[1] == 1 else array.argmax(axis=1)
    if array.shape != (count,) or array.dtype.kind not in "iufb" or not np.isfinite(array).all() or array.min() < 0:
        raise GraderError(f"{count:,} images need as many labels, from 0; they have the shape {np.shape(y)}.")
    return array.astype(np.int64)


def _look_again(there: Elsewhere, model: Any, images: Any, labels: Any, answers: Any) -> None:
    """Asks again about some images, a few as they were and the rest shifted, in no order."""
    import numpy as np

    if images.ndim not in (3, 4):
        return
    draw = np.random.default_rng(there.seed)
    chosen = draw.choice(len(images), min(LOOK_AGAIN, len(images)), replace=False)
    again = np.zeros(len(chosen), dtype=bool)
    again[: UNCHANGED if len(chosen) == LOOK_AGAIN else len(chosen) // 8] = True
    draw.shuffle(again)
    shown = images[chosen]
    for place in np.flatnonzero(~again):
        shown[place] = shifted(shown[place], *SHIFTS[draw.integers(len(SHIFTS))])
    second = _classes(_predictions(model, shown), labels)
    if again.any() and (second[again] != answers[chosen][again]).mean() > SAME:
        raise StudentError("The model answers differently when it is asked twice about the same images.")
    _compare(there, model, shown[again], labels, second[again])
    first, then = (float((a[~again] == labels[chosen][~again]).mean()) for a in (answers[chosen], second))
    if first - then > there.gap:
        there.report(
            f"accuracy falls from {first:.2f} to {then:.2f} when the images are shifted by a pixel: "
            "the model may have learned these very images by heart"
        )


def _compare(there: Elsewhere, model: Any, shown: Any, labels: Any, answers: Any) -> None:
    """Reports a notebook whose model is another than the file's: the file's answers count."""
    try:
        own = there.own(model, shown)
        wrong = 0 if own is None else int((_classes(_checked(own, len(shown)), labels) != answers).sum())
    except Exception:  # whatever the notebook has made of it
        wrong = len(shown)
    if wrong > 1:  # one may lie between two classes
        there.report(
            f"the notebook's own model answers otherwise than the network that was handed in, for {wrong} of "
            f"{len(shown)} images: the network that was handed in counts"
        )


def shifted(image: Any, down: int, right: int) -> Any:
    """The image (H, W) or (H, W, C) moved by so many pixels; its edge is repeated where nothing comes in."""
    import numpy as np

    border = [(max(down, 0), max(-down, 0)), (max(right, 0), max(-right, 0))] + [(0, 0)] * (image.ndim - 2)
    height, width = image.shape[:2]
    top, left = max(-down, 0), max(-right, 0)
    return np.pad(image, border, mode="edge")[top : top + height, left : left + width]
