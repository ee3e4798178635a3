"""What a cell leaves behind, without a shell: caps, displays, clearing, events."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from autograder.sandbox.outputs import EVENT_BURST, EVENT_SECONDS, OVERHEAD, Outputs, join_streams

Output = dict[str, Any]


def fresh(cap: int = 10_000, on_output: Callable[[Any], None] | None = None) -> Outputs:
    """Outputs in the middle of a cell."""
    outputs = Outputs(cap, on_output)
    outputs.begin("cell", 1)
    return outputs


def write(outputs: Outputs, text: str, name: str = "stdout") -> None:
    """Prints."""
    outputs.take("stream", {"name": name, "text": text})


def show(outputs: Outputs, text: Any, kind: str = "display_data", display_id: str | None = None) -> None:
    """Displays."""
    transient = {"display_id": display_id} if display_id else {}
    count = {"execution_count": 1} if kind == "execute_result" else {}
    outputs.take(kind, {"data": {"text/plain": text}, "metadata": {}, "transient": transient} | count)


def fail(outputs: Outputs, value: str = "v", lines: int = 1) -> None:
    """Raises."""
    outputs.take("error", {"ename": "E", "evalue": value, "traceback": ["line"] * lines})


def texts(outputs: Outputs) -> list[str]:
    """What is there to read."""
    return [o.get("text") or o.get("evalue") or o["data"]["text/plain"] for o in outputs.finish()[0]]


def note(cap: int) -> str:
    """What stands where output was cut."""
    return f"\n[output truncated at {cap} bytes]\n"


def test_messages_become_nbformat_outputs() -> None:
    """Each kind has the fields of nbformat 4.5 and no others."""
    import nbformat

    outputs = fresh()
    write(outputs, "a")
    write(outputs, "b")
    write(outputs, "c", "stderr")
    show(outputs, "d")
    show(outputs, "e", "execute_result")
    fail(outputs)
    outputs.take("comm_open", {"comm_id": "x"})
    expected = [
        {"output_type": "stream", "name": "stdout", "text": "ab"},
        {"output_type": "stream", "name": "stderr", "text": "c"},
        {"output_type": "display_data", "data": {"text/plain": "d"}, "metadata": {}},
        {"output_type": "execute_result", "data": {"text/plain": "e"}, "metadata": {}, "execution_count": 1},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["line"]},
    ]
    assert expected == outputs.finish()[0]
    cell = nbformat.v4.new_code_cell(outputs=nbformat.from_dict(expected))
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))


@pytest.mark.parametrize(
    ("text", "kept"), [("x" * 101, "x" * 100), ("é" * 51, "é" * 50), ("안" * 34, "안" * 33), ("x" * 100, None)]
)
def test_text_is_cut_at_a_character_and_said_to_be_cut(text: str, kept: str | None) -> None:
    """At the cap in bytes of UTF-8; text that just fits is whole."""
    outputs = fresh(100)
    write(outputs, text)
    assert [text if kept is None else kept + note(100)] == texts(outputs)
    assert (kept is not None) == outputs.full


def test_one_note_is_enough() -> None:
    """However much is dropped, the note is there once, in its place."""
    outputs = fresh(300)
    write(outputs, "a", "stderr")
    for _ in range(50):
        write(outputs, "b" * 50)
        show(outputs, "d" * 50)
    assert 1 == sum(text.count("truncated") for text in texts(outputs))


def test_a_display_without_room_is_dropped_whole() -> None:
    """Half an image is of no use to anybody."""
    outputs = fresh(200)
    show(outputs, "small")
    show(outputs, "d" * 500)
    show(outputs, "after")
    assert ["small", note(200)] == texts(outputs)


def test_a_million_empty_outputs_are_not_free() -> None:
    """Each counts for what it costs, so their number is bounded too."""
    outputs = fresh(100 * OVERHEAD)
    for number in range(1000):
        write(outputs, "x", "stdout" if number % 2 else "stderr")
        show(outputs, "")
    assert len(outputs.finish()[0]) <= 101


def test_an_error_is_kept_where_there_is_no_room() -> None:
    """Cut to a line; of many only the last, so that errors cannot fill memory either."""
    outputs = fresh(200)
    write(outputs, "x" * 500)
    for number in range(100):
        fail(outputs, f"{number} " + "v" * 5000, lines=10_000)
    *_, last = outputs.finish()[0]
    assert 2 == len(outputs.finish()[0])
    assert ["E: 99 " + "v" * 994] == [line[:1000] for line in last["traceback"]]
    assert ("E", "99 " + "v" * 3997) == outputs.error


def test_clearing_gives_the_room_back() -> None:
    """An animation may show far more than the cap in all, as long as each frame fits."""
    outputs = fresh(500)
    for number in range(100):
        outputs.take("clear_output", {"wait": True})
        show(outputs, f"{number}" + "f" * 300)
    assert ["99" + "f" * 300] == texts(outputs)
    assert not outputs.full


def test_clearing_later_waits_for_the_next_output() -> None:
    """With `wait` nothing vanishes until something comes; without, at once."""
    outputs = fresh()
    write(outputs, "a")
    outputs.take("clear_output", {"wait": True})
    assert ["a"] == texts(outputs)
    write(outputs, "b")
    assert ["b"] == texts(outputs)
    outputs.take("clear_output", {"wait": False})
    assert [] == texts(outputs)


def test_a_display_is_updated_wherever_it_is_shown() -> None:
    """In this cell in place; in an earlier one by an update that names it, the last one only."""
    outputs = fresh()
    write(outputs, "a")
    show(outputs, "old", display_id="i")
    outputs.finish()
    outputs.begin("second", 2)
    show(outputs, "again", display_id="i")
    show(outputs, "new", "update_display_data", display_id="i")
    show(outputs, "nobody", "update_display_data", display_id="unknown")
    shown, updates = outputs.finish()
    assert ["new"] == [output["data"]["text/plain"] for output in shown]
    place = {"cell_id": "cell", "execution_count": 1, "index": 1}
    assert [place | {"data": {"text/plain": "new"}, "metadata": {}}] == updates


def test_a_cleared_display_is_updated_no_more() -> None:
    """As in a notebook, it is gone."""
    outputs = fresh()
    show(outputs, "old", display_id="i")
    outputs.take("clear_output", {"wait": False})
    show(outputs, "kept")
    show(outputs, "new", "update_display_data", display_id="i")
    assert (["kept"], []) == (texts(outputs), outputs.finish()[1])


def test_data_is_made_plain_as_a_kernel_does() -> None:
    """Bytes become base64, tuples lists; a type that is not JSON holds text."""
    outputs = fresh()
    data = {"image/png": b"\x89PNG", "application/x+json": {"t": (1, 2)}, "text/x": {"k": [1]}}
    outputs.take("display_data", {"data": data, "metadata": {"n": 1.5}})
    (output,) = outputs.finish()[0]
    expected = {"image/png": "iVBORw==", "application/x+json": {"t": [1, 2]}, "text/x": '{"k": [1]}'}
    assert expected == output["data"]
    assert output == json.loads(json.dumps(output))


def test_data_that_json_cannot_hold_is_an_error_where_it_is_displayed() -> None:
    """The student's call fails, the cell's other outputs stay."""
    outputs = fresh()
    write(outputs, "a")
    with pytest.raises((TypeError, ValueError)):
        show(outputs, object())
    assert ["a"] == texts(outputs)


@pytest.mark.parametrize(
    ("text", "kept"), [("a\ud800b", "a?b"), ("a\udcffb", "a\ufffdb"), ("안\U0001f600", "안\U0001f600")]
)
def test_lone_surrogates_do_not_reach_a_file(text: str, kept: str) -> None:
    """Whatever a cell shows can be encoded."""
    outputs = fresh()
    write(outputs, text)
    show(outputs, text)
    fail(outputs, text)
    assert [kept, kept, kept] == texts(outputs)


def test_events_add_up_to_what_the_cell_left() -> None:
    """A receiver that keeps the first `keep` and appends the rest has the cell's outputs."""
    held: list[Output] = []

    def apply(event: dict[str, Any]) -> None:
        assert "cell" == event["cell_id"]
        held[event["keep"] :] = json.loads(json.dumps(event["outputs"]))

    outputs = fresh(2000, apply)
    show(outputs, "bar", display_id="i")
    for number in range(5):
        write(outputs, f"{number}\n")
        show(outputs, number * "=", "update_display_data", display_id="i")
    write(outputs, "gone", "stderr")
    outputs.take("clear_output", {"wait": False})
    for number in range(5):
        write(outputs, f"{number}\n", "stderr")
    write(outputs, "x" * 5000)
    fail(outputs)
    fail(outputs, "v" * 5000)
    assert outputs.finish()[0] == join_streams(held)[0]


