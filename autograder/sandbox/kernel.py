"""A candidate whose notebook is in another language: a Jupyter kernel and nbclient, both in the jail.

Rule: kernel and client speak over a loopback device that nobody else has; to the examiner goes what every candidate
sends, frames of bounded plain values, and it asks nothing but to run cells. Tests run in the kernel, beside the
student's code, which can read and forge them: all that comes back is information, and its marks are labelled so.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook

from autograder.sandbox import jail
from autograder.sandbox.candidate import silence
from autograder.sandbox.outputs import OutputEvent, Outputs
from autograder.wire import Channel, Codec

START_SECONDS = 45
"""How long a kernel may take until it answers."""
MAX_LAST_WORDS = 300
DIED = 1
"""Exit code of a candidate whose kernel is gone."""


def warm() -> None:
    """Loads in the zygote what the kernel manager loads when it starts."""
    import jupyter_client.asynchronous
    import jupyter_client.provisioning.local_provisioner  # noqa: F401
    import zmq.asyncio  # noqa: F401


def main(arguments: dict[str, Any], fds: list[int]) -> int:
    """Becomes the candidate: confined, its kernel up, listening on its one descriptor."""
    silence()
    channel = Channel(fds[0])
    try:
        jail.enter(jail.Plan(**{**arguments["plan"], "read_only": tuple(arguments["plan"]["read_only"])}), fds)
        os.environ.update(arguments["environment"])
        os.environ.update(JUPYTER_RUNTIME_DIR=os.environ["TMPDIR"], IPYTHONDIR=f"{os.environ['TMPDIR']}/ipython")
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        candidate = KernelCandidate(channel, arguments["kernel"], arguments["limits"]["output"])
        candidate.start()
    except Exception as e:  # the supervisor must know that it is our fault
        channel.send(Codec().dumps([0, "unready", f"{type(e).__name__}: {e}", {}]))
        return 1
    channel.send(Codec().dumps([0, "ready", None, {}]))
    return candidate.serve()


class _Client(NotebookClient):  # type: ignore[misc]  # nbclient has no types
    """nbclient, keeping outputs under a cap."""

    def __init__(self, outputs: Outputs, **settings: Any) -> None:
        super().__init__(**settings)
        self.kept = outputs

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        kind, content = msg["msg_type"], msg["content"]
        if kind == "status":
            return super().process_message(msg, cell, cell_index)  # raises at the cell's end
        if type(content.get("execution_count")) is int:
            cell["execution_count"] = content["execution_count"]
        try:
            self.kept.take(kind, content)
        except (KeyError, TypeError, ValueError, AttributeError) as e:  # the student's code may send anything
            self.kept.take("error", _error("BadMessage", f"A message of kind {kind[:50]!r} is none ({e})."))
        return None


class _One(KernelSpecManager):
    """Knows the kernel that was chosen outside, and no other."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        super().__init__()
        self._told = told

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        told = self._told
        return KernelSpec(
            argv=told["argv"], env=told["environment"], interrupt_mode=told["interrupt"], name=kernel_name
        )


class KernelCandidate:
    """Runs cells in its kernel until the other end closes the wire."""

    def __init__(self, channel: Channel, told: Mapping[str, Any], output: int) -> None:
        self._channel, self._codec = channel, Codec()
        self._outputs = Outputs(output, self._partial)
        manager = AsyncKernelManager(kernel_name=told["name"], kernel_spec_manager=_One(told), ip="127.0.0.1")
        book = new_notebook(cells=[new_code_cell("")])
        self._client = _Client(
            self._outputs, nb=book, km=manager, allow_errors=True, timeout=None, startup_timeout=START_SECONDS
        )
        self._loop = asyncio.new_event_loop()
        self._number = 0
        """Of the open question; 0: none."""
        self._count = 0

    def start(self) -> None:
        """Starts the kernel and waits until it answers; raises RuntimeError with its last words."""
        asyncio.set_event_loop(self._loop)
        words = Path(os.environ["TMPDIR"], "kernel.log")
        with words.open("wb") as log:
            try:
                self._loop.run_until_complete(self._client.async_start_new_kernel(stdout=log, stderr=log))
                self._loop.run_until_complete(self._client.async_start_new_kernel_client())
            except Exception as e:
                said = words.read_text("utf-8", "replace").strip().splitlines()
                raise RuntimeError(f"the kernel did not start: {e}. {' '.join(said[-3:])[-MAX_LAST_WORDS:]}") from e
        words.unlink()

    def serve(self) -> int:
        """One question after the other; the exit code."""
        while True:
            try:
                frame = self._codec.loads(self._channel.receive())
            except EOFError:
                return 0
            number, operation, arguments, header = frame
            if operation != "run":
                self._send([number, "untold", "This notebook's kernel runs cells and answers no questions.", {}])
                continue
            self._number = number
            began = time.perf_counter()
            try:
                ran = self._loop.run_until_complete(self._run(header, *arguments))
            except DeadKernelError:
                self._outputs.pulse(time.monotonic(), must=True)
                return DIED
            self._number = 0
            self._send([number, "ok", ran, {"seconds": time.perf_counter() - began}])

    async def _run(self, header: Mapping[str, Any], source: str, cell_id: str | None) -> dict[str, Any]:
        """Runs a cell: what it left, in the shape of `CellRun`."""
        self._count += 1
        self._outputs.begin(cell_id, self._count)
        cell = new_code_cell(source)
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        seconds = float(header.get("seconds", 0.0))
        timer = loop.call_later(seconds, lambda: loop.create_task(self._stop(stopped))) if seconds else None
        await self._client.async_execute_cell(cell, 0)
        if timer is not None:
            timer.cancel()
        if stopped.is_set():
            limit = f"{header.get('limit', seconds):g} seconds"
            self._outputs.take("error", _error("CellTimeout", f"This took longer than {limit} and was stopped."))
        outputs, updates = self._outputs.finish()
        name, value = self._outputs.error or ("", "")
        return {
            "outputs": outputs,
            "updates": updates,
            "execution_count": cell.get("execution_count") or self._count,
            "ok": not name,
            "ename": name,
            "evalue": value,
            "truncated": self._outputs.full,
        }

    async def _stop(self, stopped: asyncio.Event) -> None:
        """Interrupts the cell, as a person does in Jupyter."""
        stopped.set()
        await self._client.km.interrupt_kernel()

    def _partial(self, event: OutputEvent) -> None:
        """Sends what a running cell has left so far, so that a cell that ends the kernel keeps it."""
        if self._number:
            self._send([self._number, "partial", event, {}])

    def _send(self, frame: list[Any]) -> None:
        try:
            self._channel.send(self._codec.dumps(frame))
        except EOFError:
            sys.exit(0)


def _error(name: str, text: str) -> dict[str, Any]:
    return {"ename": name, "evalue": text, "traceback": [text]}
