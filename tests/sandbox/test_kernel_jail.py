"""What a kernel of another language may do beyond other candidates: talk to itself, and open terminals of its own."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from autograder.sandbox import jail

PLAN = {"kernel": True, "processes": 8}
ITSELF = """
import socket
with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as one:
    other, _ = server.accept()
    other.sendall(b"hello")
    result = one.recv(5).decode()
"""
REACHING = {
    "the machine's port": "import socket; socket.create_connection(('127.0.0.1', port), 2).close()",
    "a name of a unix socket": "import socket; s = socket.socket(socket.AF_UNIX); s.connect(chr(0) + name)",
    "a datagram": "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'x', ('127.0.0.1', port))",
    "IPv6": "import socket; socket.socket(socket.AF_INET6)",
    "the kernel's own messages": "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)",
}
STOPS = {"the machine's port": "ConnectionRefusedError"}
TERMINAL = """
import os
ours, theirs = os.openpty()
os.write(theirs, b"hello")
result = os.read(ours, 5).decode(), os.ttyname(theirs), os.path.exists("/dev/pts/1")
"""


@pytest.fixture(scope="module")
def listening() -> Iterator[dict[str, Any]]:
    """A server of the machine's, by port and by name."""
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as unix:
        name = f"autograder-{tcp.getsockname()[1]}"
        unix.bind("\0" + name)
        unix.listen()
        yield {"port": tcp.getsockname()[1], "name": name}


def tried(arena: Any, level: int, snippets: dict[str, str], names: dict[str, Any], **plan: Any) -> dict[str, str]:
    """What became of the snippets in one candidate."""
    found = arena.run(arena.trial(level, snippets, plan=plan, names=names))[0]
    assert "" == found["error"]
    return found["outcomes"]


@pytest.mark.parametrize("level", [3, 4])
def test_a_kernel_talks_to_itself_and_to_nobody_else(arena, needs, listening, level):
    """TCP to itself works; the machine's ports and names, datagrams, IPv6 and netlink do not, though they do outside."""
    needs(level)
    outside = tried(arena, 0, REACHING, listening)
    assert dict.fromkeys(REACHING, "worked") == outside
    inside = tried(arena, level, {"itself": ITSELF, **REACHING}, listening, **PLAN)
    assert "worked: hello" == inside.pop("itself")
    assert REACHING.keys() == inside.keys()
    for name, outcome in inside.items():
        assert outcome.startswith(STOPS.get(name, ("OSError: [Errno 95]", "PermissionError"))), (name, outcome)


def test_without_the_flag_nothing_is_reached_at_all(arena, needs, listening):
    """A candidate that may start processes, and is no kernel, has neither sockets nor terminals."""
    needs(4)
    found = tried(arena, 4, {"itself": ITSELF, "terminal": TERMINAL}, listening, processes=8)
    assert found["itself"].startswith("PermissionError")
    assert not found["terminal"].startswith("worked")


@pytest.mark.parametrize("level", [3, 4])
def test_a_kernels_terminals_are_its_own(arena, needs, level):
    """It opens one, the first, though the machine has others."""
    needs(level)
    others = os.openpty(), os.openpty()
    assert (
        "worked: ('hello', '/dev/pts/0', False)"
        == tried(arena, level, {"terminal": TERMINAL}, {}, **PLAN)["terminal"]
    )
    for fd in (fd for pair in others for fd in pair):
        os.close(fd)


@pytest.mark.parametrize(("level", "processes"), [(2, 8), (4, 0)])
def test_a_plan_that_cannot_hold_is_refused(level, processes):
    """A kernel needs sockets that are nobody else's, and processes."""
    facts: dict[str, Any] = {"memory": 1, "cpu": 1, "file_size": 1, "work_size": 1, "uid": 60000, "stage": "/nowhere"}
    plan = jail.Plan(level=level, read_only=(), processes=processes, kernel=True, **facts)
    with pytest.raises(jail.JailError, match=r"kernel needs level 3|cannot start processes"):
        jail._check(plan)
