"""A model's configuration as Keras writes it: which layers it names, and whether it names anything else.

Rule: nothing that it names is looked up. Code (`__lambda__`), and modules that are not Keras's own, end the reading.
Format: Keras 3's `config.json`, and `model_config` of the older `.h5`; both name a class and its settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograder.errors import StudentError
from autograder.models.weights import Stored

MAX_NODES = 200_000
MAX_DEPTH = 60
MAX_LAYERS = 2000
MAX_TEXT = 300
MAX_SETTINGS = 100
OWN = ("keras", "tf_keras")
"""Where Keras's own classes and functions live."""
CODE = ("__lambda__", "__tensor_fn__")
_NOTEBOOK = (None, "", "__main__", "builtins")
"""Where a notebook's own registered classes and functions are said to live; Keras finds these by their name alone."""


def checked(config: Any) -> dict[str, Any]:
    """The configuration, once nothing in it names code; raises StudentError."""
    for count, (node, depth) in enumerate(_nodes(config)):
        if count > MAX_NODES or depth > MAX_DEPTH:
            raise StudentError("its configuration is too large or too deep.")
        _check(node)
    if not isinstance(config, dict) or not isinstance(config.get("class_name"), str):
        raise StudentError("its configuration describes no model.")
    return config


def _nodes(config: Any) -> Iterator[tuple[dict[str, Any], int]]:
    waiting = [(config, 0)]
    while waiting:
        node, depth = waiting.pop()
        if isinstance(node, dict):
            yield node, depth
        inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        waiting += [(item, depth + 1) for item in inner if isinstance(item, dict | list)]


def _check(node: dict[str, Any]) -> None:
    kind, module = node.get("class_name"), node.get("module")
    if kind in CODE or (kind == "Lambda" and _is_code(node)):
        mend = "Write a layer class of your own in the notebook, or use Keras's layers."
        raise StudentError("it holds a Lambda layer with code in it, which is not run.", mend=mend)
    if isinstance(module, str) and module.partition(".")[0] not in OWN and module not in _NOTEBOOK:
        named = f"{module}.{kind}"[:100]
        raise StudentError(f"it names {named!r}, which is no part of Keras, and is not loaded.")
    if module == "builtins" and kind != "function":
        raise StudentError(f"it names {str(kind)[:100]!r} of Python itself, and is not loaded.")


def _is_code(node: dict[str, Any]) -> bool:
    """Whether a Lambda layer carries code, in either of Keras's spellings, rather than a function's name."""
    inner = node.get("config")
    told = inner.get("function") if isinstance(inner, dict) else None
    return isinstance(told, list) or (isinstance(told, dict) and told.get("class_name") in CODE)


def layers(config: dict[str, Any], prefix: str = "", depth: int = 0) -> Iterator[dict[str, Any]]:
    """Every layer that the configuration lists, those of models within models by `outer/inner`; inputs left out."""
    inner = config.get("config")
    listed = inner.get("layers") if isinstance(inner, dict) else None
    for one in listed if isinstance(listed, list) and depth < MAX_DEPTH else ():
        kind, own = one.get("class_name"), one.get("config")
        if not isinstance(kind, str) or not isinstance(own, dict):
            raise StudentError("its configuration lists a layer that is none.")
        name = prefix + str(own.get("name", one.get("name", "")))[:MAX_TEXT]
        if isinstance(own.get("layers"), list):
            yield from layers(one, f"{name}/", depth + 1)
        elif kind != "InputLayer":
            yield {"name": name, "kind": kind[:MAX_TEXT], "settings": _plain(own), "shapes": []}


def _plain(own: dict[str, Any]) -> dict[str, Any]:
    """The settings that are numbers, texts or lists of numbers; of Keras's own objects their class's name."""
    out: dict[str, Any] = {}
    for key, value in list(own.items())[:MAX_SETTINGS]:
        told = value
        if isinstance(value, dict):
            told = value.get("config") if value.get("class_name") == "function" else value.get("class_name")
        if isinstance(told, list):
            told = told[:MAX_SETTINGS] if all(isinstance(n, int | float) or n is None for n in told) else None
        if told is None or isinstance(told, int | float | str | list):
            out[key[:MAX_TEXT]] = told[:MAX_TEXT] if isinstance(told, str) else told
    return out


def joined(config: dict[str, Any], stored: list[Stored]) -> list[dict[str, Any]]:
    """The configuration's layers with their weights' shapes; weights of no listed layer stand for themselves."""
    found = [one for _, one in zip(range(MAX_LAYERS), layers(config), strict=False)]
    places: dict[str, dict[str, Any]] = {}
    for one in found:
        places.setdefault(one["name"].rpartition("/")[2], one)
    for array in stored:
        name = _layer_of(array, places)
        if name not in places:
            places[name] = {"name": name, "kind": "", "settings": {}, "shapes": []}
            found.append(places[name])
        places[name]["shapes"].append(list(array.shape))
    return found


def _layer_of(array: Stored, places: dict[str, Any]) -> str:
    """The name of the layer to which an array belongs: the file's word, else the first group above that is one."""
    if array.layer in places:
        return array.layer
    return next((step for step in array.path.split("/") if step in places), array.layer or array.path.split("/")[0])


def input_shape(config: dict[str, Any]) -> list[int | None] | None:
    """Shape of the model's first input, where the configuration says it."""
    for node, _ in _nodes(config):
        for key in ("batch_shape", "batch_input_shape"):
            shape = node.get(key)
            if isinstance(shape, list) and 0 < len(shape) <= 8 and all(n is None or type(n) is int for n in shape):
                return shape
    return None
