"""A call's changes to its arguments, made good in the tests' own objects.

Rule: the object stays the same object; only its content changes, and only if it is of the same plain kind.
"""

from __future__ import annotations

from collections import deque
from typing import Any


def restore(mine: Any, content: Any) -> None:
    """Gives `mine` the content of `content`, in place, as deep as the two are alike; other kinds are left alone."""
    if type(mine) is not type(content):
        return
    if isinstance(mine, list | deque):
        _sequence(mine, content)
    elif isinstance(mine, dict):
        _mapping(mine, content)
    elif isinstance(mine, set | bytearray):
        _refill(mine, content)
    elif type(mine).__module__.partition(".")[0] == "numpy":
        _array(mine, content)
    elif type(mine).__name__ in ("DataFrame", "Series"):
        _pandas(mine, content)


def _item(old: Any, new: Any) -> Any:
    """The old object with the new content where it is a container of the same kind, else the new one."""
    if type(old) is type(new) and isinstance(old, list | dict | set | deque):
        restore(old, new)
        return old
    return new


def _sequence(mine: Any, content: Any) -> None:
    kept = [_item(old, new) for old, new in zip(mine, content, strict=False)]
    rest = list(content)[len(kept) :]
    mine.clear()
    mine.extend([*kept, *rest])


def _mapping(mine: Any, content: Any) -> None:
    merged = {key: _item(mine.get(key), value) for key, value in content.items()}
    mine.clear()
    mine.update(merged)


def _refill(mine: Any, content: Any) -> None:
    mine.clear()
    mine.update(content) if isinstance(mine, set) else mine.extend(content)


def _array(mine: Any, content: Any) -> None:
    if mine.dtype != content.dtype or not mine.flags.writeable:
        return
    if mine.shape != content.shape:
        mine.resize(content.shape, refcheck=False)
    mine[...] = content


def _pandas(mine: Any, content: Any) -> None:
    """A frame's manager holds all of its content; pandas has no public way to replace it in place."""
    mine._mgr = content._mgr
