"""Which kernel a notebook asks for.

Rule: a notebook that says nothing, or names Python in whatever dress, is a Python notebook.
"""

from __future__ import annotations

from autograder.values import JSON


def language_of(raw: JSON) -> str:
    """The language that a notebook's kernelspec names, as it spells it; `python` where nothing names one."""
    spec, info = (raw["metadata"].get(key) for key in ("kernelspec", "language_info"))
    if isinstance(spec, dict) and spec.get("language"):
        return str(spec["language"])
    if isinstance(spec, dict) and isinstance(info, dict) and info.get("name"):
        return str(info["name"])
    return "python"


def kernel_of(raw: JSON) -> str:
    """Name of the notebook's kernelspec where its language is another than Python; else empty."""
    spec = raw["metadata"].get("kernelspec")
    if not isinstance(spec, dict) or language_of(raw).lower() in ("python", "python2", "python3", "ipython"):
        return ""
    return str(spec.get("name", ""))
