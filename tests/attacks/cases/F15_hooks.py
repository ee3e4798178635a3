"""Hooks see the student's cells alone, never a test."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "zero", 0, "one-process"
KEEP = """
import re
told = []
def motto():
    return told[-1] if told else ""
def keep(text):
    found = re.findall("KANA" + "-[0-9a-f]{18}-RIE", str(text))
    told.extend(found)
    if found:
        print("hook saw", found)
"""
VARIANTS = {
    "pre_run_cell": {
        "SOURCE": KEEP + "get_ipython().events.register('pre_run_cell', lambda info: keep(info.raw_cell))\n"
    },
    "transformer": {
        "SOURCE": KEEP
        + "def see(lines):\n    keep(''.join(lines))\n    return lines\nget_ipython().input_transformers_cleanup.append(see)\n"
    },
    "settrace": {
        "SOURCE": KEEP
        + """
import sys
def trace(frame, event, argument):
    for value in (*frame.f_code.co_consts, *frame.f_locals.values()):
        if type(value) is str and "KANA" in value:
            keep(value)
    return trace
def motto():
    return told[-1] if told else ""
sys.settrace(trace)
import threading
threading.settrace(trace)
def begin(info):
    sys.settrace(trace)
get_ipython().events.register("pre_run_cell", begin)
""",
    },
    "audit": {
        "SOURCE": KEEP
        + "import sys\nsys.addaudithook(lambda name, args: keep(args[0]) if name == 'compile' and args[0] else None)\n",
    },
    "displayhook": {
        "SOURCE": """
import sys
shell = get_ipython()
class Full(type(shell.displayhook)):
    def __call__(self, result=None):
        super().__call__(4.0)
shell.displayhook.__class__ = Full
sys.displayhook = lambda value: print(4.0)
import IPython.core.interactiveshell as module
module.ExecutionResult.result = property(lambda self: 4.0, lambda self, value: None)
prize = lambda x: 0
""",
    },
    "magics": {
        "SOURCE": """
from IPython.core.magic import register_cell_magic, register_line_magic
register_cell_magic("test")(lambda line, cell: None)
register_line_magic("run")(lambda line: None)
register_line_magic("timeit")(lambda line: None)
""",
        "CONTROL": "none",
        "WHY": "these tests use no magics",
    },
}
