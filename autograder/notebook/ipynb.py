"""Notebook files: read under caps into plain data, written byte for byte as nbformat writes them.

Rule: whatever the bytes are, reading gives a notebook of a known shape or raises Ungradable with the mend; the same
bytes always give the same notebook.
"""

from __future__ import annotations

import functools
import hashlib
import json
import marshal
from typing import Any

from autograder.errors import Ungradable
from autograder.values import JSON

MAX_DEPTH = 100
"""Levels of JSON in a notebook; rich outputs of honest notebooks stay below 20."""
_TRANSIENT = ("orig_nbformat", "orig_nbformat_minor", "signature")  # nbformat never writes these
SHORT = 16_384
"""Bytes of a cell whose text is kept."""
PLAIN = 2
"""The version of `marshal` that writes equal values alike."""
_AGAIN = "Open it in Jupyter or Colab, save it and hand it in again."


def source_of(cell: JSON) -> str:
    """Text of a cell; nbformat allows a string or a list of lines."""
    source = cell.get("source", "")
    if isinstance(source, str):
        return source
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        return "".join(source)
    raise Ungradable("A cell's source is neither text nor a list of lines.", mend=_AGAIN)


def dumps(notebook: JSON) -> str:
    """The text of an `.ipynb` file as nbformat writes it, byte for byte: keys sorted, lines split."""
    out = dict(notebook, cells=[])
    if isinstance(out.get("metadata"), dict):
        out["metadata"] = {k: v for k, v in out["metadata"].items() if k not in _TRANSIENT}
    text = f"{_indented(out)}\n"
    cells = ",\n  ".join(map(_cell_text, notebook.get("cells", [])))
    return text.replace('\n "cells": []', f'\n "cells": [\n  {cells}\n ]', 1) if cells else text


def _indented(value: JSON) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)


def _cell_text(cell: JSON) -> str:
    """The cell's text in the file: kept where it is short, for most cells of a class's notebooks are the same."""
    try:
        packed = marshal.dumps(cell, PLAIN)
    except ValueError:  # too deep for it
        packed = b""
    return _known_text(packed) if 0 < len(packed) <= SHORT else _new_text(cell)


@functools.lru_cache(maxsize=1000)
def _known_text(packed: bytes) -> str:
    return _new_text(marshal.loads(packed))  # noqa: S302  (what was packed a moment ago)


def _new_text(cell: JSON) -> str:
    return _indented(_split_cell(cell)).replace("\n", "\n  ")  # no text in JSON has a line of its own


def _split_cell(cell: JSON) -> JSON:
    out = dict(cell)
    if isinstance(out.get("source"), str):
        out["source"] = out["source"].splitlines(keepends=True)
    if isinstance(out.get("metadata"), dict) and "trusted" in out["metadata"]:
        out["metadata"] = {k: v for k, v in out["metadata"].items() if k != "trusted"}
    if isinstance(out.get("attachments"), dict):
        out["attachments"] = {name: _split_bundle(bundle) for name, bundle in out["attachments"].items()}
    if out.get("cell_type") == "code" and isinstance(out.get("outputs"), list):
        out["outputs"] = [_split_output(o) for o in out["outputs"]]
    return out


def _split_output(output: JSON) -> JSON:
    out = dict(output)
    if out.get("output_type") == "stream" and isinstance(out.get("text"), str):
        out["text"] = out["text"].splitlines(keepends=True)
    if out.get("output_type") in ("execute_result", "display_data") and "data" in out:
        out["data"] = _split_bundle(out["data"])
    return out


def _split_bundle(data: Any) -> Any:
    """Splits the textual entries of a MIME bundle; whatever is no bundle stays as it is."""
    if not isinstance(data, dict):
        return data
    return {
        mime: value.splitlines(keepends=True) if isinstance(value, str) and _is_text(mime) else value
        for mime, value in data.items()
    }


def _join_bundle(data: Any) -> Any:
    """Joins what `_split_bundle` split; lists that are JSON data stay lists."""
    if not isinstance(data, dict):
        return data
    return {
        mime: "".join(value)
        if not _is_json(mime) and isinstance(value, list) and all(isinstance(v, str) for v in value)
        else value
        for mime, value in data.items()
    }


def _is_json(mime: str) -> bool:
    return mime == "application/json" or (mime.startswith("application/") and mime.endswith("+json"))


def _is_text(mime: str) -> bool:
    return mime.startswith("text/") or mime in ("application/javascript", "image/svg+xml")


