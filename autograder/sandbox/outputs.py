"""What a cell leaves behind: nbformat outputs, gathered under a cap.

Rule: what a cell shows costs at most its cap, and an error is never lost to it.

`Outputs` turns a kernel's messages (stream, display_data, update_display_data, execute_result, error,
clear_output) into the outputs of a notebook file, as a notebook's client does.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

OutputEvent = dict[str, Any]
"""`{"cell_id": str | None, "keep": int, "outputs": [...]}`: what the running cell has left so far is the
first `keep` outputs already held for it, then these; `held[keep:] = outputs` is all that a receiver does.
Neighbouring streams of one name are not yet joined (`join_streams`). The cell's `CellRun` replaces it all."""

EVENT_SECONDS = 0.1
"""Events of one cell are at least this far apart, once its first `EVENT_BURST` lines are out."""
EVENT_BURST = 32
OVERHEAD = 64
"""Bytes that an output counts beyond its text, so that a million empty ones are not free."""
ERROR_TEXT = 1000
"""Characters kept of an error for which there is no room."""


@dataclass(frozen=True, slots=True)
class CellRun:
    """What running one cell left; information for people, never evidence."""

    outputs: list[dict[str, Any]]
    """nbformat 4.5 outputs, plain JSON data; neighbouring streams of one name are one."""
    execution_count: int
    """The cell's number, from 1; 0 for a blank cell, which is not run."""
    ok: bool
    """No error ended the cell."""
    ename: str
    """The error's type; empty when ok."""
    evalue: str
    """The error's message, its first 4,000 characters."""
    truncated: bool
    """Output was dropped, and a note says so."""
    seconds: float
    """Wall-clock time of the cell."""
    updates: list[dict[str, Any]] = field(default_factory=list)
    """`{"cell_id", "execution_count", "index", "data", "metadata"}`: the output at `index` of that earlier
    cell now has this data and metadata, since this cell updated a display that the earlier one had made."""


@dataclass(slots=True, eq=False)
class _Entry:
    """One output while it may still change."""

    output: dict[str, Any]
    size: int
    parts: list[str] = field(default_factory=list)
    """The text of a stream, in pieces."""
    display_id: str | None = None
    place: dict[str, Any] | None = None
    """Where the output lies, once its cell is over."""

    def rendered(self) -> dict[str, Any]:
        """The output as nbformat has it."""
        if self.output["output_type"] == "stream":
            if len(self.parts) > 1:
                self.parts[:] = ["".join(self.parts)]
            return self.output | {"text": _encodable("".join(self.parts))}
        return self.output


