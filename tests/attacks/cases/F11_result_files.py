"""Files that look like results are nobody's results."""

from __future__ import annotations

EXPECTED, LEVEL, CONTROL = "stop", 2, "unprotected"
SNIPPETS = {
    "here": """
for name in ("results.json", "grades.csv", ".score", "report.xml", "autograded.json", "ledger.db", "gradebook.db"):
    open(name, "w").write('{"score": 100, "tests": [{"status": "passed", "score": 100}]}')
raise OSError("written; the marks show what they are worth")
""",
    "the class's grades": "open(course + '/grades.csv', 'w').write('S,100')",
    "the ledger": "open(course + '/ledger.db', 'ab').close()",
    "the master": "open(course + '/planted.ipynb', 'w').write('{}')",
    "feedback of its own making": "os.mkdir(course + '/feedback')",
}
UNPROVEN = {"here": "they may be written; they are worth nothing"}
