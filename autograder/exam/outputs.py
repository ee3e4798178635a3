"""Outputs as a candidate tells them, made sure to be outputs.

Rule: whatever comes, what goes into the executed notebook is valid nbformat 4.5 of text and JSON values.
"""

from __future__ import annotations

import json
from typing import Any

from autograder.values import JSON

MAX_OUTPUTS = 10_000


def checked_outputs(told: Any) -> tuple[JSON, ...]:
    """The valid ones among what was told, each rebuilt from its known keys."""
    if type(told) is not list:
        return ()
    return tuple(out for out in map(_checked, told[:MAX_OUTPUTS]) if out is not None)


def checked_bundle(told: JSON) -> JSON:
    """The valid data and metadata of a display that was changed."""
    return {"data": _data(told.get("data")), "metadata": _plain(told.get("metadata"))}


def size_of(outputs: Any) -> int:
    """Characters of all text in outputs, and a little for each value."""
    if isinstance(outputs, str):
        return len(outputs)
    if isinstance(outputs, dict):
        return 10 + sum(size_of(k) + size_of(v) for k, v in outputs.items())
    return 10 + sum(map(size_of, outputs)) if isinstance(outputs, list | tuple) else 10


def _checked(output: Any) -> JSON | None:
    if type(output) is not dict:
        return None
    kind = output.get("output_type")
    if kind == "stream":
        name = output.get("name")
        return {
            "output_type": kind,
            "name": "stderr" if name == "stderr" else "stdout",
            "text": _text(output.get("text")),
        }
    if kind == "error":
        trace = output.get("traceback")
        lines = [_text(line) for line in trace[:1000]] if type(trace) is list else []
        return {
            "output_type": kind,
            "ename": _text(output.get("ename")),
            "evalue": _text(output.get("evalue")),
            "traceback": lines,
        }
    if kind in ("display_data", "execute_result"):
        out: JSON = {
            "output_type": kind,
            "data": _data(output.get("data")),
            "metadata": _plain(output.get("metadata")),
        }
        if kind == "execute_result":
            count = output.get("execution_count")
            out["execution_count"] = count if type(count) is int and count >= 0 else None
        return out
    return None


def _text(value: Any) -> str:
    if type(value) is list and all(type(line) is str for line in value):
        value = "".join(value)
    return value.encode("utf-8", "replace").decode() if type(value) is str else ""


def _data(data: Any) -> JSON:
    """A MIME bundle: text for every type but JSON ones."""
    if type(data) is not dict:
        return {}
    out: JSON = {}
    for mime, content in data.items():
        if type(mime) is not str or len(mime) > 200:
            continue
        if mime == "application/json" or mime.endswith("+json"):
            out[mime] = _json(content)
        else:
            out[mime] = _text(content)
    return out


def _plain(metadata: Any) -> JSON:
    found = _json(metadata)
    return found if isinstance(found, dict) else {}


def _json(value: Any) -> Any:
    """The value if JSON has it, else nothing."""
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        return {}
