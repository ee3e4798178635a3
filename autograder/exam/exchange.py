"""What goes over the wire for objects that are no plain values, and what stands for those that come.

Rule: of the tests' process nothing goes but plain values, names of library objects, and the functions, iterators,
containers and objects of its own classes that a test hands over; what comes is a plain value, a stand-in, or one of
those given back.
"""

from __future__ import annotations

import io
import sys
import types
import weakref
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import Any

from autograder.exam import lent, raising
from autograder.exam.operators import proxy_class
from autograder.exam.proxy import Asker, Proxy, isinstance_proxy
from autograder.wire import HANDLE, MAX_DEPTH, Codec, Twin, Twins, WireError
from autograder.wire.builtin import NAMEDTUPLE, STAND_IN, has_more, is_namedtuple, namedtuple_payload

MAX_CLASSES = 20_000
MAX_WORD = 300
MAX_FILE = 32 << 20
"""Characters, or bytes, of a test's open file that travel."""
VALUE_TYPES = {
    t.__name__: t
    for t in (bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, set, frozenset, range, slice)
}
"""Python's own classes that are the same class on either side."""


class Library:
    """Stands for an object of a library by its name, in the candidate's process."""

    def __init__(self, module: str, name: str) -> None:
        self.module = module
        self.name = name


class Raised:
    """An exception of a test's function, on its way to the student's code that called it."""

    def __init__(self, error: BaseException, number: int) -> None:
        self.error = error
        self.number = number


