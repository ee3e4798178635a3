"""`__main__` as tests and libraries find it: the namespace of the test cells.

Rule: what looks for test cases there finds those of the tests' own text. A submission adds none, and where there are
none at all that is no test passed.
"""

from __future__ import annotations

import inspect
import types
import unittest
from typing import Any

from autograder.errors import GraderError
from autograder.exam.desk import Desk
from autograder.exam.script import IN_KERNEL

_HOOKS = frozenset(("load_tests", "setUpModule", "tearDownModule"))
"""Names by which a module would tell `unittest` what to run."""


class Main(types.ModuleType):
    """A module whose names are the desk's."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("__main__")
        object.__setattr__(self, "_desk", desk)

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        return object.__getattribute__(self, "_desk")

    def __getattr__(self, name: str) -> Any:
        if name in _HOOKS and name not in self._own():
            raise AttributeError(name)
        try:
            return self.__dict__[name]
        except KeyError:
            raise AttributeError(f"module '__main__' has no attribute {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        self.__dict__[name] = value

    def __dir__(self) -> list[str]:
        caller = inspect.currentframe()
        asks = caller.f_back.f_globals.get("__name__") if caller is not None and caller.f_back is not None else ""
        return self._test_cases() if asks == "unittest.loader" else sorted(self._own())

    def _test_cases(self) -> list[str]:
        own = self._own()
        found = [n for n, v in own.items() if issubclass(type(v), type) and issubclass(v, unittest.TestCase)]
        if not found:
            raise GraderError("The test runs the notebook's test cases, and its own cells hold none.", mend=IN_KERNEL)
        return sorted(found)

    def _own(self) -> dict[str, Any]:
        desk: Desk = self.__dict__
        return desk.own()
