"""nbgrader's exchange, as the instructor's side sees it.

Rule: who handed in, and when, is what the system says: the owner of the folder, and the time of its last change,
which no user can set. The folder's name and its `timestamp.txt` are the student's own words; where they differ it is
told.

    ROOT/COURSE/outbound/ASSIGNMENT/                        what was released
    ROOT/COURSE/inbound/USER+ASSIGNMENT+TIME+RANDOM/        what was handed in
    ROOT/COURSE/feedback/HASH.html                          pages, each named by a word that its student knows
"""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autograder.errors import StudentError, UsageError
from autograder.intake import archive
from autograder.intake.folder import MAX_ENTRIES, TIMESTAMP
from autograder.intake.handed import Handed, Sender, words
from autograder.intake.opening import kind, name_fault, shown
from autograder.intake.stamp import from_mtime, moment

NAME, TITLE = "exchange", "the system"
APART = 60.0
"""Seconds between the system's time and a student's before it is told: copying takes a while."""


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the system says of a folder."""

    changed: float
    """Time of the last change of it, or of anything in it; seconds since 1970. A copy of a backup has a new one."""
    owners: frozenset[int]
    """User ids of it and of all in it."""
    things: frozenset[tuple[str, int, int, int]]
    """Path, inode, size and time of each: a change within one tick of the system's clock shows no new time."""
    linked: bool
    """A file has another name somewhere: whoever gave it that renewed its time."""


@contextmanager
def inbound(
    root: Path, course: str, assignment: str, *, owners: bool = True
) -> Iterator[tuple[list[Handed], list[str]]]:
    """All that was handed in for an assignment, the former attempts too, and one sentence for what is passed over.

    `owners`: a folder that is not its student's own is left out. Raises UsageError where there is no such exchange.
    """
    place = root / course / "inbound"
    try:
        names = sorted(os.listdir(place))
    except OSError as e:
        mend = "Name the exchange's folder; [course] name, or nbgrader's course_id, is the folder in it."
        raise UsageError(f"{place}: cannot be read ({e.strerror}).", mend=mend) from None
    notes: list[str] = []
    found = []
    with ExitStack() as stack:
        for name in names:
            user, stamp = _parts(name, assignment)
            if not user:
                continue
            if fault := name_fault(name):
                notes.append(f"{shown(name)} in {place} was passed over: its name {fault}.")
                continue
            found.append(_handed(place / name, user, stamp, stack, owners=owners))
        yield found, notes


def _parts(name: str, assignment: str) -> tuple[str, str]:
    """User and time of a folder's name; empty where it is of another assignment. A user's name may hold a plus."""
    for parts in (name.rsplit("+", 3), name.rsplit("+", 2)):
        if len(parts) > 2 and parts[1] == assignment and parts[0]:
            return parts[0], parts[2]
    return "", ""


def _handed(folder: Path, user: str, stamp: str, stack: ExitStack, *, owners: bool) -> Handed:
    one = Handed(Sender(user, (user,)), told_by=TITLE)
    try:
        facts = _facts(folder)
        one.fault = f"{shown(folder.name)} {fault}" if owners and (fault := _owner_fault(facts, user)) else ""
        one.when = from_mtime(facts.changed)
        for entry in stack.enter_context(archive.folder(folder)):
            one.add(entry.place, entry)
        if facts.linked:
            one.notes.append(
                "A file of it has another name elsewhere (a hard link): its time may be somebody else's doing."
            )
        own = one.files.get((TIMESTAMP,))
        one.notes += _differences(one.when, stamp, words(own).strip() if own is not None else "")
    except (StudentError, UsageError) as e:
        one.fault = e.message
    except OSError as e:
        one.fault = f"{shown(folder.name)} cannot be read ({e.strerror})."
    else:
        one.settled = lambda: "" if _same(folder, facts) else "It was changed while it was read."
    return one


def _facts(folder: Path) -> _Facts:
    """Looks at a folder and all in it, no link followed."""
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode):
        raise StudentError(f"{shown(folder.name)} is {kind(about.st_mode)}, not a folder.")
    changed, owners, waiting, left = about.st_ctime, {about.st_uid}, [str(folder)], MAX_ENTRIES
    things, linked = {(str(folder), about.st_ino, about.st_size, about.st_ctime_ns)}, False
    while waiting:
        for entry in os.scandir(waiting.pop()):
            if (left := left - 1) < 0:
                raise StudentError(f"{shown(folder.name)} holds more than {MAX_ENTRIES:,} files.")
            about = entry.stat(follow_symlinks=False)
            changed = max(changed, about.st_ctime)
            owners.add(about.st_uid)
            linked = linked or (stat.S_ISREG(about.st_mode) and about.st_nlink > 1)
            things.add((entry.path, about.st_ino, about.st_size, about.st_ctime_ns))
            if stat.S_ISDIR(about.st_mode):
                waiting.append(entry.path)
    return _Facts(changed, frozenset(owners), frozenset(things), linked)


def _same(folder: Path, facts: _Facts) -> bool:
    try:
        return _facts(folder) == facts
    except (OSError, StudentError):
        return False


def _owner_fault(facts: _Facts, user: str) -> str:
    """Why it is not this user's, as a sentence without its subject; nothing in it may be another's either."""
    try:
        uid = pwd.getpwnam(user).pw_uid
    except KeyError:
        return f"is nobody's: there is no user {shown(user)} on this machine."
    if facts.owners == {uid}:
        return ""
    others = ", ".join(sorted(_user(one) for one in facts.owners - {uid}))
    return f"says that it comes from {user}, and {'all' if uid not in facts.owners else 'some'} of it is {others}'s."


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


def _differences(when: datetime | None, stamp: str, own: str) -> Iterator[str]:
    """One sentence for each of the student's times that is not the system's."""
    for what, text in (("The folder's name", stamp), (TIMESTAMP, own)):
        told = moment(text)
        if when is None or (not text and what == TIMESTAMP):
            continue
        if told is None:
            yield f"{what} tells no time: {shown(text)}."
        elif abs((told - when).total_seconds()) > APART:
            yield f"{what} says {told.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC, which is not believed."
