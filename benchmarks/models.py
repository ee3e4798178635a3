"""What `accuracy` costs beside plain `model.predict`, and a class beside the sum of its predictions.

    python -m benchmarks.models [--images 10000] [--rounds 5] [--submissions 30] [--model FILE.keras]

Rule: both sides look at the same images with the same file, in turns, in one run; the plain side is a Python script
as anybody would write it, with as many threads. Images are CIFAR-10's test set where it is at hand, else noise: the
time is the same. The network is that of the deck, 890,410 parameters, untrained unless a file is given.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from autograder import notebook
from autograder.batch.jobs import cores
from autograder.exam import paper, syllabus
from autograder.exam.invigilator import Invigilator, Terms
from autograder.sandbox import levels
from autograder.sandbox.hall import CANDIDATE, EXAMINER, Room, zygote_environment
from autograder.sandbox.launch import Zygote
from autograder.sandbox.mounts import libraries
from autograder.values import JSON, Trained

BIN = Path(sys.executable).parent
PACKAGE = str(Path(paper.__file__).parents[1])
QUIET = {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
MAKE = """
import sys, keras, numpy as np
from keras import layers
path, images, count, given = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
keras.utils.set_random_seed(1)
convolution = lambda n, **more: layers.Conv2D(n, 3, activation="relu", **more)
model = keras.models.load_model(given) if given else keras.Sequential([
    keras.Input((32, 32, 3)), convolution(32), convolution(32), layers.MaxPooling2D(), layers.Dropout(0.25),
    convolution(64), convolution(64), layers.MaxPooling2D(), layers.Dropout(0.25), layers.Flatten(),
    layers.Dense(512, activation="relu"), layers.Dropout(0.5), layers.Dense(10, activation="softmax")])
shape = model.input_shape[1:]
noise = lambda: np.random.default_rng(0).integers(0, 256, (10000, *shape))
known = np.load(images[1:])["x_test"] if images.startswith("@") else noise()
np.save(path + "/images.npy", np.resize(known, (count, *shape)).astype("uint8"))
for number in range(int(sys.argv[5])):
    weights = [w + np.float32(number) * 1e-4 for w in model.get_weights()]
    model.set_weights(weights)
    model.save(f"{path}/{number}.keras")
print(model.count_params())
"""
PLAIN = """
import json, sys, time, keras, numpy as np
x = np.load(sys.argv[1] + "/images.npy").astype("float32")
x /= 255
told = {}
for batch in (32, 256):
    model = keras.models.load_model(sys.argv[1] + "/0.keras")
    wall, cpu = time.perf_counter(), time.process_time()
    model.predict(x, batch_size=batch, verbose=0)
    told[batch] = [time.perf_counter() - wall, time.process_time() - cpu]
print(json.dumps(told))
"""
MEASURED = """import json, time
import numpy as np
from autograder.models import accuracy
x = np.load("{images}").astype("float32")
x /= 255
y = np.arange(len(x)) % 10
began = time.perf_counter()
accuracy(model, x, y)
json.dumps([time.perf_counter() - began])"""
GRADED = """### BEGIN HIDDEN TESTS
import numpy as np
from autograder.models import accuracy, credit
def points():
    x = np.load("{images}").astype("float32")
    x /= 255
    return credit(accuracy(model, x, np.arange(len(x)) % 10), {{0.0: 1, 1.0: 2}})
points()
### END HIDDEN TESTS"""


def plain(folder: Path, threads: int) -> dict[str, list[float]]:
    """Batch size → wall-clock and processor seconds of `model.predict` in a process of its own."""
    environment = {**os.environ, **QUIET, **zygote_environment(threads=threads, keras_home=None, exact=False)}
    told = subprocess.run(
        [sys.executable, "-c", PLAIN, str(folder)], env=environment, capture_output=True, text=True, check=True
    )
    found: dict[str, list[float]] = json.loads(told.stdout.splitlines()[-1])
    return found


def graded(folder: Path, warm: Zygote, level: int) -> list[float]:
    """Wall-clock seconds of `accuracy` in an exam; three processes have a part in it."""
    path = folder / "measured.ipynb"
    path.write_text(notebook.dumps(master(MEASURED.format(images=folder / "images.npy"))))
    read = notebook.read_master(path, "measured")
    trained = {"train": Trained("model", "model.keras", "0.keras")}
    merged = paper.merge(read, json.loads(json.dumps(read.raw)), trained=trained)
    room = Room(
        zygote=warm,
        level=level,
        read_only=libraries(PACKAGE),
        files={"0.keras": folder / "0.keras"},
        memory=4 << 30,
        output=1 << 20,
        file=1 << 28,
        seconds=600.0,
    )
    sitting = Invigilator(room, Terms(600.0, 600.0)).examine(merged, syllabus.lessons(read))
    (finding,) = sitting.findings.values()
    if finding.error or finding.fault or not isinstance(finding.result, str):
        raise SystemExit(f"The exam failed: {finding.error or finding.fault} {finding.detail}")
    told: list[float] = json.loads(finding.result)
    return told


