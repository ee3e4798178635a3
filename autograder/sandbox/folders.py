"""Work folders, and what is left of them when their owner was killed.

Rule: a folder's name says which process made it; one whose process is gone is anybody's to remove.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "autograder"


def make() -> Path:
    """A fresh folder of this process's, for nobody else to read."""
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}-{_namespace()}-{os.getpid()}-"))


def remove_abandoned() -> None:
    """Removes folders whose process was killed before it could do so."""
    namespace = _namespace()
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}-{namespace}-*-*"):
        pid = path.name.split("-")[2]
        if namespace and pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(path, ignore_errors=True)


def _namespace() -> int:
    """Number of the pid namespace: a container that shares the folder counts its processes by itself."""
    try:
        return Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return 0
