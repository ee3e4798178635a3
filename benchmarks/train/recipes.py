"""How each reference solution is trained: data, network, and the settings that reach the lectures' figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras

from benchmarks.train import networks


@dataclass(frozen=True, slots=True)
class Recipe:
    """One reference solution."""

    data: str
    """The data set's name."""
    network: Callable[[], keras.Model]
    optimiser: Callable[[Any], keras.optimizers.Optimizer]
    """Makes the optimiser for a learning rate."""
    peak: float
    """The largest learning rate: it rises to this in the first fifth of the steps and falls to 0 as a cosine."""
    epochs: int
    lectures: float
    """The accuracy that the lectures report, or that the course asks for."""
    shift: int = 0
    """Pixels by which training images are shifted at most, each way."""
    mirror: bool = False
    """Whether half of the training images are mirrored."""
    smoothing: float = 0.0
    """Of the targets: so much of each is shared among all ten classes."""
    batch: int = 128


def sgd(rate: Any) -> keras.optimizers.Optimizer:
    """With Nesterov's momentum; weights of convolutions decay, biases and normalisation do not."""
    made = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=5e-3)
    made.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return made


RECIPES = {
    "lenet": Recipe("mnist", networks.lenet, keras.optimizers.Adam, 2e-3, 10, 0.9908, shift=2),
    "mnist_cnn": Recipe("mnist", networks.small, keras.optimizers.Adam, 2e-3, 12, 0.9926),
    "fashion_dense": Recipe("fashion_mnist", networks.dense, keras.optimizers.Adam, 2e-3, 20, 0.87),
    "fashion": Recipe("fashion_mnist", networks.small, keras.optimizers.Adam, 2e-3, 16, 0.92),
    "cifar": Recipe("cifar10", networks.colour, keras.optimizers.Adam, 2e-3, 30, 0.7998, mirror=True),
    "cifar_deep": Recipe("cifar10", networks.deep, sgd, 0.1, 25, 0.88, shift=4, mirror=True, smoothing=0.1),
}


def rate(recipe: Recipe, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """The learning rate over that many steps in all."""
    rise = steps // 5
    return keras.optimizers.schedules.CosineDecay(
        recipe.peak / 25, steps - rise, alpha=0.0, warmup_target=recipe.peak, warmup_steps=rise
    )
