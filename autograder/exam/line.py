"""Frames to and from the candidate.

Rule: a frame that is late, too large, mangled or missing ends the candidate, and nothing else; one that a test
makes too large is the test's fault, unless the submission had given it as much.
"""

from __future__ import annotations

import time
from typing import Any

from autograder.errors import GraderError, StudentError
from autograder.wire import Channel, Codec, WireError

GRACE = 2.0
"""Seconds that a candidate has, beyond a cell's own, to stop by itself and answer."""
READY_SECONDS = 60.0
"""How long confining a candidate may take on a machine that swaps, its kernel's start included."""
HEAVY = 1 << 24
"""Bytes of an answer that may be why a test passes on more than can travel."""


class CandidateLost(BaseException):
    """The candidate is gone or must go; no `except Exception` of a test may hold this up."""

    def __init__(self, cause: str, detail: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        """`closed`, `late` or `mangled`."""
        self.detail = detail


class Line:
    """The wire to one candidate."""

    def __init__(self, channel: Channel, codec: Codec) -> None:
        self._channel = channel
        self._codec = codec
        self._most_received = 0

    def await_ready(self, seconds: float) -> None:
        """Waits for the candidate to be confined; GraderError if it never is: no student code has run by then."""
        try:
            number, kind, text, _ = Codec().loads(self._channel.receive(time.monotonic() + seconds))
        except (EOFError, TimeoutError, WireError, ValueError, TypeError) as e:
            raise GraderError(f"The candidate's process did not start ({e}).") from None
        if (number, kind) != (0, "ready"):
            raise GraderError(f"The candidate's process could not begin ({text}).")

    def send(self, data: bytes, deadline: float) -> None:
        """Sends a frame; CandidateLost when nobody takes it in time."""
        try:
            self._channel.send(data, deadline + GRACE)
        except EOFError:
            raise CandidateLost("closed") from None
        except TimeoutError:
            raise CandidateLost("late") from None
        except WireError as e:
            if self._most_received > HEAVY:
                raise StudentError(f"What the submission gave is too much to be passed on: {e.message}") from None
            raise GraderError(f"The test passes more than can travel: {e.message}") from None

    def receive(self, deadline: float) -> list[Any]:
        """The next frame's four parts; CandidateLost when none comes in time, or one that breaks a rule."""
        try:
            data = self._channel.receive(deadline + GRACE)
            self._most_received = max(self._most_received, len(data))
            frame = self._codec.loads(data)
        except EOFError:
            raise CandidateLost("closed") from None
        except TimeoutError:
            raise CandidateLost("late") from None
        except WireError as e:
            raise CandidateLost("mangled", e.message) from None
        except MemoryError:
            raise CandidateLost("mangled", "A value was too large for the memory it may use.") from None
        if type(frame) is not list or len(frame) != 4 or type(frame[3]) is not dict:
            raise CandidateLost("mangled", "A frame is not an answer.")
        return frame
