"""The supervisor's side of the zygote: start it, ask it for children, watch them, end them.

Rule: the zygote's environment is built here from nothing; no variable of the supervisor's reaches a student.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

from autograder.errors import GraderError, UsageError
from autograder.sandbox.zygote import HOME, MESSAGE

ANSWER_SECONDS = 60.0
"""How long a fork may take on a machine that swaps."""
START_SECONDS = 180.0
"""How long the imports may take on a cold disk."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process forked for one request."""

    pid: int
    pidfd: int
    """Names this very process for ever, also after its pid has been given to another."""
    status: int
    """Read end of the pipe on which the zygote tells the exit code."""
    told: list[int] = field(default_factory=list)
    """The exit code, once it has been told."""

    def kill(self) -> None:
        """Ends it and, as it is the first process of its namespace or session, all that it started."""
        try:
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def wait(self, seconds: float) -> int | None:
        """Exit code, negative for a signal; None when it has not ended in time; GraderError if nobody can tell."""
        if not self.told:
            poll = select.poll()
            poll.register(self.status, select.POLLIN)
            if not poll.poll(max(0.0, seconds) * 1000):
                return None
            said = os.read(self.status, 32)
            if not said:
                raise GraderError("The warm parent process died.", mend="Is the machine out of memory?")
            self.told.append(int(said))
        return self.told[0]

    def close(self) -> None:
        """Kills it if it lives, and gives the descriptors back."""
        self.kill()
        os.close(self.pidfd)
        os.close(self.status)


class Zygote:
    """A warm parent process; started at the first request, started again if it dies. Safe to share by threads."""

    def __init__(
        self,
        *,
        preload: Sequence[str],
        entries: Sequence[str],
        environment: Mapping[str, str],
        cells: Sequence[str] = (),
    ) -> None:
        self._preload = list(preload)
        self._entries = list(entries)
        self._cells = list(cells)
        self._environment = dict(environment)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._sock: socket.socket | None = None
        self._log: IO[bytes] | None = None
        self._over = False

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Starts the process and waits for its imports; raises GraderError when it does not come up."""
        with self._lock:
            if self._sock is None:
                self._start()

    def spawn(self, entry: str, arguments: Mapping[str, Any], fds: Sequence[int]) -> Child:
        """Forks a process that calls `entry(arguments, fds)`; raises GraderError when none can be had."""
        with self._lock:
            for _ in range(2):  # a zygote that was killed is started again, once
                if self._sock is None:
                    self._start()
                try:
                    return self._ask(entry, arguments, fds)
                except (OSError, EOFError):
                    self._stop()
        raise GraderError("The warm parent process died twice.", mend="Is the machine out of memory?")

    def _ask(self, entry: str, arguments: Mapping[str, Any], fds: Sequence[int]) -> Child:
        assert self._sock is not None
        reader, writer = os.pipe2(os.O_CLOEXEC)
        try:
            message = json.dumps({"entry": entry, "arguments": arguments}).encode()
            socket.send_fds(self._sock, [message], [writer, *fds])
            data, got, _, _ = socket.recv_fds(self._sock, MESSAGE, 1)
            if not data:
                raise EOFError
            answer = json.loads(data)
            if "error" in answer:
                raise GraderError(f"No process could be started ({answer['error']}).", mend="Is the machine full?")
        except BaseException:
            os.close(reader)
            raise
        finally:
            os.close(writer)
        return Child(answer["pid"], got[0], reader)

    def _start(self) -> None:
        if self._over:
            raise GraderError("The warm parent process was ended: its batch is over.")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        call = f"main({theirs.fileno()}, {self._preload!r}, {self._entries!r}, {self._cells!r})"
        code = f"from autograder.sandbox.zygote import main; {call}"
        debug = {"AUTOGRADER_DEBUG": "1"} if os.environ.get("AUTOGRADER_DEBUG") else {}
        self._process = subprocess.Popen(
            [sys.executable, "-s", "-P", "-X", "utf8", "-c", code],
            env={**self._environment, **debug},
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=None if debug else subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,  # Ctrl-C is the supervisor's to handle
        )
        theirs.close()
        ours.settimeout(START_SECONDS)
        try:
            ready = ours.recv(MESSAGE)
        except TimeoutError:
            ready = b""
        if not ready:
            self._stop()
            raise GraderError(
                "The warm parent process did not come up.", mend="Run with AUTOGRADER_DEBUG=1 to see why."
            )
        told = json.loads(ready)
        if told["home"] != HOME:  # PYTHONPATH led this command elsewhere, and the two would not understand each other
            self._stop()
            raise UsageError(
                f"This is the autograder in {HOME}; processes for submissions would be of the one in {told['home']}.",
                mend="Unset PYTHONPATH, or install the one that you mean.",
            )
        self.threads = int(told["threads"])
        ours.settimeout(ANSWER_SECONDS)
        self._sock = ours

    def _stop(self) -> None:
        if self._sock is not None:
            self._sock.close()
            self._sock = None
        if self._process is not None:
            deadline = time.monotonic() + 1.0
            while self._process.poll() is None and time.monotonic() < deadline:
                try:
                    self._process.wait(0.05)
                except subprocess.TimeoutExpired:
                    continue
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
            self._process = None

    def close(self, *, for_good: bool = False) -> None:
        """Ends the zygote, and with it every child that still runs; `for_good`: it does not start again."""
        with self._lock:
            self._over = self._over or for_good
            self._stop()
