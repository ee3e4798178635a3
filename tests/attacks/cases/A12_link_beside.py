"""A link beside the notebook is not followed, neither into the work folder nor into what the student gets back."""

from __future__ import annotations

import os

EXPECTED, LEVEL, CONTROL = "safe", 0, "none"
WHY = "shutil.copytree follows links, which the harness does for the plain kernel; here the copies are looked at"
TELLS = ("data.csv", "link")
SNIPPETS = {"read it": "print(open('data.csv', 'rb').read()[:100], open('other.ipynb.txt').read()[-500:])"}


def hand_in(folder, book):
    os.symlink("../../../gradebook.db", folder / "data.csv")
    os.symlink(folder.parents[1] / "another/ps/ps.ipynb", folder / "other.ipynb.txt")
    os.symlink("/", folder / "all")
