"""What code reads that wants to start a process, and how a notebook's `!command` starts one where it may.

Rule: nothing is forbidden here; the kernel refuses, and this says so in words that a student understands.

Where an assignment allows no processes, Python's own ways of starting one raise `PermissionError` with a sentence.
`!command` and `os.system`, which never raise, say the sentence on stderr and give the status of a shell that may
not run a program: a notebook that begins with `!pip install` goes on with its imports.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

REFUSED = "Starting processes is not allowed in this assignment."
FOLDERS = ("/usr/local/bin", "/usr/bin", "/bin")
SEARCHED = os.pathsep.join((str(Path(sys.prefix, "bin")), *FOLDERS))
"""The PATH of code that may start programs: this Python's own come first, as in an active environment."""
MAY_NOT_RUN = 126
"""A shell's exit status for a program that may not be run."""
FOUND_NO_SHELL = 127 << 8
"""What `os.system` gives when the kernel refused it."""


def readable() -> tuple[str, ...]:
    """The paths that a candidate must read besides libraries to run programs, those that exist."""
    return tuple(path for path in (*FOLDERS, "/etc/alternatives") if os.path.lexists(path))


def settle(*, level: int, processes: int) -> None:
    """Fits this process, a candidate at that level of the jail, to the number of processes that it may start."""
    from IPython import get_ipython

    if processes:
        allow(get_ipython())
    elif level >= 1:  # below, nothing is refused
        refuse(get_ipython())


def refuse(shell: Any) -> None:
    """Puts the sentence where the kernel's refusal arrives; `shell` is the notebook's IPython."""
    import _posixsubprocess  # what `multiprocessing` starts by

    for module, name in (
        (os, "fork"), (os, "forkpty"), (os, "posix_spawn"), (os, "posix_spawnp"), (os, "execv"), (os, "execve"),
        (subprocess, "_fork_exec"), (_posixsubprocess, "fork_exec"),
    ):  # fmt: skip
        _explain(module, name)
    system = os.system

    @functools.wraps(system)
    def said(command: Any) -> int:
        status = system(command)
        return _say() << 8 if status == FOUND_NO_SHELL else status

    os.system = said

    def nothing(command: str) -> str:
        _say()
        return ""

    _commands(shell, lambda command: _say(), nothing)


def allow(shell: Any) -> None:
    """`!command` by pipes: IPython would ask for a terminal, and there is none in the jail."""
    _commands(shell, lambda command: subprocess.call(command, shell=True), None)  # noqa: S602


def _explain(module: ModuleType, name: str) -> None:
    """Gives a function's PermissionError a text; the call is made all the same."""
    real = getattr(module, name, None)
    if real is None:
        return

    @functools.wraps(real)
    def explained(*arguments: Any, **named: Any) -> Any:
        try:
            return real(*arguments, **named)
        except PermissionError as e:
            raise PermissionError(e.errno, REFUSED) from None

    setattr(module, name, explained)


def _commands(shell: Any, run: Callable[[str], int], output: Callable[[str], str] | None) -> None:
    """Replaces what `!command` and, with `output`, `names = !command` do; variables are filled in as ever."""

    def system(command: str) -> None:
        shell.user_ns["_exit_code"] = run(shell.var_expand(command, depth=1))

    shell.system = shell.system_piped = shell.system_raw = system
    if output is None:
        return
    said = output

    def getoutput(command: str, split: bool = True, depth: int = 0) -> Any:
        from IPython.utils.text import LSString, SList

        text = said(command)
        return SList(text.splitlines()) if split else LSString(text)

    shell.getoutput = getoutput


def _say() -> int:
    sys.stderr.write(REFUSED + "\n")
    return MAY_NOT_RUN
