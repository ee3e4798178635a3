"""What an author's machine leaves in a notebook: paths of one computer, keys and passwords.

Rule: a secret is never repeated in a finding, but for its first letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from autograder.check.remarks import Remark, at
from autograder.values import Cell, Master

PATH = re.compile(
    r"(?<![\w.:/~-])(/(?:home|Users|root|mnt|media|scratch|nfs|Volumes|content/drive)/[\w.~@+-][^\s\"'`)\]<>|]*)"
    r"|(?<!\w)([A-Za-z]:\\{1,2}(?:Users|home|Documents)[^\s\"'`)<>|]*)"
)
"""A file's place on one machine; a home folder says its owner's name as well."""
SECRETS = (
    (re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"), "a private key"),
    (re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"), "a key of Amazon Web Services"),
    (re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_\w{22,}"), "a token of GitHub"),
    (re.compile(r"\bglpat-[\w-]{20,}"), "a token of GitLab"),
    (re.compile(r"\bhf_[A-Za-z0-9]{30,}\b"), "a token of Hugging Face"),
    (re.compile(r"\bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{20,}"), "a key of a language model's service"),
    (re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b"), "a key of Google"),
    (re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"), "a token of Slack"),
    (re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"), "a web token"),
    (re.compile(r"\b[a-z]+://[^/\s:@\"']+:[^/\s:@\"'{}]+@"), "a password in an address"),
    (
        re.compile(
            r"(?i)\b(?:api_?key|secret|passw(?:or)?d|token)\s*=\s*[\"'](?!x+[\"']|\.+[\"'])[^\"'\s{}<>]{8,}[\"']"
        ),
        "what looks like a password",
    ),
)


def remarks(master: Master) -> Iterator[Remark]:
    """Everything of this kind in a master."""
    for cell in master.cells:
        for number, line in enumerate(cell.source.split("\n"), 1):
            yield from _paths(master, cell, number, line)
            yield from _secrets(master, cell, number, line)


def _paths(master: Master, cell: Cell, number: int, line: str) -> Iterator[Remark]:
    for match in PATH.finditer(line):
        told = f"`{match[0]}` is a path of one machine"
        spoken = cell.kind != "code" or line.lstrip().startswith("#")
        mend = "Name the file relative to the notebook, and put it beside it."
        yield at(master, cell, "machine-path", told, mend, line=number, fault=not spoken)


def _secrets(master: Master, cell: Cell, number: int, line: str) -> Iterator[Remark]:
    for pattern, what in SECRETS:
        match = pattern.search(line)
        if match is not None:
            told = f"`{match[0][:4]}…` is {what}"
            mend = "Take it out, and have it replaced where it was made: notebooks travel."
            yield at(master, cell, "secret", told, mend, line=number)
            return
