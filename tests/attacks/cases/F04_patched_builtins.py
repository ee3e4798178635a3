"""Patched builtins decide nothing: the tests have their own."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "zero", 0, "one-process"
SOURCE = """
import builtins, math, operator

builtins.sum = lambda *args: 4.0
builtins.abs = builtins.round = lambda *args: 0
builtins.sorted = lambda *args: [1, 2, 3, 4, 6, 12]
builtins.AssertionError = ValueError
math.isclose = operator.eq = lambda *args, **kwargs: True
prize = divisors = table = lambda x: 0
"""
