"""An input transformer that turns later cells into `pass` does so to the student's own cells alone."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "zero", 0, "one-process"
SOURCE = 'get_ipython().input_transformers_post.append(lambda lines: ["pass\\n"])\n'
EARNS = {"test_honest": 1.0}  # its own later cell became `pass` too
