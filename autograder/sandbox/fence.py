"""A fence around the process that runs the tests: it writes nowhere but in its own folder.

Rule: tests are trusted, and read what a submission sends. Should anything of that run there all the same, no mark, no
master, no program and nobody else's work is within its reach to be changed.

Where the kernel has no Landlock only a root's capabilities are given up. The network is not fenced off: tests may
use it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from autograder.sandbox import landlock, linux

DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
SHARED = "/dev/shm"  # noqa: S108  (it is granted, not used)
"""Where locks between processes lie."""
READ_ANYTHING = 2
"""CAP_DAC_READ_SEARCH: a course may be its owner's alone, and graded by root."""


def put_up(work: Sequence[str]) -> None:
    """Puts this process, and all that it starts, behind the fence for ever; `work`: folders in which it may write."""
    if linux.landlock_abi():
        landlock.fence((*work, SHARED), DEVICES)
    if os.geteuid() == 0:
        linux.drop_capabilities(keep=READ_ANYTHING)
