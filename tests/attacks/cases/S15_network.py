"""No network can be reached: TCP, UDP, IPv6, names, the cloud's metadata."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 1, "unprotected"
SNIPPETS = {
    "connect over TCP": "import socket; socket.create_connection(('127.0.0.1', port), 1)",
    "send a datagram": "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', udp))",
    "IPv6": "import socket; socket.socket(socket.AF_INET6)",
    "listen": "import socket; socket.create_server(('127.0.0.1', 0))",
    "the cloud's metadata": "import socket; socket.create_connection(('169.254.169.254', 80), 0.2)",
    "look a name up": "import socket; socket.getaddrinfo('example.com', 80)",
    "install a package": "import urllib.request; urllib.request.urlopen('https://pypi.org/simple/', timeout=0.2)",
}
UNPROVEN = dict.fromkeys(
    ("the cloud's metadata", "look a name up", "install a package", "IPv6"), "the tests need no network"
)
