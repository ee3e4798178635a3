"""Names, sizes and times of other files cannot be seen."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 3, "unprotected"
SNIPPETS = {
    "see the gradebook": "os.stat(course + '/gradebook.db')",
    "ask for access": "assert os.access(folder + '/secret', os.F_OK)",
    "see another's notebook": "assert os.path.exists(sibling)",
    "see a link's target": "os.lstat(sibling)",
}