def loads(data: bytes, name: str, notes: list[str] | None = None) -> JSON:
    """Bytes of a file → a notebook of nbformat 4, its shape checked; raises Ungradable with the mend.

    A byte-order mark is accepted; formats before 4 are upgraded by nbformat. Every cell is sure to have a
    type, a text and a metadata dict; every code cell an empty list of outputs. Where the format wants cell
    ids, missing and repeated ones are made from the cell's text, so the same file gives the same notebook.
    `notes` takes a sentence where the file says the same thing twice.
    """
    twins: set[str] = set()
    raw = _parse(data, name, twins)
    if twins and notes is not None:
        told = ", ".join(repr(key[:60]) for key in sorted(twins)[:3])
        notes.append(f"{name}: its JSON names {told} twice in one place; the last counts.")
    cells = raw.get("cells")
    if raw.get("nbformat") != 4 or not isinstance(cells, list):
        _check_depth(raw, name)
        raw = _upgrade(raw, name)
        cells = raw["cells"]
    if not isinstance(raw.get("metadata"), dict):
        raw["metadata"] = {}
    for number, cell in enumerate(cells, 1):
        _check_cell(cell, number, name)
    _check_depth(raw, name)  # only now: outputs, the bulk of a notebook, are gone
    if not isinstance(raw.get("nbformat_minor"), int):
        raw["nbformat_minor"] = 5 if any("id" in cell for cell in cells) else 4
    if raw["nbformat_minor"] >= 5:
        fill_ids(cells)
    return raw


def _parse(data: bytes, name: str, twins: set[str]) -> JSON:
    if not data.strip():
        raise Ungradable(f"{name} is an empty file.", mend=_AGAIN)
    try:
        raw = json.loads(data.decode("utf-8-sig"), object_pairs_hook=lambda pairs: _object(pairs, twins))
    except UnicodeDecodeError:
        raise Ungradable(f"{name} is no text file (UTF-8), so it is not a notebook.", mend=_AGAIN) from None
    except json.JSONDecodeError as e:
        what = f"its JSON breaks off at line {e.lineno} ({e.msg})"
        raise Ungradable(f"{name} is not a notebook: {what}.", mend=_AGAIN) from None
    except (RecursionError, ValueError):
        what = "its JSON is nested too deeply or holds an impossible number"
        raise Ungradable(f"{name} is not a notebook: {what}.", mend=_AGAIN) from None
    if not isinstance(raw, dict):
        raise Ungradable(f"{name} is JSON, but not a notebook.", mend=_AGAIN)
    return raw


def _object(pairs: list[tuple[str, Any]], twins: set[str]) -> JSON:
    """A JSON object as Python makes it: of two equal keys the last counts, and is told."""
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        twins.update(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return made


def _upgrade(raw: JSON, name: str) -> JSON:
    if raw.get("nbformat") not in (1, 2, 3) or not isinstance(raw.get("worksheets", raw.get("cells")), list):
        raise Ungradable(f"{name} is JSON, but not a notebook of format 4.", mend=_AGAIN)
    import nbformat

    try:
        upgraded: JSON = json.loads(nbformat.writes(nbformat.convert(nbformat.from_dict(raw), 4)))
        if not isinstance(upgraded["cells"], list):
            raise TypeError
    except Exception as e:  # nbformat raises almost anything on a mangled old notebook
        what = f"a notebook of an old format that cannot be read ({type(e).__name__})"
        raise Ungradable(f"{name} is {what}.", mend=_AGAIN) from None
    for cell in upgraded["cells"]:
        cell.pop("id", None)  # nbformat draws ids at random; loads makes them from the text
    return upgraded


def _check_cell(cell: Any, number: int, name: str) -> None:
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
        raise Ungradable(f"{name}, cell {number}: not a code, text or raw cell.", mend=_AGAIN)
    try:
        cell["source"] = _text(source_of(cell))
    except Ungradable:
        what = "its source is neither text nor a list of lines"
        raise Ungradable(f"{name}, cell {number}: {what}.", mend=_AGAIN) from None
    if not isinstance(cell.get("metadata"), dict):
        cell["metadata"] = {}
    if isinstance(cell.get("attachments"), dict):
        cell["attachments"] = {name: _join_bundle(bundle) for name, bundle in cell["attachments"].items()}
    if cell["cell_type"] == "code":
        cell["outputs"] = []
        cell["execution_count"] = None


def _text(source: str) -> str:
    """The text with each half of a broken surrogate pair as U+FFFD: JSON can spell one, UTF-8 cannot."""
    try:
        source.encode("utf-8")
    except UnicodeEncodeError:
        return source.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return source


def _check_depth(raw: JSON, name: str) -> None:
    """Data nested deeper than any honest notebook would overrun the stack of whatever walks them later."""
    level: list[Any] = [raw]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        if not level:
            return
    raise Ungradable(f"{name} is not a notebook: its JSON is nested more than {MAX_DEPTH} deep.", mend=_AGAIN)


def fill_ids(cells: list[JSON]) -> None:
    """Gives every cell an id of its own, in place, made from its text where it has none."""
    seen: set[str] = set()
    for index, cell in enumerate(cells):
        if not isinstance(cell.get("id"), str) or cell["id"] in seen:
            salt = f"{index}\0{cell['cell_type']}\0{cell['source']}"
            while not isinstance(cell.get("id"), str) or cell["id"] in seen:
                salt = hashlib.sha256(salt.encode("utf-8", "surrogatepass")).hexdigest()
                cell["id"] = salt[:8]
        seen.add(cell["id"])
