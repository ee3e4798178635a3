"""A test cell compiled once runs as one compiled on the spot."""

from __future__ import annotations

import traceback

import pytest

from autograder.errors import GraderError
from autograder.exam import script


def _value(compiled: script.Script) -> object:
    names: dict[str, object] = {}
    exec(compiled.body, names)
    return None if compiled.last is None else eval(compiled.last, names)


def test_bytecode_that_travelled_is_the_script() -> None:
    """What the supervisor packs is, unpacked, what the examiner would have compiled itself."""
    source = "x = [1, 2]\nsum(x)"
    there = script.unpacked(script.packed([source], [])[source])
    here = script.compiled(source, "<test 1>")
    assert (3, True, here.text, "<test 1>") == (_value(there), there.reckons, there.text, there.body.co_filename)


def test_tests_are_named_in_order_and_preludes_apart() -> None:
    """A traceback says which test of the notebook it is from."""
    packed = script.packed(["a = 1", "b = 2"], ["import math"])
    assert ["<test 1>", "<test 2>", "<prelude>"] == [script.unpacked(d).body.co_filename for d in packed.values()]


@pytest.mark.parametrize("source", ["x = = 1", "%timeit f()", "\0"])
def test_what_does_not_compile_is_left_to_the_examiner(source: str) -> None:
    """Its examiner finds the same fault and puts it in the record; nothing is raised for the class."""
    assert {} == script.packed([source], [])
    with pytest.raises((SyntaxError, ValueError, GraderError)):
        script.compiled(source, "<test 1>")


@pytest.mark.parametrize(
    ("source", "expected"),
    [("1 + 1", 2), ("1 + 1;", None), ("1 + 1  # a; b", 2), ("'a;'", "a;"), ("f = 1", None), ("1;  # quiet", None)],
)
def test_a_semicolon_hides_the_last_value_as_in_jupyter(source: str, expected: object) -> None:
    """Only one that ends the expression."""
    assert expected == _value(script.compiled(source, "<test 1>"))


def test_tracebacks_quote_a_script_that_was_shown() -> None:
    """Also when it came as bytecode."""
    source = "x = 1\nraise ValueError(x)"
    found = script.unpacked(script.packed([source], [])[source])
    found.show()
    with pytest.raises(ValueError, match="1") as caught:
        _value(found)
    assert "raise ValueError(x)" in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("source", ["await f()", "for i in x:\n    y = [await i]", "async for i in x:\n    pass"])
def test_a_test_that_awaits_is_told_to_run_in_the_kernel(source: str) -> None:
    """A fault of the test's, with the mend; a coroutine that it only defines is none."""
    with pytest.raises(GraderError, match="in-kernel"):
        script.compiled(source, "<test 1>")
    script.compiled("async def f():\n    await g()", "<test 1>")