class Exchange:
    """The examiner's tables: classes and objects of the student's, functions of the tests'."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self.paths: list[PurePath] = []
        """Those that came and that nobody has looked after yet."""
        self._named: dict[tuple[str, tuple[str, ...]], type] = {}
        """Named tuples of the tests' own that went over the wire: name and fields → class."""
        self.codec = Codec(
            other=self._travel,
            resolve=self._arrive,
            named=lambda name, fields: self._named.get((name, fields)),
            came=self.paths.append,
            deepest=MAX_DEPTH,
        )
        self.twins = Twins(-1)
        self.exceptions = raising.Exceptions(asker)
        self._classes: dict[int, type[Proxy]] = {}
        self._proxies: weakref.WeakValueDictionary[int, Proxy] = weakref.WeakValueDictionary()
        self._received: dict[int, int] = {}
        self._released: list[list[int]] = []
        self._given: dict[int, Any] = {}
        self._numbers: dict[int, int] = {}
        self._kept: set[int] = set()
        self._just_given: set[int] = set()
        self._last = 0
        self._raised: dict[int, BaseException] = {}

    def begin_test(self) -> None:
        """Functions that the last test handed over can no longer be called, but for those bound to names."""
        for number in [n for n in self._given if n not in self._kept]:
            self._numbers.pop(id(self._given.pop(number)), None)
        self._raised.clear()

    @property
    def has_given(self) -> bool:
        """Whether student code may call something of the tests' by now."""
        return bool(self._given)

    def keep_given(self) -> None:
        """What the frame just encoded handed over stays callable for good."""
        self._kept |= self._just_given

    def encode(self, frame: list[Any]) -> bytes:
        """The frame's bytes; WireError when something in it cannot travel."""
        self._just_given = set()
        try:
            data = self.codec.dumps(frame)
        except BaseException:
            self.twins.unsent()
            raise
        self.twins.sent()
        return data

    def release(self, number: int) -> None:
        """A stand-in is gone."""
        self._released.append([number, self._received.pop(number, 0)])

    def released(self) -> list[list[int]]:
        """[number, how often it came] of the objects of which no stand-in is left, told once."""
        gone, self._released = self._released, []
        return gone

    def taken_paths(self) -> list[PurePath]:
        """The paths that came since this was last asked."""
        taken = self.paths[:]
        self.paths.clear()
        return taken

    def function(self, number: Any) -> Any:
        """The function or iterator that was handed over under that number, or None."""
        found = self._given.get(number) if type(number) is int else None
        return lent.Service(found) if lent.is_lent(found) else found

    def raised(self, error: BaseException) -> Raised:
        """What travels for an exception of a test's function."""
        self._raised[len(self._raised)] = error
        return Raised(error, len(self._raised) - 1)

    def rebuilt(self, told: Any) -> BaseException:
        """The exception of an error answer: the very one if a test's own function had raised it."""
        number, description = told
        if type(number) is int and number in self._raised:
            return self._raised[number]
        return self.exceptions.build(description)

    def _travel(self, codec: Codec, obj: Any) -> Any:
        """What goes over the wire for an object of the tests' that is no plain value."""
        payload = self._payload(obj)
        if payload is not None:
            return codec.extension(HANDLE, payload)
        if is_namedtuple(obj) and not has_more(type(obj)):
            if type(obj).__module__ != STAND_IN:
                self._named[type(obj).__name__, type(obj)._fields] = type(obj)
            return codec.extension(NAMEDTUPLE, namedtuple_payload(obj))
        if isinstance(obj, io.IOBase):
            return _in_memory(obj)
        raise WireError(f"an object of type {type(obj).__name__}.")

    def _payload(self, obj: Any) -> list[Any] | None:
        if isinstance_proxy(obj):
            return ["object", obj._number]
        if type(obj) is Twin:
            return ["twin", obj.number, obj.content]
        if type(obj) is Library:
            return ["library", obj.module, obj.name]
        if type(obj) is Raised:
            return self._error(obj.error, obj.number)
        if isinstance(obj, types.TracebackType):
            return ["library", "types", "NoneType"]
        student = raising.student_of(obj)
        if student is not None:
            return ["object", student._number]
        named = raising.library_object(obj)
        if named is not None:
            return ["library", *named]
        if isinstance(obj, BaseException):
            return self._error(obj, None)
        if lent.is_lent(obj):
            return ["lent", self._give(obj), *lent.described(obj)]
        if callable(obj):
            return ["function", self._give(obj), str(getattr(obj, "__name__", "function")), _document(obj)]
        if obj is sys.stdout or obj is sys.stderr:
            return ["library", "sys", "stdout" if obj is sys.stdout else "stderr"]
        if isinstance(obj, Iterator) and not isinstance(obj, io.IOBase):
            return ["iterator", self._give(obj)]
        return None

    def _error(self, error: BaseException, number: int | None) -> list[Any]:
        """A builtin exception by value; of an assertion no more than that it failed."""
        student = raising.student_of(error)
        if student is not None:
            return ["object", student._number]
        kind = next(c for c in type(error).__mro__ if c.__module__ == "builtins")
        try:
            args = [] if kind is AssertionError else Codec().loads(Codec().dumps(list(error.args)))
        except WireError:
            args = [str(error)]
        return ["error", kind.__name__, args, number]

    def _give(self, obj: Any) -> int:
        """The number under which the candidate may call, or step, that object of the tests'."""
        number = self._numbers.get(id(obj))
        if number is None:
            self._last += 1
            number = self._numbers[id(obj)] = self._last
            self._given[number] = obj
        self._just_given.add(number)
        return number

    def _arrive(self, payload: Any) -> Any:
        """What a handle stands for."""
        form, *rest = payload
        if form == "object":
            return self._object(*rest)
        if form == "twin":
            return self.twins.unwrap(rest)
        if form == "yours":
            return self._given.get(rest[0], _over) if type(rest[0]) is int else _over
        raise WireError("A handle is mangled.")

    def _object(self, number: Any, class_number: Any, about: Any, facts: Any) -> Any:
        """The stand-in for an object that stays with the student: one for each, as long as it lives."""
        if type(number) is not int or type(class_number) is not int or type(facts) is not dict:
            raise WireError("A handle is mangled.")
        if about is not None:
            self._describe(class_number, about)
        if class_number not in self._classes:
            raise WireError("A handle is of a class that was never described.")
        self._received[number] = self._received.get(number, 0) + 1
        found = self._proxies.get(number)
        if found is None:
            found = self._classes[class_number](self._asker, number, _checked_facts(facts))
            self._proxies[number] = found
        named = facts.get("library")
        if "class" in facts and type(named) is list and named[:1] == ["builtins"] and named[-1] in VALUE_TYPES:
            return VALUE_TYPES[named[-1]]
        member = raising.member(facts.get("member"))
        if member is not None:
            return member
        if facts.get("lineage") is not None:
            return self.exceptions.class_of(found, facts["lineage"])
        if facts.get("error") is not None:
            return self.exceptions.build(facts["error"], found)
        return found

    def _describe(self, number: int, about: Any) -> None:
        name, bases, known, fields = about
        words = [name, *bases, *known, *fields]
        if not all(type(w) is str and len(w) < MAX_WORD for w in words) or len(words) > 1000:
            raise WireError("A class's description is mangled.")
        if len(self._classes) >= MAX_CLASSES:
            raise WireError("Too many classes were described.")
        self._classes[number] = proxy_class(number, name, bases, known, fields)


def _in_memory(file: io.IOBase) -> Any:
    """What is left to read of a test's file, as a file in memory; WireError for one that is only written to."""
    try:
        place = file.tell()
        rest = file.read(MAX_FILE)
        file.seek(place)
    except (OSError, ValueError):
        raise WireError(f"an object of type {type(file).__name__}.") from None
    return io.StringIO(rest) if isinstance(rest, str) else io.BytesIO(rest)


def _checked_facts(facts: dict[Any, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    named, cls = facts.get("library"), facts.get("class")
    if type(named) is list and len(named) == 2 and all(type(w) is str and len(w) < MAX_WORD for w in named):
        out["library"] = named
    if type(cls) is str and len(cls) < MAX_WORD:
        out["class"] = cls
    return out


def _document(function: Callable[..., Any]) -> str | None:
    text = getattr(function, "__doc__", None)
    return text if isinstance(text, str) and isinstance(function, types.FunctionType) else None


def _over(*_: Any, **__: Any) -> Any:
    raise RuntimeError("The test that gave this function is over.")
