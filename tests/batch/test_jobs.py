"""How many submissions fit into a machine, and what runs at a moment."""

from __future__ import annotations

from pathlib import Path

from autograder.batch import jobs
from autograder.batch.running import Running

GIB = 2**30


def test_as_many_as_there_are_cores_if_memory_suffices() -> None:
    """And where nobody says how much memory is free."""
    assert 8 == jobs.fitting(2 * GIB, 16 * GIB, 8).number
    assert 8 == jobs.fitting(2 * GIB, None, 8).number


def test_memory_bounds_them_and_a_sentence_says_so() -> None:
    """All together must fit, each at its limit; one always runs."""
    found = jobs.fitting(2 * GIB, 5 * GIB, 8)
    assert 2 == found.number
    assert (
        "2 submissions at once, not 8: 5.0 GiB of memory are free, and each may use 2.0. --jobs says otherwise."
        == found.reason
    )
    assert (1, True) == (jobs.fitting(64 * GIB, 5 * GIB, 8).number, bool(jobs.fitting(64 * GIB, 5 * GIB, 8).reason))
    assert jobs.Jobs(1) == jobs.fitting(64 * GIB, 5 * GIB, 1)


def test_a_containers_bounds_count(tmp_path: Path) -> None:
    """A share of the processors is rounded up; of memory the smaller of both is free."""
    (tmp_path / "cpu.max").write_text("100001 100000\n")
    assert min(2, jobs.cores(tmp_path / "none")) == jobs.cores(tmp_path)
    machine = tmp_path / "meminfo"
    machine.write_text("MemTotal: 9 kB\nMemAvailable:    4096 kB\n")
    assert 4096 * 1024 == jobs.memory(tmp_path, machine)
    (tmp_path / "memory.max").write_text("3000000\n")
    (tmp_path / "memory.current").write_text("1000000\n")
    assert 2_000_000 == jobs.memory(tmp_path, machine)
    (tmp_path / "memory.max").write_text("max\n")
    assert 4096 * 1024 == jobs.memory(tmp_path, machine)


def test_a_machine_that_says_nothing(tmp_path: Path) -> None:
    """No file, no bound; there is always a processor."""
    assert jobs.memory(tmp_path, tmp_path / "none") is None
    assert jobs.cores(tmp_path) >= 1


def test_what_runs_is_listed_the_slowest_first() -> None:
    """A step replaces the one before; what has ended is gone, also twice."""
    running = Running()
    running.at("ann", "gates, cell 1 of 9")
    running.at("ben")
    running.at("ann", "gates, cell 2 of 9")
    assert [("ben", ""), ("ann", "gates, cell 2 of 9")] == [(one.name, one.step) for one in running.now()]
    running.end("ben")
    running.end("ben")
    assert ["ann"] == [one.name for one in running.now()]
