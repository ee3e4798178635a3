"""Calls that a list comprehension makes of one of the submission's functions, put as one question.

Rule: the function meets the same calls in the same order with the same arguments, and the test the same list or the
same exception, as if each call had been a question of its own: only comprehensions are taken whose arguments are
plain data that is known before the first call, and that no call can change for a later one. All others run as they
stand.

`[f(a, 2) for a, b in cases]` is rewritten to `each(cases, ...)` with the function, the arguments and the whole
comprehension as functions of no or one argument, in the scope where the comprehension stood.
"""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from autograder.exam.conversation import Conversation
from autograder.exam.proxy import isinstance_proxy, operators
from autograder.wire import Twins

EACH = "__autograder_each__"
"""The name by which a rewritten test finds `Each.__call__`."""
_ITEMS = "__autograder_items__"
AT_ONCE = 50
"""Calls in one question: what was not asked by the time that one fails is not asked at all."""
LARGE = 1 << 16
"""Bytes of an array, or items of a container, beyond which an argument is asked with alone."""
DEEP = 4
"""Containers within containers in which an argument is looked through."""
MANY = 10_000
"""Things that can be changed, beyond which nobody looks whether calls share any."""
_ATOMS = frozenset((type(None), bool, int, float, complex, str, bytes))
_CONTAINERS = frozenset((list, tuple, set, frozenset, dict))
Arguments = tuple[tuple[Any, ...], dict[str, Any]]
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Gathered(ast.NodeTransformer):
    """A test's tree with its list comprehensions that only call something made questions of many calls."""

    def __init__(self) -> None:
        self._scopes: list[frozenset[str]] = []
        """Names that the functions and comprehensions around a node bind."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if not isinstance(node, _FUNCTIONS | _COMPREHENSIONS):
            return super().generic_visit(node)
        self._scopes.append(frozenset(_bound(node)))
        try:
            return super().generic_visit(node)
        finally:
            self._scopes.pop()

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        if not _is_plain(node):
            return self.generic_visit(node)
        assert isinstance(node.elt, ast.Call)
        loop = node.generators[0]
        targets = set(_names(loop.target))
        used = set(_names(node.elt)) - targets - set().union(*self._scopes)
        if targets & set(_names(node.elt.func)):
            return self.generic_visit(node)
        names = ast.Tuple([ast.Constant(n) for n in sorted(used - set(_names(node.elt.func)))], ast.Load())
        parts = [_lambda(node.elt.func), _over(node, _told(node.elt)), _over(node, node.elt)]
        call = ast.Call(ast.Name(EACH, ast.Load()), [self.visit(loop.iter), names, *parts], [])
        return ast.fix_missing_locations(ast.copy_location(call, node))


def _is_plain(node: ast.ListComp) -> bool:
    """Whether it is one loop without conditions around one call of a name with names and constants."""
    loop, call = node.generators[0], node.elt
    if len(node.generators) > 1 or loop.ifs or loop.is_async or not isinstance(call, ast.Call):
        return False
    target = loop.target
    if isinstance(target, ast.Tuple) and not all(isinstance(one, ast.Name) for one in target.elts):
        return False
    if not isinstance(target, ast.Name | ast.Tuple) or not isinstance(call.func, ast.Name):
        return False
    values = [*call.args, *(word.value for word in call.keywords if word.arg is not None)]
    spread = [one.value for one in call.args if isinstance(one, ast.Starred)]
    whole = all(isinstance(one, ast.Name) and isinstance(target, ast.Name) and one.id == target.id for one in spread)
    return whole and len(values) == len(call.args) + len(call.keywords) and all(map(_is_simple, values))


def _is_simple(node: ast.expr) -> bool:
    """Whether reading it asks nobody anything, once the names in it are known."""
    if isinstance(node, ast.Starred):
        return _is_simple(node.value)
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant)
    if isinstance(node, ast.List | ast.Tuple):
        return not any(isinstance(one, ast.Starred) for one in node.elts) and all(map(_is_simple, node.elts))
    return isinstance(node, ast.Name | ast.Constant)


def _names(node: ast.AST) -> Iterator[str]:
    return (one.id for one in ast.walk(node) if isinstance(one, ast.Name))


def _bound(node: ast.AST) -> Iterator[str]:
    """Names that a function or a comprehension binds."""
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            yield one.id
        elif isinstance(one, ast.arg):
            yield one.arg


def _lambda(body: ast.expr, *parameters: str) -> ast.Lambda:
    taken = ast.arguments([], [ast.arg(name) for name in parameters], None, [], [], None, [])
    return ast.Lambda(taken, copy.deepcopy(body))


def _over(node: ast.ListComp, element: ast.expr) -> ast.Lambda:
    """The comprehension as a function of what it goes through, with another element."""
    loop = copy.deepcopy(node.generators[0])
    loop.iter = ast.Name(_ITEMS, ast.Load())
    return _lambda(ast.ListComp(copy.deepcopy(element), [loop]), _ITEMS)


def _told(call: ast.Call) -> ast.Tuple:
    """The call's arguments in a tuple, those that have names in a dictionary behind it."""
    named = ast.Dict([ast.Constant(word.arg) for word in call.keywords], [word.value for word in call.keywords])
    return ast.Tuple([ast.Tuple(call.args, ast.Load()), named], ast.Load())


