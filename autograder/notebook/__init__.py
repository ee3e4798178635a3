"""Notebooks: the file format of Jupyter, and what nbgrader writes into it.

Rule: no other package spells an nbgrader metadata key, a delimiter's default or the checksum's recipe.
`ipynb` reads and writes files as nbformat does, `metadata` knows nbgrader's keys, `master` reads instructors'
notebooks. Format: nbgrader's `nbgraderformat/v3.json`, `nbgrader.utils` and the nbformat 4 specification; tested
against nbgrader and nbformat themselves in tests/test_notebook.py.
"""

from __future__ import annotations

from autograder.notebook.ipynb import MAX_DEPTH, dumps, loads, source_of
from autograder.notebook.kernel import kernel_of, language_of
from autograder.notebook.master import Fault, Setting, examine_master, format_faults, master_of, read_master
from autograder.notebook.metadata import (
    CODE_STUB,
    CODE_STUBS,
    FLAGS,
    GRADE_ID,
    HIDDEN_BEGIN,
    HIDDEN_END,
    KEYS,
    LOCKED,
    MARK_BEGIN,
    MARK_END,
    OWN,
    REGIONS,
    SCHEMA_VERSION,
    SOLUTION_BEGIN,
    SOLUTION_END,
    TEXT_STUB,
    WORDING,
    changed_settings,
    checksum,
    grade_id_of,
    is_locked,
    nbgrader_of,
    own_of,
    restored_metadata,
    role_of,
    settings,
)
from autograder.notebook.training import training_of

__all__ = [
    "CODE_STUB",
    "CODE_STUBS",
    "FLAGS",
    "GRADE_ID",
    "HIDDEN_BEGIN",
    "HIDDEN_END",
    "KEYS",
    "LOCKED",
    "MARK_BEGIN",
    "MARK_END",
    "MAX_DEPTH",
    "OWN",
    "REGIONS",
    "SCHEMA_VERSION",
    "SOLUTION_BEGIN",
    "SOLUTION_END",
    "TEXT_STUB",
    "WORDING",
    "Fault",
    "Setting",
    "changed_settings",
    "checksum",
    "dumps",
    "examine_master",
    "format_faults",
    "grade_id_of",
    "is_locked",
    "kernel_of",
    "language_of",
    "loads",
    "master_of",
    "nbgrader_of",
    "own_of",
    "read_master",
    "restored_metadata",
    "role_of",
    "settings",
    "source_of",
    "training_of",
]
