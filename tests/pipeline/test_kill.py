"""Whatever is killed, and whenever: the same command again, and all is as if nothing had happened.

AUTOGRADER_KILLS=300 kills as many times; AUTOGRADER_SEED chooses other moments.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from batches import CLASS, Course, apart, make, scored

from autograder.gradebook.ledger import Ledger

KILLS = int(os.environ.get("AUTOGRADER_KILLS", "12"))
SEED = int(os.environ.get("AUTOGRADER_SEED", "5"))
VICTIMS = ("supervisor", "supervisor", "zygote", "candidate", "examiner")
def children(pid: int) -> list[int]:
    """Processes that a process has started and that still run."""
    with contextlib.suppress(OSError):
        return [int(n) for task in Path(f"/proc/{pid}/task").iterdir() for n in (task / "children").read_text().split()]
    return []


def victim(supervisor: int, who: str, chance: random.Random) -> int | None:
    """The process to be killed; None where there is none of the kind at the moment.

    Candidates and examiners are children of the warm parent, and look alike from outside.
    """
    if who == "supervisor":
        return supervisor
    parents = [pid for pid in children(supervisor) if b"zygote" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    if who == "zygote":
        return parents[0] if parents else None
    forked = [child for parent in parents for child in children(parent)]
    return chance.choice(forked) if forked else None


def kill_one(course: Course, chance: random.Random) -> str | None:
    """Starts the command and kills something at some moment; gives what was killed."""
    who, lines = chance.choice(VICTIMS), chance.randint(0, len(CLASS))
    process = course.begin()
    assert process.stdout is not None
    for _ in range(lines):
        process.stdout.readline()
    time.sleep(chance.uniform(0, 1.2 if lines == 0 else 0.2))  # the moment is left to chance, not awaited
    with contextlib.suppress(OSError):
        pid = victim(process.pid, who, chance)
        if pid is not None and process.poll() is None:
            os.kill(pid, signal.SIGKILL)
        else:
            who = ""
    process.communicate(timeout=120)
    return who or None


@pytest.fixture
def courses(tmp_path: Path) -> Iterator[Iterator[Course]]:
    """Fresh courses, one after the other."""

    def fresh() -> Iterator[Course]:
        number = 0
        while True:
            root = tmp_path / str(number)
            yield Course(make(root))
            shutil.rmtree(root)
            number += 1

    yield fresh()


def test_kills_at_random_moments(quiet: tuple[dict[str, Any], Any], courses: Iterator[Course]) -> None:
    """Supervisor, warm parent, candidates and examiners are killed; the same command goes on where it was.

    At every moment the ledger shows whole grades or none, and in the end all that is told and written equals what an
    undisturbed run leaves; nobody was graded twice.
    """
    told, written = quiet
    chance = random.Random(SEED)
    killed: list[str] = []
    while len(killed) < KILLS:
        course = next(courses)
        for _ in range(chance.randint(1, 4)):
            killed += filter(None, [kill_one(course, chance)])
            assert {} == apart(course.visible(), told)
        last = course.finish()
        for _ in range(3):  # what was killed twice at the same place is left to a person, and to the next run
            last = course.finish() if last != told else last
        assert {} == apart(last, told)
        assert told.keys() == last.keys()
        assert written == course.written()
        with Ledger.open(course.root / "ledger.db") as ledger:
            attempts = {student: ledger.history(student, "squares") for student in CLASS}
        assert dict.fromkeys(CLASS, 1) == {s: sum(scored(a.grade) for a in many) for s, many in attempts.items()}
    print(f"{len(killed)} kills: {', '.join(f'{killed.count(who)} {who}' for who in dict.fromkeys(VICTIMS))}")


def test_nothing_runs_on_when_the_supervisor_is_gone(courses: Iterator[Course]) -> None:
    """Warm parent, candidates and examiners end with it."""
    course = next(courses)
    process = course.begin()
    assert process.stdout is not None
    process.stdout.readline()
    family = children(process.pid)
    family += [child for pid in family for child in children(pid)]
    assert family
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 20
    while alive(family) and time.monotonic() < deadline:
        pass
    assert [] == alive(family)


def alive(family: list[int]) -> list[int]:
    """Those of the processes that still run."""
    found = []
    for pid in family:
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
                found.append(pid)
    return found
