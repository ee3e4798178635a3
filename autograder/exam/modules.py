"""The course's own modules, imported by tests.

Rule: in them as in a test's text, `type(x)` of an object that stays with the student is its class, not a stand-in's,
and no answer agrees with whatever it is compared with (see `comparing.py`). Nothing else of their text is changed,
and libraries are imported as ever.
"""

from __future__ import annotations

import ast
import builtins
import os
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

from autograder.exam.comparing import Rewritten
from autograder.exam.proxy import COURSE_MODULES, Asker
from autograder.exam.types import make_type

TYPE = "__autograder_type__"
"""Name by which a module finds what answers for `type`."""


class CourseModules(MetaPathFinder):
    """Finds what lies in the course's folders, and compiles it here."""

    def __init__(self, folders: Sequence[str], asker: Asker, names: Mapping[str, Any]) -> None:
        """`names`: what `comparing.Rewritten` wants its texts to have."""
        self._folders = [os.path.realpath(folder) for folder in folders]
        self._names = {TYPE: _typing(make_type(asker)), **names}

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> Any:
        spec = PathFinder.find_spec(fullname, self._folders if path is None else path, target)
        if spec is None or type(spec.loader) is not SourceFileLoader or not self._is_of_the_course(spec):
            return None
        spec.loader = _Loader(fullname, str(spec.origin), self._names)
        return spec

    def _is_of_the_course(self, spec: ModuleSpec) -> bool:
        origin = os.path.realpath(spec.origin or "")
        return any(origin.startswith(f"{folder}/") for folder in self._folders)


class _Loader(SourceFileLoader):
    def __init__(self, fullname: str, path: str, names: Mapping[str, Any]) -> None:
        super().__init__(fullname, path)
        self._names = names

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        tree = Rewritten().visit(_Asking().visit(ast.parse(self.get_data(path), path)))
        code: CodeType = compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)
        return code

    def exec_module(self, module: ModuleType) -> None:
        vars(module).update(self._names)
        COURSE_MODULES.add(module.__name__)
        super().exec_module(module)


def _typing(asking: Any) -> Any:
    """What answers for `type(x)`; a name `type` of the module's own is called as it is."""

    def type_of(kind: Any, obj: Any) -> Any:
        return asking(obj) if kind is builtins.type else kind(obj)

    return type_of


def failing(error: BaseException) -> str:
    """The course's module, if any, in whose own text an import ended with that error."""
    step, found = error.__traceback__, ""
    while step is not None:
        code, names = step.tb_frame.f_code, step.tb_frame.f_globals
        if code.co_name == "<module>" and TYPE in names:
            found = str(names.get("__name__"))
        step = step.tb_next
    return found


class _Asking(ast.NodeTransformer):
    """`type(x)` asks; a name `type` of the module's own stays what it is."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if not (isinstance(node.func, ast.Name) and node.func.id == "type" and len(node.args) == 1) or node.keywords:
            return node
        return ast.copy_location(ast.Call(ast.Name(TYPE, ast.Load()), [node.func, *node.args], []), node)
