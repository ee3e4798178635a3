"""The tables of `ledger.db`, and how an older ledger becomes a newer one.

Rule: a step, once released, is never edited; a change of the tables is a new step at the end of `STEPS`.
"""

from __future__ import annotations

import sqlite3

Step = tuple[str, ...]
"""SQL statements that lead from one version to the next."""

_FIRST: Step = (
    """CREATE TABLE run (
        id INTEGER PRIMARY KEY,
        started TEXT NOT NULL,
        who TEXT NOT NULL,
        host TEXT NOT NULL,
        command TEXT NOT NULL,
        versions TEXT NOT NULL  -- JSON: package -> version
    )""",
    # One submission, really run once. A run that finds it unchanged points to it through `result`.
    """CREATE TABLE attempt (
        id INTEGER PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES run,
        recorded TEXT NOT NULL,
        student TEXT NOT NULL,
        assignment TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        status TEXT NOT NULL,
        reason TEXT NOT NULL,
        score REAL NOT NULL,
        max_score REAL NOT NULL,
        late_seconds INTEGER NOT NULL,
        late_penalty REAL NOT NULL,
        jail INTEGER NOT NULL,
        seconds REAL NOT NULL,
        cell_seconds REAL NOT NULL,
        submitted_at TEXT
    )""",
    "CREATE INDEX attempt_cache ON attempt (student, assignment, fingerprint)",
    """CREATE TABLE verdict (
        attempt_id INTEGER NOT NULL REFERENCES attempt,
        position INTEGER NOT NULL,
        notebook TEXT NOT NULL,
        test TEXT NOT NULL,
        outcome TEXT NOT NULL,
        points REAL,
        max_points REAL NOT NULL,
        reason TEXT NOT NULL,
        detail TEXT NOT NULL,
        labels TEXT NOT NULL,  -- JSON: list of texts
        seconds REAL NOT NULL,
        PRIMARY KEY (attempt_id, position)
    ) WITHOUT ROWID""",
    """CREATE TABLE note (
        attempt_id INTEGER NOT NULL REFERENCES attempt,
        position INTEGER NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (attempt_id, position)
    ) WITHOUT ROWID""",
    # Executed notebooks by the hash of their bytes: the same bytes are kept once, however often they come.
    "CREATE TABLE content (hash TEXT PRIMARY KEY, size INTEGER NOT NULL, packed BLOB NOT NULL)",
    """CREATE TABLE executed (
        attempt_id INTEGER NOT NULL REFERENCES attempt,
        notebook TEXT NOT NULL,
        hash TEXT NOT NULL REFERENCES content,
        PRIMARY KEY (attempt_id, notebook)
    ) WITHOUT ROWID""",
    # What a run says of a student; the last one says what holds now.
    """CREATE TABLE result (
        id INTEGER PRIMARY KEY,
        run_id INTEGER NOT NULL REFERENCES run,
        attempt_id INTEGER NOT NULL REFERENCES attempt,
        student TEXT NOT NULL,
        assignment TEXT NOT NULL
    )""",
    "CREATE INDEX result_latest ON result (assignment, student, id)",
)

_SECOND: Step = (
    "ALTER TABLE run ADD COLUMN assignment TEXT",
    "ALTER TABLE run ADD COLUMN ended TEXT",  # NULL: it did not come to its end
    # All that submissions shared and that could change a mark, ingredient by ingredient.
    "CREATE TABLE terms (hash TEXT PRIMARY KEY, told TEXT NOT NULL)",
    # What was handed in, whether it was run or not. A row for each content and time; of a content the last counts.
    """CREATE TABLE submission (
        id INTEGER PRIMARY KEY,
        recorded TEXT NOT NULL,
        student TEXT NOT NULL,
        assignment TEXT NOT NULL,
        content TEXT NOT NULL,  -- hash of names and bytes
        submitted_at TEXT,
        notes TEXT NOT NULL  -- JSON: list of texts
    )""",
    "CREATE INDEX submission_of ON submission (assignment, student)",
    """CREATE TABLE handed_in (
        submission_id INTEGER NOT NULL REFERENCES submission,
        name TEXT NOT NULL,
        hash TEXT NOT NULL REFERENCES content,
        PRIMARY KEY (submission_id, name)
    ) WITHOUT ROWID""",
    "ALTER TABLE attempt ADD COLUMN terms TEXT REFERENCES terms",
    "ALTER TABLE attempt ADD COLUMN submission_id INTEGER REFERENCES submission",
    # One notebook of an attempt: what it was made from, so that the next attempt need not run it again.
    """CREATE TABLE part (
        attempt_id INTEGER NOT NULL REFERENCES attempt,
        notebook TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        cell_seconds REAL NOT NULL,
        notes TEXT NOT NULL,  -- JSON: list of texts
        PRIMARY KEY (attempt_id, notebook)
    ) WITHOUT ROWID""",
    # Why this attempt is the one that counts; empty where there is no other.
    "ALTER TABLE result ADD COLUMN why TEXT NOT NULL DEFAULT ''",
    # How far the ledger has been written elsewhere: the gradebook, grades.csv.
    "CREATE TABLE written (target TEXT PRIMARY KEY, state TEXT NOT NULL)",
)

_THIRD: Step = (
    # JSON: model file, as the master names it -> hash of its weights.
    "ALTER TABLE part ADD COLUMN weights TEXT NOT NULL DEFAULT '{}'",
)

STEPS: tuple[Step, ...] = (_FIRST, _SECOND, _THIRD)
"""Step *n* leads from version *n* to version *n + 1*; an empty file is version 0."""


def version_of(db: sqlite3.Connection) -> int:
    """Version of the tables in a database; 0 where there are none."""
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_version'").fetchone() is None:
        return 0
    return int(db.execute("SELECT version FROM schema_version").fetchone()[0])


def migrate(db: sqlite3.Connection) -> int:
    """Brings the tables up to date within the caller's transaction and gives the version they had before.

    A version above ours is left as it is: the caller must refuse it.
    """
    before = version_of(db)
    if before == 0:
        db.execute("CREATE TABLE schema_version (version INTEGER NOT NULL)")
        db.execute("INSERT INTO schema_version VALUES (0)")
    for step in STEPS[before:]:
        for statement in step:
            db.execute(statement)
    if before < len(STEPS):
        db.execute("UPDATE schema_version SET version = ?", (len(STEPS),))
    return before
