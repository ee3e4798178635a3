"""Warm parents, one for each set of libraries, shared by all tests of the exam."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # pytest puts no folder of tests there by itself

import rig as rigs


@pytest.fixture(scope="session")
def rig() -> Iterator[rigs.Rig]:
    """A hall whose processes know NumPy, pandas and matplotlib."""
    with rigs.rig("numpy", "pandas", "matplotlib.pyplot", "pytest") as made:
        yield made


@pytest.fixture(scope="session")
def deep_rig() -> Iterator[rigs.Rig]:
    """A hall whose processes know TensorFlow and Keras."""
    with rigs.rig("numpy", "tensorflow", "keras") as made:
        yield made
