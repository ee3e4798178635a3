"""One attempt out of an archive, laid out as a submission in a fresh folder.

Rule: what is written lies in that folder, under the caps of a submission, and nothing is written over. What cannot be
taken is named; where that is a notebook, the whole attempt is left out, for half of it would be graded as all.
A zip inside the archive is opened where it is all that was handed in; a zip inside that is a file like any other.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import unicodedata
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from pathlib import Path

from autograder.errors import GraderError, StudentError
from autograder.intake import archive
from autograder.intake.entries import Entry, Place, common_root, twins
from autograder.intake.folder import MAX_DEPTH, MAX_ENTRIES, MAX_TOTAL, NOTEBOOK, TIMESTAMP
from autograder.intake.handed import Handed, Sender
from autograder.intake.opening import shown

SECRET = "submission_secret.txt"  # noqa: S105 -- a file's name
"""nbgrader's word between student and exchange: it names the page with the feedback."""
RECEIPTS = (TIMESTAMP, SECRET)
"""Files at the top that are not the student's work."""
BLOCK = 1 << 20
_COPY = re.compile(r"(?:copy of )?(?P<stem>.+?)(?:[ _]?\(\d+\)|-\d+| - copy|_copy)?(?P<ending>\.\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for all attempts of an assignment."""

    largest: int
    """Bytes of the largest file that may be handed in."""
    zone: tzinfo
    """Of times without one."""
    expected: frozenset[str] = frozenset()
    """Names of the files that the assignment asks for."""


@dataclass(slots=True)
class Laid:
    """What became of an attempt."""

    folder: Path
    files: int = 0
    notes: list[str] = field(default_factory=list)
    fault: str = ""
    """Why it is left out; empty where it is not."""


def lay_out(handed: Handed, into: Path, setting: Setting, *, name: str = "", secret: bool = False) -> Laid:
    """Writes an attempt into a folder that is made; raises GraderError where the disk does not take it.

    `name`: under which of the sender's names the roster knew it; `secret`: nbgrader's word is kept, as it comes from
    the exchange.
    """
    laid = Laid(into, notes=list(handed.notes))
    into.mkdir(parents=True)
    with ExitStack() as stack:
        files = _opened(dict(handed.files), setting, laid, stack)
        files = _named(files, handed, setting, laid, name)
        files = {p: e for p, e in files.items() if p not in {(r,) for r in RECEIPTS} or (secret and p == (SECRET,))}
        if len(files) > MAX_ENTRIES:
            laid.fault = f"It holds {len(files):,} files; {MAX_ENTRIES:,} are allowed."
            return laid
        room = MAX_TOTAL * setting.largest
        for place, entry in sorted(files.items(), key=lambda one: (not _notebook(one[0]), one)):
            room -= _put(laid, place, entry, min(room, setting.largest))
    if not laid.fault and not any(len(place) == 1 and _notebook(place) for place in files):
        laid.notes.append("There is no notebook in it.")
    return laid


def _notebook(place: Place) -> bool:
    return place[-1].endswith(NOTEBOOK)


def _opened(files: dict[Place, Entry], setting: Setting, laid: Laid, stack: ExitStack) -> dict[Place, Entry]:
    """The files, and in place of a zip that is all there is, what it holds."""
    zips = [place for place in files if place[-1].lower().endswith(".zip") and not files[place].fault]
    if zips and not any(map(_notebook, files)):
        if len(zips) > 1:
            laid.notes.append(f"{len(zips)} zips and no notebook: none of them was opened.")
        else:
            try:
                files |= _inside(zips[0], files[zips[0]], setting, laid, stack)
                del files[zips[0]]
            except StudentError as e:
                laid.fault = e.message
    while files and common_root(files) and all(len(place) > 1 for place in files):
        files = {place[1:]: entry for place, entry in files.items()}
    return files


def _inside(place: Place, entry: Entry, setting: Setting, laid: Laid, stack: ExitStack) -> dict[Place, Entry]:
    """What a zip in the archive holds; it is unpacked beside, for a zip is read from its end."""
    held = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 -- the stack closes it
    with entry.open() as file:
        left = MAX_TOTAL * setting.largest
        while block := file.read(BLOCK):
            if (left := left - len(block)) < 0:
                raise StudentError(f"{shown(place[-1])} is larger than {MAX_TOTAL * setting.largest:,} bytes.")
            held.write(block)
    name = shown(place[-1])
    found = stack.enter_context(archive.zipped(held, name, setting.zone, MAX_ENTRIES))
    one = Handed(Sender(name))
    for inside in found:
        one.add(inside.place, replace(inside, time=entry.time))  # times inside are the student's own words
    laid.notes += [f"{name} was opened.", *one.notes]
    if any(place[-1].lower().endswith(".zip") for place in one.files):
        laid.notes.append(f"A zip inside {name} was not opened.")
    return one.files


def _named(
    files: Mapping[Place, Entry], handed: Handed, setting: Setting, laid: Laid, name: str
) -> dict[Place, Entry]:
    """Files under the names that the student, or the assignment, gave them."""
    expected = {unicodedata.normalize("NFC", one): one for one in setting.expected}
    taken = {unicodedata.normalize("NFC", place[0]) for place in files if len(place) == 1}
    out: dict[Place, Entry] = {}
    for place, entry in files.items():
        last = handed.title(place[-1], name) if handed.title and name else place[-1]
        match = _COPY.fullmatch(unicodedata.normalize("NFC", last))
        plain = match["stem"] + match["ending"] if match and len(place) == 1 else last
        if plain in expected and last not in expected and plain not in taken:
            laid.notes.append(f"{last} was taken for {plain}.")
            taken.add(plain)
            last = expected[plain]
        out[(*place[:-1], last) if (*place[:-1], last) not in out else place] = entry
    for first, second in twins(out):
        told = "differ by case or accents alone: some systems keep one of them"
        laid.notes.append(f"{shown('/'.join(first))} and {shown('/'.join(second))} {told}.")
    return out


def _put(laid: Laid, place: Place, entry: Entry, room: int) -> int:
    """Writes a file; gives its bytes, 0 where it was passed over with a note."""
    path = laid.folder.joinpath(*place)
    fault = entry.fault or (f"it lies more than {MAX_DEPTH} folders deep" if len(place) > MAX_DEPTH else "")
    if not fault and entry.size > room:
        fault = f"{entry.size:,} bytes are too many"
    written = 0
    if not fault:
        written, fault = _copied(entry, path, room)
    if fault:
        told = f"{shown('/'.join(place))} was passed over: {fault}."
        laid.notes.append(told)
        if _notebook(place) and not laid.fault:
            laid.fault = f"{shown('/'.join(place))}: {fault}."
        return 0
    laid.files += 1
    return written


def _copied(entry: Entry, path: Path, room: int) -> tuple[int, str]:
    """Bytes written, and why they are none."""
    written = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        out = path.open("xb")
    except (FileExistsError, NotADirectoryError):
        return 0, "another file has its name"
    except OSError as e:
        raise _full(path, e) from e
    with out:
        try:
            with entry.open() as file:
                while block := file.read(BLOCK):
                    written += len(block)
                    if written > room:
                        break
                    _write(out.fileno(), block, path)
        except StudentError as e:
            written, fault = room + 1, e.message.removesuffix(".")
        except OSError as e:
            written, fault = room + 1, f"it cannot be read ({e.strerror})"
        else:
            fault = f"more than {room:,} bytes are too many"
    if written > room:
        path.unlink()
        return 0, fault
    if entry.time is not None:
        os.utime(path, (entry.time.timestamp(), entry.time.timestamp()))
    return written, ""


def _write(descriptor: int, block: bytes, path: Path) -> None:
    try:
        with open(descriptor, "wb", closefd=False) as out:
            out.write(block)
    except OSError as e:
        raise _full(path, e) from e


def _full(path: Path, e: OSError) -> GraderError:
    mend = "Check the folder's rights and that the disk has room."
    return GraderError(f"{path} cannot be written ({e.strerror}).", mend=mend)


def stamped(laid: Laid, when: datetime | None) -> None:
    """Writes nbgrader's `timestamp.txt`; nothing where the time is unknown."""
    if when is not None:
        path = laid.folder / TIMESTAMP
        path.write_text(f"{when:%Y-%m-%d %H:%M:%S.%f} UTC\n", encoding="ascii")


def digest(folder: Path) -> str:
    """A hash of names and bytes of a submission, receipts left out; empty where there is no such folder."""
    if not folder.is_dir() or folder.is_symlink():
        return ""
    whole = hashlib.sha256()
    with archive.folder(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.place):
            if entry.fault or entry.place in {(name,) for name in RECEIPTS}:
                continue
            one = hashlib.sha256()
            with entry.open() as file:
                while block := file.read(BLOCK):
                    one.update(block)
            whole.update(f"{entry.path}\0{one.hexdigest()}\n".encode())
    return whole.hexdigest()
