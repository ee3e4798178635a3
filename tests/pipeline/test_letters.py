"""What crosses between client and workers: plain values, and nothing that runs."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import GraderError
from autograder.gradebook.ledger import Part
from autograder.pipeline import letters
from autograder.pipeline.one import Graded
from autograder.pipeline.parcel import Parcel
from autograder.values import Grade, Outcome, Status, Verdict

TEXT = "named \udce9 \ud800"
VERDICT = Verdict("book", "test", Outcome.PARTIAL, 1, 2.5, TEXT, "detail", ("operators",), 0.25)
OPEN = Verdict("book", "hand", Outcome.BY_HAND, None, 2)
PART = Part("mark", (VERDICT, OPEN), b"\x00executed", 0.5, ("note",), {"net.keras": "hash"})
GRADE = Grade("ada", "a", Status.NEEDS_PERSON, (VERDICT, OPEN), "why", 0, 0.0, 4, "sha256:1", 1.5, 0.5, ("note",))
PARCEL = Parcel("ada", "a", {"b.ipynb": b"{}", f"{TEXT}.bin": b"\xff"}, datetime(2026, 11, 1, tzinfo=UTC), ("passed over",))


def plan() -> Any:
    """As much of a plan as is looked at."""
    return SimpleNamespace(terms=SimpleNamespace(shared={}, masters={"book": ()}), masters=[SimpleNamespace(name="book")])


def test_a_grade_comes_back_as_it_went() -> None:
    """Whole numbers stay whole, undecodable names stay what they are; whose it is is not believed."""
    graded = Graded(GRADE, {"book": b"\x00executed", "other": b"not run"}, {"book": PART}, fresh=True)
    found = letters.answer(letters.answered(graded, {}), {})
    assert replace(graded, grade=replace(GRADE, student="", assignment="")) == found
    assert int is type(found.grade.verdicts[0].points)


def test_what_was_known_is_not_sent_back() -> None:
    """The client puts in what it has itself."""
    graded = Graded(GRADE, {"book": PART.executed}, {"book": PART}, fresh=False)
    bare = letters.answered(graded, {"mark": PART})
    assert PART.executed not in bare
    assert {"book": PART} == letters.answer(bare, {"mark": PART}).parts


def test_a_submission_comes_as_it_went() -> None:
    """Names, bytes, time and notes."""
    handed, mark, known = letters.question(letters.asked(plan(), PARCEL, "sha256:2", {"of another": PART}))
    assert (PARCEL, "sha256:2", {}) == (handed, mark, known)


class Trap:
    """Makes a folder where it is unpickled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> Any:
        return Path.mkdir, (self.folder,)


def test_what_runs_when_it_is_read_does_not_run(tmp_path: Path) -> None:
    """A worker's answer that is a pickle is no grade; unpickled, it would have run."""
    data = pickle.dumps(Trap(tmp_path / "trap"))
    with pytest.raises(GraderError, match="What came back is no grade"):
        letters.answer(data, {})
    assert not (tmp_path / "trap").exists()
    pickle.loads(data)
    assert (tmp_path / "trap").exists()


@given(st.binary(max_size=200))
def test_bytes_of_whatever_kind_are_a_grade_or_an_error_of_ours(data: bytes) -> None:
    """Nothing else is raised."""
    with pytest.raises(GraderError):
        letters.answer(data, {})


_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.text(max_size=5) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=10) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=20,
)


@given(_PLAIN, st.integers(0, 4))
def test_values_of_a_wrong_type_are_an_error_of_ours(value: Any, place: int) -> None:
    """Whatever stands in place of a part of a grade."""
    whole = msgpack.unpackb(
        letters.answered(Graded(GRADE, {"book": b""}, {"book": PART}), {}), raw=False, unicode_errors="surrogatepass"
    )
    before = whole[place]
    whole[place] = value
    data = msgpack.packb(whole, unicode_errors="surrogatepass")
    try:
        found = letters.answer(data, {})
    except GraderError:
        return
    assert type(found.fresh) is bool
    assert all(type(name) is str and type(held) is bytes for name, held in found.executed.items())
    assert before == value or place in (1, 2, 3, 4)
