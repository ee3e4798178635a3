"""A model file, read and not built.

Rule: every size is checked before anything is read, no link is followed, nothing that a file names is imported. Even
so the readers of ZIP and HDF5 are large programs: what was handed in is read in a candidate and nowhere else.

Formats: `.keras` (a ZIP of config.json, metadata.json and model.weights.h5), `.weights.h5`, and `.h5`, Keras's older
format; https://keras.io/guides/serialization_and_saving.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from autograder.errors import StudentError
from autograder.models import settings, weights
from autograder.values import MODEL_FORMATS

BARE, WHOLE, OLD = MODEL_FORMATS
MAX_MEMBERS = 100
MAX_CONFIG = 8 << 20
"""Bytes of a configuration's text."""
MAX_WEIGHTS = 1 << 30
"""Bytes of all weights."""
ZIP, HDF5, PICKLE = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n", b"\x80"


def form(name: str) -> str:
    """The ending among the known formats that the name has, or an empty text."""
    return next((end for end in MODEL_FORMATS if name.lower().endswith(end)), "")


def read(path: Path) -> dict[str, Any]:
    """Plain facts of a model file: `file`, `layers`, `input_shape`, `weights` (a hash); raises StudentError.

    A layer is a dict of `name`, `kind`, `settings` and `shapes`. `weights` is the same for the same numbers, whatever
    the layers are called, in single or half precision.
    """
    name = path.name
    try:
        with path.open("rb") as file:
            head = file.read(8)
        if form(name) == WHOLE:
            told, stored = _whole(path, head)
        else:
            told, stored = _bare(path, head)
        layers = settings.joined(told, stored) if told is not None else weights.layers(stored)
        shape = settings.input_shape(told) if told is not None else None
    except FileNotFoundError:
        raise StudentError(f"There is no file {name}.") from None
    except StudentError as why:
        raise StudentError(f"{name}: {why.message}", mend=why.mend) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, RecursionError, EOFError,
            NotImplementedError, MemoryError, zipfile.BadZipFile) as e:  # fmt: skip
        raise StudentError(f"{name} is damaged or no model file ({type(e).__name__}).", mend=SAVE) from None
    return {"file": name, "layers": layers, "input_shape": shape, "weights": weights.fingerprint(stored)}


SAVE = "Save it again with model.save(...) and hand it in whole."


def _whole(path: Path, head: bytes) -> tuple[Any, list[weights.Stored]]:
    if not head.startswith(ZIP):
        raise StudentError(f"it is {_found(head)}, not a .keras file.", mend=SAVE)
    with zipfile.ZipFile(path) as held:
        members = {m.filename: m for m in held.infolist()}
        if len(held.infolist()) > MAX_MEMBERS:
            raise StudentError(f"it holds more than {MAX_MEMBERS} parts.")
        config = json.loads(_member(held, members, "config.json", MAX_CONFIG))
        stored = weights.read(io.BytesIO(_member(held, members, "model.weights.h5", MAX_WEIGHTS)), MAX_WEIGHTS)
    return settings.checked(config), stored


def _member(held: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str, most: int) -> bytes:
    """One part of the archive; what it says of its size is not believed."""
    if name not in members:
        raise StudentError(f"it has no {name}.", mend=SAVE)
    told = members[name]
    if told.file_size > DENSER * told.compress_size:
        raise StudentError(f"its {name} would be unpacked to more than {DENSER} times its size.")
    with held.open(told) as part:
        data = part.read(most + 1) if told.file_size <= most else b""
    if not data or len(data) > most:
        raise StudentError(f"its {name} is larger than {most:,} bytes, or empty.")
    return data


DENSER = 100
"""How many times larger a part may be than its bytes in the archive: Keras does not compress them at all."""


def _bare(path: Path, head: bytes) -> tuple[Any, list[weights.Stored]]:
    if head != HDF5:
        raise StudentError(f"it is {_found(head)}, not an HDF5 file.", mend=SAVE)
    with path.open("rb") as file:
        config = weights.old_config(file, MAX_CONFIG) if form(path.name) == OLD else None
        stored = weights.read(file, MAX_WEIGHTS)
    if config is None:
        return None, stored
    return settings.checked(json.loads(config)), stored


def _found(head: bytes) -> str:
    """What the first bytes say that it is."""
    if not head:
        return "empty"
    known = {ZIP: "a ZIP archive", HDF5: "an HDF5 file", PICKLE: "a pickle, which runs code when it is opened"}
    return next((word for magic, word in known.items() if head.startswith(magic)), "something else")
