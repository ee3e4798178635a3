"""Memory that two processes see: sealed in size, written by one."""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import sys
from collections.abc import Iterator

import numpy as np
import pytest

from autograder.wire import tray
from autograder.wire.tray import SIZE, Tray

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memfd is Linux's")


@pytest.fixture
def fd() -> Iterator[int]:
    """A fresh tray's descriptor."""
    made = tray.make()
    assert made is not None
    yield made
    os.close(made)


@pytest.mark.parametrize("dtype", ["float32", "uint8", "int64", "bool"])
def test_an_array_is_read_where_it_was_put(fd: int, dtype: str) -> None:
    """With its dtype and shape, as often as one is put there."""
    ours, theirs = Tray(fd, writes=True), Tray(fd, writes=False)
    for seed in (1, 2):
        array = np.random.default_rng(seed).integers(0, 2, (3, 4, 5)).astype(dtype)
        got = theirs.take(*ours.put(array))
        assert np.array_equal(array, got) and array.dtype == got.dtype
    assert not got.flags.writeable


def test_an_array_of_any_order_arrives(fd: int) -> None:
    """Also one that does not lie in one piece."""
    array = np.arange(60).reshape(3, 4, 5).transpose(2, 0, 1)[::2]
    assert np.array_equal(array, Tray(fd, writes=False).take(*Tray(fd, writes=True).put(array)))


def test_its_size_is_sealed(fd: int) -> None:
    """Neither end can make it hold more, which no limit would count. The control is memory without seals."""
    free = os.memfd_create("free")
    os.ftruncate(free, SIZE + 1)
    os.close(free)
    for size in (SIZE + 1, SIZE - 1):
        with pytest.raises(PermissionError):
            os.ftruncate(fd, size)
    with pytest.raises(ValueError, match=r"buffer|size"):
        Tray(fd, writes=True).put(np.zeros(SIZE + 1, "u1"))


def test_nobody_but_the_first_writer_can_write(fd: int) -> None:
    """Once it is claimed there is no new way to write, and no way to unseal. The control could before."""
    mmap.mmap(fd, SIZE, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE).close()
    ours = Tray(fd, writes=True)
    for act in (
        lambda: mmap.mmap(fd, SIZE, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE),
        lambda: os.pwrite(fd, b"x", 0),
        lambda: fcntl.fcntl(fd, fcntl.F_ADD_SEALS, 0),
    ):
        with pytest.raises(OSError) as refused:
            act()
        assert refused.value.errno in (errno.EPERM, errno.EACCES)
    ours.put(np.ones(3))
