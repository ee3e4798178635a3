"""`type` as test cells see it: through stand-ins, to the class of the object behind them.

Rule: `type(x) == C` compares the same two things as it would in one process.
"""

from __future__ import annotations

from typing import Any

from autograder.exam.proxy import Asker, isinstance_proxy


def make_type(asker: Asker) -> Any:
    """A `type` that answers for stand-ins by asking, and is Python's own for everything else."""

    class Meta(type):
        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            if len(args) == 1 and isinstance_proxy(args[0]):
                return asker.ask("class_of", args[0])
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
