"""The shell in which a student's cells run: a notebook's kernel without the kernel.

Rule: what ends up in a notebook's outputs is what Jupyter would have put there.

A `Shell` is made once in a warm process, which starts nothing and opens nothing. The process forked from it
for a submission calls `run`; the first call takes over that process's standard streams, `__main__` and event
loop, for good.

Where it differs from a kernel, by choice:
- `exit` and `quit` end their cell only; a kernel dies a moment later.
- Tasks that a cell leaves behind make a few steps after each cell, and go on while a later cell awaits.
- Widgets are drawn, but nobody talks to them, so an Output widget captures nothing.
- Text with lone surrogates is kept with question marks; a kernel loses the whole piece.
- Text printed between putting `sys.stdout` back and the cell's end is shown; a kernel sends it to the cell
  that had taken `sys.stdout` away.
- What Python warns of while it compiles a cell is said once; a kernel compiles a cell to look at it as well,
  and says it each time from Python 3.12.
- What a library says while it is first imported is not said again where the parent had imported it.
"""

from __future__ import annotations

import asyncio
import inspect
import re
import sys
import tempfile
import threading
import time
import types
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterator
from contextlib import contextmanager
from typing import Any

from autograder.sandbox import ipython
from autograder.sandbox.console import Console
from autograder.sandbox.outputs import CellRun, OutputEvent, Outputs

__all__ = ["CellRun", "OutputEvent", "Shell"]

_AWAITS = re.compile(r"\b(?:await|async)\b")
CATCH_UP = 100
"""Steps that tasks left behind may make after each cell."""


