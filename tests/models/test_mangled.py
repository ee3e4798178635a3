"""However a model file is mangled, it is read or refused with a sentence."""

from __future__ import annotations

import copy
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import modelfiles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mangling import MUTATION, SPLICE, cases, mangle, spelt, spliced

from autograder.errors import StudentError
from autograder.models import reading

SECONDS = 10
FORMS = {"whole": "m.keras", "old": "m.h5", "bare": "m.weights.h5"}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Where files are written, in memory if possible."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as made:
        yield Path(made)


def outcome(name: str, data: bytes, folder: Path) -> str:
    """`read`, `refused`, the name of another error, or `ended`: in a process of its own, as a candidate reads it.

    The readers of HDF5 are C: a crash, or a loop that the alarm ends, costs a candidate and nothing else.
    """
    path = folder / name
    path.write_bytes(data)
    told, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        said = "read"
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(SECONDS)
            reading.read(path)
        except StudentError as why:
            said = "refused" if why.message.startswith(name) else f"no name in {why.message!r}"
        except BaseException as e:
            said = f"{type(e).__name__}: {e}"
        os.write(tell, said.encode()[:500])
        os._exit(0)
    os.close(tell)
    with os.fdopen(told, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(pid, 0)
    return said or "ended"


def made(form: str, folder: Path) -> bytes:
    return getattr(modelfiles, form)(folder / f"honest-{FORMS[form]}").read_bytes()


@pytest.mark.parametrize("form", FORMS)
def test_an_honest_file_is_read(form: str, folder: Path) -> None:
    """The control: what is mangled below can be read as it is."""
    assert "read" == outcome(FORMS[form], made(form, folder), folder)


@pytest.mark.parametrize("form", FORMS)
@cases(80, share=0.2)
@given(changes=st.lists(SPLICE, min_size=1, max_size=4))
def test_mangled_bytes(form: str, folder: Path, changes: list[tuple[int, int, bytes]]) -> None:
    """Of any of the three formats."""
    assert outcome(FORMS[form], spliced(made(form, folder), *changes), folder) in ("read", "refused", "ended")


@pytest.mark.parametrize("form", ["whole", "old"])
@cases(80, share=0.2)
@given(changes=st.lists(MUTATION, min_size=1, max_size=6))
def test_a_mangled_configuration(form: str, folder: Path, changes: list[tuple[str, int, Any]]) -> None:
    """Sound archives whose configuration is of any shape; no crash is borne here."""
    told = copy.deepcopy(modelfiles.config(modelfiles.INPUT, modelfiles.DENSE))
    for change in changes:
        mangle(told, *change)
    path = folder / f"other-{FORMS[form]}"
    if form == "whole":
        modelfiles.whole(path, spelt(told))
    else:
        with h5py.File(modelfiles.old(path), "r+") as file:
            file.attrs["model_config"] = spelt(told)[:60_000]  # an attribute holds no more
    assert outcome(FORMS[form], path.read_bytes(), folder) in ("read", "refused")
