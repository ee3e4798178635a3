"""What is written to shared places is gone with the candidate, on the host and for the next student."""

from __future__ import annotations

from attacks.snippets import LIBC

EXPECTED, LEVEL, CONTROL = "stop", 2, "unprotected"
SNIPPETS = {
    "leave files": """
done = 0
for place in ("/tmp", "/var/tmp", "/dev/shm"):
    try:
        with open(f"{place}/S08_leftovers-{os.getuid()}", "w") as file:
            file.write("left by S08")
        done += 1
    except OSError as error:
        print(place, error)
raise OSError("written to %d places; the host is asked whether anything is left" % done)
""",
    "leave System V memory": LIBC + "must(l.shmget(0x5308, 4096, 0o1600))",
    "leave a System V semaphore": LIBC + "must(l.semget(0x5308, 1, 0o1600))",
    "leave a System V queue": LIBC + "must(l.msgget(0x5308, 0o1600))",
    "leave shared memory by name": """
from multiprocessing import shared_memory
memory = shared_memory.SharedMemory(name=f"S08_leftovers_{os.getuid()}", create=True, size=4096)
raise OSError("the host is asked whether anything is left")
""",
}
UNPROVEN = dict.fromkeys(("leave files", "leave shared memory by name"), "judged by what lies about on the host")
LEVELS = {"leave System V memory": 1, "leave a System V semaphore": 1, "leave a System V queue": 1}
