"""The networks of the lectures, and one more for CIFAR-10. Inputs are float32 in 0..1, outputs ten probabilities."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers


def lenet() -> keras.Model:
    """LeNet-5 in the lectures' variant for 28×28 pixels: 545,546 parameters."""
    return _stack(
        (28, 28, 1),
        layers.Conv2D(6, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(16, 5, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(120, 5, padding="same", activation="relu"),
        layers.Flatten(),
        layers.Dense(84, activation="relu"),
    )


def dense() -> keras.Model:
    """784-128-64-32-10, for Fashion-MNIST: 111,146 parameters."""
    hidden = [layers.Dense(units, activation="relu") for units in (128, 64, 32)]
    return _stack((28, 28, 1), layers.Flatten(), *hidden)


def small() -> keras.Model:
    """Two convolutions and a large dense layer, for MNIST and Fashion-MNIST: 1,199,882 parameters."""
    return _stack(
        (28, 28, 1),
        layers.Conv2D(32, 3, activation="relu"),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Dropout(0.25),
        layers.Flatten(),
        layers.Dense(128, activation="relu"),
        layers.Dropout(0.5),
    )


def colour() -> keras.Model:
    """Two pairs of convolutions, for CIFAR-10: 890,410 parameters."""
    return _stack(
        (32, 32, 3),
        layers.Conv2D(32, 3, activation="relu"),
        layers.Conv2D(32, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Dropout(0.25),
        layers.Conv2D(64, 3, activation="relu"),
        layers.Conv2D(64, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Dropout(0.25),
        layers.Flatten(),
        layers.Dense(512, activation="relu"),
        layers.Dropout(0.5),
    )


def deep() -> keras.Model:
    """Eight convolutions with batch normalisation, two of them in a residual block, for CIFAR-10.

    734,826 parameters, 53 million multiplications an image.
    """
    image = keras.Input((32, 32, 3))
    x = _normed(_normed(image, 32), 32)
    x = layers.MaxPooling2D()(x)
    x = _normed(_normed(x, 64), 64)
    x = layers.MaxPooling2D()(x)
    x = _normed(x, 128)
    x = layers.Add()([x, _normed(_normed(x, 128), 128)])
    x = layers.MaxPooling2D()(x)
    x = _normed(x, 256)
    x = layers.GlobalMaxPooling2D()(x)
    return keras.Model(image, layers.Dense(10, activation="softmax", dtype="float32")(x))


def _normed(x: Any, filters: int) -> Any:
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))


def _stack(shape: tuple[int, int, int], *body: Any) -> keras.Model:
    """Softmax stays in float32, whatever the others calculate in."""
    return keras.Sequential([keras.Input(shape), *body, layers.Dense(10, activation="softmax", dtype="float32")])
