"""Accuracy and its kin in a plain kernel, where the model is an object of the same process."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.errors import GraderError, StudentError
from autograder.models import accuracy, confusion, predictions
from autograder.models.scores import shifted

X = np.arange(24.0).reshape(6, 4)
Y = np.array([0, 1, 2, 0, 1, 2])


class Model:
    """Answers with what it was given."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def predict(self, images: Any) -> Any:
        return self.answer(images) if callable(self.answer) else self.answer


def scores(*classes: int) -> Any:
    """Rows whose largest score is in that column."""
    return np.eye(3)[list(classes)]


def test_accuracy_is_the_share_of_right_largest_scores() -> None:
    """With labels as numbers, as a column, and one-hot; a plain float."""
    model = Model(scores(0, 1, 2, 0, 0, 0))
    told = [accuracy(model, X, y) for y in (Y, Y[:, None], np.eye(3)[Y], list(Y))]
    assert [pytest.approx(4 / 6)] * 4 == told and float is type(told[0])


def test_one_sigmoid_serves_two_classes() -> None:
    """A column of probabilities is compared with a half."""
    assert 0.75 == accuracy(Model(np.array([[0.9], [0.2], [0.6], [0.4]])), X[:4], [1, 0, 0, 0])


def test_a_function_is_a_model_too() -> None:
    """And one with predict_proba is asked for its probabilities, not for its labels."""

    class Forest:
        def predict(self, images: Any) -> Any:
            return np.zeros(len(images))

        def predict_proba(self, images: Any) -> Any:
            return scores(*Y)

    assert (1.0, 1.0) == (accuracy(lambda images: scores(*Y), X, Y), accuracy(Forest(), X, Y))


def test_confusion_counts_truth_by_row_and_answer_by_column() -> None:
    """With a row for a class that is never answered."""
    table = confusion(Model(scores(0, 1, 1, 0, 0, 1)), X, Y)
    assert [[2, 0, 0], [1, 1, 0], [0, 2, 0]] == table.tolist()


def test_predictions_are_floats() -> None:
    """Single precision stays, whole numbers become floats."""
    assert ("float32", "float64") == tuple(
        str(predictions(Model(scores(*Y).astype(kind)), X).dtype) for kind in ("float32", "int64")
    )


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (np.ones((6, 1)) * 7, r"\(6, 1\); \(6, 3\) is expected"),
        (np.ones((6, 2)), r"\(6, 2\); \(6, 3\) is expected"),
        (np.ones(6), r"shape \(6,\); \(6, C\) is expected"),
        (np.ones((5, 3)), r"shape \(5, 3\)"),
        (np.ones((6, 3, 1)), "a row for each image"),
        (np.full((6, 3), np.nan), "not finite numbers .* 6 of 6"),
        (np.where(np.eye(6, 3) > 0, np.inf, 0), "3 of 6 images"),
        (np.full((6, 3), "one"), "not with an array of numbers"),
        (object(), "answers with object"),
        (None, "answers with NoneType"),
        (np.full((6, 3), 1j), "complex128"),
    ],
    ids=["one column", "too few", "labels", "too few rows", "three axes", "NaN", "infinite", "texts", "object", "none", "complex"],
)  # fmt: skip
def test_what_is_no_score_is_explained(answer: Any, says: str) -> None:
    """It is the submission's fault, and says what was expected."""
    with pytest.raises(StudentError, match=says):
        accuracy(Model(answer), X, Y)


def test_not_a_number_never_passes() -> None:
    """The control: argmax makes a class of NaN, and a naive accuracy is right by chance."""
    broken = Model(np.full((6, 3), np.nan))
    assert float((broken.predict(X).argmax(axis=1) == 0).mean()) == 1.0
    with pytest.raises(StudentError):
        accuracy(broken, X, np.zeros(6, int))


@pytest.mark.parametrize(
    ("x", "y"), [(X, Y[:5]), (X, Y - 1), (X[:0], Y[:0]), (list("abc"), Y), (X, Y + 0.5 * np.nan)]
)
def test_images_without_fitting_labels_are_the_tests_mistake(x: Any, y: Any) -> None:
    """No student loses points for it."""
    with pytest.raises(GraderError):
        accuracy(Model(scores(*Y)), x, y)


def test_double_precision_is_halved_before_a_model_sees_it() -> None:
    """As Keras would; whole numbers stay as they are."""
    seen: list[str] = []
    model = Model(lambda images: [seen.append(str(images.dtype)), scores(*Y)][1])
    accuracy(model, X, Y)
    accuracy(model, X.astype("uint8"), Y)
    assert ["float32", "uint8"] == seen


def test_a_shifted_image_keeps_its_size_and_repeats_its_edge() -> None:
    """Down and right are positive."""
    image = np.arange(9).reshape(3, 3)
    assert [[0, 1, 2], [0, 1, 2], [3, 4, 5]] == shifted(image, 1, 0).tolist()
    assert [[1, 2, 2], [4, 5, 5], [7, 8, 8]] == shifted(image, 0, -1).tolist()
    assert (3, 3, 2) == shifted(np.ones((3, 3, 2)), -2, 2).shape
