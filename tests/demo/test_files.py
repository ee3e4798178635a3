"""The demo's model files are worth what the class's marks say, on either data set."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from autograder.data import digits
from autograder.demo import files, place

MNIST = os.environ.get("AUTOGRADER_DATA", "")
REFERENCE = place.SOURCE / "lenet" / "lenet.keras"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "hasty", "by_heart"),
    [
        pytest.param("", (0.65, 0.895), (0.0, 0.80), id="digits"),
        pytest.param(
            MNIST,
            (0.91, 0.984),
            (0.0, 0.97),
            id="MNIST",
            marks=pytest.mark.skipif(not MNIST, reason="AUTOGRADER_DATA names no folder with the data sets"),
        ),
    ],
)
def test_little_training_earns_a_part(
    tmp_path: Path, data: str, hasty: tuple[float, float], by_heart: tuple[float, float]
) -> None:
    """A hasty epoch between none and all of the points, few images by heart at most half, as `lenet` gives them."""
    keras = pytest.importorskip("keras")
    held = np.load(Path(data) / "mnist.npz") if data else digits()
    images, labels = (held["x_test"][..., None] / 255).astype("float32"), held["y_test"]
    made = files.make(["hasty", "by-heart"], REFERENCE, Path(data) if data else None)
    for kind, (least, most) in (("hasty", hasty), ("by-heart", by_heart)):
        path = tmp_path / f"{kind}.keras"
        path.write_bytes(made[kind])
        model = keras.models.load_model(path, compile=False)
        accuracy = float((model.predict(images, verbose=0).argmax(axis=1) == labels).mean())
        assert least <= accuracy <= most, (kind, accuracy)