def master(test: str) -> JSON:
    """A notebook with a training cell and one test."""

    def cell(name: str, source: str, **flags: object) -> JSON:
        known = {"schema_version": 3, "grade": False, "solution": False, "locked": False, "task": False}
        meta: JSON = {"nbgrader": {**known, "grade_id": name, **flags}}
        parts: JSON = {"outputs": [], "execution_count": None}
        return {"cell_type": "code", "id": name, "metadata": meta, "source": source, **parts}

    train = cell("train", "model = None", solution=True)
    train["metadata"]["autograder"] = {"train": {"binds": "model", "file": "model.keras"}}
    setup = cell("setup", "import keras", solution=True)
    cells = [setup, train, cell("test", test, grade=True, locked=True, points=2)]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def class_of(folder: Path, count: int) -> tuple[float, float, int]:
    """Wall-clock and processor seconds of the whole command for a class of model files, and how many were graded."""
    root = folder / "class"
    (root / "source" / "net").mkdir(parents=True)
    text = notebook.dumps(master(GRADED.format(images=folder / "images.npy")))
    (root / "source" / "net" / "net.ipynb").write_text(text)
    limits = 'cell_seconds = 600\nsubmission_seconds = 900\nmemory = "2 GiB"'
    (root / "course.toml").write_text(f"[limits]\n{limits}\n[grading]\ngradebook = ''\n")
    for number in range(count):
        place = root / "submitted" / f"student{number:02}" / "net"
        place.mkdir(parents=True)
        (place / "net.ipynb").write_text(text)
        (folder / f"{number}.keras").rename(place / "model.keras")
    began = time.perf_counter(), _processors()
    command = [str(BIN / "autograder"), "--course", str(root), "autograde", "net", "--allow-weak-jail", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began[0], _processors() - began[1]
    grades = [json.loads(line) for line in done.stdout.splitlines()]
    return *seconds, sum(grade["score"] >= 1 for grade in grades)


def _processors() -> float:
    """Processor seconds of all processes that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def compared(names: Mapping[str, Sequence[Sequence[float]]]) -> None:
    """A line for each way: medians, wall-clock and where known of processors, and times the fastest plain way."""
    medians = {
        name: [statistics.median(column) for column in zip(*runs, strict=True)] for name, runs in names.items()
    }
    best = min(told[0] for name, told in medians.items() if "predict" in name)
    for name, (wall, *more) in medians.items():
        cpu = f"{more[0]:7.2f} s of processors" if more else ""
        print(f"{name:28} {wall:7.2f} s {wall / best:5.2f} {cpu}".rstrip())


def main() -> None:
    """Both measurements, one after the other."""
    options = _options()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        files = max(1, options.submissions)
        data = Path(os.environ.get("AUTOGRADER_DATA", ""), "cifar10.npz")
        images = f"@{data}" if data.is_file() and not options.model else "noise"
        arguments = [name, images, str(options.images), options.model, str(files)]
        made = subprocess.run([sys.executable, "-c", MAKE, *arguments], capture_output=True, text=True, check=True,
                              env={**os.environ, **QUIET})  # fmt: skip
        print(f"{options.images:,} images, {int(made.stdout.split()[-1]):,} parameters, {cores()} cores", flush=True)
        _one(folder, options.rounds)
        if options.submissions:
            _class(folder, options.submissions, options.rounds)


def _one(folder: Path, rounds: int) -> None:
    found = levels.probe()
    level = found.level
    runs: dict[str, list[Sequence[float]]] = {
        "predict, batches of 32": [],
        "predict, batches of 256": [],
        "accuracy": [],
    }
    environment = zygote_environment(threads=cores(), keras_home=None, exact=False)
    with Zygote(
        preload=["keras", "autograder.models"], entries=[CANDIDATE, EXAMINER], environment=environment
    ) as warm:
        warm.start()
        for _ in range(rounds):
            told = plain(folder, cores())
            runs["predict, batches of 32"].append(told["32"])
            runs["predict, batches of 256"].append(told["256"])
            runs["accuracy"].append(graded(folder, warm, level))
    compared(runs)


def _class(folder: Path, count: int, rounds: int) -> None:
    def predicted() -> list[list[dict[str, list[float]]]]:
        """The predictions of one model alone, and of as many at once as there are cores."""
        with ThreadPoolExecutor(cores()) as pool:
            return [[plain(folder, 1)], list(pool.map(lambda _: plain(folder, 1), range(cores())))]

    found = [predicted() for _ in range(max(1, rounds // 2))]
    kept = (folder / "0.keras").read_bytes()
    wall, cpu, right = class_of(folder, count)
    (folder / "0.keras").write_bytes(kept)
    found += [predicted() for _ in range(max(1, rounds // 2))]
    print(f"class of {count}, {right} graded: {wall:.1f} s, {cpu:.1f} s of processors, start included")
    for batch in ("32", "256"):
        for how, runs in zip(("one at a time", "all cores at once"), zip(*found, strict=True), strict=True):
            one = [statistics.median(told[batch][place] for run in runs for told in run) for place in (0, 1)]
            floor = one[0] * count / cores(), one[1] * count
            sums = f"{floor[0]:.1f} s on {cores()} cores, {floor[1]:.1f} s of processors"
            ratios = f"ratios {wall / floor[0]:.2f} and {cpu / floor[1]:.2f}"
            print(f"  predict, batches of {batch}, {how}: {sums}; {ratios}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--submissions", type=int, default=30, help="0: leave the class out")
    parser.add_argument("--model", default="", help="a .keras file to use in place of the deck's network")
    return parser.parse_args()


if __name__ == "__main__":
    main()
