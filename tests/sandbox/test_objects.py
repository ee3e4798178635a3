"""Objects that stay with the student: numbered, described, let go, and read by their base type's own methods."""

from __future__ import annotations

import collections
import functools
import types
from typing import Any

import numpy as np
import pytest

from autograder.errors import WireError
from autograder.sandbox.objects import Objects, Own, carried, describe_class, facts, library_name, lineage
from autograder.wire import HANDLE, Codec

READ = Codec(resolve=lambda payload: payload)


def main_class(name: str, *bases: type, **members: Any) -> Any:
    """A class as a notebook defines one."""
    return type(name, bases, {"__module__": "__main__", **members})


def lie(*_: Any) -> Any:
    return "a lie"


LIES = dict.fromkeys(("__eq__", "__repr__", "__str__", "__iter__", "__getitem__", "__len__", "keys", "items", "__int__"), lie)


@pytest.mark.parametrize(
    ("base", "value"),
    [(int, 3), (float, 1.5), (str, "abc"), (list, [1, 2]), (tuple, (1,)), (dict, {"a": 1}), (set, {1}), (frozenset, {2}),
     (complex, 1j), (bytes, b"x")],
)  # fmt: skip
def test_a_subclass_is_read_by_its_base(base: type, value: Any) -> None:
    """Whatever its own methods say."""
    obj = main_class("Liar", base, __hash__=None, **LIES)(value)
    assert base(value) == carried(obj) and type(carried(obj)) is base


def test_an_array_is_read_as_an_array() -> None:
    """A subclass by its own memory, an object by `__array__`, and one of objects item by item."""

    class Sub(np.ndarray):
        __module__ = "__main__"

        def __array__(self, *_: Any, **__: Any) -> Any:
            return np.zeros(3)

    assert [0, 1, 2] == carried(np.arange(3).view(Sub)).tolist()
    assert [1.0] == carried(main_class("A", __array__=lambda self, *a, **k: np.ones(1))()).tolist()
    with pytest.raises(WireError):
        carried(object())


def test_an_object_has_one_number_until_it_is_let_go_as_often_as_it_was_sent() -> None:
    """A release that crosses another sending does not lose the object."""
    table = Objects()
    obj = main_class("A")()
    numbers = {READ.loads(table.encode([obj]))[0][1] for _ in range(3)}
    (number,) = numbers
    table.release([[number, 2]])
    assert {number} == {READ.loads(table.encode([obj]))[0][1]}
    table.release([[number, 2]])
    assert number != READ.loads(table.encode([obj]))[0][1]


def test_a_class_is_described_once() -> None:
    """With its bases, its operators and a dataclass's fields; then by number alone."""
    table = Objects()
    cls = main_class("A", list, __call__=lie)
    first, second = (READ.loads(table.encode([cls()]))[0] for _ in range(2))
    name, bases, known, fields = first[3]
    assert ("A", ["__main__.A", "builtins.list", "builtins.object"], []) == (name, bases, fields)
    assert {"call", "len", "iter", "eq"} <= set(known)
    assert second[3] is None and first[2] == second[2]


def test_functions_and_classes_of_libraries_are_named() -> None:
    """By module and name; the student's own, bound methods and lambdas are not."""
    assert ["functools", "wraps"] == library_name(functools.wraps)
    assert ["math", ""] == library_name(types.ModuleType("math"))
    assert library_name(main_class("A")) is None and library_name(lambda: 1) is None
    assert "library" not in facts([].append)
    assert "OrderedDict" == facts(collections.OrderedDict)["class"]


def test_an_exception_class_has_its_lineage() -> None:
    """Each class of it with its own bases."""
    base = main_class("Base", ValueError)
    told = dict(map(tuple, lineage(main_class("Child", base))))
    assert ["__main__.Base"] == told["__main__.Child"] and ["builtins.ValueError"] == told["__main__.Base"]


def test_a_tests_function_is_one_function_and_goes_back_as_such() -> None:
    """The same for the same number, with the test's name for it."""
    calls = []
    table = Objects()
    table.callback = lambda number, args, kwargs: calls.append((number, args, kwargs))
    frame = [Codec(other=lambda codec, o: codec.extension(HANDLE, ["function", 4, "add", "Adds."])).dumps([object()])] * 2
    (first,), (second,) = map(table.codec.loads, frame)
    assert first is second and ("add", "Adds.") == (first.__name__, first.__doc__)
    first(1, b=2)
    assert [(4, (1,), {"b": 2})] == calls
    assert ["yours", 4] == READ.loads(table.encode([first]))[0]


def test_a_tests_iterator_is_stepped() -> None:
    """Until it has nothing more."""
    left = [[1], [2], []]
    table = Objects()
    table.callback = lambda number, args, kwargs: left.pop(0)
    data = Codec(other=lambda codec, o: codec.extension(HANDLE, ["iterator", 4])).dumps([object()])
    assert [1, 2] == list(table.codec.loads(data)[0])


def test_a_named_tuple_that_comes_back_is_of_the_students_class() -> None:
    """If there is one of that name and those fields."""
    point = collections.namedtuple("Point", "x y")
    table = Objects(lambda: {"Point": point})
    other = collections.namedtuple("Other", "x y")
    back = table.codec.loads(table.encode([point(1, 2), other(3, 4)]))
    assert type(back[0]) is point and type(back[1]) is not other and (3, 4) == back[1]


def test_a_class_whose_description_fails_is_not_half_described() -> None:
    """What the student's code raises on being looked at reaches the caller."""

    class Meta(type):
        @property
        def __dataclass_fields__(cls) -> Any:
            raise RuntimeError("do not look")

    cls = Meta("A", (), {"__module__": "__main__"})
    with pytest.raises(RuntimeError):
        describe_class(cls)
    with pytest.raises(RuntimeError):
        Objects().encode([cls()])


def test_an_exception_object_alone_is_a_plain_handle() -> None:
    """Its description travels beside it, not inside it."""
    told = READ.loads(Objects().encode([Own(ValueError("x"))]))[0]
    assert "object" == told[0] and {} == told[4]
