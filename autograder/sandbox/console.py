"""The standard streams of a notebook, without a kernel's threads.

Rule: whatever is written, the writer is never blocked and memory stays bounded.

`OutStream` stands in for `sys.stdout` and `sys.stderr`. `Console` owns both, and what arrives at file
descriptors 1 and 2 behind Python's back, from C code and from child processes: that goes to unlinked
temporary files, read whenever Python writes, flushes or displays. Until then RLIMIT_FSIZE alone bounds them.

A kernel sends its streams from a thread, 0.2 seconds after the first unsent character or before the next
display, whichever is sooner. The streams here keep the same moments without a thread, so that stdout and
stderr come out in a notebook's order.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import fcntl
import io
import os
import sys
import tempfile
import time

from autograder.sandbox.outputs import Outputs

FLUSH_SECONDS = 0.2
NEVER = float("inf")
FULL_SECONDS = 0.1
"""When nothing more is kept, the descriptors' files are emptied this often."""
_CHUNK = 1 << 16
_SPOOL = 1 << 20


class OutStream(io.TextIOBase):
    """`sys.stdout` or `sys.stderr` of a notebook; named as ipykernel's, whose manners it has.

    Like there: no `buffer`, not a terminal, UTF-8, and `fileno` is the descriptor that the process was given,
    so what is written to it is not part of the notebook.
    """

    encoding = "UTF-8"

    def __init__(self, name: str, console: Console) -> None:
        self.name = name
        self._console = console
        self._closed = False
        self.parts: list[str] = []
        """Text that is not yet an output."""
        self.due = NEVER
        """When the text held here becomes an output, seconds of the monotonic clock."""

    def write(self, string: str) -> int:
        """Adds text; TypeError unless it is a str, ValueError when closed, as in ipykernel."""
        if not isinstance(string, str):
            raise TypeError(f"write() argument must be str, not {type(string)}")
        if self._closed:
            raise ValueError("I/O operation on closed file")
        self._console.write(self, string)
        return len(string)

    def held(self, *, release: bool = False) -> str:
        """The text held; `release` lets go of it."""
        parts = self.parts
        count = len(parts)  # another thread may be writing: only what was joined is dropped
        text = "".join(parts[:count])
        if release:
            del parts[:count]
            self.due = NEVER
        return text

    def flush(self) -> None:
        """Makes an output of the text held here."""
        if not self._closed:
            self._console.flush(self)

    def close(self) -> None:
        """After this, writing is an error."""
        self.flush()
        self._closed = True

    @property
    def closed(self) -> bool:
        return self._closed

    def fileno(self) -> int:
        return self._console.original(self)

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True


