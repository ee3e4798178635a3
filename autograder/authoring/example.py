"""A master to begin with: one of each kind of cell, small enough to be read in a minute.

Rule: it is sound, its solution earns every point that tests give, and its release earns none.
"""

from __future__ import annotations

from autograder import notebook
from autograder.values import JSON

NAME = "hello"
_WORDS = """# Hello

Write a function that doubles a number. What the instructor has written in its place is cut out of the release."""
_ANSWER = '''def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION'''
_TEST = """assert double(2) == 4, "twice 2 is 4"
### BEGIN HIDDEN TESTS
assert double(-1.5) == -3
### END HIDDEN TESTS"""
_ESSAY = """Why does that also work for fractions? (A person marks this cell.)

### BEGIN SOLUTION
Multiplication is defined for them too.
### END SOLUTION"""


def master() -> JSON:
    """The notebook, as nbformat 4.5 data."""
    cells = [
        _cell("markdown", "title", _WORDS),
        _cell("code", "double", _ANSWER, solution=True),
        _cell("code", "test_double", _TEST, grade=True, locked=True, points=2),
        _cell("markdown", "why", _ESSAY, grade=True, solution=True, points=1),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _cell(kind: str, name: str, source: str, **settings: bool | float) -> JSON:
    metadata = {"nbgrader": notebook.settings(name, **settings)} if settings else {}
    cell: JSON = {"cell_type": kind, "id": name, "metadata": metadata, "source": source}
    return {**cell, "outputs": [], "execution_count": None} if kind == "code" else cell
