"""Unix sockets are out of reach, by path and by abstract name."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 1, "unprotected"
SNIPPETS = {
    "connect by path": "import socket; socket.socket(socket.AF_UNIX).connect(door)",
    "connect by abstract name": "import socket; socket.socket(socket.AF_UNIX).connect(abstract)",
    "meet at an abstract name": "import socket; s = socket.socket(1); s.bind(f'\\0S17{os.getpid()}'); s.listen()",
    "pair of datagram sockets": "import socket; socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)",
}
