"""Slips in networks, for Keras and its like: activations, layers, losses, optimizers.

Rule: a layer is a call whose name is that of a layer, wherever it comes from; its sizes are left to the constants.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from typing import Any

from autograder.check.changes import Change, Place, called, changed, exchanged, renamed, without

LAYERS = frozenset().union(
    {
        "Dense",
        "Flatten",
        "Reshape",
        "Dropout",
        "Activation",
        "ReLU",
        "LeakyReLU",
        "Softmax",
        "Rescaling",
        "Embedding",
    },
    {"Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "SeparableConv2D", "DepthwiseConv2D", "ZeroPadding2D"},
    {"MaxPooling1D", "MaxPooling2D", "MaxPool2D", "AveragePooling2D", "AvgPool2D", "UpSampling2D"},
    {
        "GlobalAveragePooling2D",
        "GlobalMaxPooling2D",
        "BatchNormalization",
        "LayerNormalization",
        "Add",
        "Concatenate",
    },
    {"LSTM", "GRU", "SimpleRNN", "Linear", "Conv1d", "Conv2d", "MaxPool2d", "AvgPool2d", "BatchNorm2d"},
)
ACTIVATIONS = {
    "relu": ("sigmoid", "linear"),
    "sigmoid": ("relu", "tanh"),
    "tanh": ("sigmoid", "relu"),
    "softmax": ("sigmoid", "linear"),
    "linear": ("relu",),
    "gelu": ("linear",),
    "elu": ("linear",),
    "swish": ("linear",),
}
LOSSES = {
    "binary_crossentropy": "mean_squared_error",
    "sparse_categorical_crossentropy": "categorical_crossentropy",
    "categorical_crossentropy": "mean_squared_error",
    "mean_squared_error": "mean_absolute_error",
    "mse": "mae",
}
POOLS = {
    "MaxPooling2D": "AveragePooling2D",
    "AveragePooling2D": "MaxPooling2D",
    "MaxPool2D": "AvgPool2D",
    "AvgPool2D": "MaxPool2D",
    "GlobalAveragePooling2D": "GlobalMaxPooling2D",
    "GlobalMaxPooling2D": "GlobalAveragePooling2D",
}
OPTIMIZERS = {"Adam": "SGD", "AdamW": "SGD", "RMSprop": "SGD", "SGD": "Adam"}


def wrong_pooling(node: Any, _: Place) -> Iterator[Change]:
    """The mean for the maximum."""
    if called(node) in POOLS:
        yield renamed(node, POOLS[called(node)])


def wrong_optimizer(node: Any, _: Place) -> Iterator[Change]:
    """Another method of descent, with the same settings."""
    if called(node) in OPTIMIZERS:
        yield renamed(node, OPTIMIZERS[called(node)])


def wrong_optimizer_name(node: Any, place: Place) -> Iterator[Change]:
    """As `wrong_optimizer`, where it is called by a word."""
    if _is_argument(place, "optimizer") and isinstance(node.value, str):
        yield ast.Constant("adam" if node.value == "sgd" else "sgd")


def layer_left_out(node: Any, _: Place) -> Iterator[Change]:
    """One layer of several forgotten."""
    layers = _layers(node)
    for i in layers if len(layers) > 1 else ():
        yield without(changed(node, elts=[*node.elts[:i], *node.elts[i + 1 :]]), node.elts[i])


def layers_swapped(node: Any, _: Place) -> Iterator[Change]:
    """A layer in the place of the next."""
    for i, j in itertools.pairwise(_layers(node)):
        elts = list(node.elts)
        elts[i], elts[j] = elts[j], elts[i]
        yield exchanged(changed(node, elts=elts), elts[j], elts[i])


def wrong_activation(node: Any, place: Place) -> Iterator[Change]:
    """Another function, as `activation=` or in a layer of its own."""
    if _is_argument(place, "activation") or called(place.parent) == "Activation":
        for other in ACTIVATIONS.get(node.value, ()):
            yield ast.Constant(other)


def wrong_loss(node: Any, place: Place) -> Iterator[Change]:
    """Another loss."""
    if _is_argument(place, "loss") and node.value in LOSSES:
        yield ast.Constant(LOSSES[node.value])


def wrong_rate(node: Any, place: Place) -> Iterator[Change]:
    """A learning rate far off: a hundred times too large, a thousand times too small."""
    if _is_argument(place, "learning_rate", "lr"):
        yield ast.BinOp(node, ast.Mult(), ast.Constant(100))
        yield ast.BinOp(node, ast.Div(), ast.Constant(1000))


def too_few_epochs(_: Any, place: Place) -> Iterator[Change]:
    """A single epoch."""
    if _is_argument(place, "epochs"):
        yield ast.Constant(1)


def _is_argument(place: Place, *names: str) -> bool:
    return isinstance(place.parent, ast.keyword) and place.parent.arg in names


def _layers(node: Any) -> list[int]:
    return [i for i, e in enumerate(node.elts) if called(e) in LAYERS]
