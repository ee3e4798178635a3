"""The state of the random generators as a value."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder import chance


def advanced(draw) -> bool:
    """Whether the state after `draw`, told to somebody who stood where it began, takes them there."""
    start = chance.state()
    draw()
    told = chance.state()
    chance.restore(start)
    chance.restore_drawn(told)
    return chance.state()[:2] == told[:2]


@pytest.mark.parametrize(
    "draw",
    [
        lambda: None,
        lambda: random.random(),
        lambda: random.gauss(0, 1),
        lambda: [random.gauss(0, 1) for _ in range(5)],
        lambda: (random.randint(0, 5), random.gauss(0, 1)),
        lambda: np.random.rand(3),
        lambda: np.random.randn(),
        lambda: (np.random.randn(3), np.random.randint(3), np.random.randn()),
        lambda: np.random.rand(100_000),
        lambda: np.random.shuffle(np.arange(700)),
        lambda: np.random.seed(42),
        lambda: (np.random.seed(3), np.random.randn(5)),
        lambda: (random.seed(2024), random.random()),
        lambda: random.shuffle(list(range(1000))),
    ],
)
def test_drawing_and_seeding_are_followed(draw) -> None:
    """Where a student's function can have got by drawing, or seeding with a common number, the tests follow."""
    chance.seed(11)
    assert advanced(draw)


def test_a_chosen_state_is_not_taken_over() -> None:
    """Zeros everywhere would make every number drawn by the test a zero."""
    chance.seed(1)
    before = chance.state()
    zeros = [[0] * 624, 624, None]
    chance.restore_drawn([zeros, zeros, None])
    assert before[:2] == chance.state()[:2]  # TensorFlow, where another test loaded it, says more the first time
    np.random.set_state(("MT19937", np.zeros(624, "uint32"), 624))
    assert np.random.rand() == 0.0  # the control: such a state does what was feared
    chance.restore(before)


def test_a_chosen_spare_normal_is_dropped() -> None:
    """The next normal is one that the generator makes, not one that the candidate names."""
    chance.seed(1)
    told = chance.state()
    told[0][2] = told[1][2] = 0.25
    chance.restore_drawn(told)
    assert np.random.randn() != 0.25 and random.gauss(0, 1) != 0.25
    chance.restore(told)
    assert np.random.randn() == 0.25 and random.gauss(0, 1) == 0.25


json_like = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(max_size=3), lambda x: st.lists(x, max_size=4), max_leaves=10
)


@given(json_like)
@settings(deadline=None)
def test_what_is_no_state_is_an_error(told) -> None:
    """A mangled state raises ValueError or TypeError, or changes nothing."""
    before = chance.state()
    try:
        chance.restore_drawn(told)
    except (ValueError, TypeError):
        pass
    assert before[:2] == chance.state()[:2]


@given(st.integers(0, 2**32), st.integers(0, 5000))
@settings(deadline=None, max_examples=30)
def test_a_pcg64_generator_is_followed(seed, draws) -> None:
    """However far it was drawn; but not to a state of another stream, nor backwards."""
    mine, theirs = np.random.default_rng(seed), np.random.default_rng(seed)
    theirs.random(draws)
    assert chance.follows(mine.bit_generator.state, theirs.bit_generator.state)
    other = np.random.default_rng(seed + 1).bit_generator.state
    assert not chance.follows(mine.bit_generator.state, other)
    if draws:
        assert not chance.follows(theirs.bit_generator.state, mine.bit_generator.state)


def test_the_tests_seed_hangs_on_their_text() -> None:
    """Two runs draw the same; who does not know the tests cannot draw what they draw."""
    assert chance.secret(["assert f(1)"], 0) == chance.secret(["assert f(1)"], 0)
    assert chance.secret(["assert f(1)"], 0) != chance.secret(["assert f(2)"], 0)
