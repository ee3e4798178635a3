"""Pipes, sockets and links that wait for whoever collects files cannot be planted, or are not followed."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 1, "unprotected"
SNIPPETS = {
    "a named pipe": "os.mkfifo('report.csv')",
    "a unix socket": "import socket; socket.socket(socket.AF_UNIX).bind('answers.csv')",
    "a link as result": "os.symlink(folder + '/secret', 'out.csv'); os.symlink(sibling, 'ps.ipynb.bak'); raise OSError('nobody follows it')",
}
UNPROVEN = {"a link as result": "links may be made; that none is followed shows in the canaries and the leaks"}
