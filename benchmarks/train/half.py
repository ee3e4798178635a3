"""A trained network, kept small: its weights in half precision, in a file that plain Keras loads."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np

WEIGHTS = "model.weights.h5"
"""Keras's name for the weights inside a .keras file."""


def save(model: keras.Model, path: Path) -> None:
    """Writes the network without its optimiser. Loaded, it calculates in float32 again."""
    whole = path.with_name(f"whole-{path.name}")
    model.save(whole)
    with zipfile.ZipFile(whole) as held, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name in held.namelist():
            content = held.read(name)
            out.writestr(name, _halved(content) if name == WEIGHTS else content)
    whole.unlink()


def _halved(content: bytes) -> bytes:
    made = io.BytesIO()
    with h5py.File(io.BytesIO(content)) as source, h5py.File(made, "w") as target:
        _copy(source, target)
    return made.getvalue()


def _copy(source: h5py.Group, target: h5py.Group) -> None:
    target.attrs.update(source.attrs)
    for name, item in source.items():
        if isinstance(item, h5py.Group):
            _copy(item, target.create_group(name))
        else:
            target.create_dataset(name, data=item[()].astype(np.float16)).attrs.update(item.attrs)
