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

HEAD = 4
"""Bytes of a frame's length."""
LEAST, MOST = 1 << 12, 1 << 20
"""Bytes that one read asks for: most frames come whole, with their length."""
GONE = getattr(select, "POLLRDHUP", select.POLLHUP)
"""What a poll says, and says in any case, of an end that hung up; Linux has a word of its own for half of it."""
CHATTY = 1 << 15
"""Bytes between two dozes after which the next is left out; a socket holds some 200 KiB."""


class Channel:
    """One end of a stream socket; the other end may be hostile."""

    def __init__(self, fd: int, *, largest: int = MAX_FRAME) -> None:
        os.set_blocking(fd, False)
        self.fd = fd
        self._largest = largest
        self._arrived = bytearray()
        """Bytes read that no caller has been given."""
        self._chatty = 0
        """Bytes read since the last doze."""
        self._readable, self._writable, self._gone = select.poll(), select.poll(), select.poll()
        self._readable.register(fd, select.POLLIN)
        self._writable.register(fd, select.POLLOUT)
        self._gone.register(fd, GONE)

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
                _wait(self._writable, deadline)
            except (BrokenPipeError, ConnectionError):
                raise EOFError("the other end of the wire is closed") from None

    def receive(self, deadline: float | None = None) -> bytes:
        """One frame; raises TimeoutError at the deadline, EOFError when the other end is gone, WireError.

        After any of them the wire is of no more use.
        """
        if deadline is not None and time.monotonic() > deadline:
            raise TimeoutError("the time was over before the frame began")  # also amid a flood that never blocks
        self._gather(HEAD, deadline)
        size = int.from_bytes(self._arrived[:HEAD], "big")
        if size > self._largest:
            raise WireError(f"A frame of {size:,} bytes came; {self._largest:,} are allowed.")
        self._gather(HEAD + size, deadline)
        with memoryview(self._arrived) as arrived:
            data = bytes(arrived[HEAD : HEAD + size])
        del self._arrived[: HEAD + size]
        return data

    def _gather(self, size: int, deadline: float | None) -> None:
        """Reads until so many bytes are there."""
        while (missing := size - len(self._arrived)) > 0:
            _wait(self._readable, deadline)  # at once: an answer is hardly ever there before it is waited for
            try:
                got = os.read(self.fd, min(max(missing, LEAST), MOST))
            except BlockingIOError:  # somebody else may hold this end too
                continue
            except ConnectionError:
                got = b""
            if not got:
                raise EOFError("the wire was closed")
            self._arrived += got
            self._chatty += len(got)

    def doze(self, seconds: float) -> bool:
        """Lets frames gather for so long, or until the other end hangs up, and says whether it did.

        Waiting for one frame after the other costs two switches of process each. Nobody dozes amid frames that were
        read already, nor where so much came that the other end would wait for room.
        """
        if self._arrived or self._chatty > CHATTY:
            self._chatty = 0
            return False
        self._chatty = 0
        return bool(self._gone.poll(seconds * 1000))

    def close(self) -> None:
        """Closes this end."""
        os.close(self.fd)


def _wait(poll: select.poll, deadline: float | None) -> None:
    left = None if deadline is None else (deadline - time.monotonic()) * 1000
    if (left is not None and left <= 0) or not poll.poll(left):
        raise TimeoutError("nothing moved on the wire in time")