class Each:
    """Makes the calls of a rewritten comprehension."""

    def __init__(self, conversation: Conversation, is_own: Callable[[str], bool]) -> None:
        self._talk = conversation
        self._is_own = is_own
        """Whether the tests themselves bound a name, and no function of the student's does."""

    def __call__(
        self,
        items: Any,
        names: tuple[str, ...],
        function: Callable[[], Any],
        told: Callable[[Any], list[Arguments]],
        one_by_one: Callable[[Any], list[Any]],
    ) -> list[Any]:
        """The comprehension's list; raises what its first call to fail raises."""
        if (
            not _is_known(items)
            or len(items) < 2
            or not all(map(self._is_own, names))
            or self._talk.exchange.has_given
        ):
            return one_by_one(items)
        called = function()
        calls = _told_calls(told, items) if _is_function(called) else []
        if not calls or not _are_apart(items, calls, self._talk.exchange.twins):
            return one_by_one(items)
        answers: list[Any] = []
        while len(answers) < len(calls):
            asked = calls[len(answers) : len(answers) + AT_ONCE]
            answers += self._talk.ask("each", called, [[list(args), kwargs] for args, kwargs in asked])
        self._talk.last_word = (None, "")
        return answers


def _told_calls(told: Callable[[Any], list[Arguments]], items: Any) -> list[Arguments]:
    """The arguments of all calls; none where they are not plain data, or an item does not fit the loop's names."""
    try:
        calls = told(items)
    except Exception:  # it is raised again, after the calls that come before it
        return []
    return calls if all(_is_data((*args, *kwargs.values())) for args, kwargs in calls) else []


def _are_apart(items: Any, calls: list[Arguments], twins: Twins) -> bool:
    """Whether no call can change what a later one is given, but for an object that is itself an argument of both."""
    held = twins.held()
    if any(one is items or any(one is item for item in items) for one in held):
        return False
    known = set(map(id, itertools.islice(_changing(held), MANY)))
    met, arguments = {id(items)}, {id(a): a for args, kwargs in calls for a in (*args, *kwargs.values())}
    for argument in arguments.values():
        inside = set(map(id, _changing([argument])))
        if inside & met or (inside & known) - {id(argument)} or len(met) + len(known) > MANY:
            return False
        met |= inside
    return True


def _changing(values: Iterable[Any], deep: int = 2 * DEEP) -> Iterator[Any]:
    """What can be changed of plain values and in them: lists, dicts, sets; of arrays that share memory, the first."""
    for value in values:
        kind = type(value)
        if kind in (list, dict, set):
            yield value
        elif getattr(value, "ndim", 0):
            yield _memory(value)
        if kind in _CONTAINERS and deep:
            yield from _changing(value.values() if kind is dict else value, deep - 1)


def _memory(array: Any) -> Any:
    """The array, or whatever else, whose memory an array shows."""
    while getattr(array, "base", None) is not None:
        array = array.base
    return array


def _is_function(value: Any) -> bool:
    """Whether it is something of the student's to be called, and no method whose word would have to be labelled."""
    return isinstance_proxy(value) and "call" in operators(value) and "method" not in value._facts


def _is_known(items: Any) -> bool:
    """Whether going through it, and unpacking what is in it, asks nobody anything and uses nothing up."""
    if type(items) in (list, tuple):
        return all(map(_is_data, items))
    return type(items) is range or (_is_array(items) and items.ndim == 1 and items.base is None)


def _is_data(value: Any, deep: int = DEEP) -> bool:
    """Whether it is small plain data."""
    kind = type(value)
    if kind in _ATOMS:
        return kind not in (str, bytes) or len(value) <= LARGE
    if kind not in _CONTAINERS:
        return _is_array(value) and value.nbytes <= LARGE
    if len(value) > LARGE:
        return False
    inside = value.values() if kind is dict else value
    return _ATOMS.issuperset(map(type, inside)) or (deep > 0 and all(_is_data(one, deep - 1) for one in inside))


def _is_array(value: Any) -> bool:
    """Whether it is NumPy's own array, or a number of one, and holds no objects."""
    dtype = getattr(value, "dtype", None) if type(value).__module__ == "numpy" else None
    return dtype is not None and not getattr(dtype, "hasobject", True)
