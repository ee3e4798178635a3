"""The state of the random generators, as a value.

Rule: a test that seeds `random`, `numpy.random` or TensorFlow finds the same numbers drawn by the student's function
as it would in one process, so the state travels with the control flow. A state that comes from a candidate is taken
over only if drawing, or seeding with a small number, leads to it: nobody chooses what a test draws next.

Python, NumPy's legacy generator and TensorFlow's seeds all come from MT19937: 624 words and a position in them.
Sources: M. Matsumoto, T. Nishimura, ACM TOMACS 8 (1998); M. E. O'Neill, HMC-CS-2014-0905 (PCG64).
"""

from __future__ import annotations

import hashlib
import itertools
import math
import random
import sys
from collections.abc import Iterator
from typing import Any

State = list[Any]
"""[Python's, NumPy's, TensorFlow's]; each [words, position, spare normal or None] or None, the last [seed, whether it
was just set, whether Keras set it, words, position]."""
Words = tuple[int, ...]
MAX_BLOCKS = 1000
"""How many times 624 words one question may have drawn."""
SEEDED_BLOCKS = 20
SEEDS = (*range(2100), 1234, 1337, 2718, 3141, 4242, 12345, 31415, 31337, 54321, 123456, 271828, 314159, 123456789)
"""Numbers that people seed with."""
_told_tensorflow: Any = None


def state() -> State:
    """The states of `random` and, where they are loaded, of `numpy.random` and a seeded TensorFlow."""
    return [_python(random.getstate()), _numpy(), _tensorflow()]


def _python(held: tuple[Any, ...]) -> State:
    return [list(held[1][:624]), held[1][624], held[2]]


def _numpy() -> State | None:
    if "numpy" not in sys.modules:
        return None
    _, keys, position, has_spare, spare = sys.modules["numpy"].random.get_state()
    return [keys.tolist(), int(position), float(spare) if has_spare else None]


def _context() -> Any:
    """TensorFlow's eager context, if a seed was set there."""
    module = sys.modules.get("tensorflow.python.eager.context")
    context = module.context() if module is not None else None
    return context if getattr(context, "_seed", None) is not None and hasattr(context, "_rng") else None


def _tensorflow() -> State | None:
    global _told_tensorflow
    context = _context()
    if context is None or type(context._seed) is not int:
        return None
    fresh, _told_tensorflow = context._rng is not _told_tensorflow, context._rng
    words, position, _ = _python(context._rng.getstate())
    return [context._seed, fresh, _keras_seed() == context._seed, words, position]


def _keras_seed() -> Any:
    module = sys.modules.get("keras.src.backend.common.global_state")
    return module.get_global_attribute("global_random_seed") if module is not None else None


def restore(told: State) -> None:
    """Takes over a state made by `state`; raises ValueError or TypeError when it is none."""
    python, numpy, tensorflow = told
    if tensorflow is not None:
        _restore_tensorflow(*tensorflow)  # first: Keras seeds the other two as well
    random.setstate(_as_python(*python))
    if numpy is not None and "numpy" in sys.modules:
        sys.modules["numpy"].random.set_state(_as_numpy(*numpy))


def _as_python(words: list[int], position: int, spare: float | None) -> tuple[Any, ...]:
    return 3, (*words, position), spare


def _as_numpy(words: list[int], position: int, spare: float | None) -> tuple[Any, ...]:
    keys = sys.modules["numpy"].array(words, dtype="uint32")
    return "MT19937", keys, position, int(spare is not None), spare or 0.0


def _restore_tensorflow(number: int, fresh: bool, by_keras: bool, words: list[int], position: int) -> None:
    if "tensorflow" not in sys.modules:
        return
    if fresh and by_keras and "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(number)
    elif fresh or _context() is None:
        sys.modules["tensorflow"].random.set_seed(number)
    context = _context()
    if context is not None:
        context._rng.setstate(_as_python(words, position, None))


def restore_drawn(told: Any) -> None:
    """Takes over what a candidate tells, as far as drawing can have led there from the present state.

    Raises ValueError when it has not even the form of a state.
    """
    python, numpy, tensorflow = _checked(told)
    mine = state()
    if python is not None:
        now, spare = _drawn(mine[0], python, _python_seeded, polar=False)
        if now is not None:
            random.setstate(_as_python(now[0], now[1], spare))
    if numpy is not None and mine[1] is not None:
        now, spare = _drawn(mine[1], numpy, _numpy_seeded, polar=True)
        if now is not None:
            sys.modules["numpy"].random.set_state(_as_numpy(now[0], now[1], spare))
    if tensorflow is not None and mine[2] is not None:
        now, _ = _drawn([*mine[2][3:], None], [*tensorflow[3:], None], _python_seeded, polar=False)
        if now is not None:
            _context()._rng.setstate(_as_python(now[0], now[1], None))


