"""Data sets: where they lie, and what of them a student's code and a test may see.

Rule: the labels of the hidden split never reach a candidate. In a candidate `keras.datasets.*.load_data()` gives the
real training images and, in place of the test split, as many images of the training split; in an examiner it gives
the real test split, or the course's own.

A data set is one `.npz` file with x_train, y_train, x_test, y_test (uint8), in Keras's layout. Where MNIST is not at
hand, scikit-learn's real 8×8 digits stand in for it, enlarged to 28×28 so that the same networks fit.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import GraderError

NAMES = ("mnist", "fashion_mnist", "cifar10")
COLUMN_LABELS = ("cifar10",)
"""Data sets whose labels Keras gives as a column, shape (N, 1)."""
STAND_IN_SIDE = 28
"""Pixels of a stand-in image's side: 8 enlarged 3 times, with a border of 2."""


@dataclass(frozen=True, slots=True)
class Homes:
    """Two folders laid out as Keras's cache."""

    candidate: Path
    """For the student's process: no test split."""
    examiner: Path
    """For the tests: the real test split."""
    stand_ins: tuple[str, ...]
    """Data sets that are not at hand, with the digits in their place."""


def mentioned(sources: Iterable[str]) -> list[str]:
    """Data sets that any of these texts names."""
    text = "\n".join(sources)
    return [name for name in NAMES if name in text and "datasets" in text]


def prepare(folder: Path | None, names: Iterable[str], cache: Path, hidden: Path | None = None) -> Homes:
    """Lays out both caches for these data sets, once; raises GraderError when a file is damaged.

    `hidden`: a folder whose NAME.npz hold x_test and y_test to be used in place of the standard ones. What has been
    laid out is never changed, since others may be grading with it: other files have another place.
    """
    files = {name: (_file(folder, name), _file(hidden, name)) for name in names}
    files = {name: found for name, found in files.items() if found[0] is not None or name == "mnist"}
    place = cache / _key(files)
    if not place.is_dir():
        with tempfile.TemporaryDirectory(dir=cache) as made:
            _fill(Path(made) / place.name, files)
            with contextlib.suppress(OSError):  # somebody else may have been quicker
                (Path(made) / place.name).rename(place)
    if not place.is_dir():
        raise GraderError(f"Data sets could not be laid out in {place}.", mend="Is the disk full?")
    return Homes(place / "candidate", place / "examiner", standing_in(folder, names))


_Files = Mapping[str, tuple[Path | None, Path | None]]
"""Data set → its file, None for the digits, and the course's own hidden split."""


def _key(files: _Files) -> str:
    """A name for what comes of these files: of their places, sizes and times."""
    told = [f"{name} {' '.join(_stamp(p) for p in found if p is not None)}" for name, found in sorted(files.items())]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def _fill(place: Path, files: _Files) -> None:
    for role in ("candidate", "examiner"):
        (place / role).mkdir(parents=True)
    for name, (source, own) in files.items():
        arrays = _read(source) if source is not None else digits()
        _lay_out(place, name, _with_own(arrays, own) if own is not None else arrays)


def hidden_hashes(names: Iterable[str], hidden: Path | None) -> dict[str, str]:
    """Data set → SHA-256 of the course's own hidden split, where it has one."""
    found = {name: _file(hidden, name) for name in names}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in found.items() if path is not None}


def _file(folder: Path | None, name: str) -> Path | None:
    path = folder / f"{name}.npz" if folder is not None else None
    return path if path is not None and path.is_file() else None


def _with_own(arrays: dict[str, Any], own: Path) -> dict[str, Any]:
    """The data set with the course's own images and labels in place of the standard test split."""
    split = _read(own, ("x_test", "y_test"))
    x, y = split["x_test"], split["y_test"].reshape(-1)
    if x.shape[1:] != arrays["x_train"].shape[1:] or len(x) != len(y) or not len(x):
        wanted = ("N", *arrays["x_train"].shape[1:])
        raise GraderError(
            f"{own}: x_test has the shape {x.shape} and y_test {split['y_test'].shape}, which do not fit.",
            mend=f"x_test must have the shape ({', '.join(map(str, wanted))}), y_test a label for each.",
        )
    return {**arrays, "x_test": x, "y_test": y}


def standing_in(folder: Path | None, names: Iterable[str]) -> tuple[str, ...]:
    """Data sets that are not in the folder, with the digits in their place."""
    return tuple(n for n in names if n == "mnist" and not (folder is not None and (folder / "mnist.npz").is_file()))


def _stamp(path: Path) -> str:
    told = path.stat()
    return hashlib.sha256(f"{path.resolve()} {told.st_size} {told.st_mtime_ns}".encode()).hexdigest()


def _read(path: Path, keys: Iterable[str] = ("x_train", "y_train", "x_test", "y_test")) -> dict[str, Any]:
    import numpy as np

    try:
        with np.load(path, allow_pickle=False) as held:
            return {key: held[key] for key in keys}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError) as e:
        raise GraderError(f"{path} is not a data set ({e}).", mend="Fetch it again.") from e


def _lay_out(place: Path, name: str, arrays: dict[str, Any]) -> None:
    import numpy as np

    count = len(arrays["x_test"])
    practice = {**arrays, "x_test": arrays["x_train"][:count], "y_test": arrays["y_train"][:count]}
    for role, content in (("examiner", arrays), ("candidate", practice)):
        target = place / role / "datasets" / f"{name}.npz"
        target.parent.mkdir(exist_ok=True)
        np.savez(target, **content)  # uncompressed: it is read once for each submission


def digits() -> dict[str, Any]:
    """scikit-learn's 1,797 handwritten digits as a small MNIST: 1,437 to train, 360 to test, uint8 (N, 28, 28)."""
    import numpy as np
    from sklearn.datasets import load_digits

    held = load_digits()
    images = np.kron(np.asarray(held.images), np.ones((3, 3)))  # (N, 8, 8) → (N, 24, 24)
    images = np.pad(images, ((0, 0), (2, 2), (2, 2))) * (255 / 16)
    order = np.random.default_rng(0).permutation(len(images))
    x, y = images[order].round().astype(np.uint8), np.asarray(held.target)[order].astype(np.uint8)
    return {"x_train": x[:1437], "y_train": y[:1437], "x_test": x[1437:], "y_test": y[1437:]}


def serve() -> None:
    """Makes `keras.datasets.*.load_data` read KERAS_HOME, in a process that has loaded Keras; no network is asked."""
    for name in NAMES:
        for module in list(sys.modules):
            if module.endswith(f"datasets.{name}") and hasattr(sys.modules[module], "load_data"):
                sys.modules[module].load_data = _loader(name, sys.modules[module].load_data)  # type: ignore[attr-defined]


def _loader(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def load_data(*args: Any, **kwargs: Any) -> Any:
        import numpy as np

        path = Path(os.environ.get("KERAS_HOME", "")) / "datasets" / f"{name}.npz"
        if not path.is_file():
            return original(*args, **kwargs)
        with np.load(path, allow_pickle=False) as held:
            x_train, y_train, x_test, y_test = (held[k] for k in ("x_train", "y_train", "x_test", "y_test"))
        if name in COLUMN_LABELS:
            y_train, y_test = y_train.reshape(-1, 1), y_test.reshape(-1, 1)
        return (x_train, y_train), (x_test, y_test)

    load_data.__doc__ = original.__doc__
    return load_data
