"""No grade can be written into a database of the course."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 2, "unprotected"
SNIPPETS = {
    "extra credit": """
import sqlite3
for name in (course + "/gradebook.db",):
    db = sqlite3.connect(f"file:{name}?mode=rw", uri=True)
    with db:
        db.execute("UPDATE grade SET extra_credit = 100, manual_score = 0")
    db.close()
""",
    "the ledger": "open(course + '/ledger.db', 'r+b').close()",
}
NBGRADER = "alone"