def _checked(told: Any) -> State:
    """The state if it has the form of one: else ValueError."""
    if type(told) is not list or len(told) != 3:
        raise ValueError("no state")
    for part, first in zip(told, (0, 0, 3), strict=True):
        if part is None:
            continue
        words, position = part[first : first + 2]
        sound = type(words) is list and len(words) == 624 and all(type(w) is int and 0 <= w < 2**32 for w in words)
        if not sound or type(position) is not int or not 0 <= position <= 624:
            raise ValueError("no state")
        if not first and not (part[2] is None or (type(part[2]) is float and math.isfinite(part[2]))):
            raise ValueError("no state")
    return told


def _blocks(words: Words) -> Iterator[Words]:
    """The words that follow, 624 at a time."""
    machine = random.Random()  # noqa: S311  (it computes, and is no secret)
    machine.setstate((3, (*words, 624), None))
    while True:
        machine.getrandbits(32)
        words = machine.getstate()[1][:624]
        yield words
        machine.setstate((3, (*words, 624), None))


def _python_seeded(number: int) -> Words:
    words: Words = random.Random(number).getstate()[1][:624]  # noqa: S311
    return words


def _numpy_seeded(number: int) -> Words:
    words: list[int] = sys.modules["numpy"].random.RandomState(number).get_state()[1].tolist()
    return tuple(words)


def _drawn(mine: State, told: State, seeded: Any, *, polar: bool) -> tuple[State | None, float | None]:
    """The told state if drawing, or seeding, leads to it, and its spare normal if that was drawn; else None."""
    wanted = tuple(told[0])
    start = tuple(mine[0])
    path = _path(start, wanted, MAX_BLOCKS)
    if path is None:
        for number in SEEDS:
            path = _path(seeded(number), wanted, 1)
            if path is not None:
                break
    if path is None:
        return None, None
    known = told[2] is None or told[2] == mine[2] or any(_is_spare(told[2], w, polar) for w in path[-2:])
    return told, told[2] if known else None


def _path(start: Words, wanted: Words, limit: int) -> list[Words] | None:
    """The blocks from `start` to `wanted`, the last two at most; None when it is not among the next `limit`."""
    if start == wanted:
        return [start]
    before = start
    for count, words in enumerate(_blocks(start)):
        if words == wanted:
            return [before, words]
        if count >= limit:
            return None
        before = words
    return None


def _is_spare(value: float, words: Words, polar: bool) -> bool:
    """Whether drawing a normal from these words, anywhere, leaves this one for the next time."""
    for shift in (0, 1):
        machine = random.Random()  # noqa: S311
        machine.setstate((3, (*words, shift), None))
        drawn = [machine.random() for _ in range(311)]
        for a, b in itertools.pairwise(drawn):
            if abs((_polar_spare if polar else _angle_spare)(a, b) - value) < 1e-12:
                return True
    return False


def _polar_spare(a: float, b: float) -> float:
    """Marsaglia's polar method, as NumPy's legacy generator has it."""
    x, y = 2 * a - 1, 2 * b - 1
    r2 = x * x + y * y
    return math.sqrt(-2 * math.log(r2) / r2) * x if 0 < r2 < 1 else math.inf


def _angle_spare(a: float, b: float) -> float:
    """Box and Muller's method, as `random.gauss` has it."""
    return math.sin(a * 2 * math.pi) * math.sqrt(-2 * math.log(1 - b))


_MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645
_MASK = (1 << 128) - 1


def follows(mine: dict[str, Any], told: dict[str, Any]) -> bool:
    """Whether a PCG64 generator in the state `mine` can have drawn itself into `told`, in at most 2**40 steps."""
    if mine["bit_generator"] != "PCG64" or told["bit_generator"] != "PCG64":
        return False
    here, there, step = mine["state"]["state"], told["state"]["state"], mine["state"]["inc"]
    if told["state"]["inc"] != step:
        return False
    distance, bit, factor, add = 0, 1, _MULTIPLIER, step
    while here != there and bit <= _MASK:
        if here & bit != there & bit:
            here = (here * factor + add) & _MASK
            distance |= bit
        bit <<= 1
        add, factor = (factor + 1) * add & _MASK, factor * factor & _MASK
    return here == there and distance < 1 << 40


def seed(number: int) -> None:
    """Seeds `random`, `numpy.random`, and TensorFlow where it is loaded, so that two runs draw the same numbers."""
    random.seed(number)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(number)
    if "tensorflow" in sys.modules:
        sys.modules["tensorflow"].random.set_seed(number)


def secret(texts: list[str], number: int) -> int:
    """A seed that only who knows the texts can know: for the tests' own draws."""
    return int.from_bytes(hashlib.sha256("\0".join([*texts, str(number)]).encode()).digest()[:4], "big")
