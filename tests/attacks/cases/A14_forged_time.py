"""A time that cannot be read is not believed, and does not stop the class."""

from __future__ import annotations

import os

EXPECTED, LEVEL, CONTROL = "safe", 0, "none"
WHY = "a well-formed false time cannot be told: keep timestamp.txt out of students' hands"


def write(content):
    def hand_in(folder, book):
        (folder / "timestamp.txt").write_bytes(content)

    return hand_in


def link(folder, book):
    os.symlink("/etc/passwd", folder / "timestamp.txt")


def pipe(folder, book):
    os.mkfifo(folder / "timestamp.txt")


VARIANTS = {
    "garbage": {"hand_in": write(b"\xff\x00 yesterday")},
    "huge": {"hand_in": write(b"2" * (2 << 20)), "NBGRADER": "alone"},
    "year_zero": {"hand_in": write(b"0000-00-00 00:00:00 UTC")},
    "link": {"hand_in": link, "NBGRADER": "alone"},
    "pipe": {"hand_in": pipe, "NBGRADER": "none"},
}
