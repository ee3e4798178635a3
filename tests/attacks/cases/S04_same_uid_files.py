"""Files of the candidate's own uid outside its folder keep mode, times, attributes and content."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 1, "unprotected"
SNIPPETS = {
    "change the mode": "os.chmod(mine, 0o644); assert os.stat(mine).st_mode & 0o44",
    "change the times": "os.utime(mine, (1, 1)); assert os.stat(mine).st_mtime == 1",
    "mark it": "os.setxattr(mine, 'user.planted', b'1')",
    "append to it": "open(mine, 'a').write('more')",
    "empty it": "os.truncate(mine, 0)",
    "write through a new file": "open(folder + '/planted', 'w').write('x')",
    "make a folder": "os.mkdir(folder + '/made')",
    "move it away": "os.rename(mine, 'mine'); os.rename('mine', mine + '-moved')",
    "delete it": "os.unlink(mine + '-moved')",
}
LEVELS = dict.fromkeys(
    ("append to it", "empty it", "write through a new file", "make a folder", "move it away", "delete it"), 2
)
