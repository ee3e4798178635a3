"""Frames over an inherited descriptor.

Rule: every frame has a size cap and, where the caller gives one, a deadline; in both directions.
Format: a 4-byte big-endian length and that many bytes.
"""

from __future__ import annotations

import os
import select
import struct
import time

from autograder.errors import WireError
from autograder.wire.codec import MAX_FRAME


class Channel:
    """One end of a stream socket; the other end may be hostile."""

    def __init__(self, fd: int, *, largest: int = MAX_FRAME) -> None:
        os.set_blocking(fd, False)
        self.fd = fd
        self._largest = largest

    def send(self, data: bytes, deadline: float | None = None) -> None:
        """Sends one frame; raises TimeoutError at the deadline (time.monotonic seconds), EOFError, WireError."""
        if len(data) > self._largest:
            raise WireError(f"A value of {len(data):,} bytes is larger than the wire's {self._largest:,}.")
        head = struct.pack(">I", len(data))
        if len(data) < 1 << 16:  # one write is cheaper than a copy is dear
            self._write(memoryview(head + data), deadline)
        else:
            self._write(memoryview(head), deadline)
            self._write(memoryview(data), deadline)

    def _write(self, view: memoryview, deadline: float | None) -> None:
        while view:
            try:
                view = view[os.write(self.fd, view) :]
            except BlockingIOError:
                self._wait(select.POLLOUT, deadline)
            except (BrokenPipeError, ConnectionError):
                raise EOFError("the other end of the wire is closed") from None

    def receive(self, deadline: float | None = None) -> bytes:
        """One frame; raises TimeoutError at the deadline, EOFError when the other end is gone, WireError."""
        if deadline is not None and time.monotonic() > deadline:
            raise TimeoutError("the time was over before the frame began")  # also amid a flood that never blocks
        (size,) = struct.unpack(">I", self._read(4, deadline))
        if size > self._largest:
            raise WireError(f"A frame of {size:,} bytes came; {self._largest:,} are allowed.")
        return self._read(size, deadline)

    def _read(self, size: int, deadline: float | None) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            try:
                got = os.read(self.fd, min(size - len(parts), 1 << 20))
            except BlockingIOError:
                self._wait(select.POLLIN, deadline)
                continue
            except ConnectionError:
                got = b""
            if not got:
                raise EOFError("the wire was closed")
            parts += got
        return bytes(parts)

    def _wait(self, event: int, deadline: float | None) -> None:
        poll = select.poll()
        poll.register(self.fd, event)
        left = None if deadline is None else (deadline - time.monotonic()) * 1000
        if (left is not None and left <= 0) or not poll.poll(left):
            raise TimeoutError("nothing moved on the wire in time")

    def close(self) -> None:
        """Closes this end."""
        os.close(self.fd)
