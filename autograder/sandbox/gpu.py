"""The machine's GPU, as far as candidates may use it.

Rule: looked for by its devices; its driver is never woken here, for a process that has done so cannot be forked.
"""

from __future__ import annotations

from pathlib import Path

DEVICES = Path("/dev")


def present(devices: Path = DEVICES) -> bool:
    """Whether this machine has an NVIDIA GPU: `/dev/nvidia0` and the like."""
    return any(path.name.removeprefix("nvidia").isdigit() for path in devices.glob("nvidia*"))