class Shell:
    """Runs cells one after another in one namespace, and says what each left.

    `output_cap` bounds the bytes of output kept of one cell. `on_output`, if given, is called with an
    `OutputEvent` while a cell runs, so that what it printed outlives it; it must not raise.
    """

    def __init__(self, *, output_cap: int, on_output: Callable[[OutputEvent], None] | None = None) -> None:
        self._outputs = Outputs(output_cap, on_output)
        self._console = Console(self._outputs)
        self._ip = ipython.make(self._outputs)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turn = object()
        self._awaited: asyncio.Future[Any] | None = None
        self._running = False
        self.errors = ""

    @property
    def output_cap(self) -> int:
        """Bytes of output kept of one cell; may be set anew before a cell."""
        return self._outputs.cap

    @output_cap.setter
    def output_cap(self, cap: int) -> None:
        self._outputs.cap = cap

    @property
    def on_output(self) -> Callable[[OutputEvent], None] | None:
        """Who is told of output while a cell runs; may be set anew before a cell."""
        return self._outputs.on_output

    @on_output.setter
    def on_output(self, on_output: Callable[[OutputEvent], None] | None) -> None:
        self._outputs.on_output = on_output

    @property
    def namespace(self) -> dict[str, Any]:
        """The notebook's global names."""
        names: dict[str, Any] = self._ip.user_ns
        return names

    @property
    def hidden(self) -> frozenset[str]:
        """Names in the namespace that are the shell's own, not the notebook's."""
        return frozenset(self._ip.user_ns_hidden)

    def run(self, source: str, *, cell_id: str | None = None) -> CellRun:
        """Runs one cell; whatever it does short of ending the process is in the answer, nothing is raised.

        An exception raised by a signal's handler ends the cell, also while it awaits, and the next can run.
        Where Python or IPython swallow it (in a destructor, while a traceback is drawn), only a second signal can.
        """
        self._attach()
        if not source.strip():
            return CellRun([], 0, True, "", "", False, 0.0)
        count = self._ip.execution_count
        started = time.perf_counter()
        failure: BaseException | None = None
        try:
            ipython.forget_figures()
            self._begin(cell_id, count)
            self._running = True
            result = self._execute(source, cell_id)
            failure = result.error_before_exec or result.error_in_exec
            self._catch_up()
        except BaseException as stray:  # raised between the student's code and IPython's own guard
            failure = stray
            self._show(stray)
        finally:
            self._running = False
        self._console.end()
        seconds = time.perf_counter() - started
        self._ip.execution_count = count + 1
        self._ip.payload_manager.clear_payload()
        return self._answer(count, failure, seconds)

    def prepare(self, source: str) -> None:
        """Compiles a cell that many notebooks have, before the process is forked for them."""
        self._ip.compile.prepare(source)

    def begin_capture(self) -> None:
        """From here to `end_capture`, what is printed is kept apart: it belongs to no cell.

        While a cell runs this does nothing, and `end_capture` gives nothing: what is printed is the cell's.
        """
        if not self._running:
            self._attach()
            self._begin(None, 0)

    def end_capture(self) -> str:
        """What was printed to stdout since `begin_capture`, at most `output_cap` bytes and a note.

        What was printed to stderr is in `errors` then.
        """
        self.errors = ""
        if self._running or self._loop is None:
            return ""
        self._console.end()
        outputs, _ = self._outputs.finish()
        self._outputs.begin(None, 0)
        self.errors = "".join(output["text"] for output in outputs if output.get("name") == "stderr")
        return "".join(output["text"] for output in outputs if output.get("name") == "stdout")

    def report(self) -> None:
        """Calls `on_output` now; for a signal's handler that is about to give a cell up."""
        self._outputs.pulse(time.monotonic(), must=True)

    def _begin(self, cell_id: str | None, count: int) -> None:
        self._say_running(False)  # an alarm may have come just before this was last said
        self._console.begin()
        self._outputs.begin(cell_id, count)

    def _answer(self, count: int, failure: BaseException | None, seconds: float) -> CellRun:
        outputs, updates = self._outputs.finish()
        last = getattr(sys, "last_value", None)
        if self._outputs.error and isinstance(last, KeyboardInterrupt):
            failure = failure or last  # it came while figures were drawn: IPython shows it, and goes on
        failed = failure is not None or getattr(self._ip, "_last_traceback_during_displayhook", False)
        ename, evalue = (type(failure).__name__, _text(failure)) if failure is not None else ("", "")
        if failed and self._outputs.error is not None and ename in ("", self._outputs.error[0]):
            ename, evalue = self._outputs.error
        return CellRun(outputs, count, not failed, ename, evalue, self._outputs.full, seconds, updates)

    def _attach(self) -> None:
        """Makes this process the notebook's, once."""
        if self._loop is not None:
            return
        tempfile.tempdir = None  # TMPDIR may be another one since the fork
        self._console.attach()
        self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        ipython.settle(self._ip)

    def _execute(self, source: str, cell_id: str | None) -> Any:
        """As ipykernel: each cell finds a running loop, and only one that awaits is awaited."""
        known = self._transformed(source)
        awaits = _AWAITS.search(known["transformed_cell"]) is not None  # asking IPython costs a compilation
        if awaits and self._ip.should_run_async(source, **known):
            self._ip._last_traceback_during_displayhook = False
            return self._await(self._ip.run_cell_async(source, store_history=True, cell_id=cell_id, **known))
        with self._loop_said_to_run(), self._transformed_once(source, known):
            return self._ip.run_cell(source, store_history=True, cell_id=cell_id)

    def _transformed(self, source: str) -> dict[str, Any]:
        """The cell as Python, and what IPython raised if it could make none of it; as `run_cell_async` wants it."""
        problem, transformed = None, source if source.endswith("\n") else source + "\n"
        if not ipython.is_python(self._ip, source):
            try:
                transformed = self._ip.transform_cell(source)
            except Exception:
                transformed, problem = source, sys.exc_info()
        return {"transformed_cell": transformed, "preprocessing_exc_tuple": problem}

    @contextmanager
    def _transformed_once(self, source: str, known: dict[str, Any]) -> Iterator[None]:
        """Inside, IPython is told what was just found out of the cell: either costs as much as compiling it."""
        if known["preprocessing_exc_tuple"] is not None:
            yield
            return
        transform, asks = self._ip.transform_cell, self._ip.should_run_async
        self._ip.transform_cell = lambda raw: known["transformed_cell"] if raw is source else transform(raw)
        self._ip.should_run_async = lambda raw, **more: raw is not source and asks(raw, **more)
        try:
            yield
        finally:
            del self._ip.transform_cell, self._ip.should_run_async

    @contextmanager
    def _loop_said_to_run(self) -> Iterator[None]:
        """Inside, `asyncio` sees what it sees in a kernel, whose cells are callbacks of its loop.

        Cells are no callbacks here, for those run in a copy of the context: what `decimal.getcontext` or
        `numpy.seterr` set in one cell would be forgotten in the next.
        """
        self._say_running(True)
        try:
            yield
        finally:
            self._say_running(False)

    def _say_running(self, running: bool) -> None:
        loop: Any = self._loop
        asyncio._set_running_loop(loop if running else None)
        loop._thread_id = threading.get_ident() if running else None

    def _await(self, cell: Coroutine[Any, Any, Any]) -> Any:
        """Runs the loop until the cell is over."""
        result = None
        try:
            result = self._drive(cell)
        finally:
            with self._loop_said_to_run():
                self._ip.events.trigger("post_execute")
                self._ip.events.trigger("post_run_cell", result)
        return result

    def _drive(self, cell: Coroutine[Any, Any, Any]) -> Any:
        """What comes out of the loop itself, as an alarm does while the cell waits, is raised in the cell.

        By a new task: the exception may have cost the loop the step that the old one waited for, and then
        cancelling it would wait for ever.
        """
        assert self._loop is not None
        thrown: BaseException | None = None
        while True:
            self._turn = turn = object()
            task: Any = self._loop.create_task(self._take_turn(self._steps(cell, thrown, turn)))
            try:
                return self._loop.run_until_complete(task)
            except BaseException as stray:
                if inspect.getcoroutinestate(cell) == inspect.CORO_CLOSED:
                    raise
                task._log_destroy_pending = task._log_traceback = False
                if self._awaited is not None:
                    self._awaited.cancel()
                thrown = stray.with_traceback(None)

    async def _take_turn(self, steps: Awaitable[Any]) -> Any:
        return await steps

    @types.coroutine
    def _steps(
        self, cell: Coroutine[Any, Any, Any], thrown: BaseException | None, turn: object
    ) -> Generator[Any, Any, Any]:
        """Awaits `cell`, raising `thrown` where it awaits; does nothing any more once it is another's turn."""
        step: Callable[[Any], Any] = cell.send if thrown is None else cell.throw
        value: Any = thrown
        while True:
            try:
                self._awaited = step(value)
            except StopIteration as end:
                return end.value
            try:
                step, value = cell.send, (yield self._awaited)
            except GeneratorExit:
                raise
            except BaseException as raised:
                trace = raised.__traceback__
                step, value = cell.throw, raised.with_traceback(trace and trace.tb_next)  # less this frame
            if turn is not self._turn:
                return None

    def _catch_up(self) -> None:
        """Tasks that cells left behind go on, as far as they can without waiting, as they do in a kernel."""
        loop: Any = self._loop
        for _ in range(CATCH_UP):
            if not loop._ready:
                break
            stop = loop.call_soon(loop.stop)
            try:
                loop.run_forever()
            finally:
                stop.cancel()  # or an alarm would leave it for the next cell's loop

    def _show(self, failure: BaseException) -> None:
        """An error output for what nobody has shown."""
        try:
            shown = (type(failure), failure, failure.__traceback__)
            self._ip.showtraceback(shown, running_compiled_code=True)
        except BaseException:
            lines = {"ename": type(failure).__name__, "evalue": _text(failure), "traceback": []}
            self._outputs.take("error", lines)


def _text(failure: BaseException | None) -> str:
    try:
        return str(failure)[:4000]
    except BaseException:
        return ""
