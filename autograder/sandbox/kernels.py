"""The kernels of other languages that this machine has, and what their processes must be able to read.

Rule: only what the administrator installed is run; a notebook names a kernelspec and nothing else.

Source: jupyter_client, "Making kernels for Jupyter" (kernel.json).
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import GraderError
from autograder.sandbox import programs

PROCESSES = 32
"""Processes that a kernel may start where the assignment allows fewer: itself, its language, what that calls."""
LEAST_LEVEL = 3
"""Of the jail: below, other processes of the machine could listen to a kernel's sockets."""
SETTINGS = ("/usr", "/etc/R", "/etc/octave.conf", "/etc/fonts", "/etc/java", "/etc/ssl/openssl.cnf")
"""Where languages that a distribution installs keep libraries and settings."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """One installed kernel."""

    name: str
    """Of its kernelspec."""
    argv: tuple[str, ...]
    """As kernel.json has it; the program by its whole path."""
    environment: Mapping[str, str]
    interrupt: str
    """`signal` or `message`."""
    read_only: tuple[str, ...]
    """Paths that its processes read besides the libraries of this Python."""

    @property
    def told(self) -> dict[str, Any]:
        """Plain JSON: what may change a mark, and what a process that runs it needs to know."""
        return {"argv": list(self.argv), "environment": dict(self.environment), "interrupt": self.interrupt}


def find(name: str, notebook: str, level: int) -> Kernel:
    """The kernel that a notebook asks for by its kernelspec's name; GraderError, with the mend, when it cannot run.

    `notebook`: for the message; `level`: of the jail.
    """
    if level < LEAST_LEVEL:
        raise GraderError(
            f"{notebook} needs the kernel {name!r}; at level {level} of the jail nothing would guard its sockets.",
            mend=f"Grade it on a machine of level {LEAST_LEVEL} (`autograder doctor`).",
        )
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec(name)
    except NoSuchKernel:
        known = ", ".join(sorted(KernelSpecManager().find_kernel_specs()))
        raise GraderError(
            f"{notebook} needs the kernel {name!r}, which is not installed here (installed: {known}).",
            mend="Install it for the Python that runs autograder (`jupyter kernelspec list`), then run this again.",
        ) from None
    program = _program(spec.argv[0])
    if program is None:
        raise GraderError(
            f"{notebook} needs the kernel {name!r}, whose program {spec.argv[0]!r} is not found.",
            mend=f"Install it, or put its whole path in {Path(spec.resource_dir) / 'kernel.json'}.",
        )
    environment = {key: os.path.expandvars(value) for key, value in spec.env.items()}
    argv = (program, *spec.argv[1:])
    read_only = _paths((*argv, *environment.values()), Path(spec.resource_dir))
    return Kernel(name, argv, environment, spec.interrupt_mode, read_only)


def _program(word: str) -> str | None:
    """The program's whole path; `python` is this one, as in Jupyter."""
    if word in ("python", "python3", f"python{sys.version_info[0]}.{sys.version_info[1]}"):
        return sys.executable
    return shutil.which(word, path=f"{programs.SEARCHED}{os.pathsep}{os.environ.get('PATH', '')}")


def _paths(words: tuple[str, ...], resources: Path) -> tuple[str, ...]:
    """What exists of the distribution's folders, the kernelspec's own, and all that it names by a whole path."""
    named = (path for word in words for path in word.split(os.pathsep) if path.startswith("/"))
    folders = [str(resources.resolve()), *SETTINGS, *programs.readable(), *map(_installation, _real(named))]
    return tuple(dict.fromkeys(path for path in folders if os.path.lexists(path)))


def _real(paths: Iterator[str]) -> Iterator[Path]:
    for path in paths:
        if Path(path).exists():
            yield Path(path).resolve()


def _installation(path: Path) -> str:
    """The folder of a program or a script; where that is a `bin`, the one above, which holds its libraries."""
    folder = path if path.is_dir() else path.parent
    return str(folder.parent if folder.name == "bin" and folder.parent != Path("/") else folder)
