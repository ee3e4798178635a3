"""The student's process: runs cells, answers questions, asks nothing.

Rule: everything in this process may be the student's by now, this code included; what it sends is information,
never evidence. The one message in the other direction calls a function that a test itself passed in.

Questions are frames [number, operation, arguments, header]; answers are [number, kind, value, header] with kind
one of ok, error, slow, untold (a value that cannot travel), missing (a name), call (of a test's function) and
partial (outputs of the cell so far). Headers carry the time left, printing, and what has changed of shared objects.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from typing import Any

from autograder import chance, data
from autograder.sandbox import jail, programs
from autograder.sandbox.files import Folder
from autograder.sandbox.objects import Objects, Own, lineage
from autograder.sandbox.operations import OPERATIONS, MissingName
from autograder.wire import MAX_FRAME, Channel, Codec, WireError
from autograder.wire.tray import Tray
from autograder.wire.twins import is_shared

MAX_CAUSES = 3
MAX_TRACE = 20_000
_shell: Any = None


class CellTimeout(KeyboardInterrupt):
    """Raised in a cell or a student's function by the alarm when its seconds are over."""


def warm() -> None:
    """Makes the shell in the zygote, so that each fork has one at once."""
    global _shell  # noqa: PLW0603
    from autograder.sandbox.shell import Shell

    _shell = Shell(output_cap=1 << 20)
    data.serve()
    if "numpy" in sys.modules:
        import numpy.random  # noqa: F401  (NumPy loads it when it is first asked for, and seeding asks)
    if "keras" in sys.modules:
        from autograder.models import loading, reading  # noqa: F401
    if "matplotlib.pyplot" in sys.modules:
        with contextlib.suppress(ImportError):
            import contourpy  # noqa: F401  (pyplot's contours load it at their first use)


def prepare(cells: Sequence[str]) -> None:
    """Compiles in the zygote the cells that everybody was given."""
    for source in cells:
        _shell.prepare(source)


def main(arguments: dict[str, Any], fds: list[int]) -> int:
    """Becomes the candidate: confined, seeded, listening on its one descriptor."""
    wire, *trays = fds
    silence()
    channel = Channel(wire)
    try:
        jail.enter(jail.Plan(**{**arguments["plan"], "read_only": tuple(arguments["plan"]["read_only"])}), fds)
    except Exception as e:  # the supervisor must know that it is our fault
        channel.send(Codec().dumps([0, "unready", f"{type(e).__name__}: {e}", {}]))
        return 1
    os.environ.update(arguments["environment"])
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond the limit is an OSError, not a death
    channel.send(Codec().dumps([0, "ready", None, {}]))
    chance.seed(arguments["seed"])
    if _shell is None:
        warm()
    programs.settle(level=arguments["plan"]["level"], processes=arguments["plan"]["processes"])
    Candidate(channel, _shell, arguments["limits"], trays).serve()
    return 0


def silence() -> None:
    """Points 0, 1 and 2 nowhere; the shell captures what is written to 1 and 2 while a cell runs."""
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)


