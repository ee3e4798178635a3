"""Cells that IPython would not change are not given to its transformers, and keep their file's name."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

from autograder.sandbox import ipython


class _Shell:
    """As much of a shell as the question needs."""

    def __init__(self) -> None:
        self.input_transformer_manager = TransformerManager()
        self.input_transformers_post: list[object] = []
        self.known_transforms = ipython._transforms(self)


PIECES = st.sampled_from(
    ["x = 1", "%time x", "!ls", "x?", "?x", "x = %time 1", "x = !ls", "    y", "...", ">>> x", "In [1]: x", "x = '?'",
     "# what?", "a != b", "a % b", "(a", "% b)", "'''", "/f", ",f x", "; y", "\\", "def f():", "x = \\", "", "\t", "%%time"]
)  # fmt: skip


@given(st.lists(PIECES, min_size=1, max_size=6))
@example(["x = 1", "x = 1", "\t"])
@example(["x = '''", "  ", "'''"])
@example(["x = 1\x0c", "y = 2\u2028\t", "z"])
def test_what_is_called_python_is_left_as_it_is_by_ipython(lines: list[str]) -> None:
    """Whatever the lines, a cell passed over is one that IPython would only have ended with a newline."""
    source = "\n".join(lines)
    if ipython.is_python(_Shell(), source):
        assert (source if source.endswith("\n") else source + "\n") == TransformerManager().transform_cell(source)


@pytest.mark.parametrize("source", ["a = 1\nb = a % 2 != 0", "# why?  because\nx = '%d' % 3", "def f(x):\n    return x"])
def test_ordinary_cells_are_passed_over(source: str) -> None:
    """Else nothing would be won."""
    assert ipython.is_python(_Shell(), source)


def test_a_notebook_with_transformers_of_its_own_is_transformed() -> None:
    """What a cell registers works, as in Jupyter."""
    shell = _Shell()
    shell.input_transformer_manager.cleanup_transforms.append(lambda lines: lines)
    assert not ipython.is_python(shell, "a = 1\nb = 2")
    shell = _Shell()
    shell.input_transformers_post.append(lambda lines: lines)
    assert not ipython.is_python(shell, "a = 1\nb = 2")
