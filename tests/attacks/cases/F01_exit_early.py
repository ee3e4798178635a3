"""A process that ends early, with whatever code, is no pass."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "end", 0, "one-process"
REST = "table = divisors = motto = guess = prize\n"
VARIANTS = {
    "in_the_cell": {"SOURCE": "import os\nos._exit(0)\n", "TELLS": ("exit code 0",)},
    "in_the_function": {"SOURCE": "import os\ndef prize(*a):\n    os._exit(0)\n" + REST, "TELLS": ("exit code 0",)},
    "system_exit": {
        "SOURCE": "import sys\ndef prize(*a):\n    sys.exit(0)\n" + REST,
        "EXPECTED": "zero",
        "CONTROL": "none",
        "WHY": "IPython counts SystemExit as an error too; a plain script would end with code 0",
    },
    "interrupt": {
        "SOURCE": "def prize(*a):\n    raise KeyboardInterrupt\n" + REST,
        "EXPECTED": "zero",
        "CONTROL": "none",
        "WHY": "IPython counts KeyboardInterrupt as an error too",
    },
    "generator_exit": {
        "SOURCE": "def prize(*a):\n    raise GeneratorExit\n" + REST,
        "EXPECTED": "zero",
        "CONTROL": "none",
        "WHY": "IPython counts it as an error too",
    },
    "skip": {
        "SOURCE": "import unittest\ndef prize(*a):\n    raise unittest.SkipTest('not today')\n" + REST,
        "EXPECTED": "zero",
        "CONTROL": "none",
        "WHY": "the cell is no unittest case; under one the test would count as skipped",
    },
    "quit": {
        "SOURCE": "quit()\n",
        "EXPECTED": "zero",
        "CONTROL": "none",
        "WHY": "a kernel obeys after the cell, this shell too",
    },
}
