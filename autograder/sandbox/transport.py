"""ipykernel's shell, loaded without the libraries that carry a kernel's messages: nobody here sends any.

Rule: while the shell is imported these libraries are empty; afterwards they are what they always were, for whoever
imports them. Where ipykernel takes it amiss, it gets the real ones.

They are a quarter of the memory of a warm parent, of which each fork copies the page tables and gives them back.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

CARRIERS = ("jupyter_client", "zmq", "tornado")
_REAL = ("jupyter_client._version",)
"""What ipykernel reads from them while it is imported."""


class _Empty(ModuleType):
    """A module in which every name is an empty class."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {"__module__": self.__name__})


class _Emptied(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the carriers, and nothing in them."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] not in CARRIERS or fullname in _REAL:
            return None
        spec = importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        real = importlib.machinery.PathFinder.find_spec(fullname, path) if "." not in fullname else None
        spec.submodule_search_locations = list(real.submodule_search_locations or ()) if real is not None else []
        return spec

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _Empty(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is in it."""


@contextmanager
def emptied() -> Iterator[None]:
    """Inside, importing a carrier gives an empty module, unless one is loaded already; nothing of it stays."""
    if any(name in sys.modules for name in CARRIERS):
        yield
        return
    finder = _Emptied()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        _forget(CARRIERS)


def _forget(packages: Sequence[str]) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in packages]:
        del sys.modules[name]


def load() -> tuple[Any, Any, Any]:
    """ipykernel's modules that a shell needs: its own, the display hook's and the compiler's."""
    try:
        with emptied():
            return _import()
    except Exception:  # another version, that looks into them
        _forget(("ipykernel",))
        return _import()


def _import() -> tuple[Any, Any, Any]:
    names = ("zmqshell", "displayhook", "compiler")
    shell, hook, compiling = (importlib.import_module(f"ipykernel.{name}") for name in names)
    return shell, hook, compiling


zmqshell, displayhook, compiler = load()
