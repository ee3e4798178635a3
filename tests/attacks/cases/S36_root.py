"""A candidate is never root, and cannot become it."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 0, "none"
WHY = "level 0 drops root too; tests/sandbox/test_jail.py shows that the jail refuses root"
SNIPPETS = {
    "be root": "assert os.getuid() == 0 or os.geteuid() == 0",
    "become root": "os.setuid(0)",
    "become root's group": "os.setgid(0)",
    "have a capability": "assert int(next(x for x in open('/proc/self/status') if x.startswith('CapEff')).split()[1], 16)",
}
LEVELS = {"have a capability": 1}
