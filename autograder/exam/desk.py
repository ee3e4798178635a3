"""The namespace in which test cells run.

Rule: a name that the tests bound is the tests' own; a name that the master's student-side cells bind, or that nobody
here knows, is the student's and is asked for each time it is read.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from typing import Any

from autograder.errors import GraderError
from autograder.exam import comparing
from autograder.exam.conversation import Conversation
from autograder.exam.each import EACH, Each
from autograder.exam.proxy import isinstance_proxy, operators
from autograder.exam.script import IN_KERNEL
from autograder.exam.syllabus import Lesson

_LIVE = frozenset(("In", "Out", "_ih", "_oh", "get_ipython"))
"""Names of IPython's own: what a student typed is not for a trusted process to run."""


class Desk(dict[str, Any]):
    """Globals of the test cells; free names are questions to the candidate."""

    def __init__(self, conversation: Conversation) -> None:
        super().__init__()
        self._talk = conversation
        self._lesson = Lesson()
        self._pushed: dict[str, Any] = {}
        self._met: dict[str, Any] = {}
        """The student's functions, by name, met in this test: it need not ask for them again."""
        self._ahead: dict[str, Any] = {}
        """Values that came together before the test began, until student code may run."""
        self._foretold: dict[str, Any] = {}
        self._furniture: dict[str, Any] = dict(vars(builtins))  # here they are found without a detour
        self.furnish({"__name__": "__main__", "__builtins__": builtins, "__doc__": None})
        self.comparing = {**comparing.NAMES, comparing.ASKED: self._asked}
        """What a rewritten text must have: the tests', and that of modules which they import."""
        self.furnish({**self.comparing, EACH: Each(conversation, self._keeps)})
        self.update(self._furniture)
        self.found: Callable[[str, Any], None] = lambda name, value: None
        """Told what the student's side has under a name that a test reads."""
        self.held: Callable[[str], Any] = lambda name: None
        """What stands for something that the student's side will have under a name once it is asked for it."""
        self.before_push: Callable[[], None] = lambda: None
        """Called first when the student's side is told what the tests bound."""
        conversation.before_asking = self.push
        conversation.after_answer = self._pull

    def _asked(self, answer: Any) -> Any:
        """Notes where a test takes an answer that a student's object gave for yes or no."""
        last, method = self._talk.last_word
        if method and answer is last:
            self._talk.words.add(method)
        return answer

    def import_with(self, importer: Callable[..., Any]) -> None:
        """`import` in a test's own text is this from now on; libraries keep Python's."""
        self.furnish({"__builtins__": {**vars(builtins), "__import__": importer}})

    def furnish(self, names: dict[str, Any]) -> None:
        """Adds names that are always there, as builtins are."""
        self._furniture.update(names)
        self.update(names)

    def attend(self, lesson: Lesson) -> None:
        """Takes over what the master says about names for the test that comes next."""
        self._lesson = lesson
        self._met.clear()
        self._ahead.clear()
        foretold, self._foretold = self._foretold, {}
        for name in lesson.owned:
            if name in self._furniture:  # the student's own `sum` wins over Python's
                del self._furniture[name]
                dict.pop(self, name, None)
        for name in lesson.fresh:
            if self._is_local(name):
                dict.__delitem__(self, name)
                self._pushed.pop(name, None)
        self._know(foretold)

    def foretell(self, values: dict[str, Any]) -> None:
        """What came along with the end of the cell before the next test: small values and functions that it reads.

        Nothing has changed by the time that it reads them, for what may let the student's code run drops them.
        """
        self._foretold = values

    def foresee(self) -> None:
        """Asks for them at once where nothing came along, and the test reads more than one."""
        wanted = [n for n in self._lesson.reads if not self._is_local(n) and self.held(n) is None]
        if len(wanted) < 2 or self._ahead:
            return
        with self._talk.aside():
            self._know(self._talk.ask("several", wanted))

    def _know(self, values: dict[str, Any]) -> None:
        for name, found in values.items():
            if not self._is_local(name):
                self._ahead[name] = found
                self._meet(name, found)

    def _keeps(self, name: str) -> bool:
        """Whether the tests bound that name, and a student's function does not bind it anew."""
        return self._is_local(name) and name not in self._lesson.returns

    def _is_local(self, name: object) -> bool:
        """Whether the tests bound that name."""
        return dict.__contains__(self, name) and not (
            name in self._furniture and dict.__getitem__(self, name) is self._furniture[name]
        )

    def own(self) -> dict[str, Any]:
        """What the tests bound, by name."""
        return {n: value for n, value in dict.items(self) if self._is_local(n)}

    def __missing__(self, name: str) -> Any:
        if not isinstance(name, str):
            raise KeyError(name)
        if name.startswith("__") and name.endswith("__"):
            raise KeyError(name)
        if name in _LIVE and name not in self._lesson.owned:
            raise GraderError(f"The test reads {name!r}, which only the student's own kernel has.", mend=IN_KERNEL)
        if name in self._met:
            return self._met[name]
        if name in self._ahead:
            self._talk.count()
            return self._ahead[name]
        found = self.held(name)
        try:
            found = self._talk.ask("name", name) if found is None else found
        except NameError:
            raise KeyError(name) from None
        self._meet(name, found)
        return found

    def _meet(self, name: str, found: Any) -> None:
        """Takes note of what the student's side has under a name."""
        self.found(name, found)
        if isinstance_proxy(found) and "call" in operators(found) and name not in self._lesson.returns:
            self._met[name] = found

    def __delitem__(self, name: str) -> None:
        if dict.__contains__(self, name):
            dict.__delitem__(self, name)
            if name not in self._pushed:
                return
            del self._pushed[name]
        self._met.pop(name, None)
        self._ahead.clear()
        try:
            self._talk.ask("unbind", name)
        except NameError:
            raise KeyError(name) from None

    def __contains__(self, name: object) -> bool:
        return self._is_local(name) or name in self._theirs()

    def __iter__(self) -> Iterator[str]:
        mine = [n for n in dict.keys(self) if self._is_local(n)]
        return iter([*mine, *(n for n in self._theirs() if n not in mine)])

    def keys(self) -> Any:
        return list(iter(self))

    def get(self, name: str, default: Any = None) -> Any:
        try:
            return self[name]
        except KeyError:
            return default

    def items(self) -> Any:
        return [(name, self[name]) for name in self]

    def values(self) -> Any:
        return [self[name] for name in self]

    def _theirs(self) -> list[str]:
        """Their names, but for Python's and IPython's own, which are nobody's answers."""
        told = [n for n in self._talk.ask("names") if isinstance(n, str) and not n.startswith("__")]
        return [n for n in told if n not in _LIVE or n in self._lesson.owned]

    def push(self) -> None:
        """Tells the student's side the names that the tests bound anew and that it reads."""
        self._ahead.clear()
        self.before_push()
        for name in self._lesson.pushes:
            if not self._is_local(name):
                continue
            value = dict.__getitem__(self, name)
            if name in self._pushed and self._pushed[name] is value:
                continue
            self._pushed[name] = value
            self._met.pop(name, None)
            self._talk.ask("bind", name, value)

    def _pull(self) -> None:
        """Drops the tests' copies of globals that a student's function may just have assigned."""
        for name in self._lesson.returns:
            if name in self._pushed and dict.__contains__(self, name):
                dict.__delitem__(self, name)
                del self._pushed[name]
