"""Trained models as test cells ask them: accuracy, credit, predictions, confusion, architecture.

Rule: images go to a model and scores come back by value; labels stay with whoever asks. In a plain kernel these are
ordinary functions; where the model stays in another process (`elsewhere`), the same functions ask over there.
"""

from autograder.models.architecture import Architecture, Layer, architecture
from autograder.models.credit import credit
from autograder.models.scores import accuracy, confusion, predictions

__all__ = ["Architecture", "Layer", "accuracy", "architecture", "confusion", "credit", "predictions"]
