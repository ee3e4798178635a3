"""The student's exceptions, raised again in the tests' process.

Rule: a library's exception class is taken from the loaded library by name from a fixed list, a student's own gets a
stand-in with the same name and the nearest known bases; hostile names are not used.
"""

from __future__ import annotations

import enum
import keyword
import sys
from typing import Any

from autograder.exam.proxy import LIBRARIES, Asker, Proxy, isinstance_proxy, library_class

MAX_TEXT = 5000
MAX_TRACE = 20_000
MAX_LINEAGE = 50
MAX_FLAGS = 64
"""Bits of a member of an enumeration: making one of a million takes minutes."""


class _Standing(type):
    """Class of the stand-in classes: an instance is made by the student's class, over the wire."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        student = cls.__dict__.get("_student")
        if student is None:
            return super().__call__(*args, **kwargs)
        return student._asker.ask("call", student, list(args), kwargs)


class Exceptions:
    """Exception classes that stand for the student's own, one for each."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._made: dict[tuple[str, tuple[str, ...]], type[BaseException]] = {}

    def class_of(self, student: Proxy, lineage: Any) -> type[BaseException]:
        """The stand-in for a student's exception class, which `student` is."""
        made = self._class(lineage)
        if isinstance(made, _Standing) and made.__dict__.get("_student") is None:
            type.__setattr__(made, "_student", student)
        return made

    def _class(self, lineage: Any) -> type[BaseException]:
        """From [dotted name, its bases' dotted names] of the class and its own bases, the class first."""
        if type(lineage) is not list or not 0 < len(lineage) <= MAX_LINEAGE:
            return Exception
        known = {str(name)[:300]: tuple(str(b)[:300] for b in bases) for name, bases in lineage}
        return self._one(next(iter(known)), known, 0)

    def _one(self, dotted: str, known: dict[str, tuple[str, ...]], depth: int) -> type[BaseException]:
        found = library_class(dotted)
        if found is not None and issubclass(found, BaseException):
            return found
        if dotted not in known or depth > MAX_LINEAGE:
            return Exception
        key = dotted, known[dotted]
        if key not in self._made:
            self._made[key] = self._new(dotted, [self._one(b, known, depth + 1) for b in known[dotted][:10]])
        return self._made[key]

    def _new(self, dotted: str, bases: list[type[BaseException]]) -> type[BaseException]:
        name = dotted.rpartition(".")[2]
        word = name if name.isidentifier() and not keyword.iskeyword(name) and len(name) < 100 else "StudentException"
        members = {"__module__": "__main__", "__getattr__": _attribute, "__str__": _text}
        fit = [b for b in dict.fromkeys(bases) if b is not Exception] or [Exception]
        for chosen in (fit, fit[:1], [Exception]):
            try:
                made: Any = _Standing(word, tuple(chosen), dict(members))
            except TypeError:  # bases that do not go together
                continue
            return made  # type: ignore[no-any-return]
        return Exception

    def build(self, told: Any, student: Any = None, depth: int = 0) -> BaseException:
        """The exception of a description; ValueError or TypeError for a mangled one."""
        lineage, args, text, trace, given, cause = told
        error = _instance(self._class(lineage), args, str(text)[:MAX_TEXT])
        error.autograder_trace = str(trace)[-MAX_TRACE:]  # type: ignore[attr-defined]
        student = given if isinstance_proxy(given) else student
        if isinstance_proxy(student):
            error.autograder_object = student  # type: ignore[attr-defined]
        if cause is not None and depth < 5:
            error.__cause__ = self.build(cause, depth=depth + 1)
        return error


def student_of(obj: Any) -> Proxy | None:
    """The student's exception class, or exception, for which this stands."""
    if isinstance(obj, _Standing):
        found: Proxy | None = obj.__dict__.get("_student")
        return found
    if isinstance(obj, BaseException):
        return obj.__dict__.get("autograder_object")
    return None


def _attribute(self: BaseException, name: str) -> Any:
    """An attribute that the student's own exception object has."""
    student = self.__dict__.get("autograder_object")
    if student is None or name.startswith("__"):
        raise AttributeError(name)
    return getattr(student, name)


def _text(self: BaseException) -> str:
    return str(self.__dict__.get("autograder_text", ""))


def _instance(cls: type[BaseException], args: Any, text: str) -> BaseException:
    given = tuple(args) if type(args) is list else (text,)
    try:
        error: BaseException = type.__call__(cls, *given)
    except Exception:
        error = type(cls.__name__, (cls,), {"__init__": _keep, "__str__": _text, "__module__": cls.__module__})()
    if type(args) is list and not isinstance(error, OSError) and error.args != given:
        error.args = given
    error.__dict__["autograder_text"] = text
    return error


def _keep(self: BaseException, *_: Any) -> None:
    """Takes nothing: the base's own initialiser wants arguments that did not travel."""


def member(told: Any) -> Any:
    """The member of a library's enumeration that is told of as [dotted name of its class, value], or None."""
    if type(told) is not list or len(told) != 2 or type(told[0]) is not str or type(told[1]) not in (int, str):
        return None
    found = library_class(told[0])
    if type(told[1]) is int and told[1].bit_length() > MAX_FLAGS:
        return None
    try:
        return found(told[1]) if isinstance(found, enum.EnumType) else None
    except (ValueError, TypeError):
        return None


def library_object(obj: Any) -> tuple[str, str] | None:
    """(module, qualified name) of a library's object that a test hands over, or None.

    Modules, classes, functions, members of enumerations.
    """
    if type(obj) is type(sys):
        return (obj.__name__, "") if obj.__name__.partition(".")[0] in LIBRARIES else None
    module = getattr(obj, "__module__", None) or ("numpy" if type(obj).__name__ == "ufunc" else None)
    if module is None:  # `str.format`, which here would look into whatever it is given
        module = getattr(getattr(obj, "__objclass__", None), "__module__", None)
    if isinstance(obj, enum.Enum):
        name: Any = f"{type(obj).__qualname__}.{obj.name}"
    else:
        name = getattr(obj, "__qualname__", None) or getattr(obj, "__name__", None)
    if not isinstance(module, str) or not isinstance(name, str) or module.partition(".")[0] not in LIBRARIES:
        return None
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    return (module, name) if found is obj else None
