"""Model files for the demo's students: trained in seconds, or made by worse means.

Rule: they are made in a process of their own, so that the demo itself never loads TensorFlow. All are the reference
solution's network, so that what they are worth depends on the numbers in them, and on what else they carry.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from autograder.errors import GraderError

SEED = 2024
HASTE, FEW = 6000, 60
"""MNIST's images of which somebody in a hurry makes one pass, and those that somebody knows by heart."""
SMALL_HASTE, SMALL_FEW = 750, 25
"""The same of scikit-learn's digits, which are learned from fewer."""
SMALL = 5000
"""A data set of fewer images is that of the digits."""


def make(kinds: Iterable[str], reference: Path, data: Path | None) -> dict[str, bytes]:
    """The content of each kind of file (a key of MAKERS); raises GraderError.

    `reference` is the reference solution's model, `data` a folder with mnist.npz, or None for the digits.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", __name__, str(reference.resolve()), str(data or ""), *kinds]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise GraderError(f"The demo's models could not be made ({last}).", mend="Run `autograder doctor`.")
        return {kind: Path(folder, f"{kind}.keras").read_bytes() for kind in kinds}


def _main(reference: str, data: str, *kinds: str) -> None:
    import keras

    images, labels = _images(data)
    for kind in kinds:
        keras.utils.set_random_seed(SEED)
        MAKERS[kind](keras.models.load_model(reference, compile=False), images, labels).save(f"{kind}.keras")


def _images(data: str) -> tuple[Any, Any]:
    """The training images (N, 28, 28, 1) in 0..1, and their labels."""
    import numpy as np

    from autograder.data import digits

    path = Path(data) / "mnist.npz"
    held = np.load(path, allow_pickle=False) if data and path.is_file() else digits()
    return (held["x_train"][..., None] / 255).astype("float32"), held["y_train"]


def _careful(model: Any, _: Any, __: Any) -> Any:
    """As good as the reference, in other numbers: each weight is off by a hundredth."""
    import numpy as np

    draw = np.random.default_rng(SEED)
    model.set_weights([w * draw.normal(1, 0.01, w.shape) for w in model.get_weights()])
    return model


def _hasty(model: Any, images: Any, labels: Any) -> Any:
    some = HASTE if len(images) >= SMALL else SMALL_HASTE
    return _trained(model, images[:some], labels[:some], epochs=1)


def _by_heart(model: Any, images: Any, labels: Any) -> Any:
    few = FEW if len(images) >= SMALL else SMALL_FEW
    return _trained(model, images[:few], labels[:few], epochs=40)


def _untrained(model: Any, _: Any, __: Any) -> Any:
    import keras

    return keras.models.clone_model(model)


def _trojan(model: Any, _: Any, __: Any) -> Any:
    """A layer that is a program: it would write a file as soon as somebody loads the model."""
    import keras

    program = keras.layers.Lambda(lambda scores: (open("trojan-was-here.txt", "w"), scores)[1])  # noqa: PTH123, SIM115
    return keras.Sequential([keras.Input((28, 28, 1)), *model.layers, program])


def _trained(model: Any, images: Any, labels: Any, epochs: int) -> Any:
    import keras

    fresh = keras.models.clone_model(model)
    fresh.compile(keras.optimizers.Adam(0.002), "sparse_categorical_crossentropy")
    fresh.fit(images, labels, batch_size=32, epochs=epochs, verbose=0)
    return fresh


MAKERS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "careful": _careful,
    "hasty": _hasty,
    "by-heart": _by_heart,
    "untrained": _untrained,
    "trojan": _trojan,
}

if __name__ == "__main__":
    _main(*sys.argv[1:])
