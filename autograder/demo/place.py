"""Where the demo's course lies: what is copied there, and what may be removed there.

Rule: only what the demo itself made is ever removed; a folder that is neither new, empty nor the demo's is refused.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from autograder.errors import UsageError
from autograder.gradebook.seen import beside

MARKER = ".autograder-demo.json"
SOURCE = Path(__file__).resolve().parents[2] / "source"
"""The masters lie beside the package, in the repository; an installed wheel holds none."""
MADE_BY_GRADING = ("release", "autograded", "feedback", "reports", "ledger.db", "gradebook.db", "grades.csv")
COURSE_TOML = """\
# Made by `autograder demo`. Limits are short, so that endless loops end soon.
[course]
name = "demo"
title = "Deep learning: the demo class"

[limits]
cell_seconds = 4
submission_seconds = 90
memory = "2 GiB"

[grading]
late = "per_day"
late_per_day = 0.1

[assignments.gates]
title = "Gates"
due = 2026-03-20T23:59:00+09:00

[assignments.convolution]
title = "Convolution"
due = 2026-04-03T23:59:00+09:00

[assignments.lenet]
title = "LeNet-5"
train = "artefact"
due = 2026-05-08T23:59:00+09:00
limits = {cell_seconds = 120, submission_seconds = 400, memory = "8 GiB"}
"""


def clear(folder: Path) -> None:
    """Makes the folder, or takes out of it what the demo made there before; raises UsageError."""
    mend = "Name a new folder with --dir."
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"{folder} is no folder.", mend=mend)
    folder.mkdir(parents=True, exist_ok=True)
    marker = folder / MARKER
    if not marker.is_file():
        if any(folder.iterdir()):
            raise UsageError(f"{folder} is not empty, and `autograder demo` did not make it.", mend=mend)
        return
    for name in _read(marker):
        if (folder / name).parent.resolve() == folder.resolve() / PurePosixPath(name).parent:  # through no link
            _remove(folder / name)
    marker.unlink()


def begin(folder: Path, students: Iterable[str], assignments: Iterable[str]) -> None:
    """Marks the folder as the demo's, then writes course.toml and copies the masters; raises UsageError."""
    if not SOURCE.is_dir():
        raise UsageError(
            f"{SOURCE} is missing: the demo's masters are part of the repository, not of an installed package.",
            mend="Clone the repository and run `make demo` there.",
        )
    sources = [f"source/{name}" for name in assignments]
    seen = (beside(Path("ledger.db"), Path(source).name).name for source in sources)
    made = [*sources, *(f"submitted/{name}" for name in students), *MADE_BY_GRADING, *seen, "course.toml"]
    (folder / MARKER).write_text(json.dumps({"made": made}, indent=1) + "\n", encoding="utf-8")
    (folder / "course.toml").write_text(COURSE_TOML, encoding="utf-8")
    for name in sources:
        shutil.copytree(SOURCE.parent / name, folder / name)


def _read(marker: Path) -> list[str]:
    """Relative names of what was made; a marker that names anything else is not ours."""
    try:
        made = json.loads(marker.read_text(encoding="utf-8"))["made"]
        sound = all(isinstance(name, str) and _is_below(PurePosixPath(name)) for name in made)
    except (OSError, ValueError, KeyError, TypeError):
        sound = False
    if not sound:
        raise UsageError(f"{marker} is damaged.", mend="Remove the folder, or name a new one with --dir.")
    return [str(name) for name in made]


def _is_below(path: PurePosixPath) -> bool:
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    for journal in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + journal).unlink(missing_ok=True)
