"""The accuracy of a file, loaded with plain Keras, on a data set's test images.

python -m benchmarks.train.evaluate FILE mnist|fashion_mnist|cifar10
"""

from __future__ import annotations

import sys

import keras

from benchmarks.train import images


def accuracy(file: str, data: str) -> float:
    """Share of the test images that the network names rightly."""
    held = images.load(data)
    answers = keras.models.load_model(file, compile=False).predict(held["x_test"], batch_size=500, verbose=0)
    return float((answers.argmax(axis=1) == held["y_test"]).mean())


if __name__ == "__main__":
    print(f"{accuracy(*sys.argv[1:]):.4f}")
