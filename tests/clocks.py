"""The clock of a file system, as far as tests must wait for it."""

from __future__ import annotations

import time
from pathlib import Path


def settled(folder: Path) -> int:
    """A moment in ns after which whatever is written in the folder bears another time than all that lies there now."""
    probe = folder / ".clock"
    probe.write_bytes(b"")
    began = probe.stat().st_mtime_ns
    while True:
        probe.write_bytes(b"x")
        now = probe.stat().st_mtime_ns
        if now > began:
            probe.unlink()
            return now
        time.monotonic()
