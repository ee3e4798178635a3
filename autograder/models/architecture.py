"""What a model is, as its file says: layers, shapes of weights, numbers of parameters.

Rule: nothing is built; the file is read under caps (`reading`), and only what is plain is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

from autograder.models.elsewhere import connected


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a model file."""

    name: str
    kind: str
    """Class name, such as `Conv2D`; of a file of bare weights what Keras calls the layer there, `conv2d`."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Its own configuration: filters, kernel_size, units, activation by name; empty for bare weights."""
    shapes: tuple[tuple[int, ...], ...] = ()
    """Shapes of its weights, in the order of `get_weights()`."""

    @property
    def parameters(self) -> int:
        """Numbers in its weights, those included that training leaves alone."""
        return sum(prod(shape) for shape in self.shapes)


@dataclass(frozen=True, slots=True)
class Architecture:
    """A model, as its file describes it."""

    file: str
    layers: tuple[Layer, ...]
    input_shape: tuple[int | None, ...] | None = None
    """Shape of the input, the batch first (None); None where the file does not say."""

    @property
    def parameters(self) -> int:
        """Numbers in all weights, as `model.count_params()` counts them."""
        return sum(layer.parameters for layer in self.layers)

    def of_kind(self, kind: str) -> tuple[Layer, ...]:
        """The layers of that class, in order."""
        return tuple(layer for layer in self.layers if layer.kind == kind)


def architecture(name: str) -> Architecture:
    """What the file (or, in an exam, the name to which the master binds it) holds; raises StudentError.

    `name`: `lenet.keras`, or `model`. Formats: `.keras`, `.h5`, `.weights.h5`. Nothing of it is built or run.
    """
    there = connected()
    if there is not None:
        return from_facts(there.facts(name))
    from autograder.models.reading import read

    return from_facts(read(Path(name)))


def from_facts(facts: Mapping[str, Any]) -> Architecture:
    """The plain facts that `reading.read` gives, as an Architecture."""
    layers = tuple(
        Layer(one["name"], one["kind"], one["settings"], tuple(tuple(s) for s in one["shapes"]))
        for one in facts["layers"]
    )
    shape = facts["input_shape"]
    return Architecture(facts["file"], layers, tuple(shape) if shape is not None else None)
