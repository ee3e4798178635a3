"""Model files made by hand, without Keras: a ZIP of a configuration and HDF5 weights, honest or not."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np


def layer(kind: str, name: str, **settings: Any) -> dict[str, Any]:
    """A layer as Keras 3 writes it."""
    own = {"name": name, "trainable": True, **settings}
    return {"module": "keras.layers", "class_name": kind, "config": own, "registered_name": None}


INPUT = layer("InputLayer", "input_layer", batch_shape=[None, 4])
DENSE = layer("Dense", "dense", units=3, activation="softmax", use_bias=True)


def config(*layers: dict[str, Any]) -> dict[str, Any]:
    """A Sequential model's configuration."""
    inner = {"name": "sequential", "layers": list(layers)}
    return {"module": "keras", "class_name": "Sequential", "config": inner, "registered_name": None}


def weights(file: h5py.File, arrays: Mapping[str, list[Any]]) -> None:
    """Layer's name → its arrays, as Keras 3 lays them out."""
    for name, values in arrays.items():
        held = file.create_group(f"layers/{name}/vars")
        held.attrs["name"] = name
        for place, value in enumerate(values):
            held.create_dataset(str(place), data=value)


def kernel(seed: int = 0) -> list[Any]:
    """The dense layer's 15 numbers."""
    return [np.random.default_rng(seed).normal(size=(4, 3)).astype("float32"), np.zeros(3, "float32")]


def hdf5(fill: Callable[[h5py.File], None]) -> bytes:
    """A file of weights."""
    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        fill(file)
    return out.getvalue()


def whole(path: Path, told: Any = None, fill: Callable[[h5py.File], None] | None = None, **parts: bytes) -> Path:
    """A `.keras` file; further `parts` by name."""
    told = config(INPUT, DENSE) if told is None else told
    fill = fill or (lambda file: weights(file, {"dense": kernel()}))
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("metadata.json", "{}")
        out.writestr("config.json", told if isinstance(told, str | bytes) else json.dumps(told))
        out.writestr("model.weights.h5", hdf5(fill))
        for name, data in parts.items():
            out.writestr(name, data)
    return path


def old(path: Path, told: Any = None, arrays: Mapping[str, list[Any]] | None = None) -> Path:
    """An `.h5` file as Keras wrote it before `.keras`."""
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config(INPUT, DENSE) if told is None else told)
        file.attrs["keras_version"] = "3.0.0"
        top = file.create_group("model_weights")
        top.attrs["layer_names"] = list(arrays or {"dense": 0})
        for name, values in (arrays or {"dense": kernel()}).items():
            group = file.create_group(f"model_weights/{name}")
            names = [f"sequential/{name}/{word}" for word in ("kernel", "bias")][: len(values)]
            group.attrs["weight_names"] = names
            for word, value in zip(names, values, strict=True):
                group.create_dataset(word, data=value)
    return path


def bare(path: Path, arrays: Mapping[str, list[Any]] | None = None) -> Path:
    """A `.weights.h5` file."""
    path.write_bytes(hdf5(lambda file: weights(file, arrays or {"dense": kernel()})))
    return path