def test_events_are_rare_after_the_first_lines() -> None:
    """A burst passes at once; then one a tenth of a second, but never one less when it must be."""
    events: list[Any] = []
    outputs = fresh(on_output=events.append)
    for _ in range(10 * EVENT_BURST):
        outputs.pulse(0.0)
    assert EVENT_BURST == len(events)
    outputs.pulse(EVENT_SECONDS / 2)
    assert EVENT_BURST == len(events)
    outputs.pulse(EVENT_SECONDS / 2, must=True)
    outputs.pulse(2 * EVENT_SECONDS)
    assert EVENT_BURST + 2 == len(events)


def test_an_event_carries_text_that_is_not_yet_an_output() -> None:
    """What the streams still hold would be lost with the process."""
    events: list[Any] = []
    outputs = fresh(on_output=events.append)
    outputs.pending = lambda: [("stderr", "held")]
    outputs.pulse(0.0)
    assert [{"output_type": "stream", "name": "stderr", "text": "held"}] == events[0]["outputs"]


def test_neighbouring_streams_are_joined() -> None:
    """Of one name, and only neighbours; the places say where each went."""
    pieces = [
        {"output_type": "stream", "name": name, "text": text} for name, text in (("o", "1"), ("o", "2"), ("e", "3"))
    ]
    other = {"output_type": "display_data", "data": {}, "metadata": {}}
    joined, where = join_streams([*pieces, other, pieces[2]])
    assert ["12", "3", None, "3"] == [output.get("text") for output in joined]
    assert [0, 0, 1, 2, 3] == where
