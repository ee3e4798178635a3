"""A setuid program cannot be run for its rights."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 1, "unprotected"
SNIPPETS = {
    "run one": """
import shutil, subprocess
program = next(p for p in map(shutil.which, ("su", "mount", "umount", "passwd", "newgrp")) if p)
subprocess.run([program, "--version"], check=False, capture_output=True)
""",
}
