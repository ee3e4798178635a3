"""No other process can be signalled, slowed down, moved or limited."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 1, "unprotected"
SNIPPETS = {
    "signal it": "import signal; os.kill(victim, signal.SIGUSR1)",
    "signal everybody": "os.kill(-1, 0)",
    "signal by descriptor": "import signal; signal.pidfd_send_signal(os.pidfd_open(victim), 0)",
    "slow it down": "os.setpriority(os.PRIO_PROCESS, victim, 5)",
    "reschedule it": "os.sched_setscheduler(victim, os.SCHED_BATCH, os.sched_param(0))",
    "move it": "os.sched_setaffinity(victim, {0})",
    "read its limits": "import resource; resource.prlimit(victim, resource.RLIMIT_NOFILE)",
    "limit it": "import resource; resource.prlimit(victim, resource.RLIMIT_NOFILE, (64, 64))",
}
