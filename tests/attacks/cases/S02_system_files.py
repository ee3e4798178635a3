"""Files of the machine cannot be read."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 2, "unprotected"
SNIPPETS = {
    "read the users": "open('/etc/passwd').read()",
    "list the settings": "os.listdir('/etc/ssl')",
    "read the kernel's command line": "open('/proc/cmdline').read()",
    "read the host's name": "open('/etc/hostname').read()",
    "read the load": "open('/proc/loadavg').read()",
}
UNPROVEN = {"read the host's name": "some machines have no such file", "list the settings": "nor this folder"}
