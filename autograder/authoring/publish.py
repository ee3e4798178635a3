"""`source/<assignment>/` becomes `release/<assignment>/`.

Rule: all or nothing. Every notebook is made and guarded in memory before the first byte is written; the
folder is swapped whole; a release that would not change is not touched.
"""

from __future__ import annotations

import fnmatch
import os
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder import notebook
from autograder.authoring import guard, regions, release, swap
from autograder.authoring.delimiters import Kind
from autograder.authoring.regions import Problem
from autograder.authoring.release import StudentVersion
from autograder.errors import GraderError, MasterError, UsageError
from autograder.values import Master

IGNORED = ("*.pyc", "__pycache__", "feedback")
"""nbgrader's own ignored names, but for those that begin with a dot, which are never released."""
NOT_RELEASED = ("papers",)
"""Folders of an assignment that are the instructor's: the papers by which the tests are tested."""
_MODE = 0o644


@dataclass(frozen=True, slots=True)
class Release:
    """What one assignment's release holds, and what was taken out to make it."""

    assignment: str
    notebooks: tuple[str, ...]
    """File names of the student notebooks."""
    files: tuple[str, ...]
    """Relative names of the files that go with them, as they are in the source."""
    changed: bool
    """Whether anything was written: False when the former release holds the same bytes."""
    solutions: int = 0
    """Solution regions, and answer cells without one, that became stubs."""
    hidden_tests: int = 0
    """Regions of hidden tests cut out."""
    mark_schemes: int = 0
    """Marking schemes cut out."""
    passed_over: tuple[str, ...] = ()
    """What lies in the source and was left out on purpose, one sentence each."""


def publish(masters: Sequence[Master], source: Path, target: Path, ignore: Sequence[str] = ()) -> Release:
    """Releases an assignment: all its masters, and the files of `source`, become the folder `target`.

    `source` is `source/<assignment>`, `target` is `release/<assignment>`, made where it is missing; `ignore`: globs
    of names that are passed over. Raises MasterError with every fault of every master, UsageError when `target` is
    no folder, GraderError when the disk refuses; the former release stands untouched in all three cases.
    """
    if not masters:
        raise MasterError(f"{source} holds no notebook.", mend="Put a master there, or take the folder away.")
    assignment = masters[0].assignment
    files, passed_over = helpers(source, ignore)
    versions = _versions(masters, files)
    texts = {f"{v.master.name}.ipynb": _encoded(v) for v in versions}
    others = sorted(p.name for p in source.glob("[!.]*.ipynb") if p.name not in texts)
    passed_over += [f"{name} was not given as a master and is not released." for name in others]
    return Release(
        assignment=assignment,
        notebooks=tuple(sorted(texts)),
        files=tuple(sorted(files)),
        changed=_write(target, texts, files),
        solutions=_count(versions, Kind.SOLUTION),
        hidden_tests=_count(versions, Kind.HIDDEN),
        mark_schemes=_count(versions, Kind.SCHEME),
        passed_over=tuple(passed_over),
    )


def _versions(masters: Sequence[Master], files: Mapping[str, Path]) -> list[StudentVersion]:
    """All student versions; raises MasterError with the faults of all masters and what sound ones leak."""
    faults = {master.name: regions.problems(master) for master in masters}
    versions = [release.cut(master) for master in masters if not faults[master.name]]
    problems = [problem for found in faults.values() for problem in found]
    try:
        problems += guard.leaks(versions, files)
    except OSError as e:
        problems.append(Problem(str(e.filename), f"cannot be read ({e.strerror})", "Check its rights."))
    if problems:
        raise regions.refuse(masters[0].assignment, problems)
    return versions


def _encoded(version: StudentVersion) -> bytes:
    try:
        return notebook.dumps(version.raw).encode()
    except UnicodeEncodeError:
        what = "holds half a surrogate pair, which is no text"
        raise MasterError(f"{version.master.path} {what}.", mend="Save it again in Jupyter.") from None


def helpers(source: Path, ignore: Sequence[str] = ()) -> tuple[dict[str, Path], list[str]]:
    """Relative name → path of the files that go with the notebooks, and what was passed over and why."""
    files: dict[str, Path] = {}
    passed: list[str] = []
    for parent, folders, names in os.walk(source, followlinks=False):
        here = Path(parent)
        folders[:] = sorted(f for f in folders if _wanted(here / f, source, passed, ignore))
        for path in (here / name for name in sorted(names)):
            if _wanted(path, source, passed, ignore):
                files[path.relative_to(source).as_posix()] = path
    return files, passed


def _wanted(path: Path, source: Path, passed: list[str], ignore: Sequence[str]) -> bool:
    name = path.relative_to(source).as_posix()
    if path.name.startswith(".") or name in NOT_RELEASED:
        return False
    if any(fnmatch.fnmatchcase(path.name, pattern) for pattern in (*IGNORED, *ignore)):
        return False
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        passed.append(f"{name} is a link and is not released; put the file itself there.")
        return False
    if stat.S_ISREG(mode) and path.suffix.lower() == ".ipynb":
        if path.parent != source or path.suffix != ".ipynb":
            passed.append(f"{name} is a notebook, but no master of this assignment, and is not released.")
        return False
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        passed.append(f"{name} is neither a file nor a folder and is not released.")
        return False
    return True


def _write(target: Path, texts: Mapping[str, bytes], files: Mapping[str, Path]) -> bool:
    """Swaps the release in; False where it would not change a byte."""
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise UsageError(f"{target} is no folder, so no release can be put there.", mend="Move it away.")
    try:
        with swap.claim(target):
            if _stands(target, texts, files):
                return False
            swap.replace(target, lambda folder: _fill(folder, texts, files))
    except OSError as e:
        mend = "The former release stands as it was; free the disk or mend the rights, and release again."
        raise GraderError(f"{e.filename or target}: {e.strerror or e}.", mend=mend) from e
    return True


def _fill(folder: Path, texts: Mapping[str, bytes], files: Mapping[str, Path]) -> None:
    for name, origin in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(origin, path, follow_symlinks=False)
        path.chmod(_MODE)
    for name, data in texts.items():
        (folder / name).write_bytes(data)
        (folder / name).chmod(_MODE)


def _stands(target: Path, texts: Mapping[str, bytes], files: Mapping[str, Path]) -> bool:
    """Whether the release holds these files, byte for byte, and no others."""
    if not target.is_dir() or set(_names(target)) != {*texts, *files}:
        return False
    return all((target / name).read_bytes() == data for name, data in texts.items()) and all(
        _same(target / name, origin) for name, origin in files.items()
    )


def _names(folder: Path) -> Iterator[str]:
    """Relative names of everything in a folder that is not itself a folder, and of folders that are empty."""
    for parent, folders, names in os.walk(folder):
        here = Path(parent)
        links = [f for f in folders if (here / f).is_symlink()]
        yield from ((here / name).relative_to(folder).as_posix() for name in [*names, *links])
        if not folders and not names and here != folder:
            yield here.relative_to(folder).as_posix()


def _same(one: Path, other: Path) -> bool:
    if one.is_symlink() or one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as a, other.open("rb") as b:
        while block := a.read(2**20):
            if block != b.read(len(block)):
                return False
    return True


def _count(versions: Sequence[StudentVersion], kind: Kind) -> int:
    return sum(cut.kind is kind for version in versions for _, cut in version.cuts)
