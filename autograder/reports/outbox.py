"""What students fetch from nbgrader's exchange: assignments and pages, with nbgrader's own commands.

Rule: a folder or a page is there whole or not at all, readable for everybody and writable for its owner alone. A
page's name is known to nobody but the student whose submission it is about: it is made of a secret handed in with it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from autograder.errors import GraderError, UsageError
from autograder.reports import page

ROOT, COURSE, INBOUND, FEEDBACK = 0o777, 0o755, 0o2733, 0o711
"""Modes of the exchange's folders, as nbgrader has them: into `inbound/` everybody may put, and nobody may look."""
LEAST_SECRET = 32
"""Characters of a secret: a shorter one could be tried out by others."""


def release(root: Path, course: str, assignment: str, released: Path) -> Path:
    """Copies a release to where `nbgrader fetch_assignment` looks; gives the folder. May raise as `feedback`."""
    outbound = _course(root, course) / "outbound"
    target = outbound / assignment
    try:
        _folder(outbound, COURSE)
        _folder(root / course / "inbound", INBOUND)
        fresh = Path(tempfile.mkdtemp(prefix=".", dir=outbound))  # a dot keeps it out of nbgrader's globs
        try:
            shutil.copytree(released, fresh / "new", symlinks=False)
            for folder, _, names in os.walk(fresh / "new"):
                Path(folder).chmod(0o755)
                for name in names:
                    (Path(folder) / name).chmod(0o644)
            if target.exists():
                target.rename(fresh / "old")
            (fresh / "new").rename(target)
        finally:
            if (fresh / "old").exists() and not target.exists():
                (fresh / "old").rename(target)
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as e:
        raise _cannot(target, e) from e
    return target


def feedback(root: Path, course: str, pages: Iterable[Path], secrets: Iterable[str]) -> int:
    """Puts a student's pages where `nbgrader fetch_feedback` looks, once for each secret; gives their number.

    `pages`: `<notebook>.html` each. Raises UsageError, GraderError.
    """
    folder = _course(root, course) / "feedback"
    count = 0
    words = [word for word in secrets if len(word) >= LEAST_SECRET]
    try:
        _folder(folder, FEEDBACK)
        for path in pages:
            text = path.read_text(encoding="utf-8")
            for word in words:
                name = hashlib.md5(f"{word}{path.stem}".encode(), usedforsecurity=False).hexdigest()  # nbgrader's
                page.replace(folder / f"{name}.html", text)
                (folder / f"{name}.html").chmod(0o644)
                count += 1
    except OSError as e:
        raise _cannot(folder, e) from e
    return count


def _course(root: Path, course: str) -> Path:
    """The course's folder in the exchange, made where it is new; the exchange itself is somebody else's to make."""
    if not root.is_dir():
        mend = "Make it (mode 777), or name another: `exchange` in [course]."
        raise UsageError(f"There is no exchange in {root}.", mend=mend)
    try:
        _folder(root / course, COURSE)
    except OSError as e:
        raise _cannot(root / course, e) from e
    return root / course


def _folder(path: Path, mode: int) -> None:
    """Makes a folder; one that is there must be a folder of ours, as others could put in what they like."""
    try:
        path.mkdir()
        path.chmod(mode)
    except FileExistsError:
        about = path.lstat()
        if path.is_symlink() or not path.is_dir() or about.st_uid != os.geteuid():
            raise PermissionError(errno.EPERM, "it is no folder of yours", str(path)) from None


def _cannot(path: Path, e: OSError) -> GraderError:
    return GraderError(f"{e.filename or path} cannot be written ({e.strerror}).", mend="Check its owner and rights.")
