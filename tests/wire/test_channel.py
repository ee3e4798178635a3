"""Frames over a socket whose other end may be hostile."""

from __future__ import annotations

import os
import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest

from autograder.errors import WireError
from autograder.wire import Channel
from autograder.wire.channel import CHATTY


@pytest.fixture
def pair() -> Iterator[tuple[Channel, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Channel(ours.fileno(), largest=1 << 20), theirs


def soon() -> float:
    return time.monotonic() + 0.05


@pytest.mark.parametrize("size", [0, 1, 100, (1 << 16) - 1, 1 << 16, 1 << 20])
def test_a_frame_arrives_whole(pair, size) -> None:
    """Of any size up to the largest, also where the socket takes less at once."""
    channel, theirs = pair
    data = os.urandom(size)
    other = Channel(os.dup(theirs.fileno()), largest=1 << 20)
    thread = threading.Thread(target=channel.send, args=(data,))
    thread.start()
    assert data == other.receive(time.monotonic() + 10)
    thread.join()
    other.close()


def test_too_large_a_frame_is_refused_at_both_ends(pair) -> None:
    """Before a byte of it is sent or read."""
    channel, theirs = pair
    with pytest.raises(WireError):
        channel.send(b"x" * ((1 << 20) + 1))
    theirs.sendall(struct.pack(">I", (1 << 20) + 1))
    with pytest.raises(WireError):
        channel.receive(soon())


@pytest.mark.parametrize("part", [b"", b"\0\0", b"\0\0\0\x09half"])
def test_silence_and_half_frames_end_at_the_deadline(pair, part) -> None:
    """Nothing, half a length, half a frame."""
    channel, theirs = pair
    theirs.sendall(part)
    with pytest.raises(TimeoutError):
        channel.receive(soon())


def test_frames_that_come_together_are_given_one_by_one(pair) -> None:
    """A read takes what is there, also of the frames after."""
    channel, theirs = pair
    frames = [b"", b"first", os.urandom(5000), b"last"]
    theirs.sendall(b"".join(struct.pack(">I", len(frame)) + frame for frame in frames))
    assert frames == [channel.receive(soon()) for _ in frames]


def test_frames_that_come_at_once_do_not_outrun_the_deadline(pair) -> None:
    """After the deadline not even a frame that is there is read."""
    channel, theirs = pair
    theirs.sendall(struct.pack(">I", 1) + b"x")
    with pytest.raises(TimeoutError):
        channel.receive(time.monotonic() - 1)


def test_a_closed_wire(pair) -> None:
    """EOFError to read from it and to write to it."""
    channel, theirs = pair
    theirs.sendall(b"\0\0")
    theirs.close()
    with pytest.raises(EOFError):
        channel.receive(soon())
    with pytest.raises(EOFError):
        for _ in range(3):
            channel.send(b"x" * 100, soon())


def test_an_end_that_never_reads(pair) -> None:
    """Sending to it ends at the deadline."""
    channel, _ = pair
    with pytest.raises(TimeoutError):
        for _ in range(100):
            channel.send(b"x" * (1 << 20), soon())


def test_a_doze_ends_when_the_other_end_hangs_up_and_not_when_it_speaks(pair) -> None:
    """What was said meanwhile is there afterwards."""
    channel, theirs = pair
    other = Channel(theirs.fileno())
    other.send(b"one")
    assert not channel.doze(0.01)
    other.send(b"two")
    theirs.close()
    assert channel.doze(60.0)
    assert [b"one", b"two"] == [channel.receive(soon()), channel.receive(soon())]


def test_nobody_dozes_amid_frames_that_have_come(pair) -> None:
    """A long doze would leave the second frame, which was read with the first, waiting."""
    channel, theirs = pair
    Channel(os.dup(theirs.fileno())).send(b"one")
    Channel(os.dup(theirs.fileno())).send(b"two")
    assert b"one" == channel.receive(soon())
    theirs.shutdown(socket.SHUT_WR)
    assert not channel.doze(60.0)
    assert b"two" == channel.receive(soon())
    assert channel.doze(60.0)


def test_one_doze_is_left_out_where_much_has_come(pair) -> None:
    """The other end would stand before a full socket."""
    channel, theirs = pair
    Channel(theirs.fileno()).send(b"x" * CHATTY)
    assert CHATTY == len(channel.receive(soon()))
    theirs.shutdown(socket.SHUT_WR)
    assert [False, True] == [channel.doze(60.0), channel.doze(60.0)]