class Candidate:
    """Answers questions over the wire until the other end closes it."""

    def __init__(self, channel: Channel, shell: Any, limits: dict[str, Any], trays: Sequence[int] = ()) -> None:
        self.channel = channel
        self.shell = shell
        self.folder = Folder()
        self.objects = Objects(lambda: shell.namespace)
        self.objects.callback = self._call_back
        self.objects.describe_error = describe_error
        self.asked: list[int] = []
        """Numbers of the open questions, the innermost last: a test's function may ask again."""
        self._trays = trays
        self._tray: Tray | None = None
        self._limit = 0.0
        self._shares_chance = False
        shell.output_cap = limits["output"]
        shell.on_output = self._partial
        signal.signal(signal.SIGALRM, self._alarm)

    def tray(self) -> Tray:
        """The memory in which images lie; LookupError where there is none."""
        if self._tray is None:
            self._tray = Tray(self._trays[0], writes=False)
        return self._tray

    def serve(self) -> None:
        """One question after the other."""
        while True:
            try:
                frame = self.channel.receive()
            except EOFError:
                return
            self._answer(*self.objects.codec.loads(frame))

    def _answer(self, number: int, operation: str, arguments: list[Any], header: dict[str, Any]) -> None:
        self.asked.append(number)
        self._learn(header)
        began = time.perf_counter()
        if operation != "run":
            self.shell.begin_capture()
        try:
            self._set_alarm(header.get("seconds", 0.0))
            kind, value = self._perform(operation, arguments)
            back: dict[str, Any] = {"seconds": time.perf_counter() - began}
            if operation != "run":
                back |= self._printed()
            self._tell(back)
            if kind == "ok" and operation == "each":
                value = self._shared(value)
            elif kind == "ok" and (is_shared(value) or self.objects.twins.knows(value)):
                value = self.objects.twins.wrap(value)
            answer = self._encoded(number, kind, value, back)
        except BaseException as e:  # the alarm came outside of the student's code
            answer = Codec().dumps([number, "slow", str(e)[:300], {}])
        finally:
            self._set_alarm(0.0)
        self.asked.pop()
        self._send(answer)

    def _perform(self, operation: str, arguments: list[Any]) -> tuple[str, Any]:
        """The kind of answer, and the answer."""
        try:
            return "ok", OPERATIONS[operation](self, *arguments)
        except MissingName as e:
            return "missing", str(e)
        except CellTimeout:
            return "slow", ""
        except WireError as e:
            return "untold", str(e)[:500]
        except BaseException as e:  # whatever the student's code raises is an answer
            return "error", describe_error(e)
        finally:
            arguments.clear()  # what only the question held is shared no more

    def _shared(self, answers: list[Any]) -> list[Any]:
        """The answers, those marked that the student's code holds as well."""
        twins, marked = self.objects.twins, []
        answers.reverse()
        while answers:
            one = answers.pop()  # held by nobody but this name, if nobody else has it
            marked.append(twins.wrap(one) if is_shared(one) or twins.knows(one) else one)
        return marked

    def _encoded(self, number: int, kind: str, value: Any, header: dict[str, Any]) -> bytes:
        try:
            return self._fitting(self.objects.encode([number, kind, value, header]))
        except CellTimeout:
            return self.objects.encode([number, "slow", "", header])
        except BaseException as e:  # describing the student's objects runs the student's code
            return self.objects.encode([number, "untold", f"{type(e).__name__}: {_text(e)}"[:500], header])

    def _fitting(self, data: bytes) -> bytes:
        if len(data) > MAX_FRAME:
            raise WireError(f"A value of {len(data):,} bytes is larger than the wire's {MAX_FRAME:,}.")
        return data

    def _learn(self, header: dict[str, Any]) -> None:
        """Takes over what the other side says beside its question."""
        self.objects.release(header.get("release", []))
        self.objects.twins.apply(header.get("changed", []))
        self.objects.twins.forget(header.get("dropped", []))
        self._shares_chance = "random" in header
        if self._shares_chance:
            chance.restore(header["random"])
        self._limit = header.get("limit", 0.0)

    def _tell(self, back: dict[str, Any]) -> None:
        """Adds to an answer's header what the other side must know."""
        if len(self.objects.twins):
            back["changed"] = self.objects.twins.changes()
            back["dropped"] = self.objects.twins.prune()
        if self._shares_chance:
            back["random"] = chance.state()

    def _printed(self) -> dict[str, str]:
        """What the student's code printed since the question came."""
        text = self.shell.end_capture()
        return {"text": text, "errors": self.shell.errors} if self.shell.errors else {"text": text}

    def _send(self, data: bytes) -> None:
        try:
            self.channel.send(data)
        except EOFError:
            os._exit(0)

    def _call_back(self, index: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Asks the other side to call the test's function, answering what it asks meanwhile."""
        if not self.asked:
            raise RuntimeError("The test that gave this function is over.")
        seconds = signal.setitimer(signal.ITIMER_REAL, 0.0)[0]
        wrap = self.objects.twins.wrap
        header: dict[str, Any] = self._printed()
        self._tell(header)
        told = [index, [wrap(a) for a in args], {k: wrap(v) for k, v in kwargs.items()}]
        del args, kwargs
        self._send(self.objects.encode([self.asked[-1], "call", told, header]))
        del told
        while True:
            number, operation, arguments, header = self.objects.codec.loads(self.channel.receive())
            if operation not in ("result", "raise"):
                self._answer(number, operation, arguments, header)
                continue
            self._learn(header)
            self.shell.begin_capture()
            self._set_alarm(seconds)
            if operation == "raise":
                raise arguments[0]
            return arguments[0]

    def _set_alarm(self, seconds: float) -> None:
        signal.setitimer(signal.ITIMER_REAL, max(0.0, seconds))

    def _alarm(self, *_: Any) -> None:
        limit = f"{self._limit:g} second{'' if self._limit == 1 else 's'}"
        raise CellTimeout(f"This took longer than {limit} and was stopped.")

    def _partial(self, event: dict[str, Any]) -> None:
        """Sends what a running cell has printed so far, so that a cell that is killed keeps it."""
        if self.asked and event["cell_id"] is not None:
            self._send(self.objects.values.dumps([self.asked[-1], "partial", event, {}]))


def describe_error(error: BaseException, depth: int = 0) -> list[Any]:
    """[number of a test's own exception or None, description] of an exception.

    A description is [lineage, plain arguments or None, text, traceback, handle or None, the cause's description].
    """
    cls = type(error)
    try:
        args = Codec().loads(Codec().dumps(_arguments(error)))
    except Exception:
        args = None
    trace = "".join(traceback.format_exception(error.with_traceback(_own_frames(error))))[-MAX_TRACE:]
    own = Own(error) if cls.__module__ == "__main__" and not depth else None
    cause = describe_error(error.__cause__, depth + 1)[1] if error.__cause__ and depth < MAX_CAUSES else None
    if own is not None:
        error.__traceback__ = None  # else the object keeps alive all that the frames hold
    raised = getattr(error, "autograder_raised", None)
    return [raised, [lineage(cls), args, _text(error), trace, own, cause]]


def _arguments(error: BaseException) -> list[Any]:
    """What the exception was made with; a file's name is not among an OSError's `args`."""
    if isinstance(error, OSError) and error.filename:
        return [error.errno, error.strerror, error.filename]
    return list(error.args)


def _own_frames(error: BaseException) -> Any:
    """The traceback without this program's frames: they begin it, and end it where an error is put into words."""
    here = os.path.dirname(__file__)
    step = error.__traceback__
    while step is not None and step.tb_frame.f_code.co_filename.startswith(here):
        step = step.tb_next
    first = last = step
    while step is not None:
        if not step.tb_frame.f_code.co_filename.startswith(here):
            last = step
        step = step.tb_next
    if last is not None:
        last.tb_next = None
    return first


def _text(error: BaseException) -> str:
    try:
        return str(error)[:2000]
    except Exception:
        return ""
