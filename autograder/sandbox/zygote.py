"""The warm parent: imports once, forks a process for each request.

Rule: the zygote is exec'ed with a clean environment, runs one thread, opens nothing, and is never told a test, a
name or a path of a student; a fork owns a copy of its parent's memory.

Requests come over a SOCK_SEQPACKET socket, one JSON object each, with descriptors attached: the first is the
write end of a pipe that receives the child's exit code as text, the rest go to the child. The answer is the
child's pid, with a pidfd attached.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from typing import Any

from autograder.sandbox import fence, jail, linux

HOME = os.path.realpath(os.path.join(os.path.dirname(__file__), os.pardir))  # noqa: PTH118
"""The folder of this package."""
MESSAGE = 1 << 20
"""Bytes of the largest request."""
FOREVER = 1 << 40
"""Processor seconds of a child that has no limit."""


def main(fd: int, preload: list[str], entries: list[str], cells: list[str]) -> None:
    """Imports, says it is ready, and serves until the supervisor closes its end.

    `cells`: the code that a release gives to everybody.
    """
    _work_in_batches()
    for name in preload:
        _import(name)
    for name in entries:
        importlib.import_module(name.partition(":")[0])
        _call(name, "warm")
        if cells:
            _call(name, "prepare", cells)
    gc.collect()
    gc.freeze()  # a collection in a child would touch, and so copy, every page of the parent
    with socket.socket(fileno=fd) as sock:
        threads = len(os.listdir("/proc/self/task")) if sys.platform == "linux" else 1
        sock.send(json.dumps({"ready": os.getpid(), "threads": threads, "home": HOME}).encode())
        _serve(sock)


def _work_in_batches() -> None:
    """Asks the kernel to let whoever wakes another go on: an exam's processes wake each other, and then wait."""
    with contextlib.suppress(OSError, AttributeError):  # a container may refuse; other systems have no such word
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _import(name: str) -> None:
    try:
        importlib.import_module(name)
    except Exception as e:  # a library the student may not need at all; a cell that does will say so
        sys.stderr.write(f"preload {name}: {type(e).__name__}: {e}\n")


def _call(entry: str, word: str, *arguments: Any) -> None:
    """Calls a function of the entry's module, if it has it: what is worth doing once, before the forks."""
    function = getattr(sys.modules.get(entry.partition(":")[0]), word, None)
    if function is not None:
        function(*arguments)


def _serve(sock: socket.socket) -> None:
    reaper = _Reaper()
    while True:
        try:
            data, fds, _, _ = socket.recv_fds(sock, MESSAGE, 16)
        except InterruptedError:
            continue
        if not data:
            os._exit(0)
        request = json.loads(data)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
        try:
            pid = _fork(request["arguments"])
        except OSError as e:
            sock.send(json.dumps({"error": str(e)}).encode())
            _close(fds)
        else:
            if pid == 0:
                _child(sock, reaper, request, fds)
            reaper.watch(pid, fds[0], request["arguments"].get("plan", {}).get("cpu", FOREVER))
            pidfd = os.pidfd_open(pid)
            socket.send_fds(sock, [json.dumps({"pid": pid}).encode()], [pidfd])
            _close([pidfd, *fds[1:]])
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])


def _fork(arguments: dict[str, Any]) -> int:
    plan = arguments.get("plan")
    if plan is None:
        return os.fork()
    if plan["level"] >= jail.OWN_SPACES:
        readable = tuple(plan["read_only"])
        jail.prepare(readable, processes=plan["processes"] > 0, kernel=plan["kernel"])
    return jail.fork(plan["level"])


def _close(fds: list[int]) -> None:
    for fd in fds:
        os.close(fd)


class _Reaper:
    """Collects dead children and tells each one's exit code to whoever asked for it."""

    def __init__(self) -> None:
        self.pipes: dict[int, int] = {}
        self.seconds: dict[int, int] = {}
        """Processor seconds that each may use."""
        self.parent = os.pidfd_open(os.getpid())
        """Becomes readable when this process, the parent of all children, ends."""
        signal.signal(signal.SIGCHLD, self._collect)

    def watch(self, pid: int, pipe: int, cpu: int) -> None:
        self.pipes[pid], self.seconds[pid] = pipe, cpu

    def _collect(self, *_: Any) -> None:
        while True:
            try:
                pid, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            pipe = self.pipes.pop(pid, None)
            if pipe is not None:
                code = jail.ended_as(status, used, self.seconds.pop(pid))
                try:
                    os.write(pipe, str(code).encode())
                except OSError:  # nobody waits for it any more
                    pass
                os.close(pipe)


def _child(sock: socket.socket, reaper: _Reaper, request: dict[str, Any], fds: list[int]) -> None:
    """The forked child: drops all that is the zygote's, then becomes what was asked for; never returns."""
    code = 70
    try:
        linux.die_with_parent()
        if select.select([reaper.parent], [], [], 0)[0]:  # it died before that: nobody would be told
            os._exit(code)
        gc.disable()
        sock.close()
        for pipe in (*reaper.pipes.values(), fds[0], reaper.parent):
            os.close(pipe)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        module, _, function = request["entry"].partition(":")
        if "fence" in request["arguments"]:
            fence.put_up(request["arguments"]["fence"])
        gc.enable()
        code = getattr(sys.modules[module], function)(request["arguments"], fds[1:]) or 0
    except BaseException as e:  # nothing may fall back into the zygote's loop
        sys.stderr.write(f"{request.get('entry')}: {type(e).__name__}: {e}\n")
        if os.environ.get("AUTOGRADER_DEBUG"):
            import traceback

            traceback.print_exc()
    finally:
        os._exit(code)