class Console:
    """Both streams of a process, and what reaches its descriptors 1 and 2 without them."""

    def __init__(self, outputs: Outputs) -> None:
        self.outputs = outputs
        self.out, self.err = OutStream("stdout", self), OutStream("stderr", self)
        self._taps: list[tuple[OutStream, _Tap]] = []
        self._due = NEVER
        self._last_poll = 0.0
        outputs.pending = self._pending

    def attach(self) -> None:
        """Takes over `sys.stdout`, `sys.stderr` and descriptors 1 and 2 of this process, for good."""
        for stream, fd, standard in ((self.out, 1, sys.__stdout__), (self.err, 2, sys.__stderr__)):
            if standard is not None:
                with contextlib.suppress(OSError, ValueError):
                    standard.flush()  # what the process had to say before belongs to no cell
            self._taps.append((stream, _Tap(fd)))
        sys.stdout, sys.stderr = self.out, self.err
        os.register_at_fork(after_in_child=self._in_child)

    def original(self, stream: OutStream) -> int:
        """The descriptor behind `stream` before `attach`; UnsupportedOperation where there is none."""
        for owner, tap in self._taps:
            if owner is stream and tap.original >= 0:
                return tap.original
        raise io.UnsupportedOperation("fileno")

    def begin(self) -> None:
        """Forgets what was written since the last cell: it belongs to none."""
        for stream in (self.out, self.err):
            stream.held(release=True)
        for _, tap in self._taps:
            tap.skip()

    def end(self) -> None:
        """Everything written so far becomes outputs."""
        self._poll(time.monotonic(), last=True)
        self._settle(self.out)
        self._settle(self.err)

    def write(self, stream: OutStream, text: str) -> None:
        """Text from Python for `stream`; on the way of every print, so it is written for speed."""
        now = time.monotonic()
        if self.outputs.full:
            if now > self._last_poll + FULL_SECONDS:
                self._poll(now)
            return
        if text != "\n":  # which print writes right after its text
            for _, tap in self._taps:
                if tap.unread():
                    self._poll(now)
        if now >= self._due:
            self._poll(now)
        text = self.outputs.admit(text)
        if text:
            self._hold(stream, text, now)
            if self.outputs.on_output is not None and (text[-1] == "\n" or now >= self.outputs.next_event):
                self.outputs.pulse(now)

    def flush(self, stream: OutStream) -> None:
        """What `stream.flush()` does."""
        now = time.monotonic()
        self._poll(now)
        self._settle(stream)
        self.outputs.pulse(now)

    def _hold(self, stream: OutStream, text: str, now: float) -> None:
        if not stream.parts:
            stream.due = now + FLUSH_SECONDS
            self._due = min(self._due, stream.due)
        stream.parts.append(text)

    def _settle(self, stream: OutStream) -> None:
        text = stream.held(release=True)
        self._due = min(self.out.due, self.err.due)
        if text:
            self.outputs.stream(stream.name, text)

    def _poll(self, now: float, *, last: bool = False) -> None:
        """Fetches what came through the descriptors, and flushes streams that are due."""
        self._last_poll = now
        for stream, tap in self._taps:
            while text := tap.read(last=last):
                if self.outputs.full:
                    tap.skip()
                    break
                if kept := self.outputs.admit(text):
                    self._hold(stream, kept, now)
        for stream in sorted((self.out, self.err), key=lambda stream: stream.due):
            if now >= stream.due:
                self._settle(stream)

    def _pending(self) -> list[tuple[str, str]]:
        return [(stream.name, text) for stream in (self.out, self.err) if (text := stream.held())]

    def _in_child(self) -> None:
        """A process forked by the notebook writes to the descriptors, where its parent finds it."""
        self._taps = []
        self.outputs.on_output = None
        self.write = self._pass_on  # type: ignore[method-assign]

    def _pass_on(self, stream: OutStream, text: str) -> None:
        os.write(1 if stream is self.out else 2, text.encode("utf-8", "replace"))


class _Tap:
    """Descriptor `fd` of this process, led to an unlinked file from which it can be read."""

    def __init__(self, fd: int) -> None:
        try:
            self.original = os.dup(fd)
        except OSError:
            self.original = -1
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._offset = 0
        self._file = -1
        for make in (_unnamed, _unlinked):
            with contextlib.suppress(OSError):  # nowhere to write: the descriptor stays as it was
                self._file = make()
                os.dup2(self._file, fd)
                break

    def unread(self) -> bool:
        """Something has been written since the last read."""
        try:
            return self._file >= 0 and os.lseek(self._file, 0, os.SEEK_END) != self._offset
        except OSError:
            self._file = -1  # the notebook closed it
            return False

    def read(self, *, last: bool = False) -> str:
        """The next text, at most `_CHUNK` bytes of it; empty when there is none."""
        if not self.unread():
            return self._decoder.decode(b"", final=last)
        data = os.pread(self._file, _CHUNK, self._offset)
        if not data:
            self._offset = 0  # somebody emptied the file, as `> /dev/stdout` does
            data = os.pread(self._file, _CHUNK, 0)
        self._offset += len(data)
        if self._offset > _SPOOL and not self.unread():
            self._rewind()
        return self._decoder.decode(data, final=last and not self.unread())

    def skip(self) -> None:
        """Passes over everything unread."""
        self._decoder.reset()
        if self.unread():
            self._offset = os.lseek(self._file, 0, os.SEEK_END)
            if self._offset > _SPOOL:
                self._rewind()

    def _rewind(self) -> None:
        os.ftruncate(self._file, 0)
        self._offset = 0


def _unnamed() -> int:
    """A file that never had a name, in the folder for such files; OSError where that cannot be had at once."""
    folder, unnamed = os.environ.get("TMPDIR"), getattr(os, "O_TMPFILE", 0)
    if not folder or not unnamed:
        raise OSError(errno.ENOTSUP, "no files without a name")
    return os.open(folder, unnamed | os.O_RDWR | os.O_APPEND | os.O_CLOEXEC, 0o600)


def _unlinked() -> int:
    """A file whose name is gone, wherever one may be written."""
    for folder in (tempfile.gettempdir(), "."):
        with contextlib.suppress(OSError), tempfile.TemporaryFile(buffering=0, dir=folder) as file:
            fcntl.fcntl(file, fcntl.F_SETFL, fcntl.fcntl(file, fcntl.F_GETFL) | os.O_APPEND)
            return os.dup(file.fileno())
    raise OSError(errno.ENOENT, "no folder in which a file may be written")
