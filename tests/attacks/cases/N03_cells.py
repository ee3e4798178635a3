"""Cells that are missing or none are refused; no cells at all is an empty notebook."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "reject", 0, "none"
WHY = "nothing can run"
VARIANTS = {
    "missing": {"CONTENT": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}'},
    "null": {"CONTENT": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": null}'},
    "text": {"CONTENT": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": "all"}'},
    "not_cells": {"CONTENT": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [1, null, []]}'},
    "none": {
        "CONTENT": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}', "EXPECTED": "safe", "EARNS": {},
        "TELLS": ("missing",),
    },
}  # fmt: skip
