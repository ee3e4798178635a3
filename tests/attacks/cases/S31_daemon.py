"""No process outlives its candidate, and none holds up the grader."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 1, "unprotected"
SNIPPETS = {
    "detach": """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.chdir(folder)
        import time
        time.sleep(20)
    os._exit(0)
os.wait()
""",
    "detach a program": "import subprocess; subprocess.Popen(['sleep', '20'], start_new_session=True, cwd=folder)",
}
