"""One reference solution, from the data to the file. Begun again, it goes on after its last whole epoch."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

NAMES = ("lenet", "mnist_cnn", "fashion_dense", "fashion", "cifar", "cifar_deep")


def main() -> None:
    """Trains, keeps the file, and has TensorFlow grade it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.train")
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--backend", choices=("tensorflow", "torch", "jax"), default="tensorflow")
    parser.add_argument("--out", type=Path, default=Path("trained"))
    parser.add_argument("--seed", type=int, default=2024)
    options = parser.parse_args()
    os.environ["KERAS_BACKEND"] = options.backend  # before Keras is imported
    options.out.mkdir(parents=True, exist_ok=True)
    print(json.dumps(_train(options.name, options.backend, options.out, options.seed)))


def _train(name: str, backend: str, out: Path, seed: int) -> dict[str, Any]:
    import keras

    from benchmarks.train import half, images
    from benchmarks.train.recipes import RECIPES, rate

    recipe = RECIPES[name]
    keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy("mixed_bfloat16" if backend == "tensorflow" else "float32")
    held = images.load(recipe.data)
    batches = images.Batches(
        held["x_train"], held["y_train"], batch=recipe.batch, shift=recipe.shift, mirror=recipe.mirror, seed=seed
    )
    model = recipe.network()
    model.compile(
        recipe.optimiser(rate(recipe, recipe.epochs * len(batches))),
        keras.losses.CategoricalCrossentropy(label_smoothing=recipe.smoothing),
        metrics=["accuracy"],
    )
    began, processor = time.perf_counter(), time.process_time()
    model.fit(batches, epochs=recipe.epochs, verbose=2, shuffle=False, callbacks=_callbacks(batches, out, name))
    spent = {"seconds": round(time.perf_counter() - began), "processor": round(time.process_time() - processor)}
    keras.config.set_dtype_policy("float32")
    kept = recipe.network()
    kept.set_weights(model.get_weights())
    half.save(kept, out / f"{name}.keras")
    return {"name": name, "backend": backend, "parameters": kept.count_params(), **spent,
            "accuracy": _graded(out / f"{name}.keras", recipe.data), "lectures": recipe.lectures}  # fmt: skip


def _callbacks(batches: Any, out: Path, name: str) -> list[Any]:
    import keras

    return [
        keras.callbacks.BackupAndRestore(out / f"{name}.checkpoint"),
        keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: batches.begin(epoch)),
    ]


def _graded(file: Path, data: str) -> float:
    """In a process of its own, as the backend cannot be changed within one."""
    command = [sys.executable, "-m", "benchmarks.train.evaluate", str(file), data]
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout)


if __name__ == "__main__":
    main()
