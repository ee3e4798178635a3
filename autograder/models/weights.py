"""Weights as HDF5 holds them.

Rule: an object is looked at before it is read: no link, no file outside, no more numbers than bytes stand behind.
Format: HDF5; the groups are those of Keras 3's `saving_lib` (`layers/dense/vars/0`) and of its older `.h5`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any

from autograder.errors import StudentError

MAX_OBJECTS = 20_000
MAX_DEPTH = 40
MAX_AXES = 8
DENSER = 1000
"""How many times larger numbers may be than the bytes that stand for them: weights hardly compress."""
PASSED_OVER = ("optimizer", "optimizer_weights", "metrics", "compile_metrics", "loss_tracker")
"""Groups at the top that hold no weights of the model."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One array of weights."""

    path: str
    """Names of the groups above it, and its own, joined by `/`."""
    layer: str
    """Name of the layer that it belongs to, as the file says, or an empty text."""
    shape: tuple[int, ...]
    digest: str
    """Hash of shape and numbers, these in half precision."""


def read(file: Any, most: int) -> list[Stored]:
    """All arrays of weights in an open HDF5 file, each layer's in the order of `get_weights()`; raises StudentError.

    `most`: bytes that all of them may have together.
    """
    import h5py

    with h5py.File(file, "r") as top:
        root = top["model_weights"] if isinstance(top.get("model_weights"), h5py.Group) else top
        return [_stored(*one) for one in _walk(root, "", "", [0, most])]


def old_config(file: Any, most: int) -> bytes | None:
    """The configuration's text in an older `.h5` file; None where it holds bare weights."""
    import h5py

    with h5py.File(file, "r") as top:
        if "model_config" not in top.attrs:
            return None
        if top.attrs.get_id("model_config").get_storage_size() > most:
            raise StudentError("its configuration is too large.")
        told = top.attrs["model_config"]
        text = told if isinstance(told, bytes) else str(told).encode()
        return text if len(text) <= most else b""


def _walk(group: Any, path: str, layer: str, counts: list[int]) -> Iterator[tuple[str, str, Any, Any]]:
    """(path, layer, shape, bytes) of every array below a group."""
    import h5py

    if path.count("/") > MAX_DEPTH:
        raise StudentError("its groups lie too deep in one another.")
    layer = _name_of(group) or layer
    for name in _old_order(group) or sorted(group, key=_numbered):
        counts[0] += 1
        if counts[0] > MAX_OBJECTS:
            raise StudentError(f"it holds more than {MAX_OBJECTS:,} objects.")
        if (not path and name.lstrip("_") in PASSED_OVER) or name == "seed_generator":
            continue
        _own(group, name)
        item = group[name]
        place = f"{path}/{name}" if path else name
        if isinstance(item, h5py.Group):
            yield from _walk(item, place, layer, counts)
        elif isinstance(item, h5py.Dataset):
            yield place, layer, tuple(item.shape), _numbers(item, place, counts)


def _own(group: Any, name: str) -> None:
    """StudentError unless every step of `name` is a part of this very file."""
    import h5py

    for step in name.split("/"):
        link = group.get(step, getlink=True)
        if not isinstance(link, h5py.HardLink):
            raise StudentError(f"{name!r} in it is a link to somewhere else, which no model needs.")
        group = group[step]


def _name_of(group: Any) -> str:
    """The layer's name beside its variables, as Keras 3 keeps it."""
    import h5py

    if group.get("vars", getclass=True, getlink=True) is not h5py.HardLink:
        return ""
    told = group["vars"].attrs.get("name", "")
    return told[:200] if isinstance(told, str) else ""


def _old_order(group: Any) -> list[str]:
    """The names of a layer's weights in their order, as the older format keeps them."""
    told = group.attrs.get("weight_names", ())
    names = [n.decode("utf-8", "replace") if isinstance(n, bytes) else str(n) for n in told]
    return names[:MAX_OBJECTS]


def _numbers(item: Any, place: str, counts: list[int]) -> Any:
    """The array's numbers; StudentError when it is no plain array, or declares more than it holds."""
    if item.external or item.is_virtual:
        raise StudentError(f"{place!r} in it lies in another file, which no model needs.")
    if item.dtype.kind not in "fiubV" or item.dtype.itemsize > 8 or len(item.shape) > MAX_AXES:
        raise StudentError(f"{place!r} in it is no array of numbers.")
    size = prod(item.shape) * item.dtype.itemsize
    counts[1] -= size
    if counts[1] < 0 or size > DENSER * item.id.get_storage_size():
        raise StudentError(f"{place!r} in it declares {prod(item.shape):,} numbers, more than the file can hold.")
    return item[()]


def _stored(path: str, layer: str, shape: tuple[int, ...], numbers: Any) -> Stored:
    import numpy as np

    array = np.asarray(numbers)
    if array.dtype.kind == "V" and array.dtype.itemsize == 2:  # bfloat16, which HDF5 does not know
        array = (array.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    if array.dtype.kind == "f":
        with np.errstate(all="ignore"):
            array = array.astype(np.float16)
    data = np.ascontiguousarray(array).tobytes()
    return Stored(path, layer, shape, hashlib.sha256(f"{shape}".encode() + data).hexdigest())


def _numbered(name: str) -> tuple[int, int, str]:
    """Numbered names by their number: a layer may have more than ten arrays."""
    return (0, int(name), "") if name.isascii() and name.isdecimal() and len(name) < 10 else (1, 0, name)


def fingerprint(stored: list[Stored]) -> str:
    """One hash of all arrays, whatever they are called and in which order they stand; empty where there are none."""
    return hashlib.sha256("".join(sorted(s.digest for s in stored)).encode()).hexdigest() if stored else ""


def layers(stored: list[Stored]) -> list[dict[str, Any]]:
    """The layers of a file of bare weights, as `reading.read` gives them."""
    found: dict[str, dict[str, Any]] = {}
    for one in stored:
        steps = [s for s in one.path.split("/")[:-1] if s not in ("layers", "vars", "_layer_checkpoint_dependencies")]
        kind = steps[0] if steps else ""
        plain = kind.rstrip("0123456789").rstrip("_")
        entry = found.setdefault(kind, {"name": one.layer or kind, "kind": plain, "settings": {}, "shapes": []})
        entry["shapes"].append(list(one.shape))
    return list(found.values())