class Outputs:
    """The outputs of one cell after another, at most `cap` bytes of them for each.

    An error is kept even where there is no room, cut to a line, so that a cell that failed says why.
    `on_output` is called with an `OutputEvent` at the first lines, then at most every `EVENT_SECONDS` while
    output appears; it must not raise.
    """

    def __init__(self, cap: int, on_output: Callable[[OutputEvent], None] | None = None) -> None:
        self.cap = cap
        self.on_output = on_output
        self.pending: Callable[[], list[tuple[str, str]]] = list
        """Gives (name, text) of streams whose text has not yet become an output."""
        self._shown: dict[str, list[_Entry]] = {}
        self.begin(None, 0)

    def begin(self, cell_id: str | None, execution_count: int) -> None:
        """Starts a new cell."""
        self._cell = {"cell_id": cell_id, "execution_count": execution_count}
        self._entries: list[_Entry] = []
        self._updates: dict[int, dict[str, Any]] = {}
        self._used = 0
        self._note_due = self._clear_next = False
        self._sent = self._events = 0
        self.next_event = 0.0
        """When `on_output` may be called again, seconds of the monotonic clock."""
        self.full = False
        """Nothing more is kept, but for an error."""
        self.error: tuple[str, str] | None = None
        """Name and message of the last error shown."""

    def finish(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The cell's outputs, and its updates to outputs of earlier cells, as in `CellRun`."""
        self._settle_note()
        outputs, where = join_streams([entry.rendered() for entry in self._entries])
        for entry, index in zip(self._entries, where, strict=True):
            entry.place = self._cell | {"index": index}
            if entry.display_id is not None:
                entry.output = {}
        return outputs, list(self._updates.values())

    def admit(self, text: str) -> str:
        """The part of `text` for which there is room; it counts from now on."""
        if self.full:
            return ""
        size = len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
        room = self.cap - self._used
        if size > room:
            self.full = self._note_due = True
            kept = text.encode("utf-8", "surrogatepass")[: max(room, 0)]
            text, size = kept.decode("utf-8", "ignore"), max(room, 0)
        self._used += size
        return text

    def stream(self, name: str, text: str) -> None:
        """Adds text that `admit` has let in."""
        self._settle_clear()
        last = self._entries[-1] if self._entries else None
        same = last is not None and last.output.get("name") == name
        if last is None or not same or len(self._entries) <= self._sent:
            last = _Entry({"output_type": "stream", "name": name}, OVERHEAD)
            self._entries.append(last)
            self._used += 0 if same else OVERHEAD  # what events cut apart is one output in the end
        last.parts.append(text)
        self._settle_note()

    def take(self, kind: str, content: dict[str, Any]) -> None:
        """Takes one message of a kernel; kinds that leave no output are ignored.

        Raises TypeError or ValueError for data that JSON cannot hold, to the code that displayed it.
        """
        if kind == "clear_output":
            self._clear(bool(content.get("wait")))
        elif kind == "error":
            self._take_error(content)
        elif kind in ("display_data", "execute_result", "update_display_data"):
            self._take_display(kind, content)
        elif kind == "stream" and (text := self.admit(content["text"])):
            self.stream(content["name"], text)
        self.pulse(time.monotonic())

    def _take_display(self, kind: str, content: dict[str, Any]) -> None:
        display_id = (content.get("transient") or {}).get("display_id")
        if self.full:
            return
        keys = ("data", "metadata", "execution_count") if kind == "execute_result" else ("data", "metadata")
        packed = _packed({key: content[key] for key in keys})
        if len(packed) + OVERHEAD > self.cap - self._used:
            self.full = self._note_due = True
            self._settle_note()
            return
        output = json.loads(packed)
        output["data"] = {key: _valid(key, value) for key, value in output["data"].items()}
        if display_id:
            self._update(str(display_id), output, len(packed))
        if kind != "update_display_data":
            self._settle_clear()
            entry = _Entry({"output_type": kind} | output, len(packed) + OVERHEAD)
            self._entries.append(entry)
            self._used += entry.size
            if display_id:
                entry.display_id = str(display_id)
                self._shown.setdefault(str(display_id), []).append(entry)

    def _update(self, display_id: str, output: dict[str, Any], size: int) -> None:
        """Every output shown under this id changes, wherever it lies."""
        fresh = {"data": output["data"], "metadata": output["metadata"]}
        for entry in self._shown.get(display_id, []):
            if entry.place is not None:
                if id(entry) not in self._updates:
                    self._used += size
                self._updates[id(entry)] = entry.place | fresh
                continue
            entry.output |= fresh
            self._used += size + OVERHEAD - entry.size
            entry.size = size + OVERHEAD
            self._sent = min(self._sent, self._entries.index(entry))

    def _take_error(self, content: dict[str, Any]) -> None:
        self._settle_clear()
        name, value, lines = str(content["ename"]), str(content["evalue"]), list(content["traceback"])
        self.error = (_encodable(name), _encodable(value[: 4 * ERROR_TEXT]))
        if len(name) + len(value) + sum(map(len, lines)) + OVERHEAD > self.cap - self._used:
            name, value = name[:ERROR_TEXT], value[:ERROR_TEXT]
            lines = [f"{name}: {value}"]
            if self.full and self._entries and self._entries[-1].output["output_type"] == "error":
                self._entries.pop()
                self._sent = min(self._sent, len(self._entries))
            self.full = self._note_due = True
            self._settle_note()
        fields = {"ename": name, "evalue": value, "traceback": lines}
        packed = _packed(fields)
        self._entries.append(_Entry({"output_type": "error"} | json.loads(packed), len(packed) + OVERHEAD))
        self._used += len(packed) + OVERHEAD

    def _clear(self, wait: bool) -> None:
        """Takes everything back, now or at the next output; what is gone counts no longer."""
        self._clear_next = True
        if not wait:
            self._settle_clear()
        self._used = 0
        self.full = self._note_due = False

    def _settle_clear(self) -> None:
        if self._clear_next:
            self._clear_next = False
            self._entries.clear()
            self._sent = 0
            for entries in self._shown.values():
                entries[:] = [entry for entry in entries if entry.place is not None]

    def _settle_note(self) -> None:
        """Says once that output was cut."""
        if self._note_due:
            self._note_due = False
            note = f"[output truncated at {self.cap} bytes]\n"
            self._entries.append(_Entry({"output_type": "stream", "name": "stdout"}, 0, ["\n" + note]))

    def pulse(self, now: float, *, must: bool = False) -> None:
        """Tells `on_output` what is new, if it is time (or `must`)."""
        if self.on_output is None or (now < self.next_event and self._events >= EVENT_BURST and not must):
            return
        self._events += 1
        self.next_event = now + EVENT_SECONDS
        fresh = [entry.rendered() for entry in self._entries[self._sent :]]
        fresh += [{"output_type": "stream", "name": name, "text": _encodable(text)} for name, text in self.pending()]
        event = {"cell_id": self._cell["cell_id"], "keep": self._sent, "outputs": fresh}
        self._sent = len(self._entries)
        self.on_output(event)


def join_streams(outputs: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[int]]:
    """Joins neighbouring streams of one name; also says where each output went."""
    joined: list[dict[str, Any]] = []
    where = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output["output_type"] == "stream" == last.get("output_type") and output["name"] == last["name"]:
            joined[-1] = last | {"text": last["text"] + output["text"]}
        else:
            joined.append(output)
        where.append(len(joined) - 1)
    return joined, where


def _valid(mime: str, value: Any) -> Any:
    """`value` as nbformat allows it for this type: text, unless the type is JSON."""
    if isinstance(value, str) or mime == "application/json" or mime.endswith("+json"):
        return value
    return json.dumps(value, ensure_ascii=False)


def _packed(content: dict[str, Any]) -> bytes:
    """`content` as JSON, made plain the way a kernel's session does it."""
    try:
        text = json.dumps(content, default=_plain, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError):
        from jupyter_client.jsonutil import json_clean

        text = json.dumps(json_clean(content), default=_plain, ensure_ascii=False, allow_nan=False)
    return _encodable(text).encode()


def _plain(value: Any) -> Any:
    """What stands for something that JSON has not; who knows that is loaded with the first such thing."""
    from jupyter_client.jsonutil import json_default

    return json_default(value)


def _encodable(text: str) -> str:
    """`text` without lone surrogates, which no file and no wire can hold."""
    for errors in ("strict", "surrogateescape"):
        try:
            encoded = text.encode("utf-8", errors)
        except UnicodeEncodeError:
            continue
        return text if errors == "strict" else encoded.decode("utf-8", "replace")
    return text.encode("utf-8", "replace").decode()
