"""Notebooks, files and archives mangled at random, and how many of them.

Rule: an ordinary run tries the same cases every time; with AUTOGRADER_EXAMPLES=20000 in the environment it tries as
many new ones. What ever failed is kept as an `@example` at its property.
"""

from __future__ import annotations

import copy
import json
import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

MORE = int(os.environ.get("AUTOGRADER_EXAMPLES", "0"))
"""Cases of each property, in a run by hand."""


def cases(count: int, share: float = 1.0) -> settings:
    """So many cases, the same ones every time; by hand that `share` of MORE, and new ones."""
    wanted = max(1, int(MORE * share)) if MORE else count
    return settings(max_examples=wanted, derandomize=not MORE, deadline=None, suppress_health_check=list(HealthCheck))


MARKED = {"@DEEP@": "[" * 20_000 + "]" * 20_000, "@LONG@": "9" * 5000, "@HUGE@": "1e999", "@BIG@": "9" * 4000}
"""Text → what stands in the file in its place: what `json.dumps` would not write."""
HOSTILE = st.one_of(
    st.sampled_from([None, True, -1, 0.5, "", "x", "\ud800", "\x00", [], {}, [[]], ["a", 1], {"grade_id": "f"}]),
    st.sampled_from(sorted(MARKED)),
    st.sampled_from(["code", "markdown", "raw", "heading", "test_f", "why", "f"]),
    st.recursive(st.integers() | st.text(max_size=3), lambda x: st.lists(x, max_size=2), max_leaves=4),
)
MUTATION = st.tuples(st.sampled_from(["drop", "set", "copy", "move", "wrap", "add"]), st.integers(0, 10**6), HOSTILE)
"""(what is done, where, with what)."""


def spots(node: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in a piece of JSON."""
    pairs = list(node.items()) if isinstance(node, dict) else list(enumerate(node)) if isinstance(node, list) else []
    return [spot for key, value in pairs for spot in [(node, key), *spots(value)]]


def mangle(raw: Any, how: str, where: int, what: Any) -> None:
    """One change somewhere in a notebook, of the kind that `how` names."""
    places = spots(raw)
    if not places:
        return
    node, key = places[where % len(places)]
    if how == "drop":
        del node[key]
    elif how in ("set", "wrap"):
        node[key] = copy.deepcopy(what) if how == "set" else [node[key]]
    elif isinstance(node, list):
        node.insert(where % (len(node) + 1), copy.deepcopy(node[key]) if how == "copy" else node.pop(key))
    else:
        node[f"k{where % 7}" if how == "add" else str(what)] = copy.deepcopy(node[key])


def spelt(raw: Any) -> bytes:
    """The file, with what json.dumps would not write written by hand."""
    text = json.dumps(raw)
    for mark, value in MARKED.items():
        text = text.replace(json.dumps(mark), value)
    return text.encode()


SPLICE = st.tuples(st.integers(0, 1 << 20), st.integers(0, 64), st.binary(max_size=12))
"""(where, how many bytes are left out, what stands there instead)."""


def spliced(data: bytes, *changes: tuple[int, int, bytes]) -> bytes:
    """The bytes with pieces left out, replaced and put in; where is counted around the end."""
    for where, less, more in changes:
        place = where % (len(data) + 1)
        data = data[:place] + more + data[place + less :]
    return data
