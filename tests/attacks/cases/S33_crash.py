"""A crash is told as one, and never as a pass."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "end", 0, "one-process"
BODY = "table = divisors = motto = guess = prize\n"
VARIANTS = {
    "segfault": {"SOURCE": "import ctypes\ndef prize(*a):\n    ctypes.string_at(1)\n" + BODY, "TELLS": ("crashed",)},
    "abort": {"SOURCE": "import os\ndef prize(*a):\n    os.abort()\n" + BODY},
    "kill": {"SOURCE": "import os, resource\ndef prize(*a):\n    os.kill(os.getpid(), 9)\n    os._exit(1)\n" + BODY},
}
