"""Nothing can be typed into the grader's terminal."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 1, "unprotected"
SNIPPETS = {
    "type into it": """
import fcntl
for fd in (0, 1, 2, os.pipe()[0]):
    try:
        fcntl.ioctl(fd, 0x5412, b"x")
    except OSError as error:  # the driver's answer that it is no terminal means that the call got there
        if error.errno == 1:
            raise
""",
    "open the controlling one": "os.open('/dev/tty', os.O_RDWR)",
    "open a new one": "import pty; pty.openpty()",
}
UNPROVEN = {"open the controlling one": "there is none", "open a new one": "containers may have none"}
LEVELS = {"open a new one": 2}
