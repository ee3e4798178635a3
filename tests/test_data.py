"""Data sets: what a candidate and an examiner see of them."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from autograder import data
from autograder.errors import GraderError


def put(folder: Path, name: str = "mnist", **changes: object) -> None:
    """A tiny data set whose test labels are told from its training labels: 7 against 1."""
    images = np.arange(6 * 2 * 2, dtype=np.uint8).reshape(6, 2, 2)
    arrays = {"x_train": images, "y_train": np.full(6, 1, np.uint8), "x_test": images[:3] + 100}
    np.savez(folder / f"{name}.npz", **{**arrays, "y_test": np.full(3, 7, np.uint8), **changes})


def held(home: Path, name: str = "mnist") -> dict[str, np.ndarray]:
    """The arrays in a home."""
    with np.load(home / "datasets" / f"{name}.npz", allow_pickle=False) as found:
        return {key: found[key] for key in found.files}


def test_a_candidate_never_gets_the_hidden_split(tmp_path: Path) -> None:
    """Its test images and labels are training ones; the examiner's are the real ones."""
    put(tmp_path)
    homes = data.prepare(tmp_path, ["mnist"], tmp_path)
    assert {1} == set(held(homes.candidate)["y_test"].tolist())
    assert {7} == set(held(homes.examiner)["y_test"].tolist())
    assert 0 == np.isin(held(homes.candidate)["x_test"], held(homes.examiner)["x_test"]).sum()
    assert held(homes.candidate)["x_test"].shape == held(homes.examiner)["x_test"].shape


def test_a_course_may_have_hidden_images_of_its_own(tmp_path: Path) -> None:
    """They take the test split's place for the examiner; other courses keep the standard one."""
    put(tmp_path)
    own = tmp_path / "own"
    own.mkdir()
    np.savez(own / "mnist.npz", x_test=np.full((4, 2, 2), 9, np.uint8), y_test=np.full((4, 1), 5, np.uint8))
    homes = data.prepare(tmp_path, ["mnist"], tmp_path, own)
    standard = data.prepare(tmp_path, ["mnist"], tmp_path)
    assert ([5] * 4, (4, 2, 2)) == (
        held(homes.examiner)["y_test"].tolist(), held(homes.examiner)["x_test"].shape)  # fmt: skip
    assert [1] * 4 == held(homes.candidate)["y_test"].tolist()
    assert {7} == set(held(standard.examiner)["y_test"].tolist())
    before = data.hidden_hashes(["mnist", "cifar10"], own)
    np.savez(own / "mnist.npz", x_test=np.full((4, 2, 2), 8, np.uint8), y_test=np.full(4, 5, np.uint8))
    assert ["mnist"] == list(before) and before != data.hidden_hashes(["mnist"], own)


def test_hidden_images_that_do_not_fit_are_told_with_what_would(tmp_path: Path) -> None:
    """Before anybody is graded with them."""
    put(tmp_path)
    own = tmp_path / "own"
    own.mkdir()
    np.savez(own / "mnist.npz", x_test=np.zeros((4, 3, 3), np.uint8), y_test=np.zeros(4, np.uint8))
    with pytest.raises(GraderError, match=r"own/mnist\.npz: .*\(N, 2, 2\)"):
        data.prepare(tmp_path, ["mnist"], tmp_path, own)


def test_the_digits_stand_in_for_mnist_and_say_so(tmp_path: Path) -> None:
    """Without a folder there are 1,437 and 360 real digits of 28×28 in 0..255."""
    homes = data.prepare(None, ["mnist", "cifar10"], tmp_path)
    found = held(homes.examiner)
    assert ("mnist",) == homes.stand_ins
    assert [(1437, 28, 28), (360, 28, 28)] == [found["x_train"].shape, found["x_test"].shape]
    assert (0, 255, np.uint8) == (found["x_train"].min(), found["x_train"].max(), found["x_train"].dtype)
    assert not (homes.examiner / "datasets" / "cifar10.npz").exists()


def test_a_changed_file_is_laid_out_anew(tmp_path: Path) -> None:
    """The cache knows the file by place, size and time."""
    put(tmp_path)
    data.prepare(tmp_path, ["mnist"], tmp_path)
    put(tmp_path, y_test=np.full(3, 9, np.uint8))
    os.utime(tmp_path / "mnist.npz", (1, 1))
    homes = data.prepare(tmp_path, ["mnist"], tmp_path)
    assert {9} == set(held(homes.examiner)["y_test"].tolist())


def test_what_is_laid_out_stays_as_others_found_it(tmp_path: Path) -> None:
    """A run with other files, or with none, changes nothing under the hands of one that goes on."""
    put(tmp_path)
    homes = data.prepare(tmp_path, ["mnist"], tmp_path)
    with_digits = data.prepare(None, ["mnist"], tmp_path)
    assert [7, 7, 7] == held(homes.examiner)["y_test"].tolist()
    assert 360 == len(held(with_digits.examiner)["y_test"])
    assert homes == data.prepare(tmp_path, ["mnist"], tmp_path)


def test_two_that_lay_out_the_same_get_the_same(tmp_path: Path) -> None:
    """At once, and each of them whole."""
    put(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: data.prepare(tmp_path, ["mnist"], tmp_path), range(8)))
    (homes,) = found
    assert [7, 7, 7] == held(homes.examiner)["y_test"].tolist()
    assert ["mnist.npz"] == [path.name for path in tmp_path.iterdir() if path != homes.examiner.parent]


def test_a_damaged_file_is_a_grader_error_that_names_it(tmp_path: Path) -> None:
    """It is our fault, not the students'."""
    (tmp_path / "mnist.npz").write_bytes(b"PK\x03\x04 no zip")
    with pytest.raises(GraderError, match="mnist.npz"):
        data.prepare(tmp_path, ["mnist"], tmp_path)


def test_only_mentioned_data_sets_are_laid_out() -> None:
    """A master that loads MNIST through Keras needs MNIST and no other."""
    assert ["mnist"] == data.mentioned(["x", "from keras.datasets import mnist"])
    assert ["fashion_mnist"] == [n for n in data.mentioned(["keras.datasets.fashion_mnist"]) if n != "mnist"]
    assert [] == data.mentioned(["mnist is a set of digits"])
