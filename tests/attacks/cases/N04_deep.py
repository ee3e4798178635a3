"""Deep nesting is refused before anything walks it."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "reject", 0, "none"
WHY = "nothing can run"
TELLS = ("ps.ipynb",)


def around(inner):
    return b'{"nbformat": 4, "nbformat_minor": 5, "cells": [], "metadata": {"x": ' + inner + b"}}"


VARIANTS = {
    "lists": {"CONTENT": around(b"[" * 200_000 + b"]" * 200_000)},
    "objects": {"CONTENT": around(b'{"a":' * 100_000 + b"1" + b"}" * 100_000)},
    "less_deep": {"CONTENT": around(b"[" * 900 + b"]" * 900)},
}
