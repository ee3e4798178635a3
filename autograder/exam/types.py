"""`type` as test cells see it: through stand-ins, to the class of the object behind them.

Rule: `type(x) == C` compares the same two things as it would in one process.
"""

from __future__ import annotations

from typing import Any

from autograder.exam.proxy import Asker, isinstance_proxy, library_class
from autograder.wire.builtin import STAND_IN


def make_type(asker: Asker) -> Any:
    """A `type` that answers for stand-ins by asking, and is Python's own for everything else."""

    class Meta(type):
        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            if len(args) == 1 and isinstance_proxy(args[0]):
                return _class_of(asker, args[0])
            if len(args) == 1 and type(args[0]).__module__ == STAND_IN:
                return _named(asker, type(args[0]))
            return type(*args, **kwargs)

        def __instancecheck__(cls, obj: Any) -> bool:
            return isinstance(obj, type)

        def __subclasscheck__(cls, other: Any) -> bool:
            return issubclass(other, type)

        def __eq__(cls, other: object) -> bool:
            return other is type or other is cls

        def __hash__(cls) -> int:
            return hash(type)

    return Meta("type", (), {})


def _class_of(asker: Asker, obj: Any) -> Any:
    """The library's own class where the object is said to be of it, else what stands for the student's."""
    found = asker.ask("class_of", obj)
    named = found._facts.get("library") if isinstance_proxy(found) else None
    local = library_class(".".join(named)) if named is not None else None
    return local if local is not None else found


def _named(asker: Asker, made: type) -> Any:
    """What stands for the student's class of a named tuple, where it has one of that name."""
    try:
        found = asker.ask("name", made.__name__)
    except NameError:
        return made
    return found if isinstance_proxy(found) and found._facts.get("class") == made.__name__ else made
