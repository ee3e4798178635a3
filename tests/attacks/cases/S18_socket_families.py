"""Rare families of sockets cannot be opened."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 1, "unprotected"
SNIPPETS = {
    "netlink": "import socket; socket.socket(16, 3)",
    "kernel crypto": "import socket; socket.socket(38, 5)",
    "virtual machines": "import socket; socket.socket(40, 1)",
    "packets": "import socket; socket.socket(17, 3)",
    "express data path": "import socket; socket.socket(44, 3)",
}
UNPROVEN = {
    "packets": "needs a capability",
    "express data path": "needs a capability",
    "kernel crypto": "some kernels lack it",
    "virtual machines": "some kernels lack it",
}
