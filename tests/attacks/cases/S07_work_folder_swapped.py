"""The work folder cannot be moved away or replaced by a link while it is used."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 2, "one-process"
SNIPPETS = {
    "replace it by a link": "here = os.getcwd(); os.rename(here, here + '-was'); os.symlink(folder, here)",
    "rename it in a race": """
here = os.getcwd()
for n in range(50):
    os.rename(here, here + '-was')
    os.rename(here + '-was', here)
    here = os.getcwd()
""",
}
UNPROVEN = {"rename it in a race": "the first snippet has moved it for good"}
NBGRADER = "alone"
