"""Objects that live on both sides, here on two tables in one process."""

from __future__ import annotations

import array
import collections
import copy
import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autograder.errors import WireError
from autograder.wire import HANDLE, Codec, Twin, Twins
from autograder.wire.restore import restore
from autograder.wire.twins import is_shared


class Side:
    """One side: a table and what it holds."""

    def __init__(self, step: int) -> None:
        self.twins = Twins(step)
        self.codec = Codec(other=self.travel, resolve=self.twins.unwrap)

    def travel(self, codec: Codec, obj: Any) -> Any:
        assert type(obj) is Twin
        return codec.extension(HANDLE, [obj.number, obj.content])

    def hand(self, other: Side, obj: Any) -> Any:
        """What the other side gets for the object."""
        return other.codec.loads(self.codec.dumps(self.twins.wrap(obj)))

    def tell(self, other: Side) -> None:
        other.twins.apply(self.codec.loads(self.codec.dumps(self.twins.changes())))


@pytest.fixture
def sides() -> tuple[Side, Side]:
    return Side(-1), Side(1)


def change_list(x: Any) -> None:
    x.append(5)


CHANGES = [
    ([1], change_list),
    ([[1], [2]], lambda x: x[0].append(3)),
    ({"a": [1]}, lambda x: x["a"].append(2)),
    ({"a": 1}, lambda x: x.pop("a")),
    ({1, 2}, lambda x: x.add(3)),
    (collections.deque([1], 3), lambda x: x.appendleft(0)),
    (collections.Counter("a"), lambda x: x.update("ab")),
    (collections.OrderedDict(a=1), lambda x: x.update(b=2)),
    (np.zeros(3), lambda x: x.__setitem__(0, 9)),
    (np.zeros((2, 2), dtype="datetime64[D]"), lambda x: x.__setitem__((0, 0), "2020-01-01")),
    (np.ma.array([1, 2], mask=[0, 0]), lambda x: x.__setitem__(0, 7)),
    (pd.DataFrame({"a": [1]}), lambda x: x.__setitem__("b", 2)),
    (pd.Series([1, 2]), lambda x: x.__setitem__(0, 9)),
    (([1], 2), lambda x: x[0].append(3)),
    (np.random.default_rng(1), lambda x: x.random(3)),
    (np.random.RandomState(1), lambda x: x.rand(3)),
    (bytearray(b"a"), lambda x: x.extend(b"bc")),
    ([bytearray(b"a")], lambda x: x[0].append(3)),
    (memoryview(bytearray(4)), lambda x: x.__setitem__(1, 9)),
    (array.array("i", [1]), lambda x: x.append(2)),
    (io.StringIO("a"), lambda x: x.write("bc")),
    (io.BytesIO(b"abc"), lambda x: x.read(1)),
]


def shown(x: Any) -> Any:
    if isinstance(x, np.random.Generator):
        return copy.deepcopy(x).random()
    if isinstance(x, np.random.RandomState):
        return copy.deepcopy(x).rand()
    if isinstance(x, io.StringIO | io.BytesIO):
        return x.getvalue(), x.tell()
    return x.to_dict() if hasattr(x, "to_dict") else x.tolist() if hasattr(x, "tolist") else copy.deepcopy(x)


@pytest.mark.parametrize(("mine", "change"), CHANGES)
def test_a_change_on_either_side_is_seen_on_the_other(sides, mine, change) -> None:
    """In place: the objects stay the objects that they are."""
    here, there = sides
    theirs = here.hand(there, mine)
    assert there.hand(here, theirs) is mine and here.hand(there, mine) is theirs
    change(theirs)
    there.tell(here)
    assert shown(theirs) == shown(mine)
    assert [] == there.twins.changes() and [] == here.twins.changes()
    change(mine) if not isinstance(mine, dict) or "a" in mine else mine.update(z=1)
    here.tell(there)
    assert shown(theirs) == shown(mine)


def test_the_same_object_twice_is_one_object(sides) -> None:
    """Also in one frame."""
    here, there = sides
    mine = [1]
    wrapped = [here.twins.wrap(mine), here.twins.wrap(mine)]
    a, b = there.codec.loads(here.codec.dumps(wrapped))
    assert a is b


def test_what_one_side_lets_go_is_no_twin(sides) -> None:
    """Then nothing is told of it any more, and its number means nothing."""
    here, there = sides
    theirs = here.hand(there, mine := [1])
    assert [] == here.twins.prune() and [] == there.twins.prune()
    del theirs
    gone = there.twins.prune()
    here.twins.forget(gone)
    assert [-1] == gone and 0 == len(here.twins) == len(there.twins)
    mine.append(1)
    assert [] == here.twins.changes()


def test_what_could_not_be_sent_is_forgotten(sides) -> None:
    """A frame that was not encoded leaves no twin behind."""
    here, _ = sides
    kept = [object()]
    here.twins.wrap(kept)
    here.twins.unsent()
    assert 0 == len(here.twins)


@pytest.mark.parametrize("payload", [[1, []], [-1, []], [-1, [[1]]], ["a", []], [1, 5], [1, [1, 2]], [0, [[1]]], [True, []]])
def test_a_mangled_twin_is_refused(sides, payload) -> None:
    """Numbers of the other's own making, unknown ones, and things that are no numbers."""
    here, _ = sides
    with pytest.raises(WireError):
        here.twins.unwrap(payload)


def test_immutable_values_are_no_twins(sides) -> None:
    """They need none."""
    here, _ = sides
    for value in (1, "a", (1, 2), None, 2.5, frozenset({1}), np.float64(1), np.array(3)):
        assert here.twins.wrap(value) is value


def test_is_shared_counts_holders() -> None:
    """One variable is nobody else."""
    mine = [1]
    assert not is_shared(mine)
    other = mine
    assert is_shared(mine) and other is mine


plain = st.recursive(
    st.integers() | st.text(max_size=2), lambda x: st.lists(x, max_size=4) | st.dictionaries(st.text(max_size=2), x, max_size=3) | st.lists(x, max_size=3).map(tuple), max_leaves=12
)


@given(st.lists(plain, max_size=5), st.lists(plain, max_size=5))
@example([0, ((), 0)], [0, ((0,), 0)])
@settings(deadline=None)
def test_restoring_gives_the_content_and_keeps_the_object(mine: list[Any], content: list[Any]) -> None:
    """Whatever the two lists are, and whatever lies in them."""
    told = copy.deepcopy(content)
    restore(mine, content)
    assert told == mine


def test_memory_that_others_see_is_not_resized() -> None:
    """An array of another shape or dtype is left alone."""
    mine = np.zeros(3)
    view = mine[:2]
    for content in (np.ones(1000), np.ones(3, "f4"), np.ones((3, 1))):
        restore(mine, content)
    assert [0, 0, 0] == mine.tolist() and [0, 0] == view.tolist()


def test_a_buffer_that_is_looked_at_keeps_its_length(sides) -> None:
    """As in one process, where it could not have grown; a change of the same length is taken over."""
    here, there = sides
    theirs = here.hand(there, mine := bytearray(b"ab"))
    with memoryview(mine):
        theirs.append(1)
        there.tell(here)
        assert bytearray(b"ab") == mine
    theirs[:] = b"yz"
    there.tell(here)
    assert bytearray(b"yz") == mine
