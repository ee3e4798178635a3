"""The warm parent."""

from __future__ import annotations

import os

import pytest

from autograder.errors import GraderError
from autograder.sandbox.hall import zygote_environment
from autograder.sandbox.launch import Zygote


def zygote(preload: list[str], entries: list[str]) -> Zygote:
    """One that is not started yet."""
    return Zygote(preload=preload, entries=entries, environment=zygote_environment(threads=1, keras_home=None))


def test_a_zygote_that_lacks_an_entry_of_ours_does_not_come_up() -> None:
    """Forks without their own code would end at once, and look like a student's crash."""
    with zygote([], ["no_such_module:main"]) as down, pytest.raises(GraderError, match="did not come up"):
        down.start()


def test_a_zygote_comes_up_without_a_library_that_a_master_imports() -> None:
    """The cell that imports it will say so."""
    with zygote(["no_such_module"], []) as up:
        up.start()
        assert up.threads == 1


@pytest.mark.skipif(not hasattr(os, "SCHED_BATCH"), reason="no such policy here")
def test_a_zygote_works_in_batches() -> None:
    """And so does what it forks, for a policy is inherited."""
    with zygote([], []) as up:
        up.start()
        assert up._process is not None
        assert os.SCHED_BATCH == os.sched_getscheduler(up._process.pid)
