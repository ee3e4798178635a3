"""Training images in batches, each epoch in a new order, shifted and mirrored where the recipe says so."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray


def load(name: str) -> dict[str, NDArray[Any]]:
    """One data set of the folder AUTOGRADER_DATA: images (n, h, w, c), float32 in 0..1, and labels (n,)."""
    with np.load(Path(os.environ["AUTOGRADER_DATA"]) / f"{name}.npz", allow_pickle=False) as held:
        found = {key: held[key] for key in ("x_train", "y_train", "x_test", "y_test")}
    for key in ("x_train", "x_test"):
        images = found[key].astype(np.float32) / 255
        found[key] = images if images.ndim == 4 else images[..., np.newaxis]
    return found


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches (images, one-hot labels); what an epoch shows follows from the seed and the epoch's number alone."""

    def __init__(self, x: NDArray[Any], y: NDArray[Any], *, batch: int, shift: int, mirror: bool, seed: int) -> None:
        """Images are shifted by up to `shift` pixels each way, over black, and half of them mirrored."""
        super().__init__()
        side = ((0, 0), (shift, shift), (shift, shift), (0, 0))
        self.x, self.y = np.pad(x, side), np.eye(10, dtype=np.float32)[y]
        self.shape = x.shape[1:3]
        self.batch, self.shift, self.mirror, self.seed = batch, shift, mirror, seed
        self.begin(0)

    def begin(self, epoch: int) -> None:
        """Deals the images anew."""
        self.chance = np.random.default_rng((self.seed, epoch))
        self.order = self.chance.permutation(len(self.x))

    def __len__(self) -> int:
        """Whole batches; the few images that remain come in another epoch."""
        return len(self.x) // self.batch

    def __getitem__(self, index: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """The batch of that number."""
        picked = self.order[index * self.batch : (index + 1) * self.batch]
        return self._varied(picked), self.y[picked]

    def _varied(self, picked: NDArray[Any]) -> NDArray[Any]:
        count, (height, width) = len(picked), self.shape
        top, left = self.chance.integers(0, 2 * self.shift + 1, (2, count, 1))
        rows, columns = top + np.arange(height), left + np.arange(width)
        if self.mirror:
            turned = self.chance.random(count) < 0.5
            columns[turned] = columns[turned, ::-1]
        out: NDArray[Any] = self.x[picked[:, None, None], rows[:, :, None], columns[:, None, :]]
        return out
