"""Modules that a solution imports while it runs, to be imported once before the forks.

Rule: only modules of the interpreter and of installed packages count; a course's own are its own.
"""

from __future__ import annotations

import json
import re
import sysconfig

from autograder.check import variations
from autograder.check.trials import Ran
from autograder.values import JSON

FIRST = "import sys as check_sys\ncheck_known = set(check_sys.modules)"
LAST = """\
import json as check_json
print(check_json.dumps([[name, str(getattr(getattr(module, "__spec__", None), "origin", ""))]
                        for name, module in check_sys.modules.items() if name not in check_known]))
"""
MOST = 2000
"""Modules that one list may hold."""
_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


def watched(raw: JSON) -> JSON:
    """A notebook that tells at its end what it has imported."""
    return variations.with_cells(raw, FIRST, LAST)


def seen(ran: Ran) -> list[str]:
    """Dotted names of the modules, in the order of their import."""
    try:
        told = json.loads(ran.printed.get(variations.LAST_ID, "").strip().splitlines()[-1])
    except (ValueError, IndexError):
        return []
    return [name for name, origin in told if sound(name) and _installed(origin)][:MOST]


def sound(name: object) -> bool:
    """Whether that is the dotted name of a module."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None and not name.startswith(("__main__", "check_"))


def _installed(origin: str) -> bool:
    places = ("stdlib", "platstdlib", "purelib", "platlib")
    return any(origin.startswith(sysconfig.get_path(place) + "/") for place in places)
