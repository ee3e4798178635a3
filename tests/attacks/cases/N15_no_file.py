"""A notebook that is a link, a folder, a pipe or a socket is refused without being opened."""

from __future__ import annotations

import os
import shutil
import socket

EXPECTED, LEVEL, CONTROL = "reject", 0, "none"
WHY = "nothing can run"
NBGRADER = "none"
TELLS = ("ps.ipynb",)


def instead(make):
    def hand_in(folder, book):
        (folder / "ps.ipynb").unlink()
        make(folder / "ps.ipynb")

    return hand_in


def listen(path):
    here = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(f"/proc/self/fd/{here}/{path.name}")
    os.close(here)


def whole(folder, book):
    shutil.rmtree(folder)
    os.symlink("../another/ps", folder)


VARIANTS = {
    "link_to_another": {"hand_in": instead(lambda path: os.symlink("../../another/ps/ps.ipynb", path))},
    "link_to_the_master": {"hand_in": instead(lambda path: os.symlink("../../../source/ps/ps.ipynb", path))},
    "hanging_link": {"hand_in": instead(lambda path: os.symlink("nowhere", path))},
    "link_to_itself": {"hand_in": instead(lambda path: os.symlink("ps.ipynb", path))},
    "folder": {"hand_in": instead(lambda path: path.mkdir())},
    "pipe": {"hand_in": instead(os.mkfifo)},
    "socket": {"hand_in": instead(listen)},
    "device": {"hand_in": instead(lambda path: os.symlink("/dev/zero", path))},
    "whole_folder": {"hand_in": whole, "TELLS": ()},
}
