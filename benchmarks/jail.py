"""What the jail costs: a candidate from the fork until it is ready, and until it is gone, beside a fork without one.

    python -m benchmarks.jail [--candidates 60]

Rule: one warm parent forks all kinds in turn, so that all see the same machine; medians, with the middle half beside.
`plain fork` answers as a candidate does and confines nothing; level 0 sets limits alone. Processor time is that of
the parent, of its children and of this process, in blocks of BLOCK candidates. What the kernel clears away on its
own after a candidate (a network namespace, for one) is in no process's time.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.sandbox import levels
from autograder.sandbox.hall import CANDIDATE, Room, zygote_environment
from autograder.sandbox.launch import Child, Zygote
from autograder.sandbox.mounts import libraries
from autograder.wire import Channel, Codec

REPOSITORY = Path(__file__).parents[1]
PARENTS = {
    "NumPy": ("numpy", "matplotlib.pyplot"),
    "TensorFlow": ("numpy", "matplotlib.pyplot", "tensorflow", "keras"),
}
"""What the warm parents have imported."""
PLAIN = "benchmarks.jail:plain"
CELLS = {
    "NumPy": "import numpy as np\na = np.random.rand(500, 500)\nfor _ in range(10): a = np.tanh(a @ a / 500)",
    "TensorFlow": """
import numpy as np, keras
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(64, "relu"), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(np.ones((512, 8), "float32"), np.ones((512, 1), "float32"), epochs=3, verbose=0)
""",
}
"""What students' code does, to see whether it is slower inside."""
BLOCK = 5
"""Candidates of one kind, one after the other, between two readings of processor time."""
TICK = os.sysconf("SC_CLK_TCK")


def plain(arguments: dict[str, Any], fds: list[int]) -> int:
    """The fork without a jail: says that it is ready, and waits for its end."""
    channel = Channel(fds[0])
    channel.send(Codec().dumps([0, "ready", None, {}]))
    channel.receive()
    return 0


@dataclass(slots=True)
class Kind:
    """One way of having a candidate, and what each took."""

    name: str
    spawn: Callable[[int], tuple[Child, Callable[[], None]]]
    """Wire → the process, and what gives back all that belongs to it."""
    ready: list[float] = field(default_factory=list)
    """Seconds from asking for it until it could be asked something."""
    gone: list[float] = field(default_factory=list)
    """Seconds from its kill until it and its folder were gone."""
    cpu: list[float] = field(default_factory=list)
    """Processor seconds each, one figure a block."""
    work: list[float] = field(default_factory=list)
    """Seconds that a cell took inside."""

    @property
    def total(self) -> list[float]:
        """Seconds of both."""
        return [a + b for a, b in zip(self.ready, self.gone, strict=True)]


def main() -> None:
    """Measures both parents and prints a table for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=int, default=60, help="of each kind, for each parent")
    options = parser.parse_args()
    if os.geteuid() == 0 and not _open_to_all():
        _again_readable(sys.argv[1:])
        return
    best = levels.probe(*libraries(str(REPOSITORY / "autograder"))).level
    for name, preload in PARENTS.items():
        environment = {**zygote_environment(threads=1, keras_home=None), "PYTHONPATH": str(REPOSITORY)}
        with Zygote(preload=preload, entries=[CANDIDATE, PLAIN], environment=environment) as zygote:
            zygote.start()
            kinds = _kinds(zygote, best)
            for done in range(0, options.candidates + BLOCK, BLOCK):
                for kind in kinds:
                    _block(zygote, kind)
                if not done:  # the first time, pages and caches are cold
                    for kind in kinds:
                        kind.ready, kind.gone, kind.cpu = [], [], []
            for _ in range(max(3, options.candidates // 10)):
                for kind in kinds[1:]:
                    kind.work.append(_worked(kind, CELLS[name]))
            _show(name, kinds)


def _open_to_all() -> bool:
    """Whether a candidate's own uid could read this interpreter where it lies, as levels without mounts need it."""
    real = Path(sys.base_prefix).resolve()
    return all(path.stat().st_mode & 0o5 == 0o5 for path in (real, *real.parents))


