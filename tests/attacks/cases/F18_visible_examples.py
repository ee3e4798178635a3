"""Answers to the examples that students see are worth nothing without the rule behind them."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "zero", 0, "as-handed-in"
SOURCE = """
prize = {3: 12}.get
table = lambda n: [[0, 0], [0, 0]]
motto = str
guess = lambda inputs: []
"""
