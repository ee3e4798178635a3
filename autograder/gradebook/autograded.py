"""`autograded/<student>/<assignment>/`: executed notebooks where formgrader looks for them.

Rule: the folder is replaced whole; until the new one is complete the former one stays.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from autograder.errors import GraderError


def write(
    root: Path, student: str, assignment: str, notebooks: Mapping[str, bytes], submitted_at: datetime | None
) -> Path:
    """Writes `<notebook>.ipynb` for each and nbgrader's `timestamp.txt`; gives the folder."""
    target = root / _part(student) / _part(assignment)
    files = {f"{_part(name)}.ipynb": data for name, data in notebooks.items()}
    if submitted_at is not None:
        files["timestamp.txt"] = f"{submitted_at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC\n".encode()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _put_back(target)
        # A leading dot keeps half-written folders out of every glob of nbgrader's.
        fresh = target.with_name(f".{target.name}.fresh")
        shutil.rmtree(fresh, ignore_errors=True)  # of a run that was killed
        fresh.mkdir()
        try:
            for name, data in files.items():
                (fresh / name).write_bytes(data)
            fresh.chmod(0o755)
            _exchange(fresh, target)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as e:
        mend = "Check the folder's rights and that the disk has room."
        raise GraderError(f"{target} cannot be written ({e.strerror}).", mend=mend) from e
    return target


def there(root: Path, student: str, assignment: str) -> bool:
    """Whether the folder is there."""
    return os.path.isdir(f"{root}/{_part(student)}/{_part(assignment)}")  # noqa: PTH112 -- a class has many


def _part(name: str) -> str:
    """A name that is one step of a path and no more."""
    if not name or name.startswith(".") or "/" in name or os.sep in name or "\0" in name:
        raise GraderError(f"{name!r} cannot be the name of a folder.", mend="Rename the submission's folder.")
    return name


def _former(target: Path) -> Path:
    return target.with_name(f".{target.name}.former")


def _exchange(fresh: Path, target: Path) -> None:
    """The new folder takes the old one's place; the old one is removed last."""
    if target.exists():
        target.rename(_former(target))
    fresh.rename(target)
    shutil.rmtree(_former(target), ignore_errors=True)


def _put_back(target: Path) -> None:
    """Mends what a power cut between the two renames leaves."""
    former = _former(target)
    if former.exists() and not target.exists():
        former.rename(target)
    shutil.rmtree(former, ignore_errors=True)