def _again_readable(arguments: Sequence[str]) -> None:
    """The same under the system's Python with these packages: an interpreter below /root is for root alone."""
    from benchmarks.fates import scene_module

    subprocess.run([scene_module._readable_python(), "-m", "benchmarks.jail", *arguments], cwd=REPOSITORY, check=True)


def _kinds(zygote: Zygote, best: int) -> list[Kind]:
    def fork(wire: int) -> tuple[Child, Callable[[], None]]:
        child = zygote.spawn(PLAIN, {}, [wire])
        return child, child.close

    def jailed(level: int) -> Callable[[int], tuple[Child, Callable[[], None]]]:
        room = Room(
            zygote=zygote, level=level, read_only=libraries(str(REPOSITORY / "autograder")), files={},
            memory=2 << 30, output=1 << 20, file=64 << 20, seconds=60.0,
        )  # fmt: skip

        def spawn(wire: int) -> tuple[Child, Callable[[], None]]:
            seat = room.candidate(wire)
            return seat.child, seat.close

        return spawn

    named = [Kind(f"level {level}", jailed(level)) for level in (0, 2, 4) if level <= best]
    return [Kind("plain fork", fork), *named]


def _block(zygote: Zygote, kind: Kind) -> None:
    before = _cpu(zygote)
    for _ in range(BLOCK):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            began = time.perf_counter()
            child, close = kind.spawn(theirs.fileno())
            channel = Channel(ours.fileno())
            _, word, reason, _ = Codec().loads(channel.receive())
            if word != "ready":
                raise SystemExit(f"No candidate could be had at {kind.name}: {reason}")
            ready = time.perf_counter()
            child.kill()
            child.wait(10.0)
            close()
            kind.ready.append(ready - began)
            kind.gone.append(time.perf_counter() - ready)
    kind.cpu.append((_cpu(zygote) - before) / BLOCK)


def _worked(kind: Kind, cell: str) -> float:
    """Seconds that a fresh candidate takes over a cell."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        _, close = kind.spawn(theirs.fileno())
        channel = Channel(ours.fileno())
        channel.receive()
        began = time.perf_counter()
        channel.send(Codec().dumps([1, "run", [cell, "cell"], {"seconds": 60.0, "limit": 60.0}]))
        while (answer := Codec().loads(channel.receive()))[1] == "partial":
            continue
        took = time.perf_counter() - began
        close()
    if answer[1] != "ok" or not answer[2]["ok"]:
        raise SystemExit(f"The cell did not run at {kind.name}: {answer[2]}")
    return took


def _cpu(zygote: Zygote) -> float:
    """Processor seconds of the parent, of its children that have ended, and of this process."""
    assert zygote._process is not None
    fields = Path(f"/proc/{zygote._process.pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICK + time.process_time()


def _show(name: str, kinds: Sequence[Kind]) -> None:
    count, base = len(kinds[0].ready), statistics.median(kinds[0].total)
    print(f"\n{name} parent, {count} candidates of each kind: medians in ms (middle half)")
    print(f"{'':10}{'ready':>18}{'gone':>17}{'above':>8}{'times':>7}{'processor':>11}{'a cell':>9}")
    for kind in kinds:
        above = statistics.median(kind.total) - base
        print(
            f"{kind.name:10}{_spread(kind.ready):>18}{_spread(kind.gone):>17}{1e3 * above:>+8.1f}"
            f"{statistics.median(kind.total) / base:>7.1f}{1e3 * statistics.mean(kind.cpu):>11.1f}"
            + (f"{1e3 * statistics.median(kind.work):>9.0f}" if kind.work else "")
        )


def _spread(seconds: Sequence[float]) -> str:
    low, middle, high = (1e3 * q for q in statistics.quantiles(seconds, n=4))
    return f"{middle:.1f} ({low:.0f}-{high:.0f})"


if __name__ == "__main__":
    main()
