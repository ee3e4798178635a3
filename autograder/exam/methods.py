"""Methods of a student's objects that a test calls with what it knows.

Rule: whether a method is the student's own is decided from the master alone. One that a class of the master's defines
is a task, and is asked. By any other the author means a library's: if it compares, it works here, on the plain value
that the object carries; else the object is asked, and where its answer says yes or no, that is labelled as its word.
"""

from __future__ import annotations

from typing import Any

from autograder.exam.proxy import Proxy, class_name, isinstance_proxy, library_class, no_value, plain

COMPARING = frozenset((
    "issubset", "issuperset", "isdisjoint", "difference", "symmetric_difference", "union", "intersection",
    "startswith", "endswith", "removeprefix", "removesuffix",
    "equals", "identical", "compare", "eq", "ne", "lt", "le", "gt", "ge", "isin", "between",
    "sub", "rsub", "subtract",
    "__contains__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__sub__", "__rsub__", "__xor__",
    "__and__", "__or__",
))  # fmt: skip
"""Methods of sets, texts, arrays and frames that set an answer beside what is expected of it."""
SEARCHING = frozenset(("count", "index", "find", "rfind", "rindex"))
"""Methods of sequences; other objects have such of their own, so only what is said to be a sequence is one here."""
SEQUENCES = (str, bytes, list, tuple)


def attribute(proxy: Proxy, name: str) -> Any:
    """The attribute of a student's object, as a test gets it."""
    found = Proxy.__getattr__(proxy, name)
    asker = proxy._asker
    if name == "__bases__" and type(found) is tuple:  # of which `issubclass` asks
        return tuple(map(_library_base, found))
    if not callable(found) or name in asker.own_methods or asker.trust_operators:
        return found
    if name in COMPARING or (name in SEARCHING and type(proxy)._mask in SEQUENCES):
        return Comparison(proxy, name, found)
    if isinstance_proxy(found):
        found._facts["method"] = name, f"{class_name(proxy)}.{name}"
    return found


def _library_base(base: Any) -> Any:
    """The loaded library's own class where a student's class is said to derive from it."""
    named = base._facts.get("library") if isinstance_proxy(base) else None
    local = library_class(".".join(named)) if named is not None else None
    return base if local is None else local


class Comparison:
    """A comparing method of a student's object, as a test holds it."""

    def __init__(self, owner: Proxy, name: str, found: Any) -> None:
        self._owner = owner
        self._name = self.__name__ = name
        self._found = found

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Done on the carried value, unless only objects of the student's own are compared; StudentError for none."""
        if not _knows(args, kwargs):
            return self._found(*args, **kwargs)
        wanted = f"a plain value with the method {self._name!r}"
        method = getattr(plain(self._owner, wanted), self._name, None)
        if method is None:
            raise no_value(self._owner, wanted)
        return method(*args, **kwargs)


def called(proxy: Proxy, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What a student's object gives when it is called; a method's yes or no is noted as its word."""
    answer = proxy._asker.ask("call", proxy, list(args), kwargs)
    short, method = proxy._facts.get("method", ("", ""))
    told = bool(method) and _knows(args, kwargs)
    if told and (short in SEARCHING or _says(answer)):
        proxy._asker.words.add(method)
    proxy._asker.last_word = (answer, method) if told else (None, "")  # 2 and "no" are as true as True
    return answer


def _knows(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether a value of the test's own goes along."""
    return any(not isinstance_proxy(value) for value in (*args, *kwargs.values()))


def _says(answer: Any) -> bool:
    """Whether an answer is a truth value, or an array of such."""
    return type(answer) is bool or str(getattr(answer, "dtype", "")) == "bool"
