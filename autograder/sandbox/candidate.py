"""The student's process: runs cells, answers questions, asks nothing.

Rule: everything in this process may be the student's by now, this code included; what it sends is information,
never evidence. The one message in the other direction calls a function that a test itself passed in.

Questions are frames [number, operation, arguments, header]; answers are [number, kind, value, header] with kind
one of ok, error, missing, call (of a test's function) and partial (outputs of the cell so far).
"""

from __future__ import annotations

import os
import signal
import time
import traceback
from typing import Any

from autograder import chance, data
from autograder.sandbox import jail
from autograder.sandbox.objects import Objects
from autograder.sandbox.operations import OPERATIONS, MissingName, Restoring
from autograder.wire import Channel, Codec, WireError

_shell: Any = None


class CellTimeout(KeyboardInterrupt):
    """Raised in a cell or a student's function by the alarm when its seconds are over."""


def warm() -> None:
    """Makes the shell in the zygote, so that each fork has one at once."""
    global _shell  # noqa: PLW0603  (one a process, made before the forks)
    from autograder.sandbox.shell import Shell

    _shell = Shell(output_cap=1 << 20)
    data.serve()
    chance.state()  # NumPy loads its random generators when they are first asked for


def main(arguments: dict[str, Any], fds: list[int]) -> int:
    """Becomes the candidate: confined, seeded, listening on its one descriptor."""
    wire = fds[0]
    silence()
    channel = Channel(wire)
    try:
        jail.enter(jail.Plan(**{**arguments["plan"], "read_only": tuple(arguments["plan"]["read_only"])}), [wire])
    except Exception as e:  # the supervisor must know that it is our fault
        channel.send(Codec().dumps([0, "unready", f"{type(e).__name__}: {e}", {}]))
        return 1
    os.environ.update(arguments["environment"])
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond the limit is an OSError, not a death
    channel.send(Codec().dumps([0, "ready", None, {}]))
    chance.seed(arguments["seed"])
    if _shell is None:
        warm()
    Candidate(channel, _shell, arguments["limits"]).serve()
    return 0


def silence() -> None:
    """Points 0, 1 and 2 nowhere; the shell captures what is written to 1 and 2 while a cell runs."""
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)


class Candidate:
    """Answers questions over the wire until the other end closes it."""

    def __init__(self, channel: Channel, shell: Any, limits: dict[str, Any]) -> None:
        self.channel = channel
        self.shell = shell
        self.objects = Objects()
        self.objects.callback = self._function
        self.asked: list[int] = []
        """Numbers of the open questions, the innermost last: a test's function may ask again."""
        shell.output_cap = limits["output"]
        shell.on_output = self._partial
        signal.signal(signal.SIGALRM, self._alarm)

    def serve(self) -> None:
        """One question after the other."""
        while True:
            try:
                frame = self.channel.receive()
            except EOFError:
                return
            self._answer(frame)

    def _answer(self, frame: bytes) -> None:
        number, operation, arguments, header = self.objects.codec.loads(frame)
        self.asked.append(number)
        self.objects.release(header.get("release", []))
        if "random" in header:
            chance.restore(header["random"])
        began = time.perf_counter()
        restoring = Restoring(self.objects, arguments) if operation == "call" else None
        if operation != "run":
            self.shell.begin_capture()
        self._set_alarm(header.get("seconds", 0.0))
        try:
            try:
                kind, value = "ok", OPERATIONS[operation](self, *arguments)
            finally:
                self._set_alarm(0.0)
        except MissingName as e:
            kind, value = "missing", str(e)
        except BaseException as e:  # whatever the student's code raises is an answer
            kind, value = "error", self.describe_error(e)
        back: dict[str, Any] = {"seconds": time.perf_counter() - began}
        if operation != "run":
            back["text"] = self.shell.end_capture()
        if "random" in header:
            back["random"] = chance.state()
        if restoring is not None:
            back["changed"], value = restoring.changes(), restoring.identity(kind, value)
        self.asked.pop()
        self._send(number, kind, value, back)

    def _send(self, number: int, kind: str, value: Any, header: dict[str, Any]) -> None:
        try:
            data = self.objects.codec.dumps([number, kind, value, header])
            self.channel.send(data)
        except EOFError:
            os._exit(0)
        except (WireError, RecursionError, MemoryError, ValueError, TypeError, AttributeError) as e:
            error = ["WireError", ["builtins.Exception"], None, str(e)[:500], "", None]
            self.channel.send(
                self.objects.codec.dumps([number, "error", error, {"seconds": 0.0, "text": ""}])
            )

    def _function(self, index: int) -> Any:
        def function(*args: Any, **kwargs: Any) -> Any:
            return self._call_back(index, args, kwargs)

        function.__name__ = function.__qualname__ = f"function_{index}"
        return function

    def _call_back(self, index: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Asks the other side to call the test's function, answering what it asks meanwhile."""
        if not self.asked:
            raise RuntimeError("The test that gave this function is over.")
        seconds = signal.setitimer(signal.ITIMER_REAL, 0.0)[0]
        text = self.shell.end_capture()
        self.channel.send(
            self.objects.codec.dumps([self.asked[-1], "call", [index, list(args), kwargs], {"text": text}])
        )
        while True:
            number, operation, arguments, header = self.objects.codec.loads(frame := self.channel.receive())
            if operation not in ("result", "raise"):
                self._answer(frame)
                continue
            self.shell.begin_capture()
            self._set_alarm(seconds)
            if operation == "raise":
                raise arguments[0]
            return arguments[0]

    def _set_alarm(self, seconds: float) -> None:
        self.seconds = seconds
        signal.setitimer(signal.ITIMER_REAL, max(0.0, seconds))

    def _alarm(self, *_: Any) -> None:
        raise CellTimeout(f"stopped after {round(self.seconds, 1):g} seconds")

    def _partial(self, event: dict[str, Any]) -> None:
        """Sends what a running cell has printed so far, so that a cell that is killed keeps it."""
        if self.asked and event["cell_id"] is not None:
            self.channel.send(self.objects.values.dumps([self.asked[-1], "partial", event, {}]))

    def describe_error(self, error: BaseException) -> list[Any]:
        """An exception by value: name, bases, arguments if plain, text, traceback, handle."""
        cls = type(error)
        bases = [f"{c.__module__}.{c.__qualname__}" for c in type.mro(cls)]
        try:
            args = self.objects.values.loads(self.objects.values.dumps(list(error.args)))
        except Exception:
            args = None
        trace = "".join(traceback.format_exception(error.with_traceback(_own_frames(error))))[-20_000:]
        handle = error if cls.__module__ == "__main__" else None
        return [cls.__name__, bases, args, _text(error), trace, handle]


def _own_frames(error: BaseException) -> Any:
    """The traceback without the frames of this program."""
    trace = error.__traceback__
    here = os.path.dirname(__file__)
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(here):
        trace = trace.tb_next
    return trace


def _text(error: BaseException) -> str:
    try:
        return str(error)[:2000]
    except Exception:
        return ""
